"""Drafts of cases and proposals: begun, changed, with files; the rules they cite and the agencies that join them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, District, Plan
from meetings.actions.shown import ChangedMeanwhileError, Shown, author, digest, refuse_overwriting
from personnel_portal.accounts.models import User
from personnel_portal.rules.folding import fold
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile
from proposals.actions.items import AnyItem, begin, note
from proposals.facts import district_of
from proposals.models import Attachment, CoProposer, Proposal, Statute
from proposals.models.items import Item

TWICE = timedelta(minutes=10)  # within it the same draft of the same person is a second click, not a second draft

_ARTICLE = r"第[\s0-9０-９〇零一二三四五六七八九十百千]+[條項款點目](?:\s*之\s*[0-9０-９一二三四五六七八九十]+)?"
_SEPARATORS = re.compile(r"[、；;,，\n]")
_AND = re.compile(rf"({_ARTICLE})\s*[及與暨]")
_FROM_ARTICLE = re.compile(rf"\s*(?:{_ARTICLE}).*", re.DOTALL)
_BRACKETS = str.maketrans("", "", "《》〈〉「」『』")


@transaction.atomic
def create_item(*, item: AnyItem, by: User, co_proposers: Sequence[Agency] = ()) -> AnyItem:
    """Begin a draft in the name of its agency; the district is the agency's.

    The same draft once more within ten minutes is a second click on the button: the first one is returned.

    Raises:
        ValidationError: the agency belongs to no district, or the meeting to another one.
    """
    # Two clicks at once wait for one another here.
    agency = Agency.objects.select_for_update(no_key=True).get(pk=item.agency_id)
    item.district = _district(item)
    twin = _twin(item, by)
    if twin is not None:
        return twin
    item.created_by = by
    item.save()
    _cite(item)
    if isinstance(item, Proposal):
        _join(item, co_proposers)
    note("item.created", item, by=by, agency=agency.short_name)
    return item


@transaction.atomic
def change_item(*, item: AnyItem, by: User, shown: Shown | None = None, **changes: Any) -> AnyItem:
    """Write what somebody changed of a draft or of a returned item.

    Args:
        shown: what the page showed, so that nobody else's change since then is written over.
        **changes: the new values by field; `co_proposers` are agencies in their order.

    Raises:
        Conflict: it was sent or withdrawn meanwhile.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
        ValidationError: the new agency belongs to no district, or the meeting to another one.
    """
    item = begin(item, "edit", by=by)
    if not changes:
        return item
    entries = Entry.objects.for_target(item).filter(act="item.changed")
    columns = {name: value for name, value in changes.items() if name != "co_proposers"}
    refuse_overwriting(item, columns, shown, entries)
    if isinstance(item, Proposal) and "co_proposers" in changes:
        _refuse_other_proposers(item, changes["co_proposers"], shown, entries)
        _join(item, changes["co_proposers"])
    for name, value in columns.items():
        setattr(item, name, value)
    if columns.keys() & {"agency", "meeting"}:
        item.district = _district(item)
    item.save()
    if "statutes_text" in columns:
        _cite(item)
    note("item.changed", item, by=by, changed=sorted(changes))
    return item


@transaction.atomic
def add_attachments(*, item: AnyItem, stored: Iterable[StoredFile], by: User) -> AnyItem:
    """Put files to an item; one that is there already under the same name is not put twice.

    Raises:
        Conflict: it was sent or withdrawn meanwhile.
    """
    item = begin(item, "edit", by=by)
    there = set(item.attachments.values_list("stored__sha256", "stored__name"))  # type: ignore[attr-defined]  # both kinds have it
    for file in stored:
        if (file.sha256, file.name) not in there:
            there.add((file.sha256, file.name))
            Attachment.objects.create(**{item._meta.model_name or "": item}, stored=file)
            note("item.file_added", item, by=by, file=file.name)
    return item


@transaction.atomic
def remove_attachment(*, attachment: Attachment, by: User) -> None:
    """Take a file away from an item that is not with the host; taken away before, nothing happens.

    Raises:
        Conflict: the item was sent or withdrawn meanwhile.
    """
    item = begin(attachment.item, "edit", by=by)
    removed, _ = Attachment.objects.filter(pk=attachment.pk).delete()
    if removed:
        note("item.file_removed", item, by=by, file=attachment.stored.name)


def statutes_named(text: str) -> list[str]:
    """Return the names of the rules in a text such as 公務人員任用法第 28 條、考績法, each once, without articles."""
    return list({fold(name): name for name in _names(text)}.values())


def _names(text: str) -> Iterator[str]:
    # 「任用法第9條及陞遷法第4條」 names two; 「考績要點及注意事項」, without an article between, is one.
    parted = _AND.sub(r"\1、", text)
    for part in _SEPARATORS.split(parted):
        name = _FROM_ARTICLE.sub("", part).translate(_BRACKETS).strip()
        # 「民法」 is a law; what else is as short is 「前段」 or 「附表」.
        if (len(name) > 2 or name.endswith("法")) and len(name) <= 100:
            yield name


def cited(office_id: int, text: str) -> list[Statute]:
    """Return the rules that a text names, made where they are new to the office."""
    return [
        Statute.objects.get_or_create(office_id=office_id, folded=fold(name), defaults={"name": name})[0]
        for name in statutes_named(text)
    ]


def _cite(item: Item) -> None:
    item.statutes.set(cited(item.plan.office_id, item.statutes_text))


def _join(proposal: Proposal, agencies: Sequence[Agency]) -> None:
    others = [agency for agency in dict.fromkeys(agencies) if agency.pk != proposal.agency_id]
    proposal.co_proposers.all().delete()
    CoProposer.objects.bulk_create(
        CoProposer(proposal=proposal, agency=agency, order=order) for order, agency in enumerate(others, start=1)
    )


def joined(proposal: Proposal) -> list[Agency]:
    """Return the agencies that joined a proposal, in their order."""
    return [joint.agency for joint in proposal.co_proposers.select_related("agency")]


def names_of(agencies: Iterable[Agency]) -> str:
    """Return agencies as one line: 民雄國中、大埔國中小."""
    return "、".join(agency.short_name for agency in agencies)


def _refuse_other_proposers(
    proposal: Proposal, wanted: Sequence[Agency], shown: Shown | None, entries: Iterable[Entry]
) -> None:
    now = names_of(joined(proposal))
    if not shown or digest(now) in (shown.get("co_proposers", digest(now)), digest(names_of(wanted))):
        return
    last = next((entry for entry in entries if "co_proposers" in entry.detail.get("changed", ())), None)
    sentence = f"{author(last)}變更「聯合提案機關」，目前為「{now or '無'}」；請確認後再儲存。"
    raise ChangedMeanwhileError({"co_proposers": sentence}, {"co_proposers": digest(now)})


def _district(item: Item) -> District:
    """Return the agency's district, in the plan of the meeting or of today.

    Raises:
        ValidationError: it has none, or the meeting is another one's.
    """
    today = timezone.localdate()
    office = item.agency.office_id
    plan = item.meeting.plan if item.meeting else Plan.objects.liaison().filter(office=office).current(today)
    district = district_of(item.agency, plan, today) if plan else None
    if district is None:
        raise ValidationError({"agency": f"查不到「{item.agency}」所屬的分區，請洽人事處。"})
    if item.meeting and item.meeting.district_id != district.pk:
        raise ValidationError({"meeting": f"這場會議不是「{item.agency}」所屬分區的，請另選或留白。"})
    return district


def _twin(item: AnyItem, by: User) -> AnyItem | None:
    columns = [column.name for column in item._meta.fields if column.name in item.searched]
    same: dict[str, Any] = {name: getattr(item, name) for name in columns}
    recent = timezone.now() - TWICE
    model: Any = type(item)
    mine = model.objects.filter(agency=item.agency_id, created_by=by, created_at__gte=recent)
    found: AnyItem | None = mine.filter(state="draft", **same).first()
    return found
