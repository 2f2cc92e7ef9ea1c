"""The host's compile screen: taking in, order, the agenda, and what was resolved there."""

import pytest
from django.core.exceptions import ValidationError

from meetings.actions.agenda import remove_item, save_item
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import AgendaItem, Meeting
from personnel_portal.accounts.models import User
from personnel_portal.trail.models import Entry
from proposals.actions import compiling as actions
from proposals.actions.items import Conflict, withdraw_item
from proposals.choices import CaseState, ProposalState
from proposals.models import CoProposer, Placement, Proposal
from tests import build
from tests.proposals.asking import locks, state, told
from tests.site.clients import logged_in
from tests.site.pages import queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- The screen and taking in ----------------------------------------------------------------------------------------


def test_screen_shows_everything_that_was_sent_and_nothing_else(cast: build.Cast, screen: str) -> None:
    for number, where in enumerate(ProposalState.values):
        lead = build.proposal(state=ProposalState.SENT, subject="主提案") if where == "merged" else None
        build.proposal(state=ProposalState(where), subject=f"提案{number}{where}", merged_into=lead)
    for where in CaseState.values:
        build.case(state=CaseState(where), subject=f"案例{where}")
    build.proposal(state=ProposalState.SENT, subject="別區提案", district=build.district("山區"))
    page = logged_in(cast.host_officer).get(screen).text
    shown = [f"提案{number}{where}" for number, where in enumerate(ProposalState.values)] + [
        f"案例{where}" for where in CaseState.values
    ]
    assert [text for text in shown if text not in page] == ["提案0draft", "案例draft"]
    assert "別區提案" not in page
    assert "待彙整 2　已彙整 1　已送本處 3" in page  # the lead waits too; the merged one stands with it
    assert "待彙整 2　已彙整 1　已送本處 3" in page.split('id="cases"')[1]


def test_ticked_items_are_taken_in_at_the_end(cast: build.Cast, screen: str) -> None:
    first = build.proposal(state=ProposalState.COMPILED, order=4)
    second, third = (build.proposal(state=ProposalState.SENT) for _ in range(2))
    case = build.case(state=CaseState.SHARED)
    client = logged_in(cast.host_officer)
    answer = client.post(f"{screen}take-in/", {"proposals": [second.pk, third.pk]}, follow=True)
    assert told(answer) == ["已彙整 2 件。"]
    client.post(f"{screen}take-in/", {"cases": [case.pk]})
    assert state(case) == CaseState.COMPILED
    rows = Proposal.objects.filter(state=ProposalState.COMPILED).in_compiled_order()
    assert [one.pk for one in rows] == [first.pk, second.pk, third.pk]


def test_a_late_item_is_taken_in_by_consent(cast: build.Cast, screen: str) -> None:
    late = build.proposal(state=ProposalState.SENT, is_late=True)
    other = build.proposal(state=ProposalState.SENT)
    client = logged_in(cast.host_officer)
    page = client.get(screen).text
    assert "同意收受逾期件" in page
    assert f'name="proposals" value="{late.pk}"' not in page, "it is not taken in among others"
    client.post(f"{screen}take-in/", {"only": f"proposals-{late.pk}", "proposals": [other.pk]})
    late.refresh_from_db()
    assert (late.state, late.late_accepted_by) == (ProposalState.COMPILED, cast.host_officer)
    assert state(other) == ProposalState.SENT
    acts = [entry.act for entry in Entry.objects.for_target(late)]
    assert acts == ["item.compiled", "item.late_accepted"]
    assert "逾期，已同意收受" in client.get(screen).text


def test_one_that_was_withdrawn_meanwhile_keeps_back_no_other(cast: build.Cast, screen: str) -> None:
    gone, stays = (build.proposal(state=ProposalState.SENT, subject=subject) for subject in ("甲案", "乙案"))
    withdraw_item(item=gone, reason="重複", by=cast.member_officer)
    answer = logged_in(cast.host_officer).post(f"{screen}take-in/", {"proposals": [gone.pk, stays.pk]}, follow=True)
    done, refused = told(answer)
    assert done == "已彙整 1 件。"
    assert refused.startswith(f"{gone.reference}「甲案」：吳成員已於 115年11月22日（日）")
    assert refused.endswith("辦理「撤回」；目前為「已撤回」，無法彙整。")


