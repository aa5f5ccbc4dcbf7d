"""Organisation numbers as people type them, and the personal numbers they type by mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemportal.lib.organisation_numbers import clean, is_personal_number, synthetic

NUMBER = synthetic(1)


@pytest.mark.parametrize(
    "typed", ["{n}", " {n}\n", "{s}", "NO{n}MVA", "NO {s} MVA", "no {s} mva", "{d}", "{h}", "{n} Foretaksregisteret"]
)
def test_number_is_read_as_people_write_it(typed):
    parts = NUMBER[:3], NUMBER[3:6], NUMBER[6:]
    text = typed.format(n=NUMBER, s=" ".join(parts), d=".".join(parts), h="-".join(parts))
    assert clean(text) == NUMBER


@pytest.mark.parametrize(
    "typed",
    ["", " ", "12345678", "1234567890", "123456789", "abcdefghi", "NO", "MVA", "٣٠٠٠١٨٠٠٩", "-312345676.0", "<b>"],
)
def test_anything_else_is_refused(typed):
    with pytest.raises(ValueError, match="not a Norwegian organisation number"):
        clean(typed)


@given(st.text(max_size=40))
def test_cleaning_gives_nine_plain_digits_or_refuses(typed):
    try:
        number = clean(typed)
    except ValueError:
        return
    assert len(number) == 9
    assert number.isascii()
    assert number.isdigit()


@given(st.integers(min_value=0, max_value=8), st.integers(min_value=1, max_value=9), st.integers(0, 5000))
def test_one_wrong_digit_is_always_noticed(place, step, n):
    number = synthetic(n)
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    with pytest.raises(ValueError, match="organisation number"):
        clean(wrong)


@pytest.mark.parametrize("typed", ["01016050012", "010160 50012", "01 01 60-50012", "010160.50012"])
def test_personal_number_is_recognised(typed):
    assert is_personal_number(typed)


@pytest.mark.parametrize("typed", [NUMBER, "01016050013", "12345678901", "", "99 99 99 99"])
def test_other_numbers_are_not_personal(typed):
    assert not is_personal_number(typed)


def test_synthetic_numbers_are_valid_and_differ():
    numbers = [synthetic(n) for n in range(2000)]
    assert all(clean(number) == number for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert {number[0] for number in numbers} == {"3"}
