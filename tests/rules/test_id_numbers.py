"""統一編號: form and check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.id_numbers import is_valid, normal


# A123456789 is the number of every form's example; the others were worked out by hand from the published weights.
@pytest.mark.parametrize("number", ["A123456789", "Z199999990", "A800000014", "AC01234567"])
def test_known_numbers_are_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number", ["A123456788", "A323456789", "a123456789", "A12345678", "A1234567890", "", "1234567890", "A１23456789"]
)
def test_others_are_not(number: str) -> None:
    assert not is_valid(number)


def test_width_case_and_spaces_do_not_matter() -> None:
    assert normal(" ａ1２3 456789\u3000") == "A123456789"


@given(st.from_regex(r"[A-Z][1289][0-9]{7}", fullmatch=True))
def test_exactly_one_check_digit_fits(start: str) -> None:
    assert sum(is_valid(f"{start}{digit}") for digit in range(10)) == 1


@given(st.from_regex(r"[A-Z][12][0-9]{7}", fullmatch=True), st.integers(1, 8), st.integers(1, 9))
def test_one_wrong_digit_is_found(start: str, place: int, more: int) -> None:
    number = next(f"{start}{digit}" for digit in range(10) if is_valid(f"{start}{digit}"))
    wrong = str((int(number[place]) + more) % 10)
    changed = number[:place] + wrong + number[place + 1 :]
    weight = (8, 7, 6, 5, 4, 3, 2, 1)[place - 1]
    if (int(number[place]) - int(wrong)) * weight % 10:
        assert not is_valid(changed)
