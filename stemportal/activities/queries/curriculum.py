"""Reading goals: those to choose from, what came after those that are over, and whose offers still name them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stemportal.activities.models import GRADES, Activity, CurriculumPlan, Goal

# A successor may have one of its own by now; a ring of them ends here.
MOST_STEPS = 10


@dataclass
class GoalOption:
    """One tick box."""

    goal: Goal
    chosen: bool


@dataclass
class GoalGroup:
    """The goals of a curriculum for one grade, folded together."""

    plan: CurriculumPlan
    after_grade: str
    options: list[GoalOption] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The curriculum and the grade, for example "Naturfag, 10th grade"."""
        grade = grade_name(self.after_grade)
        return f"{self.plan.title}, {grade}" if grade else self.plan.title

    @property
    def chosen(self) -> int:
        """How many of its goals are chosen."""
        return sum(option.chosen for option in self.options)


@dataclass
class GoalPicker:
    """Goals in force in their groups, and before them the chosen ones that are over."""

    expired: list[Goal]
    groups: list[GoalGroup]

    @property
    def chosen(self) -> int:
        """How many are chosen, the ones that are over among them."""
        return len(self.expired) + sum(group.chosen for group in self.groups)


def grade_name(after_grade: str) -> str:
    """Return the grade after which a goal is to be reached as people say it; "" when the curriculum names none."""
    return str(dict(GRADES).get(int(after_grade), "")) if after_grade.isdecimal() else after_grade


def goal_picker(chosen: Collection[int]) -> GoalPicker:
    """Return what a person can choose: all goals in force, and of the chosen ones those that are not. Two queries."""
    groups: dict[tuple[int, str], GoalGroup] = {}
    for goal in Goal.objects.in_force().for_reading():
        group = groups.setdefault((goal.plan_id, goal.after_grade), GoalGroup(goal.plan, goal.after_grade))
        group.options.append(GoalOption(goal, goal.pk in chosen))
    here = {option.goal.pk for group in groups.values() for option in group.options}
    rest = list(Goal.objects.filter(pk__in=set(chosen) - here).for_reading()) if set(chosen) - here else []
    return GoalPicker(rest, sorted(groups.values(), key=_order))


def _order(group: GoalGroup) -> tuple[str, int]:
    return group.plan.title, int(group.after_grade) if group.after_grade.isdecimal() else 0


def with_successors(goals: Iterable[Goal], replaced: Collection[str]) -> list[Goal]:
    """Return the goals, those whose identities are in ``replaced`` by what came after them, each once.

    A goal without a successor stays. Two queries at most a step in the chain of successors.
    """
    kept = {goal.pk: goal for goal in goals if str(goal.pk) not in replaced}
    for goal in goals:
        if str(goal.pk) in replaced:
            heir = heir_of(goal) or goal
            kept.setdefault(heir.pk, heir)
    return list(kept.values())


def heir_of(goal: Goal) -> Goal | None:
    """Return the goal in force that came after this one, over several steps, else the last there is; None without."""
    heir, seen = goal, {goal.pk}
    for _step in range(MOST_STEPS):
        after = heir.successor
        if after is None or after.pk in seen:
            break
        heir = after
        seen.add(heir.pk)
    return heir if heir.pk != goal.pk else None


def offers_with_expired_goals(partner_id: int, *, at_most: int = 100) -> list[int]:
    """Return the partner's drafts and published offers that name goals no longer in force, oldest change first."""
    offers = Activity.objects.filter(partner_id=partner_id, goals__in=Goal.objects.expired())
    offers = offers.exclude(status=Activity.Status.ARCHIVED).order_by("updated_at", "pk").distinct()
    return list(offers.values_list("pk", flat=True)[:at_most])


def plans_taught(day: date) -> QuerySet[CurriculumPlan]:
    """Return the plans in force on the day that have goals, with their subjects, by title. One query."""
    goals = Goal.objects.in_force(day)
    return CurriculumPlan.objects.filter(goals__in=goals).select_related("subject").order_by("title", "code").distinct()


def goals_taught(plan: str, day: date) -> list[Goal]:
    """Return the goals of a plan that are in force on the day, by grade. One query."""
    found = Goal.objects.in_force(day).filter(plan__code=plan).for_reading()
    return sorted(found, key=lambda goal: int(goal.after_grade) if goal.after_grade.isdecimal() else 0)


def successor_words(goal: Goal) -> str:
    """Return what came after a goal, in codes: "KM13854 in NAT01-05", or only its plan; "" when nothing is known."""
    if goal.successor:
        return _("%(goal)s in %(plan)s") % {"goal": goal.successor.code, "plan": goal.successor.plan.code}
    return goal.plan.successor.code if goal.plan.successor else ""
