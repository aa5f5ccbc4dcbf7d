"""What a visitor asks for: the words and phrases of a query, each with the ways in which an offer may say it.

Synonyms stand in ``activities/data/synonyms.txt``, which staff may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Literal

from stemportal.activities.search.words import (
    first_part,
    fold,
    joined,
    lines_of,
    parts_of,
    pieces_of,
    stopwords,
    term,
    tokens_of,
    words_of,
)

# The shortest piece of a word that may stand for its beginning ("rob" finds robots, "el" does not find pupils).
SHORTEST_BEGINNING = 3

Phrase = tuple[str, ...]


@dataclass
class Synonyms:
    """What a phrase (a tuple of stems) finds besides itself: ``same`` in meaning, or only ``near`` to it."""

    same: dict[Phrase, list[Phrase]] = field(default_factory=dict)
    near: dict[Phrase, list[Phrase]] = field(default_factory=dict)
    longest: int = 1

    def add(self, line: str) -> None:
        """Read one line of the file: ``a, b, c`` or ``a => b, c``."""
        left, arrow, right = line.partition("=>")
        group = [phrase_of(text) for text in (right if arrow else left).split(",")]
        group = [phrase for phrase in dict.fromkeys(group) if phrase]
        if arrow:
            self.near.setdefault(phrase_of(left), []).extend(group)
        else:
            for phrase in group:
                known = self.same.setdefault(phrase, [])
                known.extend(other for other in group if other != phrase and other not in known)
        self.longest = max([self.longest, *(len(phrase) for phrase in group)])

    def knows(self, phrase: Phrase) -> bool:
        """Whether there is anything about the phrase."""
        return phrase in self.same or phrase in self.near

    def near_of(self, phrase: Phrase) -> list[Phrase]:
        """Return what is near to the phrase or to another word for it, and other words for that."""
        same = [phrase, *self.same.get(phrase, [])]
        near = [found for name in same for found in self.near.get(name, [])]
        found = [name for name in near for name in (name, *self.same.get(name, []))]
        return [name for name in dict.fromkeys(found) if name not in same]


def phrase_of(text: str) -> Phrase:
    """Return a phrase as the terms of its telling words; a word held together by a sign counts as one."""
    words = [joined(token) for token in tokens_of(text)]
    telling = [word for word in words if fold(word) not in stopwords()[0]]
    return tuple(term(word) for word in telling or words)


@cache
def synonyms() -> Synonyms:
    """Read the list of synonyms once a process."""
    found = Synonyms()
    for line in lines_of("synonyms.txt"):
        found.add(line)
    return found


@dataclass(frozen=True)
class Way:
    """One way to match a unit: terms that must all occur, each given as its alternatives; ``worth`` from 0 to 1.

    A ``beginning`` stands for all terms that begin so. The terms of a ``phrase`` belong together. A ``wide`` way is
    taken only where the others find little.
    """

    terms: tuple[tuple[str, ...], ...]
    worth: float
    kind: Literal["words", "beginning", "phrase", "wide"] = "words"


@dataclass(frozen=True)
class Unit:
    """A word or phrase of a query with the ways to match it.

    An ``optional`` one need not be found; one that is ``either`` may stand in for the unit before it (skip og båter).
    """

    text: str
    ways: tuple[Way, ...]
    optional: bool = False
    either: bool = False

    @property
    def term(self) -> str:
        """The unit's own term, where it is a single word."""
        return self.ways[0].terms[0][0]

    @property
    def is_word(self) -> bool:
        return len(self.ways[0].terms) == 1


CONJUNCTIONS = frozenset({"og", "eller", "and", "or", "samt", "ja", "dahje"})


def units_of(text: str) -> list[Unit]:
    """Return what a query asks for: its words, or phrases that have synonyms, without words that say nothing.

    Returns [] for a text without words ("🤖").
    """
    tokens = words_of(text)
    empty, optional = stopwords()
    telling = [token for token in tokens if fold(joined(token)) not in empty] or tokens
    after = {token for before, token in pairwise(tokens) if before in CONJUNCTIONS}
    units: list[Unit] = []
    for chosen, ways in _units(telling):
        is_weak = all(fold(joined(token)) in optional for token in chosen)
        units.append(Unit(" ".join(chosen), tuple(ways), is_weak, chosen[0] in after and bool(units)))
    return [replace(unit, optional=False) for unit in units] if all(unit.optional for unit in units) else units


def _units(tokens: list[str]) -> Iterator[tuple[list[str], Iterable[Way]]]:
    """Yield words, or longer phrases that the synonyms know, with their ways."""
    known = synonyms()
    start = 0
    while start < len(tokens):
        for size in range(min(known.longest, len(tokens) - start), 0, -1):
            chosen = tokens[start : start + size]
            phrase = tuple(term(joined(token)) for token in chosen)
            if size == 1 or known.knows(phrase):
                is_last = start + size == len(tokens)
                yield chosen, ways_of(phrase, chosen[0] if size == 1 else "", is_last=is_last)
                break
            as_one = "".join(map(joined, chosen))
            if known.knows((term(as_one),)):
                yield chosen, [Way(tuple((part,) for part in phrase), 1.0), *ways_of((term(as_one),), as_one)]
                break
        start += size


def ways_of(phrase: Phrase, token: str = "", *, is_last: bool = False) -> Iterator[Way]:
    """Yield the ways to match a phrase; of a single word, also by what ``token``, the word as written, is made of.

    The last word of a query may still be typed, so a short beginning is believed there.
    """
    yield Way(tuple((part,) for part in phrase), 1.0)
    if token:
        yield from _ways_of_word(token, is_last)
    known = synonyms()
    for other in known.same.get(phrase, []):
        yield Way(tuple((part,) for part in other), 0.8, "phrase")
    for other in known.near_of(phrase):
        yield Way(tuple((part,) for part in other), 0.5, "phrase")


def _ways_of_word(token: str, is_last: bool) -> Iterator[Way]:
    """A word also by its beginning, by the parts of a compound, and by the pieces that a sign holds together."""
    parts = [part for piece in pieces_of(token) for part in (parts_of(piece) or (term(piece),))]
    if len(parts) > 1:
        yield Way(tuple(_with_synonyms(part) for part in parts), 0.8)
    word = joined(token)
    if telling := parts[0] if len(parts) > 1 or parts_of(word) else first_part(word):
        yield Way((_with_synonyms(telling),), 0.2, "wide")
    beginning = term(word) if len(term(word)) > SHORTEST_BEGINNING else fold(word)
    if beginning.isascii() and len(beginning) > SHORTEST_BEGINNING:
        yield Way(((beginning,),), 0.7, "beginning")
    elif beginning.isascii() and len(beginning) == SHORTEST_BEGINNING and is_last:
        yield Way(((beginning,),), 0.4, "beginning")


def _with_synonyms(part: str) -> tuple[str, ...]:
    others = (other[0] for other in synonyms().same.get((part,), []) if len(other) == 1)
    return (part, *others)
