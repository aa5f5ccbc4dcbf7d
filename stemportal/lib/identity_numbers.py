"""Personal identity numbers that people type by mistake: found so that they are refused, never stored and never logged.

Norway: fødselsnummer and D-number (11 digits), also those of test persons. Denmark: CPR (10 digits; since 2007 its last
digit checks nothing, so the date decides). Sweden: personnummer and samordningsnummer (10 or 12 digits), which is also
the organisation number of a sole trader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from stdnum import luhn
from stdnum.dk import cpr
from stdnum.no import fodselsnummer

NORWEGIAN_DIGITS = 11
# What Norway adds to the day (D-numbers) and to the month (H-numbers and two series of test persons).
NORWEGIAN_DAYS = (0, 40)
NORWEGIAN_MONTHS = (0, 40, 65, 80)
# What Sweden (coordination numbers) and Denmark (replacement numbers) add to the day.
SCANDINAVIAN_DAYS = (0, 60)
# A number as people set it in a text: six digits of the date, then four or five; in Norway the date also as pairs.
SHAPE = re.compile(r"(?<!\d)(?:(?:1[89]|20)?\d{6}[ .\-+]?\d{4,5}|\d{2}([ .\-/])\d{2}\1\d{2}[ .\-]\d{5})(?!\d)")
# Nothing but digits and what stands between them, perhaps in the dress of an organisation number.
ONLY_A_NUMBER = re.compile(r"\W*(?:NO|DK|SE)?[\d\W]*(?:MVA)?\W*", re.IGNORECASE)


def is_personal_number(text: str) -> bool:
    """Say whether the digits of a text are a right identity number of Norway, Denmark or Sweden."""
    return _is_right(_digits(text))


def looks_personal(text: str) -> bool:
    """Say whether somebody typed an identity number into a short field, right or mistyped.

    Eleven digits are one anywhere: no organisation has as many. Ten or twelve are one when they begin with a date,
    which no organisation number does.
    """
    digits = _digits(text)
    if len(digits) == NORWEGIAN_DIGITS:
        return True
    return bool(ONLY_A_NUMBER.fullmatch(_plain(text)[0])) and (
        _begins_with_a_date(digits)
        or (len(digits) == 12 and digits.endswith("01") and _begins_with_a_date(digits[:10]))
    )


def without_personal_numbers(text: str) -> str:
    """Return the text without the identity numbers in it; the same text when there are none."""
    plain, places = _plain(text)
    if ONLY_A_NUMBER.fullmatch(plain) and looks_personal(text):
        return ""
    found = list(_found(plain))
    for start, end in reversed(found):
        text = text[: places[start]] + text[places[end - 1] + 1 :]
    # What stood around a number may be another one.
    return without_personal_numbers(text) if found else text


def _found(plain: str) -> Iterator[tuple[int, int]]:
    """Where right identity numbers stand. Ten digits in a row may be a telephone: they must add up as well."""
    for match in SHAPE.finditer(plain):
        digits = _digits(match.group())
        in_a_row = match.group() == digits
        if _is_right(digits) and not (in_a_row and len(digits) == 10 and not _adds_up(digits)):
            yield match.span()


def _is_right(digits: str) -> bool:
    if len(digits) == NORWEGIAN_DIGITS:
        is_right = digits[-2:] == _norwegian_check_digits(digits)
        return is_right and _is_date(digits[:2], digits[2:4], digits[4:6], NORWEGIAN_DAYS, NORWEGIAN_MONTHS)
    if len(digits) == 10 and _is_date(digits[:2], digits[2:4], digits[4:6]):
        return True
    return _begins_with_a_date(digits) and bool(luhn.is_valid(digits[-10:]))


def _norwegian_check_digits(digits: str) -> str:
    return str(fodselsnummer.calc_check_digit1(digits) + fodselsnummer.calc_check_digit2(digits))


def _begins_with_a_date(digits: str) -> bool:
    """Day, month, year (Denmark) or year, month, day (Sweden, in twelve digits with the century)."""
    if len(digits) == 12:
        return digits[:2] in {"18", "19", "20"} and _is_date(digits[6:8], digits[4:6], digits[2:4])
    return len(digits) == 10 and (
        _is_date(digits[:2], digits[2:4], digits[4:6]) or _is_date(digits[4:6], digits[2:4], digits[:2])
    )


def _adds_up(digits: str) -> bool:
    return bool(luhn.is_valid(digits)) or cpr.checksum(digits) == 0


def _is_date(
    day: str, month: str, year: str, days: tuple[int, ...] = SCANDINAVIAN_DAYS, months: tuple[int, ...] = (0,)
) -> bool:
    """Whether these pairs of digits are a day in some century, with or without what is added to day and month."""
    # 2000 was a leap year, 1900 was not: the kinder of them decides.
    return any(_exists(2000 + int(year), int(month) - m, int(day) - d) for m in months for d in days)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with 0-9 for every script's digits, plain spaces and hyphens, and for each character its old place.

    Marks that nobody sees (soft hyphens, zero-width spaces), copied along from somewhere, are left out.
    """
    seen = [(place, char) for place, char in enumerate(text) if unicodedata.category(char) != "Cf"]
    return "".join(_plain_char(char) for _place, char in seen), [place for place, _char in seen]


def _plain_char(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char.isspace():
        return " "
    return "-" if unicodedata.category(char) == "Pd" or char == "\u2212" else char
