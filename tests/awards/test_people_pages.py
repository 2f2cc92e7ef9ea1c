"""A host names its people, the office checks them, and names proposers whom the portal does not know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from awards.actions import people as actions
from awards.actions import runs
from awards.choices import HostPersonState, Part
from awards.models import HostPerson, ProposalPerson
from districts.choices import Access, Function
from districts.models import District
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.awards import making
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
HOSTILE: list[tuple[str, str | None]] = [
    ("\x0b\x02籌辦\x1e會議", "籌辦-會議"),
    ("字" * 20_000, None),
    ("👩‍💼籌辦", "👩‍💼籌辦"),
    ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ("\x00", None),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("　 ", None),
]


@pytest.fixture
def north(cast: build.Cast) -> District:
    return build.district("北平原區")


def address(name: str, key: int) -> str:
    return reverse(f"awards:{name}", args=[key])


def typed(person: Any, **changes: object) -> dict[str, object]:
    return {"person": person.pk, "part": "handler", "work": "籌辦會議、彙整提案", **changes}


def mails() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("to", "pk").values_list("to", "subject"))


# --- Naming ----------------------------------------------------------------------------------------------------------


def test_a_host_names_somebody_and_the_reviewers_are_told(cast: build.Cast, north: District) -> None:
    answer = logged_in(cast.host_officer).post(address("name_person", north.pk), typed(cast.host_officer.person))
    assert answer.headers["Location"] == address("people", north.pk)
    named = HostPerson.objects.get()
    assert (named.person, named.part, named.work) == (cast.host_officer.person, Part.HANDLER, "籌辦會議、彙整提案")
    assert (named.state, named.named_by) == (HostPersonState.NAMED, cast.host_officer)
    assert [entry.act for entry in Entry.objects.for_target(named)] == ["award.person_named"]
    subject = "【獎勵人員待審查】北平原區提報會報承辦人員"
    assert mails() == [("admin@example.gov.tw", subject), ("reviewer@example.gov.tw", subject)]
    message = Message.objects.get(to="reviewer@example.gov.tw")
    assert "黃承辦（實際執行人員）：籌辦會議、彙整提案" in message.text
    assert address("people", north.pk) in message.text


def test_those_who_wait_together_are_one_mail(cast: build.Cast, north: District) -> None:
    second = build.officer(build.listed("大林鎮公所"), name="周助理")
    third = build.officer(build.listed("大林鎮公所"), name="何課長")
    client = logged_in(cast.host_officer)
    client.post(address("name_person", north.pk), typed(cast.host_officer.person))
    client.post(address("name_person", north.pk), typed(second.person))
    assert len(mails()) == 2
    for named in HostPerson.objects.all():
        actions.check_person(named=named, accept=True, by=cast.office_reviewer)
    client.post(address("name_person", north.pk), typed(third.person))
    assert len(mails()) == 4, "what is named after a check is another occasion"


def test_a_reviewer_names_in_the_hosts_stead_and_tells_the_others(cast: build.Cast, north: District) -> None:
    logged_in(cast.office_reviewer).post(address("name_person", north.pk), typed(cast.host_officer.person))
    assert [to for to, _ in mails()] == ["admin@example.gov.tw"]


def test_only_people_of_the_host_are_offered_and_nobody_twice(cast: build.Cast, north: District) -> None:
    left = build.officer(build.listed("大林鎮公所"), name="前任")
    left.person.postings.update(until=cast.plan.starts - timedelta(days=1))
    build.posting(
        person=cast.host_officer.person,
        agency=build.listed("大林鎮公所"),
        title="兼秘書",
        access=Access.READ,
        function=Function.HEAD,
    )
    client = logged_in(cast.host_officer)
    form = client.get(address("people", north.pk)).context["name_form"]
    labels = [label for _, label in form.fields["person"].choices]
    assert labels == ["請選擇", "黃承辦（大林鎮公所 人事主任、大林鎮公所 兼秘書）"]
    for stranger in (left, cast.member_officer):
        refused = client.post(address("name_person", north.pk), typed(stranger.person))
        assert refused.status_code == 422
        assert "請選擇承辦單位名單上的人員。" in refused.text
    client.post(address("name_person", north.pk), typed(cast.host_officer.person))
    again = client.post(address("name_person", north.pk), typed(cast.host_officer.person))
    assert (again.status_code, HostPerson.objects.count()) == (422, 1)


def test_two_clicks_name_once(cast: build.Cast, north: District) -> None:
    given: dict[str, Any] = {"district": north, "person": cast.host_officer.person, "part": Part.HEAD, "work": "主持"}
    actions.name_person(**given, by=cast.host_officer)
    with pytest.raises(ValidationError, match="黃承辦已列入名單。"):
        actions.name_person(**given, by=cast.host_officer)


@pytest.mark.parametrize(("work", "kept"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_kept_or_refused_at_the_field(
    cast: build.Cast, north: District, work: str, kept: str | None
) -> None:
    client = logged_in(cast.host_officer)
    answer = client.post(address("name_person", north.pk), typed(cast.host_officer.person, work=work))
    assert answer.status_code == (422 if kept is None else 302)
    assert [named.work for named in HostPerson.objects.all()] == ([] if kept is None else [kept])
    if kept is None:
        assert list(answer.context["name_form"].errors) == ["work"]
    else:
        assert "<script>alert" not in client.get(address("people", north.pk)).text


# --- Checking --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(cast: build.Cast, north: District) -> list[HostPerson]:
    """Two people of the host who wait for the office."""
    second = build.officer(build.listed("大林鎮公所"), name="周助理")
    people = [cast.host_officer.person, second.person]
    return [making.host_person(one, by=cast.host_officer, state=HostPersonState.NAMED) for one in people]


def ticked(named: list[HostPerson], decision: str, **changes: object) -> dict[str, object]:
    return {"person": [f"{one.pk}:{one.stamp}" for one in named], "decision": decision, "reason": "", **changes}


def states() -> list[str]:
    return list(HostPerson.objects.order_by("pk").values_list("state", flat=True))


def test_several_are_accepted_at_once(cast: build.Cast, north: District, waiting: list[HostPerson]) -> None:
    page = logged_in(cast.office_reviewer).get(address("people", north.pk)).text
    assert all(f'value="{one.pk}:{one.stamp}"' in page for one in waiting)
    logged_in(cast.office_reviewer).post(address("check_people", north.pk), ticked(waiting, "accept"))
    assert states() == ["accepted", "accepted"]
    assert {one.checked_by for one in HostPerson.objects.all()} == {cast.office_reviewer}
    assert mails() == []
    assert Entry.objects.filter(act="award.person_checked").count() == 2


def test_a_refusal_has_a_reason_and_the_host_is_told(
    cast: build.Cast, north: District, waiting: list[HostPerson]
) -> None:
    client = logged_in(cast.office_reviewer)
    bare = client.post(address("check_people", north.pk), ticked(waiting[1:], "refuse"))
    assert (bare.status_code, states()) == (422, ["named", "named"])
    assert "請說明不列入的理由。" in bare.text
    assert bare.context["ticked"] == {waiting[1].pk}, "what was ticked stays so"
    client.post(address("check_people", north.pk), ticked(waiting[1:], "refuse", reason="非實際執行人員。"))
    assert states() == ["named", "refused"]
    told = dict(mails())
    assert set(told.values()) == {"【獎勵人員不列入】北平原區會報承辦人員審查結果"}
    assert sorted(told) == sorted([cast.host_officer.email, waiting[1].person.mail]), "whoever works for the host"
    text = Message.objects.get(to=cast.host_officer.email).text
    assert "周助理（實際執行人員）" in text
    assert "非實際執行人員。" in text
    assert "非實際執行人員。" in logged_in(cast.host_officer).get(address("people", north.pk)).text


def test_who_was_refused_may_be_named_anew(cast: build.Cast, north: District, waiting: list[HostPerson]) -> None:
    actions.check_person(named=waiting[0], accept=False, reason="請補充事證。", by=cast.office_reviewer)
    logged_in(cast.host_officer).post(
        address("name_person", north.pk), typed(cast.host_officer.person, work="主持籌備會議三次", part="head")
    )
    named = HostPerson.objects.get(pk=waiting[0].pk)
    assert (named.state, named.part, named.work, named.reason) == ("named", "head", "主持籌備會議三次", "")


def test_nothing_is_decided_on_what_nobody_saw(cast: build.Cast, north: District, waiting: list[HostPerson]) -> None:
    stale = ticked(waiting, "accept")
    actions.check_person(named=waiting[0], accept=False, reason="調離。", by=cast.office_admin)
    answer = logged_in(cast.office_reviewer).post(address("check_people", north.pk), stale)
    assert (answer.status_code, states()) == (422, ["refused", "named"])
    assert "黃承辦已由林主任審查（不列入），請確認後再送出。" in answer.text
    actions.remove_person(named=HostPerson.objects.get(pk=waiting[1].pk), by=cast.host_officer)
    gone = logged_in(cast.office_reviewer).post(address("check_people", north.pk), ticked(waiting[1:], "accept"))
    assert "勾選的人員中有人已由承辦單位移除" in gone.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"decision": "accept"},
        {"decision": "burn", "person": "1:x"},
        {"decision": "accept", "person": "²:x"},
        {"decision": "accept", "person": f"{'9' * 400}:x"},
        {"decision": "accept", "person": "999999:x"},
        {"decision": "refuse", "person": "x", "reason": "\x00"},
        {"decision": "refuse", "person": "1:\x00", "reason": "字" * 20_000},
    ],
    ids=range(8),
)
def test_a_bad_check_is_answered_with_a_sentence(
    cast: build.Cast, north: District, waiting: list[HostPerson], data: dict[str, str]
) -> None:
    answer = logged_in(cast.office_reviewer).post(address("check_people", north.pk), data)
    assert (answer.status_code, states()) == (422, ["named", "named"])
    assert "還沒有送出，請修正以下各項" in answer.text


def test_people_of_another_district_are_not_checked_along(cast: build.Cast, waiting: list[HostPerson]) -> None:
    elsewhere = build.district("山區")
    answer = logged_in(cast.office_reviewer).post(address("check_people", elsewhere.pk), ticked(waiting, "accept"))
    assert (answer.status_code, states()) == (422, ["named", "named"])


def test_the_host_takes_somebody_off_the_list(cast: build.Cast, north: District, waiting: list[HostPerson]) -> None:
    answer = logged_in(cast.host_officer).post(address("remove_person", waiting[0].pk))
    assert answer.headers["Location"] == address("people", north.pk)
    assert states() == ["named"]
    assert Entry.objects.filter(act="award.person_removed").count() == 1
    assert logged_in(cast.neighbour_host).post(address("remove_person", waiting[1].pk)).status_code == 404


def test_who_was_accepted_is_taken_off_by_the_office_alone_with_a_reason(
    cast: build.Cast, north: District, waiting: list[HostPerson]
) -> None:
    named = waiting[0]
    seen = HostPerson.objects.get(pk=named.pk)  # what the host's page still shows
    actions.check_person(named=named, accept=True, by=cast.office_reviewer)
    host = logged_in(cast.host_officer)
    answer = host.post(address("remove_person", named.pk))
    assert answer.status_code == 403
    assert "已經人事處同意列入，不得逕予移除；應由人事處審查為「不列入」並敘明理由。" in answer.text
    assert address("remove_person", named.pk) not in host.get(address("people", north.pk)).text
    assert address("remove_person", waiting[1].pk) in host.get(address("people", north.pk)).text
    with pytest.raises(ValidationError, match="已經人事處同意列入，不得逕予移除。"):
        actions.remove_person(named=seen, by=cast.host_officer)
    assert HostPerson.objects.count() == 2


def test_who_is_on_the_list_may_not_change_it(cast: build.Cast, north: District) -> None:
    named = making.host_person(cast.member_officer.person, by=cast.host_officer)
    client = logged_in(cast.member_officer)
    assert client.get(address("people", north.pk)).status_code == 403
    assert client.post(address("remove_person", named.pk)).status_code == 403
    assert HostPerson.objects.exists()


@pytest.mark.parametrize(
    ("role", "names", "checks"),
    [("office_reader", False, False), ("host_officer", True, False), ("office_reviewer", True, True)],
)
def test_each_sees_the_forms_that_are_his(
    cast: build.Cast, north: District, waiting: list[HostPerson], role: str, names: bool, checks: bool
) -> None:
    context = logged_in(getattr(cast, role)).get(address("people", north.pk)).context
    assert (context["name_form"] is not None, context["check_form"] is not None) == (names, checks)


# --- Proposers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def adopted(cast: build.Cast) -> Callable[..., Any]:
    def make(**fields: Any) -> Any:
        return making.adopted(by=cast.office_reviewer, **{"contact_name": "外人", **fields})

    return make


def test_the_office_names_who_is_rewarded(cast: build.Cast, adopted: Callable[..., Any]) -> None:
    proposal = adopted()
    colleague = build.officer(build.listed("民雄國中"), name="周同事").person
    client = logged_in(cast.office_reviewer)
    form = client.get(address("proposers", proposal.pk)).context["form"]
    assert {label for _, label in form.fields["people"].choices} == {
        "吳成員（民雄國中 人事主任）",
        "周同事（民雄國中 人事管理員）",
    }
    people = [cast.member_officer.person.pk, colleague.pk]
    answer = client.post(address("proposers", proposal.pk), {"people": people})
    assert answer.headers["Location"] == f"{reverse('awards:overview')}?year=116#proposers"
    assert sorted(proposal.rewarded.values_list("person", flat=True)) == sorted(people)
    page = client.get(reverse("awards:overview"))
    assert page.context["unknown"] == []
    assert sorted(line.posting.person.name for line in page.context["proposers"]) == ["吳成員", "周同事"]
    client.post(address("proposers", proposal.pk), {})
    assert not ProposalPerson.objects.exists()
    assert [entry.act for entry in Entry.objects.for_target(proposal)][:2] == ["award.proposer_named"] * 2


def test_people_who_were_not_there_on_the_day_are_not_offered(cast: build.Cast, adopted: Callable[..., Any]) -> None:
    proposal = adopted()
    later = build.officer(build.listed("民雄國中"), name="新任").person
    later.postings.update(since=build.TODAY + timedelta(days=1))
    reader = build.officer(build.listed("民雄國中"), name="唯讀", access=Access.READ).person
    client = logged_in(cast.office_reviewer)
    for person in (later, reader, cast.neighbour_host.person):
        answer = client.post(address("proposers", proposal.pk), {"people": [person.pk]})
        assert answer.status_code == 422
        assert "請選擇名單上的人員。" in answer.text
    assert client.post(address("proposers", proposal.pk), {"people": ["x"]}).status_code == 422


def test_nobody_is_named_for_what_was_not_adopted(cast: build.Cast) -> None:
    proposal = making.proposals(1)[0]
    client = logged_in(cast.office_reviewer)
    assert client.get(address("proposers", proposal.pk)).status_code == 200
    answer = client.post(address("proposers", proposal.pk), {"people": [cast.member_officer.person.pk]})
    assert answer.status_code == 422
    assert "此提案未公布為參採且符合獎勵" in answer.text


def test_an_approved_award_is_not_moved_to_somebody_else(cast: build.Cast, adopted: Callable[..., Any]) -> None:
    proposal = adopted(contact_name="吳成員")
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=run, number="府人任字第1160000001號", day=build.TODAY, by=cast.office_reviewer)
    colleague = build.officer(build.listed("民雄國中"), name="周同事").person
    answer = logged_in(cast.office_reviewer).post(address("proposers", proposal.pk), {"people": [colleague.pk]})
    assert answer.status_code == 422
    assert "此提案已於116年度第 1 次獎勵試算核予「吳成員 嘉獎 1 次」，不得再變更獎勵人員。" in answer.text


def test_heads_come_first_wherever_the_accepted_are_listed(cast: build.Cast, north: District) -> None:
    making.host_person(cast.member_officer.person, by=cast.office_reviewer, part=Part.HANDLER)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, part=Part.HEAD)
    making.accepted_meeting()
    assert [named.part for named in HostPerson.objects.accepted()] == [Part.HEAD, Part.HANDLER]
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    assert [line.name for line in run.lines.all()] == ["黃承辦", "吳成員"]
