"""From "I teach this in week 41" to ranked offers, and to the text that goes into the year plan.

Offers that name one of the goals come first, then offers of the same subject. When nobody names the goals in that week
near the school, the week is let go, then the place, then the goal, and the page says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from stemportal.activities import search_index
from stemportal.activities.finding.cards import cards_of, midnight
from stemportal.activities.finding.filters import USUAL_RADIUS, week_days, weeks_ahead
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, CurriculumPlan, Goal, Session
from stemportal.activities.queries.curriculum import grade_name
from stemportal.activities.search.criteria import Criteria, Near
from stemportal.activities.search.engine import run_search
from stemportal.activities.search.store import SearchNotReady
from stemportal.lib.school_year import label, public_holidays, school_year_of
from stemportal.lib.templatetags.portal import localized, timespan

# Of each of the two lists; the search has all.
MOST_SHOWN = 12
FRIDAY = 4
# Identities, how many there are, what was let go.
NOTHING: tuple[list[int], int, str] = ([], 0, "")


@dataclass(frozen=True)
class Found:
    """Offers with what was let go for them: "", "week" or "place" (then the week as well); ``total`` counts all."""

    offers: list[Activity] = field(default_factory=list)
    total: int = 0
    without: str = ""


@dataclass(frozen=True)
class Teaching:
    """What a teacher asked for. ``week`` is "2026-W41"."""

    week: str
    goals: Sequence[Goal] = ()
    plan: CurriculumPlan | None = None
    near: Place | None = None
    grade: int | None = None

    @property
    def days(self) -> tuple[date, date]:
        """Monday and Sunday of the week."""
        return week_days(self.week)

    @property
    def is_past(self) -> bool:
        return self.days[1] < timezone.localdate()

    @property
    def subject_id(self) -> int | None:
        plan = self.plan or (self.goals[0].plan if self.goals else None)
        return plan.subject_id if plan else None


def offers_to_teach(teaching: Teaching) -> tuple[Found, Found]:
    """Return offers that name one of the goals, and other offers of the same subject.

    Raises SearchNotReady. At most six searches and three queries, however much there is.
    """
    codes = _with_older_codes(teaching.goals)
    of_subject = NOTHING
    try:
        with_goal = _found(teaching, Criteria(goals=codes)) if codes else NOTHING
        if teaching.subject_id is not None:
            same = Criteria(facets={"subject": [teaching.subject_id]})
            of_subject = _found(teaching, same, besides=with_goal[0])
    except SearchNotReady:
        search_index.announce_missing()
        raise
    return _loaded(teaching, *with_goal), _loaded(teaching, *of_subject)


def _loaded(teaching: Teaching, ids: list[int], total: int, without: str) -> Found:
    days = (None, None) if without else teaching.days
    return Found(cards_of(ids, days=days, near=teaching.near), total, without)


def _with_older_codes(goals: Sequence[Goal]) -> list[str]:
    """The goals' codes, and those of what they replaced: an offer may still name the old ones."""
    codes = [goal.code for goal in goals]
    older = Goal.objects.filter(successor__in=[goal.pk for goal in goals]) if goals else Goal.objects.none()
    return list(dict.fromkeys([*codes, *older.values_list("code", flat=True)]))


def _found(teaching: Teaching, wanted: Criteria, besides: Sequence[int] = ()) -> tuple[list[int], int, str]:
    """Return identities, how many there are, and what was let go: the first of the ways that finds something."""
    first, last = teaching.days
    near = Near(USUAL_RADIUS, teaching.near.point, teaching.near.county_id) if teaching.near else None
    narrow = replace(wanted, near=near, grade=teaching.grade)
    ways = [] if teaching.is_past else [("", replace(narrow, first_day=first, last_day=last))]
    ways += [("week", narrow), *([("place", replace(narrow, near=None))] if near else [])]
    for without, criteria in ways:
        found = run_search(criteria, count=(), now=timezone.now())
        ids = [pk for pk in found.ids if pk not in besides]
        if ids:
            return ids[:MOST_SHOWN], max(found.total - (len(found.ids) - len(ids)), len(ids)), without
    return NOTHING


# Weeks


def next_school_week() -> str:
    """Return the next week in which schools are open somewhere, as "2026-W41"; holidays of a county do not count."""
    monday = timezone.localdate()
    monday += timedelta(days=7 - monday.weekday())
    while not any(_is_school_day(monday + timedelta(days=day)) for day in range(FRIDAY + 1)):
        monday += timedelta(days=7)
    return _week_of(monday)


def _is_school_day(day: date) -> bool:
    """Christmas and the summer are the same everywhere; the rest differs by county."""
    christmas = (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 1)
    summer = (6, 22) <= (day.month, day.day) <= (8, 14)
    return not (christmas or summer or day in public_holidays())


