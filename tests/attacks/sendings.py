"""What the forms of the portal are sent to be accepted: where their page alone does not tell, by the view's name."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.forms import BaseForm
from django.test import Client
from django.utils import timezone

from awards.actions.runs import make_run
from districts.choices import SheetKind
from districts.forms.agencies import LAYOUT as AGENCIES
from districts.forms.people_sheet import LAYOUT as PEOPLE
from districts.forms.sheets import Layout
from kpi.choices import ReportState
from kpi.forms.actual_sheet import LAYOUT as ACTUALS
from kpi.models import Actual, WorkItem
from personnel_portal.accounts.models import User
from proposals.choices import Outcome, ProposalState
from proposals.forms.lines import LAYOUTS
from proposals.models import Decision, Proposal
from tests import build
from tests.attacks import foreign
from tests.attacks.forms import forms_on, inputs
from tests.kpi import targets, usages
from tests.site.clients import status
from tests.site.world import World
from tests.training import attending, courses, learning, studies
from tests.uploads.making import pdf
from training.choices import ClassState, StudyState
from training.forms.attendance_sheet import LAYOUT as ATTENDANCE
from training.models import Course

LATER = f"{build.TODAY + timedelta(days=14):%Y-%m-%d}"
CODE = "123456"


def _csv(*lines: Sequence[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("名冊.csv", "\r\n".join(",".join(line) for line in lines).encode())


def _filled(layout: Layout) -> Callable[[], SimpleUploadedFile]:
    return lambda: _csv(layout.labels, layout.example)


# By the view: fields, or patterns of those that the page has, and what is sent of them. A function makes it anew, as who
# has read a file stands at its end.
SENT: dict[str, dict[str, str | Callable[[], object]]] = {
    "accounts:password_change": {"old_password": build.PASSWORD, "new_password*": "Third-pass-03"},
    "districts:appoint": {"agency": lambda: build.listed("民雄國中").pk},
    "districts:hand_over": {"name": "王新任"},
    "districts:import_agencies": {"file": _filled(AGENCIES)},
    "districts:import_people": {"file": _filled(PEOPLE)},
    "meetings:create": {"starts_at_date": LATER},
    "meetings:attendance": {"state_*": "excused"},
    "meetings:import_attendance": {
        "file": lambda: _csv(["機關", "出席情形", "出席人員"], ["民雄國中", "親自出席", "吳成員"])
    },
    "meetings:minutes": {"uploads": lambda: SimpleUploadedFile("紀錄.pdf", pdf())},
    "proposals:edit_call": {"number": "府人任字第1150000009號"},
    "proposals:extend_call": {"until": LATER},
    "proposals:move_closing": {"closes_on": LATER},
    "proposals:create_case": {"subject": "休假補助計算疑義"},
    "proposals:create": {"subject": "建請放寬規定"},
    "proposals:edit_case": {"subject": "休假補助計算疑義"},
    "proposals:edit": {"subject": "建請放寬規定"},
    "proposals:review_case": {"mark-*": "kept"},
    "proposals:import_cases": {"file": _filled(LAYOUTS[SheetKind.CASES])},
    "proposals:import_proposals": {"file": _filled(LAYOUTS[SheetKind.PROPOSALS])},
    "proposals:correct_publication": {"subject": "休假補助計算疑義"},
    "proposals:correct_decision": {"opinion": "請依規定辦理。"},
    "kpi:import_actuals": {"file": _filled(ACTUALS)},
    "kpi:import_work": {"text": "一、衛生\t1. 環境清潔\t(1)配合調查\t35"},
    "kpi:review_targets": {"decision": "approve_all"},
    "kpi:work_progress": {"item*-planned": "50", "item*-text": "辦理中"},
    "kpi:publish_usage_scores": {"reason": "補審"},
    "training:add_semester": {"ends": LATER},
    "training:answer_survey": {"needs-0-proposed": "資料治理"},
    "training:add_class": {"quota": "40", "minimum": "10"},
    "training:attendance": {"p-*": "present"},
    "training:check_in": {"code": CODE},
    "training:import_attendance": {"file": _filled(ATTENDANCE)},
    "training:make_upload": {
        "roster_file": lambda: _csv(["姓名", "機關", "身分證字號"], ["黃承辦", "大林鎮公所", "A123456789"]),
        "leave_out": "on",
    },
}
# What the address says besides: a period in which a meeting was held.
QUERIES = {"kpi:carry_in": "?period=11"}


# --- What the forms are about ------------------------------------------------------------------------------------------


def waiting(world: World) -> dict[str, dict[str, object]]:
    """Make what a form is accepted for where the world's own row is past that step; return it by the view."""
    host = build.listed("大林鎮公所")
    joined = build.person(name="沈新進", mail="shen@example.gov.tw")
    build.posting(person=joined, agency=host)
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=2))  # none of today can be changed
    usages.report(build.listed("民雄國中"), world.cast.member_officer, state=ReportState.REVIEWED)
    targets.actual(Actual.objects.latest("pk").indicator, host, 2, "1", by=world.cast.host_officer)
    untouched = WorkItem.objects.filter(progress=None, doings=None).latest("pk")
    run = make_run(plan=world.cast.plan, by=world.cast.office_admin)
    return {
        "districts:invite_person": {"people/<int:pk>": joined.pk},
        "kpi:remove_work_item": {"work/items/<int:pk>": untouched.pk},
        "awards:approve": {"runs/<int:pk>": run.pk},
        **_meetings(),
        **_proposals(world),
        **_classes(world),
        **_studies(world),
    }