@pytest.mark.parametrize("data", [{}, {"proposals": ["x"]}, {"proposals": ["99999999"]}, {"only": "proposals-x"}])
def test_nothing_ticked_or_nonsense_gets_one_sentence(cast: build.Cast, screen: str, data: dict[str, str]) -> None:
    answer = logged_in(cast.host_officer).post(f"{screen}take-in/", data, follow=True)
    assert len(told(answer)) == 1
    assert answer.status_code == 200


def test_cases_are_marked_as_shared(cast: build.Cast, screen: str) -> None:
    case = build.case(state=CaseState.SENT)
    answer = logged_in(cast.host_officer).post(f"{screen}share/", {"cases": [case.pk]}, follow=True)
    assert told(answer) == ["已登錄分享 1 件。"]
    assert state(case) == CaseState.SHARED


def test_the_office_reads_the_screen_and_takes_nothing_in(cast: build.Cast, screen: str) -> None:
    waiting = build.proposal(state=ProposalState.SENT)
    reader = logged_in(cast.office_reader).get(screen).text
    assert waiting.subject in reader
    assert "彙整勾選" not in reader
    assert 'name="only"' not in reader
    answer = logged_in(cast.office_reviewer).post(f"{screen}take-in/", {"proposals": [waiting.pk]}, follow=True)
    assert told(answer) == [f"{waiting.reference}「{waiting.subject}」：「彙整」僅限分區承辦單位辦理。"]
    assert state(waiting) == ProposalState.SENT


# --- Order -----------------------------------------------------------------------------------------------------------


def test_order_by_buttons_and_by_dragging(cast: build.Cast, screen: str) -> None:
    items = [build.proposal(state=ProposalState.COMPILED, order=order) for order in (1, 2, 3)]
    first, second, third = (item.pk for item in items)
    client = logged_in(cast.host_officer)

    def order() -> list[int]:
        return [one.pk for one in Proposal.objects.in_compiled_order()]

    client.post(f"{screen}order/proposals/", {"up": str(third)})
    assert order() == [first, third, second]
    assert client.post(f"{screen}order/proposals/", {"order": [second, first, third]}).status_code == 204
    assert order() == [second, first, third]
    answer = client.post(f"{screen}order/proposals/", {"order": [second, first]})
    assert (answer.status_code, answer.text) == (409, "彙整內容已由他人變更，請重新整理後再排序。")
    assert client.post(f"{screen}order/papers/", {"up": "1"}).status_code == 404
    assert client.post(f"{screen}order/proposals/", {"up": "x"}).status_code == 302
    assert order() == [second, first, third]


# --- The agenda ------------------------------------------------------------------------------------------------------


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    return build.meeting(kind=MeetingKind.FULL_TIME)


def test_placing_keeps_the_text_as_it_was(cast: build.Cast, screen: str, meeting: Meeting) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED, effect_note="少一道會辦")
    CoProposer.objects.create(proposal=proposal, agency=build.listed("溪口鄉公所"))
    merged = build.proposal(state=ProposalState.MERGED, merged_into=proposal, agency=build.listed("民雄鄉公所"))
    data = {"proposals": [proposal.pk], "meeting": meeting.pk}
    answer = logged_in(cast.host_officer).post(f"{screen}place/", data, follow=True)
    assert told(answer) == [f"已將 1 件提案列入「{meeting}」議程。"]
    Proposal.objects.filter(pk=proposal.pk).update(subject="改過的案由", wording="改過的文字")
    item = Placement.objects.get(proposal=proposal).agenda_item
    assert (item.meeting, item.subject) == (meeting, "建請修正職務代理人資格規定")
    assert item.proposer == "民雄國中、溪口鄉公所、民雄鄉公所"
    assert item.explanation.splitlines() == [
        "現行規定：代理人須為同一單位人員。",
        "小型機關無同單位人員可代理。",
        f"併案：{merged.reference} 民雄鄉公所「{merged.subject}」",
    ]
    assert item.remedy == "代理人得為同一機關人員。\n預期效益：簡化流程（少一道會辦）"


def test_many_proposers_are_counted_where_the_minutes_have_no_room(cast: build.Cast, meeting: Meeting) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    for number in range(30):
        CoProposer.objects.create(proposal=proposal, agency=build.agency(short_name=f"第{number}實驗國小"))
    placement = actions.put_on_agenda(proposal=proposal, meeting=meeting, by=cast.host_officer)
    assert placement.agenda_item.proposer == "民雄國中等 31 個機關"


