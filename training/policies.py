"""Who may do what with training, learning hours and study leave. A refusal says why."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from districts.choices import Access, PlanKind
from districts.policies import is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse
from training.choices import Origin

if TYPE_CHECKING:
    from districts.models import Agency, Person, Plan
    from training.models import (
        ClassFile,
        College,
        Course,
        LearningRecord,
        NationalReport,
        Need,
        Registration,
        Semester,
        Session,
        Study,
        StudyFile,
        StudyLeave,
        StudyRoster,
        TrainingClass,
        Upload,
    )

# --- Catalogue and needs survey --------------------------------------------------------------------------------------


def can_see_training(user: Any, plan: "Plan") -> Verdict:
    """See what a training plan says: anybody."""
    return is_somebody(user) if plan.kind == PlanKind.TRAINING else refuse("只有訓練進修計畫有課程。")


def can_keep_catalogue(user: Any, plan: "Plan") -> Verdict:
    """Keep a plan's rule, colleges and courses, and its survey of needs: a reviewer of the office."""
    return can_see_training(user, plan) & is_reviewer(user)


def can_keep_college(user: Any, college: "College") -> Verdict:
    """Change a college: a reviewer of the office."""
    return is_reviewer(user)


def can_keep_course(user: Any, course: "Course") -> Verdict:
    """Change a course: a reviewer of the office."""
    return is_reviewer(user)


def can_see_survey(user: Any, plan: "Plan") -> Verdict:
    """Answer the survey of needs and see its result: whoever reads for an agency."""
    verdict = ALLOWED if standing(user).reads_for else refuse("訓練需求由各機關人事人員填報。")
    return can_see_training(user, plan) & verdict


def can_take_up(user: Any, need: "Need") -> Verdict:
    """Put a proposed course into the plan: a reviewer of the office."""
    return is_reviewer(user)


def can_answer_survey(user: Any, plan: "Plan") -> Verdict:
    """Answer for an agency: whoever works for one."""
    verdict = ALLOWED if standing(user).works_for else refuse("此帳號沒有可填報的機關。")
    return can_see_training(user, plan) & verdict


# --- Classes ---------------------------------------------------------------------------------------------------------


def can_add_class(user: Any, course: "Course") -> Verdict:
    """Plan a class: the office's reviewers; officers of any agency where units run the courses (陸、四、(五)4)."""
    mine = standing(user)
    runs = course.college is not None and course.college.run_by_units and bool(mine.works_for)
    return ALLOWED if runs or mine.is_reviewer else refuse("本課程由人事處辦理，班別由人事處審核人員建立。")


def can_remove_class_file(user: Any, file: "ClassFile") -> Verdict:
    """Take a file off a class: whoever runs it."""
    return can_run_class(user, file.training_class)


def can_run_class(user: Any, training_class: "TrainingClass") -> Verdict:
    """Edit a class, its sessions and attendance: officers of the agency in charge, and the office's reviewers."""
    mine = standing(user)
    in_charge = training_class.organiser_id in mine.works_for
    return ALLOWED if in_charge or mine.is_reviewer else refuse("僅限主辦機關及人事處審核人員辦理。")


# --- Registration ----------------------------------------------------------------------------------------------------


def can_register(user: Any, training_class: "TrainingClass") -> Verdict:
    """Register oneself, or the people of an agency one works for; whether the class takes them is another matter."""
    return _is_person(user)


def can_see_own_registrations(user: Any) -> Verdict:
    """See one's own registrations, and those of the people one works for."""
    return _is_person(user)


def can_see_registrations(user: Any, training_class: "TrainingClass") -> Verdict:
    """See a class's registrations: the office, the agency in charge, and agencies those of their own people."""
    mine = standing(user)
    if mine.is_office or mine.works_for:
        return ALLOWED
    return refuse("報名名單僅限主辦機關、服務機關及人事處檢視，請由「我的報名」檢視本人的報名。")


def can_answer_offer(user: Any, registration: "Registration") -> Verdict:
    """Accept or decline an offered place: the person, the agency's officers, or a reviewer in their stead."""
    mine = standing(user)
    if mine.person_id == registration.person_id or registration.agency_id in mine.works_for or mine.is_reviewer:
        return ALLOWED
    return refuse("僅限本人、服務機關及人事處審核人員回復遞補。")


def can_cancel_registration(user: Any, registration: "Registration") -> Verdict:
    """Cancel a registration: whoever may answer an offer, and who runs the class."""
    return can_answer_offer(user, registration) | can_run_class(user, registration.training_class)


def can_see_nominations(user: Any, training_class: "TrainingClass") -> Verdict:
    """See nominations: the office all, agencies their own."""
    mine = standing(user)
    return ALLOWED if mine.is_office or mine.works_for else refuse("薦送由機關辦理，請洽服務機關人事單位。")


