"""What changed between two versions of the declaration, word by word, in a shape a page can show and read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby

from stemportal.lib.markdown_blocks import Block, blocks_of, text_of

SAME, ADDED, REMOVED = "same", "added", "removed"
# Two paragraphs with so much in common are one that was changed; with less, one went and another came.
ALIKE = 0.5
WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """Words that stayed, came or went."""

    state: str
    text: str


@dataclass(frozen=True)
class Line:
    """A paragraph, heading or list item: ``state`` of the whole, and its pieces in reading order."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return any(piece.state != SAME for piece in self.pieces)


@dataclass(frozen=True)
class Group:
    """Lines that stand together: the items of a list, or one paragraph."""

    is_list: bool
    lines: list[Line]


def compare(old: str, new: str) -> list[Group]:
    """Return the new text with what was added and removed since the old one. Both are Markdown."""
    lines = list(_compared(_lines(blocks_of(old)), _lines(blocks_of(new))))
    groups: list[Group] = []
    for is_list, together in groupby(lines, key=lambda line: line.kind == "item"):
        members = list(together)
        groups += [Group(True, members)] if is_list else [Group(False, [line]) for line in members]
    return groups


def _lines(blocks: list[Block], kind: str = "") -> list[tuple[str, str]]:
    """(kind, words) of each paragraph, heading and list item, in reading order."""
    found: list[tuple[str, str]] = []
    for block in blocks:
        if block["kind"] == "list":
            for item in block["items"]:
                found += _lines(item, "item")
        elif text := text_of(block):
            found.append((kind or block["kind"], text))
    return found


def _compared(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterator[Line]:
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line(kind, [Piece(SAME, text)]) for kind, text in new[new_from:new_to])
        else:
            yield from _replaced(old[old_from:old_to], new[new_from:new_to])


def _replaced(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterator[Line]:
    """Pair each new line with the first old one that is like it; what is left over went or came."""
    for kind, text in new:
        twin = next((number for number, (_kind, was) in enumerate(old) if _alike(was, text)), None)
        if twin is None:
            yield Line(kind, [Piece(ADDED, text)])
            continue
        yield from (Line(gone, [Piece(REMOVED, was)]) for gone, was in old[:twin])
        yield Line(kind, _words(old[twin][1], text))
        old = old[twin + 1 :]
    yield from (Line(kind, [Piece(REMOVED, was)]) for kind, was in old)


def _alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, WORDS.findall(old), WORDS.findall(new), autojunk=False).ratio() >= ALIKE


def _words(old: str, new: str) -> list[Piece]:
    """Compare two lines word by word. Changed words with only a space between them are told as one change."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    pieces: list[Piece] = []
    gone = came = ""
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        was, now = "".join(before[old_from:old_to]), "".join(after[new_from:new_to])
        if tag != "equal" or (gone or came) and now.isspace() and new_to < len(after):
            gone, came = gone + was, came + now
        else:
            pieces += _told(gone, came)
            gone = came = ""
            pieces.append(Piece(SAME, now))
    return pieces + list(_told(gone, came))


def _told(gone: str, came: str) -> Iterator[Piece]:
    """Removed words, then added ones; a space they end with alike stands behind both."""
    tail = " " if gone.endswith(" ") and came.endswith(" ") else ""
    if tail:
        gone, came = gone[:-1], came[:-1]
    if gone:
        yield Piece(REMOVED, gone)
    if came:
        yield Piece(ADDED, came)
    if tail:
        yield Piece(SAME, tail)
