"""Taking names and addresses out of texts that stay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Func, QuerySet, TextField, Value

INSTEAD = "…"


def pattern_of(words: Iterable[str]) -> str:
    """Return a PostgreSQL pattern that finds these words as whole words; empty when there is nothing to look for.

    A name of one word only is left out: it may be anybody's, or a word of the language.
    """
    told = {word.strip() for word in words}
    known = sorted((word for word in told if "@" in word or " " in word), key=lambda word: (-len(word), word))
    return "|".join(_whole(word) for word in known)


def _whole(word: str) -> str:
    # \m and \M are the beginning and the end of a word; they need a letter or a digit beside them.
    return ("\\m" if word[0].isalnum() else "") + re.escape(word) + ("\\M" if word[-1].isalnum() else "")


def blank_words(rows: QuerySet[Any], fields: Iterable[str], words: Iterable[str]) -> int:
    """Put … in place of the words in these text columns, whatever their case. Returns how many cells changed."""
    pattern = pattern_of(words)
    if not pattern:
        return 0
    return sum(
        rows.filter(**{f"{field}__iregex": pattern}).update(
            **{
                field: Func(
                    F(field),
                    Value(pattern),
                    Value(INSTEAD),
                    Value("gi"),
                    function="regexp_replace",
                    output_field=TextField(),
                )
            }
        )
        for field in fields
    )
