"""What the partner programme starts with. Loading again changes nothing that staff changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stemportal.partners.models import DeclineReason

DATA = Path(__file__).parent / "data"


def _texts(name: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}_{language}": text for language, text in texts.items()}


def load_decline_reasons() -> int:
    """Create the ready reasons of ``data/decline_reasons.json`` that are missing; return how many."""
    rows: list[dict[str, Any]] = json.loads((DATA / "decline_reasons.json").read_text(encoding="utf-8"))
    reasons = [
        DeclineReason(
            code=row["code"], order=row["order"], **_texts("title", row["title"]), **_texts("text", row["text"])
        )
        for row in rows
    ]
    before = DeclineReason.objects.count()
    DeclineReason.objects.bulk_create(reasons, ignore_conflicts=True)
    return DeclineReason.objects.count() - before
