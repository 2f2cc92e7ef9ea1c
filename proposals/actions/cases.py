"""The last steps of a case: the review that nobody can be recognised in it, publishing, correcting, taking down.

The review marks passages by itself; a person decides on each. What is published is frozen: a correction (更正) is another
publication, and both are shown.
"""

from collections.abc import Collection, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Person
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules import identifiers
from proposals import mails
from proposals.actions.drafts import cited
from proposals.actions.items import Conflict, begin, last_step, move, note
from proposals.choices import MarkDecision, MarkKind
from proposals.models import Case, Mark, Publication, Supersession
from proposals.policies import can_take

REVIEWED = Case.searched  # every text that is published
SHORTEST = 2  # letters of a passage; a single one would stand everywhere


class UnconfirmedError(ValidationError):
    """A corrected text holds what may give somebody away. `passages` are to be confirmed or taken out."""

    def __init__(self, passages: list[str]) -> None:
        super().__init__("更正後的文字出現可能識別個人的內容，請刪除，或逐一勾選確認可以公開。")
        self.passages = passages


# --- Review ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_review(*, case: Case, by: User) -> Case:
    """Mark what may give somebody away in a case that came to the office. Marks of an earlier review are made anew:
    the case was changed since.

    Raises:
        Conflict: somebody else acted meanwhile.
    """
    case = begin(case, "review", by=by)
    case.marks.all().delete()
    known = known_names(case)
    found = [(field, passage) for field in REVIEWED for passage in identifiers.find(getattr(case, field), known)]
    Mark.objects.bulk_create(
        Mark(case=case, field=field, start=p.start, end=p.end, text=p.text[:200], kind=MarkKind(p.kind))
        for field, p in found
    )
    move(case, "review")
    note("case.review_started", case, by=by, marks=len(found))
    return case


def known_names(case: Case) -> list[str]:
    """Return the names that the review looks for: everybody of the office's agencies, and who handed the case in."""
    return [*Person.objects.filter(office=case.plan.office_id).values_list("name", flat=True), case.contact_name]


@transaction.atomic
def decide_marks(
    *, case: Case, decisions: Mapping[int, MarkDecision], shown: Mapping[int, str] | None = None, by: User
) -> int:
    """Decide for marks whether their passages are hidden or kept; return how many decisions are new.

    Args:
        decisions: by the marks' keys.
        shown: the decisions that the page showed, so that nobody else's is turned round unseen.

    Raises:
        Conflict: the review has ended, or somebody else decided otherwise meanwhile; nothing is decided then.
    """
    case = begin(case, "mark", by=by)
    marks = {mark.pk: mark for mark in case.marks.select_related("decided_by")}
    if not marks.keys() >= decisions.keys():
        raise Conflict("標記已由他人重新產生，請重新整理後再確認。")
    new = [marks[key] for key, decision in decisions.items() if decision not in (marks[key].decision, "pending")]
    for mark in new:
        if shown is not None and shown.get(mark.pk) != mark.decision:
            raise Conflict(_decided_otherwise(mark))
    for mark in new:
        _decide(mark, decisions[mark.pk], by)
    if new:
        hidden = sum(mark.decision == MarkDecision.HIDDEN for mark in new)
        note("case.marks_decided", case, by=by, hidden=hidden, kept=len(new) - hidden)
    return len(new)


def _decide(mark: Mark, decision: MarkDecision, by: User) -> None:
    mark.decision, mark.decided_by, mark.decided_at = decision, by, timezone.now()
    mark.save()


def _decided_otherwise(mark: Mark) -> str:
    who = mark.decided_by.get_full_name() if mark.decided_by else "他人"
    at = roc.moment(timezone.localtime(mark.decided_at)) if mark.decided_at else ""
    return f"{who}已於 {at} 將「{mark.text}」改為「{mark.get_decision_display()}」；請確認後再儲存。"


@transaction.atomic
def add_mark(*, case: Case, text: str, kind: MarkKind, fields: Collection[str] = REVIEWED, by: User) -> int:
    """Hide a passage that the portal overlooked, wherever it stands in the fields; return how many places.

    Raises:
        ValidationError: it is too short, stands nowhere, or is hidden everywhere already.
        Conflict: the review has ended.
    """
    case = begin(case, "mark", by=by)
    if len(text) < SHORTEST:
        raise ValidationError({"text": f"請至少輸入 {SHORTEST} 個字。"})
    places = [(field, *place) for field in fields for place in identifiers.occurrences(getattr(case, field), text)]
    if not places:
        raise ValidationError({"text": "案例中沒有這段文字，請照原文輸入。"})
    marks = list(case.marks.all())
    open_places = [place for place in places if not any(_hides(mark, place) for mark in marks)]
    if not open_places:
        raise ValidationError({"text": "這段文字已全部遮蔽。"})
    for place in open_places:
        _mark_by_hand(case, place, kind, marks, by)
    note("case.marked", case, by=by, places=len(open_places))
    return len(open_places)


Place = tuple[str, int, int]  # field, start, end


def _hides(mark: Mark, place: Place) -> bool:
    field, start, end = place
    is_around = mark.field == field and mark.start <= start and mark.end >= end
    return is_around and mark.decision == MarkDecision.HIDDEN


def _mark_by_hand(case: Case, place: Place, kind: MarkKind, marks: Iterable[Mark], by: User) -> None:
    """Hide the place. A mark that begins there gives way if its passage was kept, and is widened otherwise."""
    field, start, end = place
    there = next((mark for mark in marks if (mark.field, mark.start) == (field, start)), None)
    mark = there or Mark(case=case, field=field, start=start)
    if there and there.decision != MarkDecision.KEPT:
        end = max(end, there.end)
    mark.end, mark.text, mark.kind = end, getattr(case, field)[start:end][:200], kind
    _decide(mark, MarkDecision.HIDDEN, by)


