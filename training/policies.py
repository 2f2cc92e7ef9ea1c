"""Who may do what with training, learning hours and study leave. A refusal says why."""

from typing import TYPE_CHECKING, Any

from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from training.models import TrainingClass

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