def _meetings() -> dict[str, dict[str, object]]:
    """A meeting to come with an item, one that is over, and one whose call for items is a draft."""
    planned, over, asking = build.meeting(), build.meeting(day=build.TODAY - timedelta(days=1)), build.meeting()
    build.items_call(meeting=asking, is_sent=False)
    meeting = {"meetings/<int:pk>": planned.pk}
    return {
        "meetings:call": {**meeting},
        "meetings:cancel": {**meeting},
        "meetings:hold": {"meetings/<int:pk>": over.pk},
        "meetings:remove_item": {**meeting, "agenda/<int:item>": build.agenda_item(meeting=planned).pk},
        "proposals:send_call": {"calls/<int:pk>": asking.pk},
    }


def _proposals(world: World) -> dict[str, dict[str, object]]:
    """Two proposals that may be merged, one whose decision is not published, and one that earns its proposer an award."""
    sent, _ = [build.proposal(state=ProposalState.SENT) for _ in range(2)]
    decided = build.proposal(state=ProposalState.AT_OFFICE)
    Decision.objects.create(proposal=decided, outcome=Outcome.ADOPTED, decided_by=world.cast.office_reviewer)
    return {
        "proposals:merge": {"proposals/<int:pk>": sent.pk},
        "awards:proposers": {"proposals/<int:pk>": Proposal.objects.get(subject="吳成員之提案").pk},
    }


def _classes(world: World) -> dict[str, dict[str, object]]:
    """A class that goes on and one that is over, with the host's officer in both, and a draft; hours to upload."""
    by, host = world.cast.host_officer, build.listed("大林鎮公所")
    begun = courses.training_class(by=by, starts=timezone.now() - timedelta(minutes=12))
    begun.sessions.update(code=CODE)
    over = attending.past_class(by=by)
    for attended in (begun, over):
        courses.registration(attended, by.person, by=by)
    draft = courses.training_class(organiser=host, by=by, state=ClassState.DRAFT)
    learning.record(by.person, 2, "環境教育")
    Course.objects.filter(order__gte=1000).update(order=F("order") - 900)  # a plan's courses are numbered up to 999
    return {
        "training:check_in": {"sessions/<int:pk>": begun.sessions.earliest("starts").pk},
        "training:attendance": {"classes/<int:pk>": over.pk},
        "training:remove_class": {"classes/<int:pk>": draft.pk},
    }


def _studies(world: World) -> dict[str, dict[str, object]]:
    """A draft of an application at the host, and an approved one."""
    by = world.cast.host_officer
    draft = studies.study(courses.employee(build.listed("大林鎮公所")), by=by, state=StudyState.DRAFT)
    approved = studies.study(by=by, state=StudyState.APPROVED)
    return {
        "training:edit_study": {"study/<int:pk>": draft.pk},
        "training:submit_study": {"study/<int:pk>": draft.pk},
        "training:end_study": {"study/<int:pk>": approved.pk},
        "training:add_semester": {"study/<int:pk>": approved.pk},
    }


# --- Sending -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sending:
    """A form as somebody's browser sends it: the fields of its page, which of them may name a row, and its objects."""

    name: str
    client: Client
    url: str
    fields: dict[str, list[str]]
    naming: list[str]
    forms: list[BaseForm]

    @property
    def given(self) -> dict[str, object]:
        """What the table says, of the fields of the page or of buttons and files."""
        found: dict[str, object] = {}
        for pattern, value in SENT.get(self.name, {}).items():
            for label in fnmatch.filter(self.fields, pattern) or [pattern]:
                found[label] = value() if callable(value) else value
        return found

    def post(self, extra: Mapping[str, object] = MappingProxyType({}), *, texts: bool = False) -> foreign.Answer:
        return foreign.post(self.client, self.url, {**self.fields, **self.given, **extra}, texts=texts)


def accepted(name: str, client: Client, url: str) -> Sending | None:
    """Fill in the page of a form and send it, and what comes back, as it may have to be confirmed, until it is accepted."""
    response: Any = client.get(url)
    forms, naming = list(forms_on(response)), set()
    for _ in range(3):
        if status(response) not in (200, 422):
            return None
        found = inputs(response.content.decode())
        naming |= {label for label, one in found.items() if one.names_a_row()}
        fields = {label: one.filled() for label, one in found.items()}
        sending = Sending(name, client, url, fields, sorted(naming), forms)
        answer = sending.post()
        if answer.is_accepted:
            return sending
        response = answer.response
    return None
