"""What years ask of whom, and the upload's layout, against a list typed from the sources."""

import pytest

from districts.choices import Status
from tests import build
from training.choices import Encoding
from training.models import RequirementSet, Topic, UploadLayout

pytestmark = pytest.mark.django_db

FOUR = "廉政與服務倫理、人權教育、行政中立、多元族群文化及公民參與合計"


def asked(year: int, status: Status = Status.CIVIL_SERVANT) -> tuple[int, dict[str, tuple[int, int, bool]]] | None:
    """Return what a year asks: hours, and by name of the part its hours, how many topics it has, whether digital."""
    found = RequirementSet.objects.filter(office=build.county()).of(status, year)
    if found is None:
        return None
    parts = found.requirements.prefetch_related("topics")
    return int(found.hours), {part.name: (int(part.hours), part.topics.count(), part.digital) for part in parts}


@pytest.mark.parametrize("year", [106, 111, 115])
def test_since_106_ten_of_twenty_hours_are_compulsory(year: int) -> None:
    parts = {
        "當前政府重大政策": (1, 1, False),
        "環境教育": (4, 1, False),
        "性別主流化": (1, 1, False),
        FOUR: (4, 4, False),
    }
    assert asked(year) == (20, parts)
    assert sum(hours for hours, _, _ in parts.values()) == 10


def test_older_years_ask_otherwise() -> None:
    assert [asked(year) for year in (90, 94, 95, 102)] == [(20, {}), (20, {}), (30, {}), (30, {})]
    assert asked(103) == asked(105) == (40, {"數位學習": (5, 0, True)})
    assert asked(89) is None


def test_teachers_are_asked_nothing() -> None:
    assert asked(115, Status.TEACHER) is None
    assert asked(115, Status.CONTRACT) == asked(115)


def test_every_set_names_its_clause() -> None:
    assert not RequirementSet.objects.filter(clause="").exists()


def test_layout_has_the_25_columns_of_the_national_portal() -> None:
    layout = UploadLayout.objects.get(office=build.county())
    layout.full_clean()
    assert (len(layout.columns), layout.encoding, layout.rows) == (25, Encoding.BIG5, 3000)
    fixed = {column["head"]: column["text"] for column in layout.columns if column.get("text")}
    assert fixed == {"*學位學分": "6", "*上課縣市": "61", "*訓練總數單位": "1"}


def test_topics_are_known_by_other_names() -> None:
    aliases = {topic.name: topic.aliases.split("、") for topic in Topic.objects.filter(office=build.county())}
    assert len(aliases) == 8
    assert "政策" in aliases["當前政府重大政策"]
    given = [alias for each in aliases.values() for alias in each]
    assert len(given) == len(set(given))
