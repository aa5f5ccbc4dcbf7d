"""Identity numbers of three countries are found wherever they are typed, and ordinary numbers are left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.no import fodselsnummer

from stemportal.lib.identity_numbers import is_personal_number, looks_personal, without_personal_numbers
from stemportal.lib.organisation_numbers import synthetic

# Made up: a day in 1960 with serial numbers that are right, for nobody in particular.
NORWEGIAN = "01016050012"
DANISH = "010160-1234"
SWEDISH = "600101-1235"
SWEDISH_LONG = "19600101-1235"
COORDINATION = "600161-1232"
WORDS = st.text(max_size=30).filter(
    lambda text: not text.startswith(("-", "+", ".")) and not text.endswith(("-", "+", "."))
)


def with_check_digits(nine: str) -> str:
    first = fodselsnummer.calc_check_digit1(nine)
    return nine + first + fodselsnummer.calc_check_digit2(nine + first)


@pytest.mark.parametrize("number", [NORWEGIAN, DANISH, SWEDISH, SWEDISH_LONG, COORDINATION])
def test_right_numbers_of_each_country_are_recognised(number):
    assert is_personal_number(number)
    assert looks_personal(number)


@pytest.mark.parametrize("nine", ["410160500", "014160500", "018160500", "016660500"])
def test_d_numbers_and_numbers_of_test_persons_are_recognised(nine):
    numbers = [with_check_digits(nine[:6] + f"{serial:03d}") for serial in range(500, 520)]
    given_out = [number for number in numbers if len(number) == 11]
    assert len(given_out) > 10
    assert all(is_personal_number(number) for number in given_out)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2039, 12, 31)), st.integers(0, 999))
def test_every_norwegian_number_is_recognised(day, serial):
    number = with_check_digits(f"{day:%d%m%y}{serial:03d}")
    if len(number) == 11:  # a remainder of ten is never given out
        assert is_personal_number(number)
        assert number not in without_personal_numbers(f"Kari Prøve {number} er kontakt")


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2039, 12, 31)), st.integers(0, 999))
def test_every_swedish_and_danish_number_is_recognised(day, serial):
    nine = f"{day:%y%m%d}{serial:03d}"
    swedish = nine + luhn.calc_check_digit(nine)
    assert looks_personal(swedish)
    assert looks_personal(f"SE{swedish}01")
    assert looks_personal(f"{day:%Y%m%d}-{swedish[-4:]}")
    assert looks_personal(f"{day:%d%m%y}-{serial:04d}")


@pytest.mark.parametrize(
    "typed",
    [
        "12345678901",
        "010160-1234",
        "0101601234",
        "SE 600101-1238 01",
        "196001011238",
        "NO 010160 50013 MVA",
        "٠١٠١٦٠٥٠٠١٢",
    ],
)
def test_mistyped_numbers_look_personal_too(typed):
    assert looks_personal(typed)
    assert without_personal_numbers(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "",
        synthetic(5),
        "556016-0680",
        "202100-5489",
        "165560160680",
        "SE556016068001",
        "25 31 37 63",
        "DK25313763",
        "9510",
        "+47 41 23 45 67",
    ],
)
def test_organisation_numbers_and_telephones_do_not_look_personal(typed):
    assert not looks_personal(typed)
    assert without_personal_numbers(typed) == typed


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (f"Ingrid {NORWEGIAN}", "Ingrid "),
        ("Ingrid (010160 50012), leder", "Ingrid (), leder"),
        ("f. 01.01.60 50012.", "f. ."),
        ("f. 01 01 60-50012", "f. "),
        (f"{DANISH} Ingrid", " Ingrid"),
        (f"Ingrid {SWEDISH} og Ola {SWEDISH_LONG}", "Ingrid  og Ola "),
        ("nr 0101\u00ad60\u200b50012 her", "nr  her"),
        ("nr 010160\u00a050012", "nr "),
        ("nr 010160\u201350012", "nr "),
    ],
)
def test_numbers_are_taken_out_of_a_text(typed, left):
    assert without_personal_numbers(typed) == left


@pytest.mark.parametrize(
    "text",
    [
        "Vi har 1200 ansatte, og flyttet 12.03.2020 til nr. 15.",
        "Ring 41 23 45 67 mellom 08.00 og 15.30, eller +47 412 34 567.",
        "Ring 070-123 45 67 eller 0701234560.",
        "Åpent 01.05.24-31.08.24",
        "Org.nr. 923 456 783, konto 1234.56.78901",
        "ISBN 978-82-15-00000-1",
        "Æøå 北京 🤖 e\u0301 \u202eradnelak",
    ],
)
def test_other_numbers_stay_in_a_text(text):
    assert without_personal_numbers(text) == text


@given(WORDS, st.sampled_from([NORWEGIAN, DANISH, SWEDISH]), WORDS)
def test_no_number_is_left_in_any_text(before, number, after):
    typed = f"{before} {number} {after}"
    left = without_personal_numbers(typed)
    assert number not in left
    assert without_personal_numbers(left) == left


@given(st.text(alphabet="0123456789 -.", max_size=40))
def test_searching_once_finds_all(text):
    left = without_personal_numbers(text)
    assert without_personal_numbers(left) == left
