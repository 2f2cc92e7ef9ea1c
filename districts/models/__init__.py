"""Plans, districts, agencies and people: the data that every other app stands on."""

from districts.models.agencies import Agency, AgencyName, Office, Township
from districts.models.calendar import CalendarDay, Closure
from districts.models.coaching import CoachingRow, CoachingTable
from districts.models.people import Person, Posting
from districts.models.plans import Deadline, District, DistrictArea, Membership, Plan, PlanVersion, Reading
from districts.models.sheets import StagedSheet

__all__ = [
    "Agency",
    "AgencyName",
    "CalendarDay",
    "Closure",
    "CoachingRow",
    "CoachingTable",
    "Deadline",
    "District",
    "DistrictArea",
    "Membership",
    "Office",
    "Person",
    "Plan",
    "PlanVersion",
    "Posting",
    "Reading",
    "StagedSheet",
    "Township",
]
