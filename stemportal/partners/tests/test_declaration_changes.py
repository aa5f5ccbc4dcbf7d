"""Two versions of a text compared: what a reader is shown, and that nothing is lost on the way."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stemportal.lib.markdown_blocks import blocks_of, text_of
from stemportal.partners.declaration_changes import ADDED, REMOVED, SAME, Line, compare

OLD = """We open our doors.

- **An answer in time.** We answer within five working days.
- **Free.** Nobody pays.

We sign for the whole organisation."""


def lines(old: str, new: str) -> list[Line]:
    return [line for group in compare(old, new) for line in group.lines]


def told(line: Line) -> str:
    marks = {SAME: "{}", ADDED: "[+{}]", REMOVED: "[-{}]"}
    return "".join(marks[piece.state].format(piece.text) for piece in line.pieces)


def changed(old: str, new: str) -> list[str]:
    return [told(line) for line in lines(old, new) if line.is_changed]


def test_same_text_has_no_changes():
    assert changed(OLD, OLD) == []
    assert [group.is_list for group in compare(OLD, OLD)] == [False, True, False]


def test_changed_word_is_told_in_its_sentence():
    assert changed(OLD, OLD.replace("five", "three")) == [
        "An answer in time. We answer within [-five][+three] working days."
    ]


def test_words_changed_side_by_side_are_one_change():
    assert changed("We pay for all of the bus today.", "We pay for half a train today.") == [
        "We pay for [-all of the bus][+half a train] today."
    ]


def test_new_point_and_dropped_paragraph_are_told_whole():
    new = OLD.replace("- **Free.**", "- **Safe.** We follow the rules.\n- **Free.**").replace(
        "\n\nWe sign for the whole organisation.", ""
    )
    assert changed(OLD, new) == ["[+Safe. We follow the rules.]", "[-We sign for the whole organisation.]"]


def test_paragraph_that_has_little_in_common_was_replaced():
    assert changed("We open our doors for classes.", "Grants are paid in June and December.") == [
        "[+Grants are paid in June and December.]",
        "[-We open our doors for classes.]",
    ]


def test_markdown_marks_and_line_breaks_are_no_words():
    assert changed("**Free** for\npupils", "Free for pupils") == []


def test_html_in_a_text_is_text():
    assert told(lines("", "<script>alert(1)</script>")[0]) == "[+<script>alert(1)</script>]"


WORDS = st.lists(st.sampled_from(["a", "b", "no", "five", "**x**", ".", "øl"]), max_size=8).map(" ".join)
TEXTS = st.lists(st.one_of(WORDS, WORDS.map("- {}".format)), max_size=6).map("\n\n".join)


def plain(text: str) -> list[str]:
    found = []

    def walk(blocks):
        for block in blocks:
            if block["kind"] == "list":
                for item in block["items"]:
                    walk(item)
            else:
                found.append(text_of(block))

    walk(blocks_of(text))
    return [words for words in found if words]


def squeezed(words: list[str]) -> str:
    return re.sub(r"\s+", "", "".join(words))


@given(TEXTS, TEXTS)
def test_comparison_loses_and_invents_nothing(old, new):
    """The new text is what stayed and came, in order; the old one is what stayed and went."""
    compared = lines(old, new)
    after = ["".join(piece.text for piece in line.pieces if piece.state != REMOVED) for line in compared]
    before = ["".join(piece.text for piece in line.pieces if piece.state != ADDED) for line in compared]
    assert squeezed(after) == squeezed(plain(new))
    assert sorted(squeezed([words]) for words in before if words) == sorted(squeezed([words]) for words in plain(old))
