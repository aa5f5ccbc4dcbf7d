"""From data to PDF with Typst: tagged for everybody (PDF/UA-1) and made to last (PDF/A-2a)."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import structlog
import typst

logger = structlog.get_logger(__name__)

# For everybody (ISO 14289-1), and to last (ISO 19005-2, the level that is tagged).
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
FONTS = Path(__file__).resolve().parent / "fonts"
# PDF/UA refuses a character that no font of the machine has, such as an emoji in a title.
MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
# What no font has or PDF/A forbids: control characters, marks of byte order, halves of pairs, letters that mean
# something in one font only, characters that are none, and marks that turn the direction of what follows.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
# Letters that the portal's own fonts have: Latin, Greek, Cyrillic, and the usual signs.
PLAIN = re.compile(r"[\x00-\u052f\u1e00-\u24ff]")
LETTER = "□"
PICTURE = ""
# Each round names every character that is missing; a second one would already be a surprise.
ROUNDS = 3
# A compiler takes one document at a time, and says "already borrowed" to a second thread of the same process.
_ONE_AT_A_TIME = Lock()


class LayoutPanic(Exception):
    """Typst gave up inside, as it does with some sequences of rare scripts."""


@cache
def _compiler(template: Path) -> typst.Compiler:
    """One a process and template: reading the fonts takes longer than making a document."""
    return typst.Compiler(str(template), root=str(template.parent), font_paths=[str(FONTS)])


def render(template: Path, data: dict[str, Any]) -> bytes:
    """Return the PDF of a Typst template, which finds ``data`` as JSON: the same bytes for the same data.

    Raises typst.TypstError when it cannot be made.
    """
    text = json.dumps(_printable(data), ensure_ascii=False)
    for _round in range(ROUNDS):
        try:
            return _compile(template, text)
        except typst.TypstError as error:
            missing = _missing_characters(f"{error.message}\n{error.diagnostic}")
            if not missing:
                raise
            logger.warning("no_font_for", characters=sorted(missing))
        except LayoutPanic:
            missing = {character for character in text if not PLAIN.match(character)}
            logger.warning("typst_panicked", characters=sorted(missing))
        text = text.translate({ord(character): _substitute(character) for character in missing})
    return _compile(template, text)


def draw(template: Path, data: dict[str, Any], *, format: Literal["svg", "png"], ppi: float = 144) -> bytes:
    """Return the one page of a Typst template as a drawing; letters of an SVG are outlines. Raises typst.TypstError."""
    inputs = {"data": json.dumps(_printable(data), ensure_ascii=False)}
    with _ONE_AT_A_TIME:
        result = _compiler(template).compile(format=format, ppi=ppi, sys_inputs=inputs)
    if not isinstance(result, bytes):
        raise TypeError("the drawing has several pages")
    return result


def _printable(data: Any) -> Any:
    """The same without what cannot be printed: somebody pasted it from a terminal or a bad export."""
    if isinstance(data, dict):
        return {name: _printable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_printable(value) for value in data]
    return UNPRINTABLE.sub("", data) if isinstance(data, str) else data


def _compile(template: Path, text: str) -> bytes:
    try:
        with _ONE_AT_A_TIME:
            result = _compiler(template).compile(format="pdf", sys_inputs={"data": text}, pdf_standards=[*STANDARDS])
    except BaseException as error:
        # The class that Rust's panics come as can not be imported, and is no Exception: it would end the worker.
        if type(error).__name__ == "PanicException":
            raise LayoutPanic(str(error)) from None
        raise
    if not isinstance(result, bytes):
        raise TypeError("Typst gave no single file")
    return result


def _substitute(character: str) -> str:
    """A letter leaves a box, so that a name is seen to be incomplete; pictures and marks are left out."""
    return LETTER if unicodedata.category(character)[0] in "LN" else PICTURE


def _missing_characters(message: str) -> set[str]:
    found: set[str] = set()
    for text in MISSING.findall(message):
        plain = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)
        found.update(character for character in plain if not character.isascii())
    return found