def test_a_proposal_stands_once_on_an_agenda_but_on_several(cast: build.Cast, screen: str, meeting: Meeting) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    client = logged_in(cast.host_officer)
    data = {"proposals": [proposal.pk], "meeting": meeting.pk}
    client.post(f"{screen}place/", data)
    answer = client.post(f"{screen}place/", data, follow=True)
    assert told(answer)[-1] == f"{proposal.reference}「{proposal.subject}」：已在「{meeting}」的議程上。"
    client.post(f"{screen}place/", data | {"meeting": build.meeting().pk})
    assert proposal.placements.count() == 2


def test_the_placement_goes_with_the_agenda_item(cast: build.Cast, meeting: Meeting) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    placement = actions.put_on_agenda(proposal=proposal, meeting=meeting, by=cast.host_officer)
    remove_item(item=placement.agenda_item, by=cast.host_officer)
    assert not proposal.placements.exists()
    actions.put_on_agenda(proposal=proposal, meeting=meeting, by=cast.office_reviewer)


def test_an_item_with_a_resolution_stays_on_the_agenda(cast: build.Cast, placed: Placement) -> None:
    AgendaItem.objects.update(resolution="照案通過。")
    address = f"/meetings/{placed.agenda_item.meeting_id}/agenda/{placed.agenda_item_id}/remove/"
    for where in (ProposalState.AT_OFFICE, ProposalState.RESOLVED, ProposalState.PUBLISHED):
        Proposal.objects.update(state=where)
        answer = logged_in(cast.host_officer).post(address, follow=True)
        assert told(answer) == ["此議程項目已有決議，不能刪除。"]
    assert Placement.objects.get() == placed