def can_nominate(user: Any, training_class: "TrainingClass") -> Verdict:
    """Nominate people: officers, those of their agencies."""
    return ALLOWED if standing(user).works_for else refuse("僅限機關人事人員薦送。")


def can_decide_nominations(user: Any, training_class: "TrainingClass") -> Verdict:
    """Approve or refuse nominations: the office's reviewers."""
    return ALLOWED if standing(user).is_reviewer else refuse("僅限人事處審核人員審核薦送。")


def _is_person(user: Any) -> Verdict:
    return ALLOWED if standing(user).person_id else refuse("此帳號未連結任何職務，請洽人事處。")


# --- Attendance, hours, questionnaires -------------------------------------------------------------------------------


def can_read_hours(user: Any, training_class: "TrainingClass") -> Verdict:
    """Read the attendance, hours and questionnaire of a class: the agency in charge, and the whole office."""
    return ALLOWED if standing(user).is_office else can_run_class(user, training_class)


def can_run_session(user: Any, session: "Session") -> Verdict:
    """See and renew the check-in code of a session."""
    return can_run_class(user, session.training_class)


def can_grant_hours(user: Any, training_class: "TrainingClass") -> Verdict:
    """Grant hours, return them to the unit, and correct what was granted: the office's reviewers (陸、四、(五)4)."""
    is_reviewer = standing(user).is_reviewer and training_class.course.plan.office_id == standing(user).office_id
    return ALLOWED if is_reviewer else refuse("時數由人事處審核人員核給。")


def can_submit_hours(user: Any, training_class: "TrainingClass") -> Verdict:
    """Submit the hours of a class to the office: officers of the agency in charge (陸、四、(五)4)."""
    in_charge = training_class.organiser_id in standing(user).works_for
    return ALLOWED if in_charge else refuse("時數由主辦機關報送。")


def can_attend(user: Any) -> Verdict:
    """Check in: anybody of the office's agencies; the view looks for the person's own place."""
    return ALLOWED if standing(user).person_id else refuse("您的帳號沒有人員資料，無法簽到。")


def can_answer(user: Any, registration: "Registration") -> Verdict:
    """Answer the questionnaire: the person alone, since the answers are nobody else's."""
    is_own = registration.person_id == standing(user).person_id
    return ALLOWED if is_own else refuse("問卷僅由學員本人填答。")


def can_import_attendance(user: Any) -> Verdict:
    """Bring in attendance by sheet; the form offers the classes that the person runs."""
    mine = standing(user)
    return ALLOWED if mine.works_for or mine.is_reviewer else refuse("僅限主辦機關及人事處審核人員辦理。")


# --- Learning hours --------------------------------------------------------------------------------------------------


def can_see_agency_hours(user: Any, agency: "Agency") -> Verdict:
    """See the hours of an agency's people: its officers, and the office."""
    mine = standing(user)
    is_own = mine.is_office or agency.pk in mine.reads_for
    return ALLOWED if is_own else refuse(f"您未負責{agency.short_name}的業務。")


def can_enter_hours(user: Any, person: "Person") -> Verdict:
    """Enter hours by hand: officers for their people, the office's reviewers for all."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == person.office_id:
        return ALLOWED
    posts = person.postings.exclude(until__lt=timezone.localdate())
    if any(post.agency_id in mine.works_for for post in posts):
        return ALLOWED
    return refuse("學習時數由服務機關人事人員及人事處審核人員登錄。")


def can_change_record(user: Any, record: "LearningRecord") -> Verdict:
    """Change or remove a record: only those entered by hand, by whoever may enter hours; others change at their source."""
    if record.origin != Origin.ENTERED:
        return refuse(f"此筆時數來自{record.get_origin_display()}，請由來源更正。")
    mine = standing(user)
    may = mine.is_reviewer or record.agency_id in mine.works_for
    return ALLOWED if may else refuse("學習時數由服務機關人事人員及人事處審核人員登錄。")


def can_exchange_hours(user: Any) -> Verdict:
    """Read in reports of the national portal and write uploads to it: those who work at the office."""
    mine = standing(user)
    works = mine.is_office and mine.access != Access.READ
    return ALLOWED if works else refuse("僅限人事處承辦與審核人員辦理。")


def can_take_report(user: Any, report: "NationalReport") -> Verdict:
    """Take a report's lines over: those who may read it in."""
    return can_exchange_hours(user)


def can_withdraw_upload(user: Any, upload: "Upload") -> Verdict:
    """Say that an upload did not reach the national portal: those who may write one."""
    return can_exchange_hours(user)


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
