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


def read_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a JSON file among the data of this app."""
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
        Kind(**_texts("name", row.pop("name")), **_texts("help", row.pop("help")), **row)
        for row in read_rows("kinds.json")
    ]
    before = Kind.objects.count()
    Kind.objects.bulk_create(kinds, ignore_conflicts=True)
    return Kind.objects.count() - before


def load_subjects() -> int:
    """Create the subjects of ``data/subjects.json`` that are missing, in the file's order; return how many."""
    subjects = [
        Subject(code=row["code"], order=10 * number, **_texts("name", row["name"]))
        for number, row in enumerate(read_rows("subjects.json"), start=1)
    ]
    before = Subject.objects.count()
    Subject.objects.bulk_create(subjects, ignore_conflicts=True)
    return Subject.objects.count() - before


@transaction.atomic
def load_curriculum() -> int:
    """Create or update plans and competence goals (Grep, see ``data/SOURCES.md``); return how many goals are new.

    These are facts of a register, so the file's values win, except over what an import from the register has written
    since, and over the subject that staff gave a plan. A goal is keyed by plan and code.
    """
    rows = list(_csv("curriculum_plans.csv"))
    _load_plans(rows)
    ids = dict(CurriculumPlan.objects.values_list("code", "pk"))
    before = Goal.objects.count()
    goals = list(_csv("goals.csv"))
    imported = set(Goal.objects.exclude(register_changed="").values_list("plan__code", "code"))
    facts = ["after_grade", "goal_set", "text_nb", "text_nn", "text_en"]
    Goal.objects.bulk_create(
        [
            Goal(plan_id=ids[row["plan"]], code=row["code"], **{name: row[name] for name in facts})
            for row in goals
            if (row["plan"], row["code"]) not in imported
        ],
        update_conflicts=True,
        unique_fields=["plan", "code"],
        update_fields=facts,
    )
    _link_successors(rows, goals)
    return Goal.objects.count() - before


def _load_plans(rows: list[dict[str, str]]) -> None:
    imported = set(CurriculumPlan.objects.exclude(register_changed="").values_list("code", flat=True))
    facts = ["title", "level", "valid_from", "valid_to"]
    CurriculumPlan.objects.bulk_create(
        [
            CurriculumPlan(
                code=row["code"],
                title=row["title"],
                level=row["level"],
                valid_from=_day(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
            )
            for row in rows
            if row["code"] not in imported
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=facts,
    )
    subjects = dict(Subject.objects.values_list("code", "pk"))
    for row in rows:
        CurriculumPlan.objects.filter(code=row["code"], subject__isnull=True).update(
            subject_id=subjects.get(row["subject"])
        )


def _link_successors(plans: list[dict[str, str]], goals: list[dict[str, str]]) -> None:
    """What the files say came after what; a goal's successor stands in the successor of its plan."""
    after = {row["code"]: row["successor"] for row in plans if row["successor"]}
    ids = dict(CurriculumPlan.objects.values_list("code", "pk"))
    for old, new in after.items():
        CurriculumPlan.objects.filter(code=old, successor__isnull=True).update(successor_id=ids[new])
    found = {(goal.plan_id, goal.code): goal for goal in Goal.objects.filter(plan__code__in={*after, *after.values()})}
    changed = []
    for row in goals:
        if not row["successor"]:
            continue
        goal = found[ids[row["plan"]], row["code"]]
        heir = found[ids[after[row["plan"]]], row["successor"]]
        if goal.successor_id is None:
            goal.successor = heir
            changed.append(goal)
    Goal.objects.bulk_update(changed, ["successor"])
