"""From what a visitor types to a PostgreSQL text query. Whatever comes in, only letters and digits go on."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery

LONGEST_TEXT = 300
MOST_WORDS = 10
LONGEST_WORD = 40
CONFIG = "norwegian"

_word = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Return the words of a query, lower case, each once: at most ten, of at most forty characters."""
    found = (match[0].lower()[:LONGEST_WORD] for match in _word.finditer(text[:LONGEST_TEXT]))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def text_query(words: list[str], *, match_all: bool = True) -> SearchQuery:
    """Return a query for texts with all (or some) of the words; "robot" also finds "robotverksted".

    One or two letters stand for themselves only ("el" is not "elever"). Takes at least one word of ``words_of``.
    """
    lexemes = [f"'{word}':*" if len(word) > 2 else f"'{word}'" for word in words]
    return SearchQuery((" & " if match_all else " | ").join(lexemes), config=CONFIG, search_type="raw")
