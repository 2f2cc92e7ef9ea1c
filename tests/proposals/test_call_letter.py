"""The letter of a call for items (函): what stands in it, as PDF and as ODT."""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
import time_machine
from odfdo import Document
from pypdf import PdfReader

from districts.choices import NameKind
from districts.models import Agency, Membership
from meetings.models import Meeting
from personnel_portal.documents import odf, pdf
from personnel_portal.documents.paper import Fields
from proposals import documents
from proposals.actions import calls as actions
from proposals.forms.calls import suggestion
from proposals.models import CallForItems
from tests import build

DAY = date(2026, 12, 22)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting A of a district with two members and the host, who coaches a school."""
    district = build.district("北平原區")
    few = [build.listed(name) for name in ("民雄國中", "民雄國小", "大林鎮公所")]
    Membership.objects.filter(district=district).exclude(agency__in=few).delete()
    build.coaching_table(district=district, rows={build.listed("三興國小"): cast.host_officer.person})
    return build.meeting(district=district, day=DAY)


def drafted(meeting: Meeting, cast: build.Cast, **text: object) -> CallForItems:
    return actions.draft_call(
        meeting=meeting,
        by=cast.host_officer,
        **{"number": "", **suggestion(meeting), **text},
    )


def corner_of(call: CallForItems) -> dict[str, str]:
    """Return what stands small beside the title: address, who handles it, telephone."""
    fields = documents.letter(call).blocks[0]
    assert isinstance(fields, Fields)
    return dict(fields.rows)


def on_paper(call: CallForItems) -> str:
    """Return what the PDF says, without spaces and line ends, which the setting puts where it likes."""
    pages = PdfReader(BytesIO(pdf.render(documents.letter(call)))).pages
    return re.sub(r"\s|第\d+頁，共\d+頁", "", re.sub(r"\s", "", "".join(page.extract_text() for page in pages)))


LETTER = [
    "檔號：保存年限：",
    "嘉義縣大林鎮公所函",
    "地址：承辦人：黃承辦電話：05-2653211電子信箱：",
    "受文者：如正本及副本",
    "發文日期：中華民國115年11月22日",
    "發文字號：速別：普通件密等及解密條件或保密期限：",
    "附件：附件1人事業務案例表、附件2人事修正建議提案表",
    "主旨：請就116年度北平原區第1次專、兼任(辦)人事人員聯繫會報提供人事業務案例及人事修正建議提案，並於115年12月15日（二）"
    "前逕於人事業務協作平台送件或回復，請查照。",
    "說明：一、依嘉義縣政府人事處暨所屬人事機構116年度分區聯繫會報實施計畫肆、二、(二)辦理。",
    "二、人事業務案例：請就辦理人事業務所遇困難、特殊或錯誤案例填具附件1；各專任人事機構應至少分享1案，兼任(辦)人事機構得自行提供。",
    "三、人事修正建議提案：請就現行法規、措施或流程之修正建議填具附件2，由本分區承辦單位彙整，於專任人事人員分區聯繫會報前送"
    "嘉義縣政府人事處。",
    "四、無則免填，請於系統回復「無」；逾115年12月15日（二）送件者，列為逾期件。",
    "正本：嘉義縣立民雄國民中學、嘉義縣民雄鄉民雄國民小學、嘉義縣民雄鄉三興國民小學",
    "副本：嘉義縣政府人事處、嘉義縣大林鎮公所",
]


def test_the_letter_in_pdf(meeting: Meeting, cast: build.Cast) -> None:
    Agency.objects.filter(short_name="大林鎮公所").update(phone="05-2653211")
    call = drafted(meeting, cast)
    assert on_paper(call) == "".join([*LETTER, "草稿"])  # the note at the top of the page is read last
    actions.send_call(call=call, by=cast.host_officer)
    actions.number_call(call=call, number="大鎮人字第1150001234號", by=cast.host_officer)
    sent = "".join(LETTER).replace("發文字號：", "發文字號：大鎮人字第1150001234號")
    assert on_paper(CallForItems.objects.get(pk=call.pk)) == sent


def test_the_letter_in_odt_says_the_same(meeting: Meeting, cast: build.Cast) -> None:
    Agency.objects.filter(short_name="大林鎮公所").update(phone="05-2653211")
    body = Document(BytesIO(odf.render(documents.letter(drafted(meeting, cast))))).body
    said = re.sub(r"\s", "", "".join(paragraph.inner_text for paragraph in body.get_elements("//text:p|//text:h")))
    assert said == "".join(LETTER)


def test_names_are_those_of_the_day_of_issue(meeting: Meeting, cast: build.Cast) -> None:
    host = build.listed("大林鎮公所")
    host.names.create(name="嘉義縣大林鎮役場", kind=NameKind.OFFICIAL, until=date(2026, 11, 30))
    paper = documents.letter(drafted(meeting, cast))
    assert paper.title == "嘉義縣大林鎮役場　函"


@pytest.mark.parametrize(
    ("contact", "name", "phone"),
    [
        ("王小明 05-2653211 分機 101", "王小明", "05-2653211 分機 101"),
        ("王小明主任（05）2653211", "王小明主任", "（05）2653211"),
        ("王小明，電話：05-2653211", "王小明", "05-2653211"),
        ("王小明", "王小明", ""),
        ("", "黃承辦", ""),
    ],
)
def test_the_contact_of_the_meeting_is_who_handles_the_letter(
    meeting: Meeting, cast: build.Cast, contact: str, name: str, phone: str
) -> None:
    meeting.contact = contact
    meeting.save()
    corner = corner_of(drafted(meeting, cast))
    assert (corner["承辦人"], corner["電話"]) == (name, phone)


def test_a_reviewer_who_drafts_in_the_hosts_stead_does_not_sign_for_it(meeting: Meeting, cast: build.Cast) -> None:
    call = actions.draft_call(meeting=meeting, by=cast.office_reviewer, **{"number": "", **suggestion(meeting)})
    assert corner_of(call)["承辦人"] == ""


def test_signs_that_no_document_takes_do_not_break_the_letter(meeting: Meeting, cast: build.Cast) -> None:
    call = drafted(meeting, cast, purpose="請\x0b提案\x01😀<b>，請查照。", explanation="一項\f\n\n=SUM(A1)")
    assert "主旨：請提案😀<b>，請查照。" in on_paper(call)
    assert odf.render(documents.letter(call))
