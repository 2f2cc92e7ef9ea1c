"""Who may do what with training, learning hours and study leave. A refusal says why."""

from typing import TYPE_CHECKING, Any

from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import Plan
    from training.models import Semester, Study, StudyFile, StudyLeave, StudyRoster, TrainingClass

# --- Catalogue and needs survey --------------------------------------------------------------------------------------


# --- Classes ---------------------------------------------------------------------------------------------------------


def can_run_class(user: Any, training_class: "TrainingClass") -> Verdict:
    """Edit a class, its sessions and attendance: officers of the agency in charge, and the office's reviewers."""
    mine = standing(user)
    in_charge = training_class.organiser_id in mine.works_for
    return ALLOWED if in_charge or mine.is_reviewer else refuse("僅限主辦機關及人事處審核人員辦理。")


# --- Registration ----------------------------------------------------------------------------------------------------


# --- Attendance, hours, questionnaires -------------------------------------------------------------------------------


# --- Learning hours --------------------------------------------------------------------------------------------------


# --- Study leave -----------------------------------------------------------------------------------------------------


def can_apply_for_study(user: Any) -> Verdict:
    """Apply for study leave: everybody for himself or herself, officers for their people, the office for all."""
    mine = standing(user)
    return ALLOWED if mine.person_id or mine.works_for else refuse("此帳號未連結任何職務，請洽人事處。")


def can_keep_study(user: Any, study: "Study") -> Verdict:
    """Edit, file and withdraw an application, hand in timetables and grades: the person and the agency's officers."""
    mine = standing(user)
    return ALLOWED if mine.person_id == study.person_id else can_handle_study(user, study)


def can_handle_study(user: Any, study: "Study") -> Verdict:
    """Enter semesters, leave and hours, end a study: the agency's officers, and the office's reviewers."""
    mine = standing(user)
    mine_too = study.agency_id in mine.works_for or mine.is_reviewer
    return ALLOWED if mine_too else refuse("僅限服務機關人事人員及人事處審核人員辦理。")


def can_decide_study(user: Any, study: "Study") -> Verdict:
    """Approve or refuse: the agency's officers, of an agency's head the superior body; nobody one's own application."""
    mine = standing(user)
    if mine.person_id == study.person_id:
        return refuse("不得核定本人的申請，請由機關其他人員或人事處核定。")
    if study.is_head and not mine.is_reviewer:
        return refuse("機關首長之申請應向上級提出，由人事處核定（柒、五、(一)）。")
    return can_handle_study(user, study)


def can_keep_semester(user: Any, semester: "Semester") -> Verdict:
    """Hand in the timetable and the grades of a semester: the person and the agency's officers."""
    return can_keep_study(user, semester.study)


def can_handle_semester(user: Any, semester: "Semester") -> Verdict:
    """Correct the days of a semester and register its hours: the agency's officers, and the office's reviewers."""
    return can_handle_study(user, semester.study)


def can_remove_study_file(user: Any, file: "StudyFile") -> Verdict:
    """Take a file off an application: whoever may edit it."""
    return can_keep_study(user, file.study)


def can_remove_study_leave(user: Any, leave: "StudyLeave") -> Verdict:
    """Take back leave: whoever may enter it."""
    return can_handle_study(user, leave.study)


def can_enter_headcounts(user: Any, plan: "Plan") -> Verdict:
    """Enter the staff that quotas stand on: officers for their agency, the office's reviewers for all."""
    mine = standing(user)
    return ALLOWED if mine.works_for or mine.is_reviewer else refuse("此帳號沒有可登錄員額的機關。")


def can_see_rosters(user: Any) -> Verdict:
    """See rosters of study leave: those who read for an agency, its own; the office all."""
    mine = standing(user)
    return ALLOWED if mine.reads_for else refuse("進修名冊由各機關人事人員辦理。")


def can_start_roster(user: Any, plan: "Plan") -> Verdict:
    """Begin an agency's roster: whoever works for an agency."""
    return ALLOWED if standing(user).works_for else refuse("此帳號沒有可報送名冊的機關。")


def can_file_roster(user: Any, roster: "StudyRoster") -> Verdict:
    """Send an agency's roster: its officers."""
    mine = standing(user)
    return ALLOWED if roster.agency_id in mine.works_for else refuse("僅限該機關人事人員報送。")


def can_review_roster(user: Any, roster: "StudyRoster") -> Verdict:
    """Take note of a roster or give it back: a reviewer of the office."""
    return ALLOWED if standing(user).is_reviewer else refuse("僅限人事處審核人員辦理。")
