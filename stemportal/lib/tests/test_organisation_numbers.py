"""Organisation numbers as people type them, and the personal numbers they type by mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemportal.lib.organisation_numbers import COUNTRIES, WrongNumber, clean, is_personal_number, synthetic

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


@pytest.mark.parametrize(
    "typed",
    [
        "{a}\u00a0{b}\u00a0{c}",
        "{a}\u202f{b}\u2009{c}",
        "\ufeff{n}\u200b",
        "{a}\u2013{b}\u2212{c}",
        "Org.nr: {a} {b} {c}",
        "Org.nr. NO {a} {b} {c} MVA",
    ],
)
def test_number_may_have_been_copied_from_anywhere(typed):
    assert clean(typed.format(n=NUMBER, a=NUMBER[:3], b=NUMBER[3:6], c=NUMBER[6:])) == NUMBER


@pytest.mark.parametrize(
    "typed",
    ["25313763", "25 31 37 63", "DK25313763", "dk 25 31 37 63", "DK-25313763", "CVR-nr. 25 31 37 63", "CVR: 25313763"],
)
def test_danish_number_is_read_as_people_write_it(typed):
    assert clean(typed, "DK") == "25313763"


@pytest.mark.parametrize(
    "typed",
    [
        "5560160680",
        "556016-0680",
        "556016 0680",
        "SE556016068001",
        "SE 556016-0680 01",
        "556016068001",
        "165560160680",
        "16556016-0680",
        "se5560160680",
    ],
)
def test_swedish_number_is_read_as_people_write_it(typed):
    assert clean(typed, "SE") == "5560160680"


def test_number_of_a_swedish_agency_that_begins_like_a_year_is_right():
    assert clean("202100-5489", "SE") == "2021005489"
    assert clean("SE202100548901", "SE") == "2021005489"


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("DK", "25313764"),
        ("DK", "2531376"),
        ("DK", "00000000"),
        ("DK", "SE25313763"),
        ("DK", NUMBER),
        ("SE", "5560160681"),
        ("SE", "556016068"),
        ("SE", "556016068002"),
        ("SE", "600101-1235"),
        ("SE", "19600101-1235"),
        ("SE", "SE600101123501"),
        ("SE", NUMBER),
        ("NO", "25313763"),
        ("NO", "DK25313763"),
        ("NO", "5560160680"),
    ],
)
def test_number_of_another_country_or_a_person_is_refused(country, typed):
    with pytest.raises(ValueError, match="not a"):
        clean(typed, country)


@pytest.mark.parametrize(
    ("typed", "has_letters"),
    [
        ("3OOO18OO9", True),
        ("30001800о", True),
        ("٣٠٠٠١٨٠٠٩", True),
        ("30001800", False),
        ("300018001", False),
        ("", False),
    ],
)
def test_letters_among_the_digits_are_told_apart_from_wrong_digits(typed, has_letters):
    with pytest.raises(WrongNumber) as refused:
        clean(typed)
    assert refused.value.has_letters is has_letters


@given(st.text(max_size=40) | st.text(alphabet="0123456789 -.NODKSEMVA", max_size=20), st.sampled_from(COUNTRIES))
def test_cleaning_gives_digits_of_the_country_or_refuses(typed, country):
    try:
        number = clean(typed, country)
    except ValueError:
        return
    assert len(number) == {"NO": 9, "DK": 8, "SE": 10}[country]
    assert number.isascii()
    assert number.isdigit()
    assert clean(number, country) == number


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
