"""Norwegian organisation numbers as people type them."""

from __future__ import annotations

import re

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import fodselsnummer, orgnr


def clean(text: str) -> str:
    """Return the nine digits of what was typed (spaces, dots, "NO", "MVA" are fine), or raise ValueError."""
    bare = re.sub(r"^NO|MVA$|FORETAKSREGISTERET$", "", re.sub(r"[\s.\-]", "", text.upper()))
    try:
        return orgnr.validate(bare)
    except StdnumError as error:
        raise ValueError("not a Norwegian organisation number") from error


def is_personal_number(text: str) -> bool:
    """Say whether somebody typed a national identity number (11 digits) by mistake: never store or log it."""
    return bool(fodselsnummer.is_valid(re.sub(r"\D", "", text)))


def synthetic(n: int) -> str:
    """Return the nth made-up number that starts with 3 and passes mod 11: no real organisation has one."""
    body = 30_000_000 + n * 2
    while True:
        weighted = sum(w * int(d) for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), f"{body:08d}", strict=True))
        check = (11 - weighted % 11) % 11
        if check < 10:
            return f"{body:08d}{check}"
        body += 1  # a remainder of 10 has no check digit; the neighbour takes the place
