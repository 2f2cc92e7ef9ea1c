"""Who comes to the portal when it is busy, from the database; and what of it has arrived there."""

import hashlib
import io
import os
from collections import Counter
from itertools import cycle, islice

import pikepdf
from django.conf import settings

from districts.choices import Access
from districts.models import Membership, Posting
from meetings.choices import MinutesState
from meetings.models import Meeting, MinutesFile
from personnel_portal.accounts.models import User
from proposals.choices import CaseState, ProposalState
from proposals.models import Attachment, Case, Proposal
from tests.bench.web import Visitor
from tests.site.clients import logged_in

EVERYBODY = ("/", "/meetings/", "/proposals/", "/proposals/?q=加班", "/proposals/library/", "/search/?q=會議室")
OFFICE = ("/duties/board/", "/proposals/decisions/", "/districts/people/")
MARK = b"%MARK-OF-THE-FILE-0000%"


def _session(user: User) -> str:
    return str(logged_in(user).cookies[settings.SESSION_COOKIE_NAME].value)


def visitors(count: int) -> list[Visitor]:
    """Return so many people of all counties: of eight one reviewer, the others officers of agencies, hosts among them."""
    postings = Posting.objects.filter(person__user__isnull=False).select_related("person__user", "agency")
    officers = postings.filter(access=Access.WORK, agency__memberships__isnull=False).order_by("person__name", "pk")
    reviewers = cycle(postings.filter(access=Access.REVIEW).order_by("person__name", "pk")[:count])
    found = []
    for number, officer in enumerate(officers.distinct()[:count]):
        posting = next(reviewers) if number % 8 == 0 else officer
        user = posting.person.user
        assert user is not None
        pages = (*EVERYBODY, *_own(user), *(OFFICE if number % 8 == 0 else ()))
        found.append(Visitor(_session(user), pages, 0 if number % 8 == 0 else posting.agency_id))
    return found


def _own(user: User) -> list[str]:
    meeting = Meeting.objects.visible_to(user).order_by("pk").first()
    proposal = Proposal.objects.visible_to(user).order_by("pk").first()
    return [one.get_absolute_url() for one in (meeting, proposal) if one is not None]


def drafts(subject: str) -> int:
    """Return how many drafts of that beginning there are."""
    return Proposal.objects.filter(state=ProposalState.DRAFT, subject__startswith=subject).count()


def uploaders(count: int) -> list[tuple[str, str]]:
    """Return session and address of so many hosts with minutes to file, and members with a draft of a case."""
    found: dict[int, tuple[User, str]] = {}
    meetings = Meeting.objects.filter(minutes__state=MinutesState.UNFILED).order_by("pk")
    hosts = {membership.district_id: membership.agency_id for membership in Membership.objects.filter(is_host=True)}
    for meeting in meetings:
        user = _officer(hosts[meeting.district_id])
        found.setdefault(user.pk, (user, f"/meetings/{meeting.pk}/minutes/"))
    for case in Case.objects.filter(state=CaseState.DRAFT).order_by("pk").select_related("created_by"):
        if len(found) >= count:
            break
        found.setdefault(case.created_by_id, (case.created_by, f"/proposals/cases/{case.pk}/attachments/"))
    return [(_session(user), path) for user, path in islice(found.values(), count)]


def _officer(agency: int) -> User:
    posting = Posting.objects.filter(agency=agency, access=Access.WORK).select_related("person__user")[0]
    assert posting.person.user is not None
    return posting.person.user


def paper(size: int) -> bytes:
    """Return a PDF of about so many bytes, in which `MARK` stands once: another mark makes another file."""
    document = pikepdf.new()
    document.add_blank_page()
    document.pages[0].Scan = document.make_stream(MARK + os.urandom(size))
    target = io.BytesIO()
    document.save(target, compress_streams=False, deterministic_id=True)
    content = target.getvalue()
    assert content.count(MARK) == 1
    return content


def arrived(sent: set[str]) -> tuple[int, int, int]:
    """Return of the files sent, by SHA-256: how many no row shows, how many more than one, how many are not whole on disk."""
    rows: Counter[str] = Counter()
    for model in (MinutesFile, Attachment):
        rows.update(model._default_manager.filter(stored__sha256__in=sent).values_list("stored__sha256", flat=True))
    on_disk = {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in settings.STORAGE_PATH.rglob("*") if path.is_file()
    }
    return len(sent - rows.keys()), sum(many > 1 for many in rows.values()), len(sent - on_disk)
