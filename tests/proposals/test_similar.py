"""What is similar to a title: measured on pairs written by hand, and through the gates that keep private what is private."""

from collections.abc import Iterator, Sequence

import pytest
import time_machine
from django.utils import timezone

from districts.choices import AgencyKind
from proposals.choices import Business, CaseKind, CaseState, ProposalState
from proposals.models import Case, Publication
from proposals.similar import ALIKE, matter, score, similar
from tests import build
from tests.proposals.similar_pairs import LATER_OTHER, LATER_SAME, OTHER, SAME
from tests.site.clients import logged_in

Pairs = Sequence[tuple[str, str]]


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def measured(same: Pairs, other: Pairs) -> tuple[float, float]:
    """Return precision and recall."""
    found = sum(score(*pair) >= ALIKE for pair in same)
    wrong = sum(score(*pair) >= ALIKE for pair in other)
    return found / (found + wrong), found / len(same)


@pytest.mark.parametrize(
    ("name", "same", "other"), [("60 pairs", SAME, OTHER), ("24 later pairs", LATER_SAME, LATER_OTHER)]
)
def test_similar_titles_are_told_from_those_of_another_matter(name: str, same: Pairs, other: Pairs) -> None:
    precision, recall = measured(same, other)
    print(f"similar titles, {name}: precision {precision:.2f}, recall {recall:.2f}")
    assert recall >= 0.8
    assert precision >= 0.8


def test_pairs_are_sixty_and_half_of_them_hard() -> None:
    assert (len(set(SAME)), len(set(OTHER))) == (30, 30)


@pytest.mark.parametrize("title", ["建請修正相關規定一案", "！？", "", "😀", "a" * 200])
def test_titles_without_a_matter_do_no_harm(title: str) -> None:
    assert score(title, "建請放寬職務代理人資格限制") < ALIKE


def test_a_title_of_common_words_alone_is_compared_by_all_of_it() -> None:
    assert matter("建請修正相關規定一案") == "".join(sorted("建請修正相關規定一案"))


TITLE = "職務代理人資格規定過嚴，建議鬆綁"
LIKE = "建請放寬職務代理人資格限制"


@pytest.mark.django_db
@pytest.mark.usefixtures("_today")
def test_what_others_keep_private_is_not_found(cast: build.Cast) -> None:
    """A member sees own proposals and published ones; the host sees what was sent, the office too."""
    neighbour = build.listed("竹崎鄉公所")
    hill = build.district("山區")
    for state in ProposalState:
        if state != ProposalState.MERGED:
            build.proposal(subject=LIKE, agency=neighbour, district=hill, state=state)
    found = {role: _states(getattr(cast, role)) for role in ("member_officer", "neighbour_host", "office_reader")}
    past = {"sent", "compiled", "at_office", "resolved", "published", "returned"}
    assert found["member_officer"] == {"published"}
    assert found["neighbour_host"] <= past
    assert len(found["neighbour_host"]) == 5  # the five newest and nearest
    assert found["office_reader"] <= past
    assert _states(cast.stranger) == _states(cast.other_reviewer) == set()


def _states(user: object) -> set[str]:
    return {str(match.record.state) for match in similar(user, TITLE)}  # type: ignore[union-attr]  # proposals alone here


@pytest.mark.django_db
@pytest.mark.usefixtures("_today")
def test_published_cases_are_found_without_their_agency(cast: build.Cast) -> None:
    case = build.case(subject=LIKE, state=CaseState.PUBLISHED)
    shown = _publication(case, cast)
    down = _publication(build.case(subject=LIKE, state=CaseState.PUBLISHED), cast)
    Publication.objects.filter(pk=down.pk).update(taken_down_at=timezone.now(), taken_down_reason="可識別個人")
    (match,) = similar(cast.coached_officer, TITLE)
    assert match.record == shown
    assert (match.what, match.where) == ("案例庫", "116年度 考核訓練")
    assert [match.record for match in similar(cast.office_admin, TITLE)] == [shown]


def _publication(case: Case, cast: build.Cast) -> Publication:
    return Publication.objects.create(
        office=build.county(),
        case=case,
        plan=cast.plan,
        district=build.district("北平原區"),
        agency_kind=AgencyKind.JUNIOR_HIGH,
        business=Business.APPRAISAL,
        kind=CaseKind.DIFFICULT,
        subject=LIKE,
        summary="x",
        published_by=cast.office_admin,
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_today")
def test_the_fragment_answers_what_is_typed(cast: build.Cast) -> None:
    build.proposal(subject="<b>建請放寬職務代理人資格限制", state=ProposalState.PUBLISHED)
    own = build.proposal(subject=LIKE, state=ProposalState.RETURNED)
    client = logged_in(cast.member_officer)
    answer = client.get("/proposals/similar/", {"subject": TITLE, "item": str(own.pk)})
    assert "&lt;b&gt;建請放寬職務代理人資格限制" in answer.text
    assert own.get_absolute_url() not in answer.text
    assert own.get_absolute_url() in client.get("/proposals/similar/", {"subject": TITLE, "item": "²"}).text
    assert "沒有相似的提案或案例" in client.get("/proposals/similar/", {"subject": "宣誓\x00典禮"}).text
    assert client.get("/proposals/similar/", {"subject": "長" * 9000}).status_code == 200
    assert client.get("/proposals/similar/").text.strip() == ""


@pytest.mark.usefixtures("_today")
@pytest.mark.parametrize(
    ("typed", "found"), [("職務代", []), ("職務代理", [100]), ("建請修正職務代理人", [100]), ("建請修正差勤", [])]
)
def test_what_is_still_being_typed_finds_the_titles_that_hold_it(
    cast: build.Cast, typed: str, found: list[int]
) -> None:
    build.proposal(subject="建請修正職務代理人須為同一單位人員之規定", state=ProposalState.SENT)
    assert [match.score for match in similar(cast.member_officer, typed)] == found
