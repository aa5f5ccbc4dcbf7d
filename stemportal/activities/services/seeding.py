"""Kinds, subjects and the curriculum that the portal starts with. Loading again changes nothing that staff changed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from stemportal.activities.models import CurriculumPlan, Goal, Kind, Subject

DATA = Path(__file__).resolve().parents[1] / "data"


def _json(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return rows


def _csv(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _texts(name: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}_{language}": text for language, text in texts.items()}


def load_kinds() -> int:
    """Create the kinds of ``data/kinds.json`` that are missing; return how many. Existing ones belong to the staff."""
    kinds = [
        Kind(**_texts("name", row.pop("name")), **_texts("help", row.pop("help")), **row) for row in _json("kinds.json")
    ]
    before = Kind.objects.count()
    Kind.objects.bulk_create(kinds, ignore_conflicts=True)
    return Kind.objects.count() - before


def load_subjects() -> int:
    """Create the subjects of ``data/subjects.json`` that are missing, in the file's order; return how many."""
    subjects = [
        Subject(code=row["code"], order=10 * number, **_texts("name", row["name"]))
        for number, row in enumerate(_json("subjects.json"), start=1)
    ]
    before = Subject.objects.count()
    Subject.objects.bulk_create(subjects, ignore_conflicts=True)
    return Subject.objects.count() - before


@transaction.atomic
def load_curriculum() -> int:
    """Create or update plans and competence goals (Grep, see ``data/SOURCES.md``); return how many goals are new.

    These are facts of a register, so the file's values win. A goal is keyed by plan and code.
    """
    rows = list(_csv("curriculum_plans.csv"))
    plans = [
        CurriculumPlan(
            code=row["code"],
            title=row["title"],
            level=row["level"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
        )
        for row in rows
    ]
    facts = ["title", "level", "valid_from", "valid_to"]
    CurriculumPlan.objects.bulk_create(plans, update_conflicts=True, unique_fields=["code"], update_fields=facts)
    ids = dict(CurriculumPlan.objects.values_list("code", "pk"))
    for row in rows:
        if row["successor"]:
            CurriculumPlan.objects.filter(code=row["code"]).update(successor_id=ids[row["successor"]])
    before = Goal.objects.count()
    Goal.objects.bulk_create(
        [Goal(plan_id=ids[row.pop("plan")], **row) for row in _csv("goals.csv")],
        update_conflicts=True,
        unique_fields=["plan", "code"],
        update_fields=["after_grade", "text_nb", "text_en"],
    )
    return Goal.objects.count() - before
