"""Bringing curricula and competence goals up to date from Grep.

What is asked: the lists of plans and of goals, then each plan with its sets of goals, and of the goals only those that
are new or have changed since. One transaction a plan: an answer that is missing or wrong leaves that plan as it was.
Nothing is ever deleted, because offers point at goals: what is over gets its last day, and what came after it where
the register knows. Running again goes on where a run stopped, since what was written is not asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from stemportal.activities.models import Activity, CurriculumPlan, Goal
from stemportal.activities.search_index import refresh_search
from stemportal.lib import grep
from stemportal.lib.grep import Element, Grep, GrepAway, Row

logger = structlog.get_logger(__name__)

# The portal is for the 8th grade to Vg3.
LOWEST_GRADE = 8
# After so many plans in a row without an answer the register is away, and the run ends.
AWAY_IN_A_ROW = 2
LONGEST_TITLE = CurriculumPlan._meta.get_field("title").max_length or 160
TITLE_BEGINNINGS = ("Læreplan i ", "Læreplan for ", "Læreplan ")


@dataclass
class ImportReport:
    """What a run did, in codes: plans and ``plan goal``. ``failed`` says why a plan is as it was, by its code."""

    plans: list[str] = field(default_factory=list)
    new_plans: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    succeeded: list[str] = field(default_factory=list)
    without_text: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    # Plans for which there was no time, or that were not asked about because the register was away.
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Answer:
    """Everything that the register said about a plan: what was read before anything is written."""

    plan: Element
    # Set of goals and grade by goal, and the elements of new and changed goals.
    places: Mapping[str, tuple[str, int | None]]
    goals: Mapping[str, Element]


def import_grep(*, plans: Iterable[str] = (), seconds: float | None = None) -> ImportReport:
    """Read plans from Grep; those that the portal has, in all versions, when none are named (codes or "MAT01").

    Stops between two plans after so many ``seconds``; ``left`` then names the others. Raises GrepAway when not even
    the lists could be read, and RedisError when Valkey, which keeps the pace, is away; both change nothing.
    """
    ends = time.monotonic() + seconds if seconds is not None else None
    report = ImportReport()
    with Grep() as register:
        known, goal_rows = register.rows(grep.PLANS), register.rows(grep.GOALS)
        wanted = _wanted(known, plans)
        in_a_row = 0
        for number, code in enumerate(wanted):
            if in_a_row == AWAY_IN_A_ROW or (ends is not None and time.monotonic() > ends):
                report.left = wanted[number:]
                break
            try:
                answer = _ask(register, code, goal_rows)
            except GrepAway as away:
                report.failed[code] = str(away)
                in_a_row += 1
                continue
            in_a_row = 0
            _write(answer, known[code], goal_rows, report)
    logger.info(
        "grep_imported",
        plans=len(report.plans),
        added=len(report.added),
        changed=len(report.changed),
        expired=len(report.expired),
        failed=sorted(report.failed),
        left=len(report.left),
    )
    return report


def _wanted(known: Mapping[str, Row], asked: Iterable[str]) -> list[str]:
    """Codes to read, newest version first, so that successors are there when their predecessors point at them."""
    names = [name.strip().upper() for name in asked if name.strip()]
    if not names:
        names = sorted({code.partition("-")[0] for code in CurriculumPlan.objects.values_list("code", flat=True)})
    ours = set(CurriculumPlan.objects.values_list("code", flat=True))
    found = [
        code
        for code, row in known.items()
        # A version that was over before the portal had it is nobody's goal.
        if code in names or (code.partition("-")[0] in names and (code in ours or not row.is_over))
    ]
    return sorted(found, key=lambda code: (code.partition("-")[0], -int(code.partition("-")[2] or 0)))


# Asking


def _ask(register: Grep, code: str, goal_rows: Mapping[str, Row]) -> _Answer:
    plan = register.element(grep.PLANS, code)
    if plan is None:
        raise GrepAway(f"/{grep.PLANS}/{code}: not there")
    places: dict[str, tuple[str, int | None]] = {}
    for set_code in _sets_of(plan):
        goal_set = register.element(grep.SETS, set_code)
        if goal_set is None:
            raise GrepAway(f"/{grep.SETS}/{set_code}: not there")
        grade = grep.last_grade(goal_set)
        if grade is None or grade >= LOWEST_GRADE:
            for goal in grep.codes(goal_set, "kompetansemaal"):
                places.setdefault(goal, (set_code, grade))
    have = dict(Goal.objects.filter(plan__code=code).values_list("code", "register_changed"))
    if not places and have and not grep.is_over(plan):
        # A curriculum in force without a single goal is a mistake at the other end, not a reason to end all of them.
        raise GrepAway(f"/{grep.PLANS}/{code}: without goals")
    goals = {}
    for goal in places:
        row = goal_rows.get(goal)
        if row is None or not row.changed or have.get(goal) != row.changed:
            element = register.element(grep.GOALS, goal)
            if element is not None:
                goals[goal] = element
    return _Answer(plan, places, goals)


def _sets_of(plan: Element) -> list[str]:
    """The plan's sets of goals: by themselves, or in the chapter about goals."""
    chapter = plan.get("kompetansemaal-kapittel")
    inside = grep.codes(chapter, "kompetansemaalsett") if isinstance(chapter, Mapping) else []
    return list(dict.fromkeys([*inside, *grep.codes(plan, "tilhoerende-kompetansemaalsett")]))


