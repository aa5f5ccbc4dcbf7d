"""Organisation numbers of Norway, Denmark and Sweden as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from stdnum.dk import cvr
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish

from stemportal.lib.identity_numbers import is_personal_number, looks_personal

__all__ = ["COUNTRIES", "WrongNumber", "clean", "is_personal_number", "looks_personal", "synthetic"]

COUNTRIES = ("NO", "DK", "SE")
NAMES = {
    "NO": "a Norwegian organisation number",
    "DK": "a Danish CVR number",
    "SE": "a Swedish organisation number",
}
# What people write around the digits, after spaces, dots and hyphens have been taken away.
AROUND = {
    "NO": re.compile(r"^(?:ORGNR:?)?(?:NO)?(?=\d)|(?<=\d)(?:MVA)?(?:FORETAKSREGISTERET)?$"),
    "DK": re.compile(r"^(?:CVR|CVRNR|SENR)?:?(?:DK)?(?=\d)"),
    "SE": re.compile(r"^(?:ORGNR:?)?(?:SE)?(?=\d)"),
}


class WrongNumber(ValueError):
    """What was typed is no organisation number of the country."""

    def __init__(self, country: str, *, has_letters: bool = False) -> None:
        super().__init__(f"not {NAMES[country]}")
        # Letters or signs stand among the digits (an O for a zero, a digit of another script).
        self.has_letters = has_letters


def clean(text: str, country: str = "NO") -> str:
    """Return the digits of what was typed, without spaces, dots, hyphens, country code and "MVA".

    Norway: nine digits. Denmark (CVR): eight. Sweden: ten; the VAT number (SE...01) and the form with "16" in front are
    fine. Raises WrongNumber, also for a Swedish personal number, which is a sole trader's.
    """
    bare = _bare(text)
    digits = AROUND[country].sub("", bare)
    if not re.fullmatch(r"[0-9]+", digits):
        raise WrongNumber(country, has_letters=bool(re.search(r"[^\s.]", bare)))
    try:
        return VALIDATE[country](digits)
    except StdnumError as error:
        raise WrongNumber(country) from error


def _bare(text: str) -> str:
    """Without what is only typography: spaces of any width, dots, hyphens and dashes, marks that nobody sees."""
    # Wide digits, as East Asian keyboards write them, become plain ones; those of other scripts do not.
    text = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        char for char in text if not (char.isspace() or char in ".\u2212" or unicodedata.category(char) in {"Pd", "Cf"})
    )


def _swedish(digits: str) -> str:
    if len(digits) == 12:
        digits = digits[2:] if digits.startswith("16") else digits[:10] if digits.endswith("01") else digits
    # The third digit tells organisations (2 or more) from people, whose numbers have a month there.
    if len(digits) == 10 and digits[2] < "2":
        raise StdnumError
    return str(swedish.validate(digits))


VALIDATE: dict[str, Callable[[str], str]] = {"NO": norwegian.validate, "DK": cvr.validate, "SE": _swedish}


def synthetic(n: int) -> str:
    """Return the nth made-up number that starts with 3 and passes mod 11: no real organisation has one."""
    body = 30_000_000 + n * 2
    while True:
        weighted = sum(w * int(d) for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), f"{body:08d}", strict=True))
        check = (11 - weighted % 11) % 11
        if check < 10:
            return f"{body:08d}{check}"
        body += 1  # a remainder of 10 has no check digit; the neighbour takes the place
