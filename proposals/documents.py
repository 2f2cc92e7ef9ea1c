"""The papers of calls, cases and proposals in official form (文書處理手冊; domain notes, B5)."""

import re
from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from districts.models import Agency, Posting
from personnel_portal import roc
from personnel_portal.documents.paper import Clause, Fields, Item, Paper
from proposals.facts import asked
from proposals.models import CallForItems

ATTACHMENTS = "附件1人事業務案例表、附件2人事修正建議提案表"
# 王小明 05-2653211 分機 101: what stands before the number is the name.
_CONTACT = re.compile(r"(?P<name>[^\d(（+]*)(?P<phone>.*)")


def letter(call: CallForItems) -> Paper:
    """Return the 函 of the host that asks for cases and proposals; it is marked as a draft until it was sent.

    The host itself is among those asked; a letter does not go to its own sender, so it stands among the copies.
    """
    plan, day = call.meeting.plan, call.issued_on
    host = call.meeting.district.host_on(plan.nearest(day))
    agencies = [invitee.agency for invitee in asked(call)]
    prefetch_related_objects([*agencies, *([host] if host else [])], "names")
    sender = host.official_name_on(day) if host else plan.office.name
    receivers = [agency.official_name_on(day) for agency in agencies if agency != host]
    copies = [plan.office.name, *([sender] if host in agencies else [])]
    return Paper(
        title=f"{sender}　函",
        author=sender,
        filing=Fields((("檔號", ""), ("保存年限", ""))),
        header="" if call.sent_at else "草稿",
        blocks=(
            Fields((("地址", ""), *_contact(call, host)), place="corner"),
            Fields((("受文者", "如正本及副本"),)),
            Fields(
                (
                    ("發文日期", roc.full(day)),
                    ("發文字號", call.number),
                    ("速別", "普通件"),
                    ("密等及解密條件或保密期限", ""),
                    ("附件", ATTACHMENTS),
                ),
                place="small",
            ),
            Clause("主旨", call.filled(call.purpose)),
            Clause("說明", items=tuple(map(Item, call.filled(call.explanation).splitlines()))),
            Fields((("正本", "、".join(receivers)), ("副本", "、".join(copies))), place="small"),
        ),
    )


def _contact(call: CallForItems, host: Agency | None) -> Sequence[tuple[str, str]]:
    """Return 承辦人 and how to reach them: the meeting's contact, else who drafted the letter, if one of the host's."""
    contact = _CONTACT.fullmatch(" ".join(call.meeting.contact.split()))
    name = contact["name"].removesuffix("電話：").strip(" ，、：:；") if contact else ""
    phone = contact["phone"].strip() if contact else ""
    if not name and host and Posting.objects.on(call.issued_on).filter(agency=host, person__user=call.created_by_id):
        name = call.created_by.get_full_name()
    return (
        ("承辦人", name),
        ("電話", phone or (host.phone if host else "")),
        ("電子信箱", host.mail if host else ""),
    )