def test_a_meeting_cancelled_while_placing_takes_nothing(
    cast: build.Cast, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled_before(*, item: AgendaItem, by: User) -> AgendaItem:
        Meeting.objects.update(state=MeetingState.CANCELLED, cancel_reason="颱風")  # as it waits for the lock
        return save_item(item=item, by=by)

    monkeypatch.setattr(actions, "save_item", cancelled_before)
    proposal = build.proposal(state=ProposalState.COMPILED)
    with pytest.raises(ValidationError) as refusal:
        actions.put_on_agenda(proposal=proposal, meeting=meeting, by=cast.host_officer)
    assert refusal.value.messages == [f"「{meeting}」已取消。"]
    assert (AgendaItem.objects.count(), Placement.objects.count()) == (0, 0)


def test_placing_several_holds_the_district_first(cast: build.Cast, meeting: Meeting) -> None:
    first, second = (build.proposal(state=ProposalState.COMPILED) for _ in range(2))
    with locks() as taken:
        actions.put_each_on_agenda(proposals=[second, first], meeting=meeting, by=cast.host_officer)
    assert taken == [("district", meeting.district_id), ("proposal", second.pk), ("proposal", first.pk)]


def test_meetings_that_take_nothing_say_why(cast: build.Cast, screen: str) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    locked = build.minutes(state=MinutesState.ACCEPTED).meeting
    cancelled = build.meeting(state=MeetingState.CANCELLED)
    elsewhere = build.meeting(district=build.district("山區"))
    client = logged_in(cast.host_officer)
    page = client.get(screen).text
    for meeting, sentence in (
        (locked, f"{proposal.reference}「{proposal.subject}」：會議紀錄已備查，會議資料已鎖定。"),
        (cancelled, f"{proposal.reference}「{proposal.subject}」：「{cancelled}」已取消。"),
        (elsewhere, "這場會議不是本分區的，請重新選擇。"),
    ):
        assert f'<option value="{meeting.pk}">' not in page
        answer = client.post(f"{screen}place/", {"proposals": [proposal.pk], "meeting": meeting.pk}, follow=True)
        assert told(answer) == [sentence]
    assert not AgendaItem.objects.exists()


# --- Resolutions -----------------------------------------------------------------------------------------------------


@pytest.fixture
def placed(cast: build.Cast) -> Placement:
    """A proposal at the office, on the agenda of a meeting that was held."""
    proposal = build.proposal(state=ProposalState.AT_OFFICE)
    return actions.put_on_agenda(proposal=proposal, meeting=build.held_meeting(), by=cast.host_officer)


def test_resolution_is_written_into_the_agenda(cast: build.Cast, placed: Placement) -> None:
    address = f"/proposals/{placed.proposal.pk}/resolve/"
    client = logged_in(cast.host_officer)
    shown = client.get(address).context["form"]["shown"].value()
    assert client.post(address, {"resolution": " ", "shown": shown}).status_code == 422
    client.post(address, {"resolution": "照案通過。", "shown": shown})
    assert AgendaItem.objects.get().resolution == "照案通過。"
    assert state(placed.proposal) == ProposalState.RESOLVED
    entry = Entry.objects.for_target(placed.proposal)[0]
    assert (entry.act, entry.detail) == ("proposal.resolved", {"meeting": str(placed.agenda_item.meeting)})


def test_a_resolution_of_somebody_else_is_not_written_over(cast: build.Cast, placed: Placement) -> None:
    address = f"/proposals/{placed.proposal.pk}/resolve/"
    client = logged_in(cast.host_officer)
    shown = client.get(address).context["form"]["shown"].value()
    AgendaItem.objects.update(resolution="保留。")
    answer = client.post(address, {"resolution": "照案通過。", "shown": shown})
    assert answer.status_code == 422
    assert "目前為「保留。」" in answer.context["form"].errors["resolution"][0]
    assert "照案通過。</textarea>" in answer.text
    assert state(placed.proposal) == ProposalState.AT_OFFICE
    again = answer.context["form"]["shown"].value()
    client.post(address, {"resolution": "照案通過。", "shown": again})
    assert AgendaItem.objects.get().resolution == "照案通過。"


def test_resolutions_of_the_agenda_are_taken_over_together(cast: build.Cast, screen: str, placed: Placement) -> None:
    AgendaItem.objects.update(resolution="照案通過。")
    build.minutes(meeting=placed.agenda_item.meeting, state=MinutesState.ACCEPTED)  # locked, but it is written already
    client = logged_in(cast.host_officer)
    assert "議程已有 1 件提案的決議" in client.get(screen).text
    answer = client.post(f"{screen}resolve/", follow=True)
    assert told(answer) == ["已帶入 1 件決議。"]
    assert state(placed.proposal) == ProposalState.RESOLVED
    assert told(client.post(f"{screen}resolve/", follow=True)) == ["議程上沒有尚未登錄的決議。"]


def test_nothing_is_resolved_before_the_meeting_or_off_the_agenda(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.AT_OFFICE)
    answer = logged_in(cast.host_officer).get(f"/proposals/{proposal.pk}/resolve/", follow=True)
    assert told(answer) == [f"「{proposal.subject}」尚未列入議程，請先列入再登錄決議。"]
    placement = actions.put_on_agenda(proposal=proposal, meeting=build.meeting(), by=cast.host_officer)
    with pytest.raises(ValidationError, match="會議尚未召開"):
        actions.resolve_proposal(
            proposal=proposal, item=placement.agenda_item, resolution="照案通過。", by=cast.host_officer
        )
    other = build.agenda_item(meeting=build.held_meeting())
    with pytest.raises(Conflict, match="已由他人自該議程刪除"):
        actions.resolve_proposal(proposal=proposal, item=other, resolution="照案通過。", by=cast.host_officer)


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_pages_ask_no_more_for_thirty_than_for_one(cast: build.Cast, screen: str) -> None:
    def fill() -> Proposal:
        for where in (ProposalState.SENT, ProposalState.COMPILED, ProposalState.AT_OFFICE):
            lead = build.proposal(state=where, package=package if where == ProposalState.AT_OFFICE else None)
            merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
            for one in (lead, merged):
                CoProposer.objects.create(proposal=one, agency=build.agency())
            if where != ProposalState.SENT:
                actions.put_on_agenda(proposal=lead, meeting=build.meeting(), by=cast.host_officer)
        build.case(state=CaseState.SENT)
        build.case(state=CaseState.AT_OFFICE, package=package)
        return build.proposal(state=ProposalState.COMPILED)

    package = build.package(by=cast.host_officer)
    proposal = fill()
    client = logged_in(cast.host_officer)
    pages = [
        screen,
        f"{screen}send/",
        f"/proposals/{proposal.pk}/merge/",
        package.get_absolute_url(),
        "/proposals/packages/",
    ]
    before = [queries(client, page) for page in pages]
    for _ in range(10):
        fill()
        build.package(by=cast.host_officer)
    assert [queries(client, page) for page in pages] == before
