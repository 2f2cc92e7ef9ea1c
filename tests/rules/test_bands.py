"""Score bands and weighted sums."""

from decimal import Decimal

import pytest

from personnel_portal.rules.bands import Band, BandTable, Part, Place, Term, score, weighted
from personnel_portal.rules.bounds import Bounds, TableError

D = Decimal


def band(low: int | None, high: int | None, share: str) -> Band:
    """A band of whole numbers, both ends included."""
    bounds = Bounds(None if low is None else D(low), None if high is None else D(high), high_included=high is not None)
    return Band(bounds, D(share))


TOOLS = BandTable((band(1, 5, "0.5"), band(6, 10, "0.8"), band(11, 20, "1")))


@pytest.mark.parametrize(
    ("value", "share", "place"),
    [
        (0, "0", Place.BELOW),
        (1, "0.5", Place.INSIDE),
        (5, "0.5", Place.INSIDE),
        (6, "0.8", Place.INSIDE),
        (20, "1", Place.INSIDE),
        (21, "1", Place.ABOVE),
        (10**6, "1", Place.ABOVE),
    ],
)
def test_a_value_earns_the_share_of_its_band(value: int, share: str, place: Place) -> None:
    found = score(D(value), TOOLS)
    assert (found.share, found.place) == (D(share), place)


def test_half_open_bands_of_measures_share_no_value_and_leave_none_out() -> None:
    table = BandTable(
        (
            Band(Bounds(D(0), D(60)), D("0.6")),
            Band(Bounds(D(60), D(100), high_included=True), D(1)),
        ),
        step=None,
    )
    assert [score(D(v), table).share for v in ("0", "59.99", "60", "100")] == [D("0.6"), D("0.6"), D(1), D(1)]


def test_a_value_finer_than_the_tables_step_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        score(D("5.5"), TOOLS)


@pytest.mark.parametrize(
    ("bands", "key"),
    [
        ((band(1, 5, "0.5"), band(7, 10, "0.8")), "gap"),
        ((band(1, 6, "0.5"), band(6, 10, "0.8")), "overlap"),
        ((band(None, 6, "0.5"), band(None, 10, "0.8")), "overlap"),
    ],
)
def test_tables_with_gaps_or_overlaps_cannot_be_made(bands: tuple[Band, ...], key: str) -> None:
    with pytest.raises(TableError, match=key):
        BandTable(bands)


def test_weights_are_those_for_the_parts_that_exist() -> None:
    weights = [
        {"local": D("0.4"), "central": D("0.4"), "services": D("0.2")},
        {"local": D("0.8"), "services": D("0.2")},
    ]
    parts = [Part("local", D("0.9")), Part("central", D("0.8")), Part("services", D("0.5"))]
    assert weighted(parts, weights).total == D("0.78")
    without = weighted([Part("local", D("0.9")), Part("central", None), Part("services", D("0.5"))], weights)
    assert without.terms == (Term("local", D("0.8"), D("0.9")), Term("services", D("0.2"), D("0.5")))
    with pytest.raises(ValueError, match="no weights"):
        weighted([Part("local", D(1))], weights)
    with pytest.raises(ValueError, match="add up"):
        weighted([Part("local", D(1))], [{"local": D("0.9")}])
