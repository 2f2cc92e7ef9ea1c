"""The score of a usage return."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.bands import Band, BandTable
from personnel_portal.rules.bounds import whole
from personnel_portal.rules.usage import Formula, UsageScore, plain, usage_score

D = Decimal


def table(*bands: tuple[int, int, str]) -> BandTable:
    return BandTable(tuple(Band(whole(low, high, True, True), D(share)) for low, high, share in bands))


TOOLS = table((20, 25, "1"), (16, 19, "0.9"), (11, 15, "0.6"), (5, 10, "0.4"), (1, 4, "0.2"))
SUBSYSTEMS = table((10, 13, "1"), (7, 9, "0.8"), (5, 6, "0.4"), (1, 4, "0.2"))
PRINTED = Formula(D(100), D("0.8"), D("0.2"), D("0.5"), D("0.5"), TOOLS, SUBSYSTEMS)


def of(tools: int, subsystems: int, services: str = "0", formula: Formula = PRINTED) -> UsageScore:
    return usage_score(tools=tools, subsystems=subsystems, services=D(services), formula=formula)


def test_the_arithmetic_stands_in_one_line() -> None:
    found = of(17, 8, "0.5")
    assert found.line == "100 × (0.8 × (0.5×90% + 0.5×80%) + 0.2×50%) = 78.00"
    assert (found.exact, found.shown) == (D(78), D("78.00"))


def test_each_number_says_what_it_comes_from() -> None:
    numbers = [(piece.text, piece.about) for piece in of(17, 8, "0.5").pieces if piece.about not in ("", "rule")]
    assert numbers == [("90%", "tools"), ("80%", "subsystems"), ("50%", "services"), ("78.00", "score")]


@pytest.mark.parametrize(
    ("tools", "share"),
    [
        (0, "0"),
        (1, "0.2"),
        (4, "0.2"),
        (5, "0.4"),
        (10, "0.4"),
        (11, "0.6"),
        (15, "0.6"),
        (16, "0.9"),
        (19, "0.9"),
        (20, "1"),
        (25, "1"),
        (26, "1"),
        (37, "1"),
        (10**6, "1"),
    ],
)
def test_every_edge_of_the_tools_bands(tools: int, share: str) -> None:
    assert of(tools, 0).tools.share == D(share)


@pytest.mark.parametrize(
    ("count", "share"),
    [(0, "0"), (1, "0.2"), (4, "0.2"), (5, "0.4"), (6, "0.4"), (7, "0.8"), (9, "0.8"), (10, "1"), (13, "1"), (14, "1")],
)
def test_every_edge_of_the_subsystems_bands(count: int, share: str) -> None:
    assert of(0, count).subsystems.share == D(share)


def test_nothing_is_rounded_before_the_total() -> None:
    # 100 × (0.8 × (1/3 …)) has no end; thirds do not exist as decimals, so an odd weight does the same here.
    odd = Formula(D("33.33"), D("0.8"), D("0.2"), D("0.333"), D("0.667"), TOOLS, SUBSYSTEMS)
    found = of(17, 8, "0.125", odd)
    exact = Fraction("33.33") * (
        Fraction("0.8") * (Fraction("0.333") * Fraction("0.9") + Fraction("0.667") * Fraction("0.8"))
        + Fraction("0.2") * Fraction("0.125")
    )
    assert Fraction(found.exact) == exact
    assert found.shown == found.exact.quantize(D("0.01"), ROUND_HALF_UP)


def test_half_a_hundredth_goes_up() -> None:
    formula = Formula(D("0.1"), D("0.5"), D("0.5"), D(1), D(0), TOOLS, SUBSYSTEMS)
    assert (of(0, 0, "0.1", formula).exact, of(0, 0, "0.1", formula).shown) == (D("0.005"), D("0.01"))


def test_parts_and_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        Formula(D(100), D("0.8"), D("0.3"), D("0.5"), D("0.5"), TOOLS, SUBSYSTEMS)
    with pytest.raises(ValueError, match="add up"):
        Formula(D(100), D("0.8"), D("0.2"), D("0.5"), D("0.4"), TOOLS, SUBSYSTEMS)
    with pytest.raises(ValueError, match="share"):
        of(1, 1, "1.01")


COUNTS = st.integers(0, 60)
SHARES = st.integers(0, 100).map(lambda cents: D(cents) / 100)


@given(COUNTS, COUNTS, SHARES)
def test_a_score_lies_between_nothing_and_the_base(tools: int, subsystems: int, services: Decimal) -> None:
    assert 0 <= usage_score(tools=tools, subsystems=subsystems, services=services, formula=PRINTED).exact <= 100


@given(COUNTS, COUNTS, SHARES, st.integers(0, 10), st.integers(0, 10))
def test_more_use_never_scores_less(tools: int, subsystems: int, services: Decimal, more: int, others: int) -> None:
    less = usage_score(tools=tools, subsystems=subsystems, services=services, formula=PRINTED)
    found = usage_score(tools=tools + more, subsystems=subsystems + others, services=services, formula=PRINTED)
    assert found.exact >= less.exact


@given(SHARES, SHARES, COUNTS, COUNTS, SHARES)
def test_the_line_recomputes_to_the_score(
    part: Decimal, weight: Decimal, tools: int, subsystems: int, services: Decimal
) -> None:
    formula = Formula(D(100), part, 1 - part, weight, 1 - weight, TOOLS, SUBSYSTEMS)
    found = usage_score(tools=tools, subsystems=subsystems, services=services, formula=formula)
    left, right = found.line.split(" = ")
    written = "".join(f"Fraction('{word}')" if word[0].isdigit() else word for word in _words(left))
    assert Fraction(found.exact) == eval(written)  # the very text that people read, as exact fractions
    assert D(right) == found.shown


def _words(line: str) -> list[str]:
    """Split the arithmetic into numbers and signs, per cent as hundredths."""
    spaced = line.replace("×", " * ").replace("(", " ( ").replace(")", " ) ")
    return [plain(D(word[:-1]) / 100) if word.endswith("%") else word for word in spaced.split()]
