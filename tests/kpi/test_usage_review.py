"""The office's review of usage returns, one by one and in bulk; who has not filed."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from kpi.actions import usage_review as actions
from kpi.actions.usage_review import Judged, Review
from kpi.choices import Grant, ReportState, Round
from kpi.models import UsageReport
from personnel_portal.outbox.models import Message
from tests import build
from tests.kpi import usages
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def report(cast: build.Cast) -> UsageReport:
    return usages.report(build.listed("民雄國中"), cast.member_officer, tools=3)


def keys(report: UsageReport) -> list[int]:
    return list(report.uses.order_by("pk").values_list("pk", flat=True))


def test_a_finished_review_counts_and_tells_the_agency(cast: build.Cast, report: UsageReport) -> None:
    done = usages.reviewed(report, cast.office_reviewer, refused=1)
    assert (done.state, done.reviewed_by) == (ReportState.REVIEWED, cast.office_reviewer)
    assert list(done.uses.order_by("pk").values_list("grant", "reason")) == [
        ("refused", "佐證不足"),
        ("granted", ""),
        ("granted", ""),
    ]
    mail = Message.objects.get(subject__contains="審查完成")
    assert "採認 2 項、不採認 1 項" in mail.text


def test_a_review_names_what_it_lacks_at_its_field(cast: build.Cast, report: UsageReport) -> None:
    first, second, third = keys(report)
    review = Review({first: Judged(Grant.REFUSED), second: Judged(Grant.GRANTED)}, Decimal(50))
    with pytest.raises(ValidationError) as refusal:
        actions.review_return(
            report=report, review=review, finish=True, revision=report.revision, by=cast.office_reviewer
        )
    assert set(refusal.value.message_dict) == {f"reason-{first}", f"grant-{third}", "service_reason"}
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


def test_a_part_time_agencys_review_needs_a_remark(cast: build.Cast) -> None:
    coached = cast.coached_officer.person.postings.get().agency
    report = usages.report(coached, cast.coached_officer, tools=1)
    review = Review({keys(report)[0]: Judged(Grant.GRANTED)})
    with pytest.raises(ValidationError, match="請填配合度"):
        actions.review_return(
            report=report, review=review, finish=True, revision=report.revision, by=cast.office_reviewer
        )


def test_two_reviewers_do_not_write_over_each_other(cast: build.Cast, report: UsageReport) -> None:
    seen = report.revision
    actions.review_return(report=report, review=Review(), finish=False, revision=seen, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="剛由他人審查儲存過"):
        actions.review_return(report=report, review=Review(), finish=False, revision=seen, by=cast.office_admin)


def test_a_return_goes_back_with_its_reason_reviewed_or_not(cast: build.Cast, report: UsageReport) -> None:
    with pytest.raises(ValidationError, match="請說明退請補正的理由"):
        actions.return_for_correction(report=report, reason=" ", by=cast.office_reviewer)
    done = usages.reviewed(report, cast.office_reviewer)
    back = actions.return_for_correction(report=done, reason="第 2 項請補", by=cast.office_reviewer)
    assert (back.state, back.reason) == (ReportState.RETURNED, "第 2 項請補")
    assert "第 2 項請補" in Message.objects.get(subject__contains="退請補正").text
    with pytest.raises(ValidationError, match="目前為「退請補正」"):
        actions.return_for_correction(report=back, reason="再一次", by=cast.office_reviewer)


# --- The page --------------------------------------------------------------------------------------------------------


def url(report: UsageReport) -> str:
    return reverse("kpi:review_usage_return", args=[report.pk])


def posted(report: UsageReport, **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"revision": UsageReport.objects.get(pk=report.pk).revision, "service_share": "0"}
    for use in report.uses.all():
        fields |= {f"use-{use.pk}-grant": use.grant, f"use-{use.pk}-reason": use.reason}
    return fields | more


def test_one_button_grants_what_is_open_another_finishes(cast: build.Cast, report: UsageReport) -> None:
    client = logged_in(cast.office_reviewer)
    assert client.post(url(report), posted(report, do="grant_pending")).status_code == 302
    assert set(report.uses.values_list("grant", flat=True)) == {"granted"}
    client.post(url(report), posted(report, do="finish", service_share="50", service_reason="配合建置"))
    report.refresh_from_db()
    assert (report.state, report.service_share) == (ReportState.REVIEWED, Decimal(50))


def test_ticked_items_are_refused_together_with_one_reason(cast: build.Cast, report: UsageReport) -> None:
    client = logged_in(cast.office_reviewer)
    first, second, third = keys(report)
    ticks = {f"use-{first}-picked": "on", f"use-{third}-picked": "on"}
    refused = client.post(url(report), posted(report, do="refuse_picked", **ticks))
    assert (refused.status_code, "請填不採認的共同理由" in refused.content.decode()) == (422, True)
    none = client.post(url(report), posted(report, do="grant_picked"))
    assert "請先勾選" in none.content.decode()
    client.post(url(report), posted(report, do="refuse_picked", bulk_reason="無法辨識", **ticks))
    assert list(report.uses.order_by("pk").values_list("grant", "reason")) == [
        ("refused", "無法辨識"),
        ("pending", ""),
        ("refused", "無法辨識"),
    ]
    assert second


def test_a_refused_review_keeps_what_was_typed(cast: build.Cast, report: UsageReport) -> None:
    first = keys(report)[0]
    data = posted(report, do="finish", service_share="30") | {f"use-{first}-grant": "refused"}
    response = logged_in(cast.office_reviewer).post(url(report), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "不採認的理由" in page
    assert 'value="30"' in page
    assert set(report.uses.values_list("grant", flat=True)) == {"pending"}


@pytest.mark.parametrize("share", ["101", "-1", "五成", "12.345"])
def test_a_share_is_a_percentage(cast: build.Cast, report: UsageReport, share: str) -> None:
    response = logged_in(cast.office_reviewer).post(url(report), posted(report, do="save", service_share=share))
    assert response.status_code == 422


def test_the_second_review_sees_what_the_first_said(cast: build.Cast, report: UsageReport) -> None:
    usages.reviewed(report, cast.office_reviewer, refused=1)
    second = usages.report(report.agency, cast.member_officer, tools=3, round_=Round.SECOND)
    page = logged_in(cast.office_reviewer).get(url(second)).content.decode()
    assert "第 1 次：不採認（佐證不足）" in page


def test_one_system_is_judged_for_all_agencies_at_once(cast: build.Cast, report: UsageReport) -> None:
    other = usages.report(build.listed("大林鎮公所"), cast.host_officer, tools=1)
    system = usages.systems(1)[0]
    page = reverse("kpi:usage_by_system", args=[report.plan_id, system.pk])
    client = logged_in(cast.office_reviewer)
    mine, theirs = report.uses.get(system=system), other.uses.get(system=system)
    ticked = [f"{mine.pk}:pending", f"{theirs.pk}:pending"]
    assert client.post(page, {"use": ticked, "do": "refuse"}).status_code == 422
    client.post(page, {"use": ticked, "do": "grant"})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.grant, theirs.grant) == (Grant.GRANTED, Grant.GRANTED)
    # Who judges what somebody judged meanwhile changes nothing.
    client.post(page, {"use": ticked, "do": "refuse", "reason": "無"})
    mine.refresh_from_db()
    assert mine.grant == Grant.GRANTED


def test_the_list_shows_agencies_their_own_and_the_office_all(cast: build.Cast, report: UsageReport) -> None:
    usages.report(build.listed("大林鎮公所"), cast.host_officer, tools=1)
    address = reverse("kpi:usage_returns")
    own = logged_in(cast.member_officer).get(address).content.decode()
    assert ("民雄國中" in own, "大林鎮公所" in own) == (True, False)
    found = logged_in(cast.office_reader).get(address, {"q": "大林鎮"}).content.decode()
    assert f'href="/kpi/usage/returns/{report.pk}/"' not in found


# --- Who has not filed -----------------------------------------------------------------------------------------------


def test_missing_are_all_but_what_lies_with_the_office(cast: build.Cast, report: UsageReport) -> None:
    usages.report(build.listed("大林鎮公所"), cast.host_officer, tools=1, state=ReportState.RETURNED)
    found = {agency.short_name: one for agency, one in actions.missing(report.plan, Round.FIRST)}
    assert ("民雄國中" in found, "人事處" in found) == (False, False)
    returned = found["大林鎮公所"]
    assert returned is not None
    assert returned.state == ReportState.RETURNED
    assert len(found) == 85  # the 85 members and the coached school, without the one that filed


def test_chasing_writes_once_a_day_to_each_agency(cast: build.Cast, report: UsageReport) -> None:
    host, hill = build.listed("大林鎮公所"), build.listed("竹崎鄉公所")
    plan, by = report.plan, cast.office_reviewer

    def chase(*agencies: Any) -> int:
        return actions.chase(plan=plan, round_=Round.FIRST, agencies=frozenset(one.pk for one in agencies), by=by)

    assert chase(host, report.agency) == 1  # who filed is not written to
    assert Message.objects.filter(subject="【催請】函報第 1 次資訊系統使用情形回報表").count() == 1
    with pytest.raises(ValidationError, match="今天都催請過"):
        chase(host)
    assert chase(host, hill) == 1
    with pytest.raises(ValidationError, match="至少勾選一個"):
        chase(report.agency)
    with time_machine.travel(build.at(build.TODAY + timedelta(days=1), 9), tick=False):
        assert chase(host) == 1