def _week_of(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def weeks_by_school_year(chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the coming weeks, and the chosen one, below their school years: ("School year 2026/27", weeks)."""
    groups: dict[int, list[tuple[str, str]]] = {}
    for value, words in weeks_ahead(chosen):
        groups.setdefault(school_year_of(week_days(value)[1]), []).append((value, words))
    return [(_("School year %(year)s") % {"year": label(year)}, weeks) for year, weeks in sorted(groups.items())]


def week_words(week: str) -> str:
    """Return the week as a plan names it: "Week 41 (5 October to 11 October), school year 2026/27"."""
    first, last = week_days(week)
    days = [formats.date_format(day, "MONTH_DAY_FORMAT") for day in (first, last)]
    facts = {"week": first.isocalendar().week, "first": days[0], "last": days[1], "year": label(school_year_of(last))}
    return _("Week %(week)s (%(first)s to %(last)s), school year %(year)s") % facts


# The text for the year plan


def session_for(activity: Activity, week: str) -> Session | None:
    """Return the activity's first free session in the week, else the next one after it, else the next at all."""
    first, last = week_days(week)
    free = Session.objects.filter(activity=activity).open().with_places_left().order_by("starts_at", "pk")
    in_week = free.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(last + timedelta(days=1)))
    later = free.filter(starts_at__gte=midnight(last + timedelta(days=1)))
    return in_week.first() or later.first() or free.first()


def offer_for_plan(pk: int) -> Activity | None:
    """Return a published activity with what the text needs, None if there is none. One query."""
    offers = Activity.objects.published().select_related("partner", "kind", "municipality")
    return offers.filter(pk=pk).first()


def goals_in_force(activity: Activity) -> list[Goal]:
    """Return the activity's goals that are in force today. One query."""
    return list(activity.goals.in_force().for_reading())


def year_plan_text(
    activity: Activity, *, week: str, goals: Sequence[Goal], session: Session | None, address: str
) -> str:
    """Return plain text to paste into a year plan, in the reader's language: short lines, parts with a heading each."""
    parts = [week_words(week)]
    if goals:
        parts.append("\n".join([_("Competence goals:"), *(f"- {_goal_line(goal)}" for goal in goals)]))
    facts = [
        _("Activity: %(title)s") % {"title": activity.title},
        _("Partner: %(name)s") % {"name": activity.partner.display_name},
        _("When: %(when)s") % {"when": _when(activity, session, week)},
        _("Where: %(where)s") % {"where": _where(activity)},
    ]
    parts.append("\n".join(facts))
    for heading, text in (
        (_("Before the visit:"), activity.preparation),
        (_("What to bring:"), activity.bring),
        (_("After the visit:"), activity.follow_up),
    ):
        if text.strip():
            parts.append(f"{heading}\n{text.strip()}")
    parts.append(_("Read more and book: %(address)s") % {"address": address})
    return "\n\n".join(parts) + "\n"


def _goal_line(goal: Goal) -> str:
    grade = grade_name(goal.after_grade)
    facts = {"text": localized(goal, "text"), "code": goal.code, "plan": goal.plan.code, "title": goal.plan.title}
    if grade:
        return _("%(text)s (%(code)s, %(title)s %(plan)s, after %(grade)s)") % {**facts, "grade": grade}
    return _("%(text)s (%(code)s, %(title)s %(plan)s)") % facts


def _when(activity: Activity, session: Session | None, week: str) -> str:
    if session is not None:
        when = timespan(session.starts_at, session.ends_at)
        first, last = week_days(week)
        if first <= timezone.localtime(session.starts_at).date() <= last:
            return when
        return _("%(when)s (no free date in that week)") % {"when": when}
    if activity.is_on_request:
        return _("as agreed: you propose the date")
    if activity.link:
        return _("whenever it suits you")
    return _("no free dates now")


def _where(activity: Activity) -> str:
    places = [activity.place, activity.municipality.name if activity.municipality else ""]
    meeting = ", ".join(place for place in places if place)
    where = activity.format_label
    return f"{where}, {meeting}" if meeting and activity.format != Activity.Format.DIGITAL else where


def known_goals(codes: Sequence[str], *, plan: str) -> tuple[list[Goal], list[tuple[Goal, Goal]]]:
    """Return the goals of these codes that are in force, and pairs (over, in its place) for those that are not.

    With a plan only its own goals, and what came after goals of older plans. One query, and one for each that is over.
    """
    found = list(Goal.objects.filter(code__in=codes).filter(Q(plan__code=plan) if plan else Q()).for_reading())
    if plan:
        older = Goal.objects.filter(code__in=codes, successor__plan__code=plan)
        found += list(older.exclude(pk__in=[goal.pk for goal in found]).for_reading())
    goals: dict[int, Goal] = {}
    replaced: list[tuple[Goal, Goal]] = []
    in_force = {goal.code for goal in found if goal.expired_on is None}
    for goal in found:
        if goal.expired_on is None:
            goals.setdefault(goal.pk, goal)
        elif goal.code not in in_force:
            heir = goal.successor
            if heir is not None and heir.expired_on is None:
                goals.setdefault(heir.pk, heir)
                replaced.append((goal, heir))
    return list(goals.values()), replaced
