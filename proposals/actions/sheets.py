"""Cases and proposals that come in by sheet."""

from collections import defaultdict
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.actions.sheets import StagedRow, claim_sheet
from districts.models import Agency, StagedSheet
from districts.standing import standing
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from proposals import mails
from proposals.actions.drafts import create_item
from proposals.actions.items import hand_over, hold, note
from proposals.models.items import Item
from proposals.policies import can_host

# An item without its district and author, and the agencies that join it.
Value = tuple[Item, Sequence[Agency]]


@transaction.atomic
def import_items(*, sheet: StagedSheet, values: Sequence[Value], refused: Sequence[StagedRow], by: User) -> StagedSheet:
    """Take in the good lines of a sheet and keep the others to be handed back.

    An item of an agency that the person works for becomes its draft. One of another agency of a district that the person
    hosts was sent to the host outside the portal: it is entered as sent by that agency, which is told, and the trail names
    who entered it.

    Raises:
        ValidationError: the sheet was imported already, or an agency is none of theirs any more; nothing comes in.
    """
    claim_sheet(sheet=sheet, refused=refused, count=len(values))
    # All districts first, in one order, so that two imports never wait for one another.
    for district in sorted({item.district for item, _ in values}, key=lambda district: district.pk):
        hold(district)
    entered: dict[int, list[Item]] = defaultdict(list)
    for item, co_proposers in values:
        made = create_item(item=item, by=by, co_proposers=co_proposers)
        if made.agency_id not in standing(by).works_for:
            _enter(made, by=by)
            entered[made.agency_id].append(made)
    for items in entered.values():
        mails.entered(items, items[0].district.host_on(items[0].plan.nearest(timezone.localdate())))
    record("sheet.items_imported", None, by=by, office_id=sheet.office_id, kind=sheet.kind, rows=len(values))
    return sheet


def _enter(item: Item, *, by: User) -> None:
    """Enter an item of another agency as sent by it."""
    if not can_host(by, item.district):
        raise ValidationError(f"{item.agency.short_name}已不屬貴分區，尚未匯入。請重新檢視後再匯入。")
    hand_over(item)
    note("item.entered", item, by=by, agency=item.agency.short_name, late=item.is_late)
