"""People, posts, logins and the handover; rights follow the postings of the day."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from districts.actions import people as actions
from districts.actions.agencies import change_host
from districts.actions.handover import hand_over, passing_on
from districts.actions.people import Details, Post
from districts.choices import Access
from districts.facts import plan_day
from districts.forms.people import EditDetailsForm
from districts.models import Membership, Person, Posting
from districts.policies import can_manage_person, grantable
from districts.standing import standing
from personnel_portal.accounts.models import User
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.districts.conftest import Login

TODAY = build.TODAY
DAY = dt.timedelta(days=1)


def posting_of(user: User) -> Posting:
    return Posting.objects.get(person__user=user)


def rights(user: User, day: dt.date) -> frozenset[int]:
    return standing(User.objects.get(pk=user.pk), day).works_for


def new_person(**changes: str) -> dict[str, str]:
    data = {
        "name": "新進",
        "title": "人事助理員",
        "status": "civil_servant",
        "function": "personnel",
        "access": "work",
        "since": "115/11/22",
        "mail": "new@mhjh.example.tw",
    }
    return data | changes


def test_officer_enters_a_colleague_who_is_invited(cast: build.Cast, login: Login) -> None:
    url = reverse("districts:add_person", args=[build.listed("民雄國中").pk])
    page: Any = login(cast.member_officer).post(url, new_person(username="newcomer"), follow=True)
    text = page.content.decode()
    assert "已登錄新進，自 115/11/22 起任職。" in text
    assert "已建立帳號「newcomer」，邀請信將寄到 new@mhjh.example.tw。" in text
    account = User.objects.get(username="newcomer")
    assert not account.has_usable_password()
    assert list(Message.objects.values_list("to", flat=True)) == ["new@mhjh.example.tw"]
    assert rights(account, TODAY) == {build.listed("民雄國中").pk}
    acts = Entry.objects.filter(actor_id=cast.member_officer.pk).values_list("act", flat=True)
    assert {"person.added", "posting.begun", "account.created", "account.invited"} <= set(acts)


def test_refused_login_leaves_no_person_behind(cast: build.Cast, login: Login) -> None:
    url = reverse("districts:add_person", args=[build.listed("民雄國中").pk])
    response = login(cast.member_officer).post(url, new_person(username="host"))
    assert response.status_code == 422
    assert not Person.objects.filter(name="新進").exists()
    assert 'value="人事助理員"' in response.content.decode(), "what was typed stays"


def test_officer_cannot_give_more_than_work(cast: build.Cast, login: Login) -> None:
    for access in ("admin", "review"):
        url = reverse("districts:add_person", args=[build.listed("民雄國中").pk])
        response = login(cast.member_officer).post(url, new_person(access=access))
        assert response.status_code == 422
        with pytest.raises(PermissionDenied, match="僅限人事處管理人員授予本處人員"):
            actions.add_person(
                details=Details("甲"), agency=build.listed("民雄國中"), post=Post("員", access=Access(access)),
                since=TODAY, by=cast.member_officer,
            )  # fmt: skip


def test_administrator_gives_review_only_at_the_office(cast: build.Cast) -> None:
    post = Post("科員", access=Access.REVIEW)
    posting = actions.add_person(
        details=Details("乙"), agency=build.listed("人事處"), post=post, since=TODAY, by=cast.office_admin
    )
    assert posting.access == Access.REVIEW
    with pytest.raises(PermissionDenied):
        actions.add_person(
            details=Details("丙"), agency=build.listed("民雄國中"), post=post, since=TODAY, by=cast.office_admin
        )


def test_reviewer_cannot_end_an_administrator(cast: build.Cast, login: Login) -> None:
    url = reverse("districts:end_posting", args=[posting_of(cast.office_admin).pk])
    response = login(cast.office_reviewer).post(url, {"until": "115/11/22"})
    assert response.status_code == 403
    assert posting_of(cast.office_admin).until is None


def test_namesake_at_the_agency_is_refused(cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="民雄國中已登錄吳成員，請改由該員頁面維護。"):
        actions.add_person(
            details=Details("吳成員"), agency=build.listed("民雄國中"), post=Post("員"), since=TODAY, by=None
        )


def test_ended_post_gives_no_rights_from_the_day_after(cast: build.Cast) -> None:
    posting = posting_of(cast.member_officer)
    actions.end_posting(posting=posting, until=TODAY, by=cast.office_admin)
    assert rights(cast.member_officer, TODAY) == {posting.agency_id}
    assert rights(cast.member_officer, TODAY + DAY) == frozenset()


def test_second_to_end_a_post_is_told(cast: build.Cast) -> None:
    first, second = posting_of(cast.member_officer), posting_of(cast.member_officer)
    actions.end_posting(posting=first, until=TODAY, by=cast.office_admin)
    with pytest.raises(ValidationError, match="此職務剛才已由他人變更，請重新檢視後再辦理。"):
        actions.end_posting(posting=second, until=TODAY - DAY, by=cast.office_admin)


def test_post_cannot_end_before_it_began(cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="卸任日不得早於到任日 112/1/1。"):
        actions.end_posting(posting=posting_of(cast.member_officer), until=dt.date(2022, 12, 31), by=None)


def test_last_administrator_stays(cast: build.Cast) -> None:
    posting = posting_of(cast.office_admin)
    with pytest.raises(ValidationError, match="至少須有一位可登入的管理人員"):
        actions.end_posting(posting=posting, until=TODAY, by=cast.office_admin)
    with pytest.raises(ValidationError, match="至少須有一位可登入的管理人員"):
        actions.edit_posting(posting=posting, post=Post("科長", access=Access.READ), by=cast.office_admin)
    assert posting_of(cast.office_admin).access == Access.ADMIN


def test_deputy_of_an_administrator_gives_nobody_more_rights(cast: build.Cast) -> None:
    deputy, office = cast.office_reviewer, build.listed("人事處")
    deputy.acting_for = cast.office_admin
    assert grantable(deputy, office) == [Access.WORK, Access.READ, Access.OWN]
    with pytest.raises(PermissionDenied, match="代理期間不得授予「管理」與「審核」權限。"):
        actions.edit_posting(posting=posting_of(deputy), post=Post("科員", access=Access.ADMIN), by=deputy)
    form = EditDetailsForm(person=cast.office_admin.person, by=deputy)
    assert form.fields["mail"].disabled, "a reset of the administrator's password would go there"


def test_two_administrators_who_leave_at_once_are_not_both_let_go(transactional_db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs one writer at a time")
    office = build.listed("人事處")
    posts = [posting_of(build.officer(office, access=Access.ADMIN)) for _ in range(2)]
    begun = Barrier(2, timeout=10)

    def leave(posting: Posting) -> str:
        try:
            with transaction.atomic():
                Posting.objects.count()
                begun.wait()
                actions.end_posting(posting=posting, until=timezone.localdate(), by=None)
                time.sleep(0.3)
        except ValidationError as refusal:
            return str(refusal.messages[0])
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, posts)) == ["", "人事處至少須有一位可登入的管理人員，請先指定其他管理人員。"]


def test_changed_access_counts_at_once(cast: build.Cast, login: Login) -> None:
    client = login(cast.member_officer)
    url = reverse("districts:add_person", args=[build.listed("民雄國中").pk])
    assert client.get(url).status_code == 200
    actions.edit_posting(
        posting=posting_of(cast.member_officer), post=Post("人事主任", access=Access.READ), by=cast.office_admin
    )
    assert client.get(url).status_code == 403


def test_colleague_cannot_move_the_mail_of_a_login(cast: build.Cast, login: Login) -> None:
    victim = build.officer(build.listed("民雄國中"), username="victim", name="被害")
    url = reverse("districts:edit_person", args=[victim.person.pk])
    data = {"name": "被害", "status": "teacher", "mail": "thief@example.com", "phone": "05-1"}
    assert login(cast.member_officer).post(url, data).status_code == 302
    victim.person.refresh_from_db()
    victim.refresh_from_db()
    assert (victim.person.mail, victim.email) == ("victim@example.gov.tw", "victim@example.gov.tw")
    login(cast.office_admin).post(url, data | {"mail": "moved@example.gov.tw"})
    victim.refresh_from_db()
    assert victim.email == "moved@example.gov.tw"


def test_administrator_with_an_announced_last_day_is_still_one(cast: build.Cast) -> None:
    leaving = build.person(name="將離任", mail="leaving@example.gov.tw")
    build.posting(person=leaving, agency=build.listed("人事處"), access=Access.ADMIN, until=TODAY + 70 * DAY)
    build.posting(person=leaving, agency=build.listed("大林鎮公所"))
    verdict = can_manage_person(cast.host_officer, leaving)
    assert verdict.reason == "人事處審核與管理人員的資料僅限管理人員維護。"
    leaving.postings.filter(access=Access.ADMIN).update(until=TODAY - DAY)
    assert can_manage_person(cast.host_officer, leaving)


def test_login_for_a_person_without_mail_is_refused(cast: build.Cast) -> None:
    person = build.person(name="無信箱")
    with pytest.raises(ValidationError, match="請先登錄公務信箱"):
        actions.give_login(person=person, username="nomail", by=None)


def handover_form(**changes: str) -> dict[str, str]:
    data = {"last_day": "115/11/22", "title": "人事主任", "function": "personnel", "access": "work", "status": "civil_servant"}  # fmt: skip
    return data | changes


def test_handover_shows_what_passes_before_it_writes(cast: build.Cast, login: Login) -> None:
    posting = posting_of(cast.host_officer)
    coached = build.agency(short_name="松柏國小")
    build.coaching_table(district=build.district("北平原區"), rows={coached: posting.person})
    client, url = login(cast.office_admin), reverse("districts:hand_over", args=[posting.pk])
    form = handover_form(name="接任者", mail="next@dalin.example.tw", username="next")
    page = client.post(url, form).content.decode()
    for sentence in [
        "115年11月22日（日）止",
        "自 115年11月23日（一）起",
        "北平原區的會議、紀錄與輔導分配表",
        "松柏國小",
    ]:
        assert sentence in page
    assert posting_of(cast.host_officer).until is None
    done: Any = client.post(url, form | {"confirmed": "1"}, follow=True)
    assert "已完成交接：黃承辦至 115/11/22，接任者自次日起任。" in done.content.decode()
    begun = Posting.objects.get(person__name="接任者")
    assert (begun.since, begun.agency, posting_of(cast.host_officer).until) == (TODAY + DAY, posting.agency, TODAY)
    successor = User.objects.get(username="next")
    hosted = standing(User.objects.get(pk=cast.host_officer.pk), TODAY).hosts
    assert build.district("北平原區").pk in hosted
    assert standing(User.objects.get(pk=cast.host_officer.pk), TODAY + DAY).hosts == frozenset()
    assert standing(successor, TODAY + DAY).hosts == hosted
    entry = Entry.objects.get(act="posting.handed_over")
    assert entry.detail == {"outgoing": "黃承辦", "incoming": "接任者", "last_day": "2026-11-22"}


def test_handover_to_an_existing_person(cast: build.Cast) -> None:
    posting = posting_of(cast.member_officer)
    successor = build.person(name="既有")
    begun = hand_over(posting=posting, last_day=TODAY, to=successor, post=Post("主任"), by=cast.office_admin)
    assert (begun.person, begun.since) == (successor, TODAY + DAY)


def test_handover_names_who_comes_by_name_or_mail(cast: build.Cast, login: Login) -> None:
    posting = posting_of(cast.member_officer)
    client, url = login(cast.office_admin), reverse("districts:hand_over", args=[posting.pk])
    build.person(name="接手人", mail="one@example.gov.tw")
    assert "接手人，自 115年11月23日（一）起" in client.post(url, handover_form(incoming="接手人")).text
    namesake = build.person(name="接手人", mail="two@example.gov.tw")
    assert "有多位「接手人」，請改填公務信箱。" in client.post(url, handover_form(incoming="接手人")).text
    assert "人員名冊中沒有「無此人」" in client.post(url, handover_form(incoming="無此人")).text
    assert "人員名冊中沒有" in client.post(url, handover_form(incoming=posting.person.name)).text, "the outgoing person"
    client.post(url, handover_form(incoming="TWO@example.gov.tw", confirmed="1"))
    assert Posting.objects.get(person=namesake).since == TODAY + DAY


def test_handover_needs_somebody_and_not_the_same(cast: build.Cast, login: Login) -> None:
    posting = posting_of(cast.member_officer)
    client, url = login(cast.member_officer), reverse("districts:hand_over", args=[posting.pk])
    response = client.post(url, handover_form())
    assert (response.status_code, "請選擇接任人員，或填寫新進人員姓名。" in response.content.decode()) == (422, True)
    with pytest.raises(ValidationError, match="接任人員不得為卸任人員本人。"):
        hand_over(posting=posting, last_day=TODAY, to=posting.person, post=Post("主任"), by=None)


def test_passing_names_what_is_kept(cast: build.Cast) -> None:
    posting = posting_of(cast.host_officer)
    kept = build.posting(person=posting.person, agency=build.listed("大林國中"))
    assert passing_on(posting, TODAY).kept == [kept]


def test_host_changes_in_mid_year(cast: build.Cast) -> None:
    district, new = build.district("北平原區"), build.listed("民雄國中")
    old = build.listed("大林鎮公所")
    change_host(district=district, agency=new, since=dt.date(2027, 1, 1), by=cast.office_admin)
    rows = Membership.objects.filter(district=district, agency__in=[old, new]).order_by("agency", "since")
    periods = {(row.agency.short_name, row.is_host, row.since, row.until) for row in rows.select_related("agency")}
    begins, ends = cast.plan.starts, cast.plan.ends
    assert periods == {
        ("大林鎮公所", True, begins, dt.date(2026, 12, 31)),
        ("大林鎮公所", False, dt.date(2027, 1, 1), ends),
        ("民雄國中", False, begins, dt.date(2026, 12, 31)),
        ("民雄國中", True, dt.date(2027, 1, 1), ends),
    }
    assert (district.host_on(TODAY), district.host_on(ends)) == (old, new)
    change_host(district=district, agency=old, since=dt.date(2027, 1, 1), by=cast.office_admin)
    assert district.host_on(ends) == old


def test_host_change_before_a_later_one_keeps_it(cast: build.Cast) -> None:
    district = build.district("北平原區")
    change_host(district=district, agency=build.listed("民雄國中"), since=dt.date(2027, 3, 1), by=None)
    change_host(district=district, agency=build.listed("大林國中"), since=dt.date(2027, 1, 1), by=None)
    hosts = [district.host_on(dt.date(2027, month, 15)) for month in (2, 3)]
    assert [str(host) for host in hosts] == ["大林國中", "民雄國中"]
    assert district.memberships.on(dt.date(2027, 2, 15)).count() == district.memberships.on(TODAY).count()


def test_host_rights_end_half_a_year_after_the_plan(cast: build.Cast) -> None:
    old = build.plan(year=113)
    ends = old.ends

    def hosts(day: dt.date) -> frozenset[int]:
        mine = standing(User.objects.get(pk=cast.host_officer.pk), day).hosts
        return mine & frozenset(old.districts.values_list("pk", flat=True))

    assert len(hosts(ends)) == len(hosts(ends + dt.timedelta(days=183))) == 1
    assert hosts(ends + dt.timedelta(days=184)) == frozenset()
    assert len(plan_day(old, TODAY).hosts) == old.districts.count(), "the plan still names its last hosts"


@pytest.mark.parametrize(
    ("name", "since", "sentence"),
    [
        ("竹崎鄉公所", dt.date(2027, 1, 1), "竹崎鄉公所於 116/1/1 不是北平原區成員。"),
        ("大林鎮公所", dt.date(2027, 1, 1), "大林鎮公所於 116/1/1 已是北平原區承辦單位。"),
        ("民雄國中", dt.date(2027, 10, 1), "變更日須在計畫期間 115/10/1 至 116/9/30 之內。"),
    ],
)
def test_impossible_host_is_refused(cast: build.Cast, name: str, since: dt.date, sentence: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        change_host(district=build.district("北平原區"), agency=build.listed(name), since=since, by=None)
    assert refusal.value.messages == [sentence]