# Writing


@transaction.atomic
def _write(answer: _Answer, row: Row, goal_rows: Mapping[str, Row], report: ImportReport) -> None:
    over = set(Goal.objects.expired().filter(plan__code=row.code).values_list("code", flat=True))
    plan = _write_plan(answer.plan, row, report)
    have = {goal.code: goal for goal in Goal.objects.select_for_update(no_key=True).filter(plan=plan)}
    touched: set[int] = set()
    for code, element in answer.goals.items():
        goal = have.get(code) or Goal(plan=plan, code=code)
        is_new = goal.pk is None
        old = _facts_of(goal)
        if not _read_goal(goal, element, answer.places[code]):
            report.without_text.append(f"{plan.code} {code}")
            continue
        changed = _facts_of(goal) != old
        goal.register_changed = goal_rows[code].changed if code in goal_rows else ""
        goal.save()
        have[code] = goal
        if is_new or changed:
            touched.add(goal.pk)
            (report.added if is_new else report.changed).append(f"{plan.code} {code}")
    for code, (goal_set, grade) in answer.places.items():
        Goal.objects.filter(plan=plan, code=code).exclude(goal_set=goal_set, after_grade=str(grade or "")).update(
            goal_set=goal_set, after_grade=str(grade or "")
        )
    _end_those_gone(plan, have, answer, report)
    gone = set(Goal.objects.expired().filter(plan=plan).values_list("code", flat=True)) - over
    report.expired += [f"{plan.code} {code}" for code in sorted(gone)]
    _link_goals(plan, have, answer, report)
    if touched:
        offers = Activity.objects.filter(goals__in=touched).values_list("pk", flat=True).distinct()
        refresh_search(list(offers))
    report.plans.append(plan.code)


def _write_plan(element: Element, row: Row, report: ImportReport) -> CurriculumPlan:
    code = str(element["kode"])
    plan = CurriculumPlan.objects.select_for_update(no_key=True).filter(code=code).first()
    is_new = plan is None
    plan = plan or CurriculumPlan(code=code, title=_title(element) or code)
    older = CurriculumPlan.objects.filter(code__startswith=f"{code.partition('-')[0]}-").exclude(code=code)
    if is_new and (like := older.order_by("-code").first()):
        # A new version belongs where the one before it belongs, and has its name until staff change it.
        plan.title, plan.level, plan.subject_id = like.title, like.level, like.subject_id
    first, end = grep.validity(element)
    plan.valid_from, plan.valid_to = first or plan.valid_from, end or plan.valid_to
    heir = CurriculumPlan.objects.filter(code__in=grep.codes(element, "erstattes-av")).order_by("-code").first()
    if heir is not None and heir.pk != plan.pk:
        plan.successor = heir
    if plan.valid_to is None and plan.successor and plan.successor.valid_from:
        # Grep may name the successor and no last day.
        plan.valid_to = plan.successor.valid_from
    if plan.valid_to is None and grep.is_over(element):
        plan.valid_to = timezone.localdate()
    plan.register_changed = row.changed
    plan.save()
    # The other direction: the new version says what it replaces, and the old one may not know yet.
    replaced = older.filter(code__in=grep.codes(element, "erstatter"), successor__isnull=True)
    replaced.filter(valid_to__isnull=True).update(valid_to=plan.valid_from)
    replaced.update(successor=plan)
    if is_new:
        report.new_plans.append(code)
    return plan


