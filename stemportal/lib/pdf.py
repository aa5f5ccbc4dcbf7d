"""From data to PDF/UA-1 with Typst."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import structlog
import typst

logger = structlog.get_logger(__name__)

FONTS = Path(__file__).resolve().parent / "fonts"
# PDF/UA refuses a character that no font of the machine has, such as an emoji in a title.
MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LETTER = "□"
PICTURE = ""
# Each round names every character that is missing; a second one would already be a surprise.
ROUNDS = 3


@cache
def _compiler(template: Path) -> typst.Compiler:
    """One a process and template: reading the fonts takes longer than making a document."""
    return typst.Compiler(str(template), root=str(template.parent), font_paths=[str(FONTS)])


def render(template: Path, data: dict[str, Any]) -> bytes:
    """Return the PDF/UA-1 of a Typst template, which finds ``data`` as JSON.

    Raises typst.TypstError when it cannot be made.
    """
    text = json.dumps(_without_controls(data), ensure_ascii=False)
    for _round in range(ROUNDS):
        try:
            return _compile(template, text)
        except typst.TypstError as error:
            missing = _missing_characters(f"{error.message}\n{error.diagnostic}")
            if not missing:
                raise
            logger.warning("no_font_for", characters=sorted(missing))
            text = text.translate({ord(character): _substitute(character) for character in missing})
    return _compile(template, text)


def _without_controls(data: Any) -> Any:
    """The same without control characters, which no font has: somebody pasted them from a terminal or a bad export."""
    if isinstance(data, dict):
        return {name: _without_controls(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_without_controls(value) for value in data]
    return CONTROL.sub("", data) if isinstance(data, str) else data


def _compile(template: Path, text: str) -> bytes:
    result = _compiler(template).compile(format="pdf", sys_inputs={"data": text}, pdf_standards=["ua-1"])
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