def hidden_texts(case: Case) -> dict[str, str]:
    """Return the texts of a case as they will be published: hidden passages are ○○○."""
    places: dict[str, list[tuple[int, int]]] = {field: [] for field in REVIEWED}
    for mark in case.marks.all():
        if mark.decision == MarkDecision.HIDDEN:
            places[mark.field].append((mark.start, mark.end))
    return {field: identifiers.hide(getattr(case, field), places[field]) for field in REVIEWED}


# --- Publishing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_case(*, case: Case, by: User) -> Publication:
    """Publish a case whose marks were all decided; its authors and the host are told.

    Raises:
        ValidationError: marks wait for a decision.
        Conflict: somebody else acted meanwhile.
    """
    case = begin(case, "publish", by=by)
    waiting = case.marks.filter(decision=MarkDecision.PENDING).count()
    if waiting:
        raise ValidationError(f"尚有 {waiting} 處標記待確認，全部確認後才能發布。")
    publication = Publication(
        office_id=case.plan.office_id,
        case=case,
        plan=case.plan,
        district=case.district,
        agency_kind=case.agency.kind,
        business=case.business,
        kind=case.kind,
        published_by=by,
        **hidden_texts(case),
    )
    publication.save()
    publication.statutes.set(case.statutes.all())
    move(case, "publish")
    note("case.published", case, by=by, publication=publication.pk)
    mails.published(publication)
    return publication


@transaction.atomic
def correct_publication(
    *,
    publication: Publication,
    changes: Mapping[str, str],
    reason: str,
    confirmed: Collection[str] = (),
    stays_superseded: bool = True,
    by: User,
) -> Publication:
    """Publish a correction (更正): another publication that shows beside the one it corrects.

    Args:
        changes: new values of business, kind and the texts, by field.
        confirmed: passages that may give somebody away, but were looked at and may be shown.
        stays_superseded: whether a case that no longer holds still does not, in its new words.

    Raises:
        UnconfirmedError: the new words hold such passages that were not confirmed.
        ValidationError: no reason, or nothing changed.
        Conflict: somebody else corrected it meanwhile.
    """
    case = begin(publication.case, "correct", by=by)
    if Publication.objects.filter(corrects=publication).exists():
        raise Conflict(f"{last_step(case, can_take(by, case, 'correct'))}此版本已有更正，請更正最新的版本。")
    changed = {name: value for name, value in changes.items() if value != getattr(publication, name)}
    if not changed:
        raise ValidationError("內容沒有變更，不需要更正。")
    if not reason.strip():
        raise ValidationError({"reason": "請說明更正的理由。"})
    told = [passage for passage in _newly_told(publication, changed) if passage not in confirmed]
    if told:
        raise UnconfirmedError(told)
    corrected = _copy(publication, changed, reason.strip(), by)
    _carry_over(publication, corrected, stays_superseded=stays_superseded)
    note("case.corrected", case, by=by, publication=corrected.pk, changed=sorted(changed), reason=reason.strip())
    return corrected


def _newly_told(publication: Publication, changed: Mapping[str, str]) -> list[str]:
    known = known_names(publication.case)
    texts = [(getattr(publication, name), text) for name, text in changed.items() if name in REVIEWED]
    found = [p.text for old, new in texts for p in identifiers.find(new, known) if p.text not in old]
    return list(dict.fromkeys(found))


def _copy(publication: Publication, changed: Mapping[str, str], reason: str, by: User) -> Publication:
    kept = ("office_id", "case_id", "plan_id", "district_id", "agency_kind", "business", "kind", *REVIEWED)
    values = {name: getattr(publication, name) for name in kept} | dict(changed)
    corrected = Publication(corrects=publication, correction_reason=reason, published_by=by, **values)
    corrected.save()
    statutes = (
        cited(publication.office_id, corrected.statutes_text)
        if "statutes_text" in changed
        else publication.statutes.all()
    )
    corrected.statutes.set(statutes)
    return corrected


def _carry_over(publication: Publication, corrected: Publication, *, stays_superseded: bool) -> None:
    """Open suggestions are about what readers see now; confirmed ones stay where they are and are copied."""
    publication.supersessions.filter(is_confirmed__isnull=True).update(publication=corrected)
    if stays_superseded:
        for confirmed in publication.supersessions.filter(is_confirmed=True):
            Supersession.objects.create(
                publication=corrected,
                proposal_id=confirmed.proposal_id,
                statute_id=confirmed.statute_id,
                is_confirmed=True,
                decided_by_id=confirmed.decided_by_id,
                decided_at=confirmed.decided_at,
            )


@transaction.atomic
def take_down(*, publication: Publication, reason: str, by: User) -> Publication:
    """Stop showing a publication (停止公開) with a reason, with those that it corrects or that correct it: what they have
    in common would stay readable. The office still sees them, the record stays.

    Raises:
        ValidationError: no reason.
        Conflict: somebody else took it down before.
    """
    case = begin(publication.case, "correct", by=by)
    publication.refresh_from_db()
    if publication.taken_down_at:
        raise Conflict(last_step(case, can_take(by, case, "correct")) + "此案例已停止公開。")
    if not reason.strip():
        raise ValidationError({"reason": "請說明停止公開的理由。"})
    for shown in case.publications.filter(taken_down_at__isnull=True):
        shown.taken_down_at, shown.taken_down_reason = timezone.now(), reason.strip()
        shown.save(update_fields=["taken_down_at", "taken_down_reason"])
    publication.refresh_from_db()
    note("case.taken_down", case, by=by, publication=publication.pk, reason=publication.taken_down_reason)
    return publication