def _title(element: Element) -> str:
    texts = grep.texts(element.get("tittel"))
    title = texts.get("nb") or texts.get("default") or texts.get("nn") or ""
    for beginning in TITLE_BEGINNINGS:
        if title.startswith(beginning):
            title = title.removeprefix(beginning)
            title = title[:1].upper() + title[1:]
            break
    return title[:LONGEST_TITLE]


def _read_goal(goal: Goal, element: Element, place: tuple[str, int | None]) -> bool:
    """Put the register's facts on the goal; return whether it has any text."""
    texts = grep.texts(element.get("tittel"))
    first_text = texts.get("nb") or texts.get("default") or texts.get("nn")
    if not first_text:
        return False
    goal.text_nb, goal.text_nn, goal.text_en = first_text, texts.get("nn", ""), texts.get("en", "")
    goal.goal_set = place[0]
    goal.after_grade = str(place[1] or "")
    first, end = grep.validity(element)
    goal.valid_from = first
    goal.valid_to = end or (goal.valid_to or timezone.localdate() if grep.is_over(element) else None)
    return True


def _facts_of(goal: Goal) -> tuple[Any, ...]:
    names = ("text_nb", "text_nn", "text_en", "goal_set", "after_grade", "valid_from", "valid_to")
    return tuple(getattr(goal, name) for name in names)


def _end_those_gone(plan: CurriculumPlan, have: Mapping[str, Goal], answer: _Answer, report: ImportReport) -> None:
    """Goals that the plan no longer has are over; the same code in another plan is what they became."""
    gone = [goal for code, goal in have.items() if code not in answer.places and goal.valid_to is None]
    today = timezone.localdate()
    for goal in gone:
        goal.valid_to = min(plan.valid_to, today) if plan.valid_to else today
        goal.save(update_fields=["valid_to"])
        moved = Goal.objects.in_force().filter(code=goal.code).exclude(plan=plan).order_by("-plan__code").first()
        if moved is not None and goal.successor_id is None:
            _succeed(goal, moved, report)


def _link_goals(plan: CurriculumPlan, have: Mapping[str, Goal], answer: _Answer, report: ImportReport) -> None:
    """What came after what: as the goals say themselves, else the goal of the next plan in the very same words."""
    for code, element in answer.goals.items():
        if (goal := have.get(code)) is None:
            continue
        heirs = Goal.objects.filter(code__in=grep.codes(element, "erstattes-av")).exclude(pk=goal.pk)
        if heir := heirs.order_by("-plan__code").first():
            _succeed(goal, heir, report)
        older = Goal.objects.filter(code__in=grep.codes(element, "gjenbruk-av"), successor__isnull=True)
        for old in older.exclude(plan=plan).select_related("plan"):
            _succeed(old, goal, report)
    _link_by_words(plan.predecessors.all(), list(have.values()), report)
    if plan.successor_id:
        _link_by_words([plan], list(Goal.objects.filter(plan=plan.successor_id)), report)


def _link_by_words(older: Iterable[CurriculumPlan], newer: Sequence[Goal], report: ImportReport) -> None:
    by_words = {(goal.text_nb.lower(), goal.after_grade): goal for goal in newer}
    for old in Goal.objects.filter(plan__in=list(older), successor__isnull=True).select_related("plan"):
        heir = by_words.get((old.text_nb.lower(), old.after_grade))
        if heir is not None and heir.pk != old.pk:
            _succeed(old, heir, report)


def _succeed(old: Goal, heir: Goal, report: ImportReport) -> None:
    if old.successor_id != heir.pk:
        old.successor = heir
        old.save(update_fields=["successor"])
        report.succeeded.append(f"{old.plan.code} {old.code}")
