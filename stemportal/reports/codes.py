"""Verification codes as people type them from paper."""

from __future__ import annotations

import re
import unicodedata

from stemportal.reports.models.partner_reports import CODE_LETTERS

CODE_LENGTH, GROUP = 12, 4
# Whoever pastes the whole address means the code at its end.
ADDRESS = re.compile(r".*/verify/", re.IGNORECASE | re.DOTALL)


def letters_of(typed: str) -> str:
    """Return the letters and digits that were typed, in capitals, without an address before them."""
    plain = unicodedata.normalize("NFKC", ADDRESS.sub("", typed)).upper()
    return "".join(letter for letter in plain if letter.isalnum())


def strange_letters(letters: str) -> list[str]:
    """Return those that are in no code, each once."""
    return list(dict.fromkeys(letter for letter in letters if letter not in CODE_LETTERS))


def with_dashes(letters: str) -> str:
    """Return the letters in groups of four: "K7MB-2QXD-9RTA"."""
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def read_code(typed: str) -> str:
    """Return a code as it is printed, or nothing where this can be none."""
    letters = letters_of(typed)
    return with_dashes(letters) if len(letters) == CODE_LENGTH and not strange_letters(letters) else ""
