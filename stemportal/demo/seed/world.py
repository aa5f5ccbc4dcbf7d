"""The words of the demo world, read from stemportal/demo/world/*.json."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

WORLD = Path(__file__).parents[1] / "world"
PASSWORD = "stemportal-demo"  # noqa: S105  # printed by `make run`; the demo world has nothing to protect
STAFF_EMAIL = "sekretariat@stemportal.example.no"
PARTNER_EMAIL = "ingrid.fjelldal@nordlys-robotikk.example.no"
TEACHER_EMAIL = "mari.solli@alta.example.no"
TEACHER_NAME = "Mari Solli"
SECOND_TEACHER_EMAIL = "jonas.vik@example.org"
HOME_MUNICIPALITY = "5601"
# What decomposing the letters does not turn into ASCII.
LETTERS = {ord("æ"): "ae", ord("ø"): "o", ord("å"): "a", ord("đ"): "d", ord("ŧ"): "t", ord("ŋ"): "n"}


@cache
def read(name: str) -> Any:
    """Return the content of one file of the demo world."""
    return json.loads((WORLD / f"{name}.json").read_text(encoding="utf-8"))


def activities() -> list[dict[str, Any]]:
    """Return all offers of the demo world."""
    found: list[dict[str, Any]] = []
    for path in sorted(WORLD.glob("activities_*.json")):
        found += json.loads(path.read_text(encoding="utf-8"))
    return found


def dice(purpose: str) -> random.Random:
    """Return a random generator of its own for one purpose, so that a change in one step moves no other."""
    return random.Random(f"stemportal:{purpose}")


def ascii_slug(text: str) -> str:
    """Return a name as a mail domain can write it: Gáivuotna – Kåfjord becomes gaivuotna-kafjord."""
    plain = text.lower().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
