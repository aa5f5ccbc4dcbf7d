"""Sessions by a recurrence rule: which dates it gives, which are left out and why, and what becomes of it later.

A rule is of days (RFC 5545, RRULE for a DTSTART that is a date); the clock shows the same on each of them, before and
after the clocks change. Nothing here ever generates more than ``MOST_DATES`` + 1 dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import FR, MO, SA, SU, TH, TU, WE, WEEKLY, rrule, rrulestr
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Activity, Session, SessionSeries
from stemportal.activities.search_index import refresh_availability
from stemportal.activities.services.activities import lock_activity
from stemportal.activities.session_rules import (
    FARTHEST_YEARS,
    NewSession,
    SessionErrors,
    check_session,
    check_sessions,
    local_start,
    taken_times,
)
from stemportal.places.models import County
from stemportal.places.school_calendar import Closed, left_out

MOST_DATES = 100
MOST_WEEKS_BETWEEN = 26
DAYS = (MO, TU, WE, TH, FR, SA, SU)

# Why a date of the rule is no session. What stands in OF_CHOICE may be held all the same, if the partner says so.
REASONS: dict[str, str | Promise] = {
    "public_holiday": gettext_lazy("Public holiday"),
    "school_holiday": gettext_lazy("School holiday"),
    "season": gettext_lazy("Outside the months in which you offer it"),
    "clocks": gettext_lazy("The time does not exist: the clocks go forward that night"),
    "taken": gettext_lazy("There is a session at this time already"),
    "past": gettext_lazy("The time has passed"),
    "chosen": gettext_lazy("Left out by you"),
}
OF_CHOICE = {"public_holiday", "school_holiday", "season", "chosen"}


class SeriesError(ValidationError):
    """The rule cannot be; ``field`` names what is wrong with it (a field of ``Plan``), empty: the whole."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field

    @property
    def words(self) -> str:
        return str(self.message)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A series to be. It ends on ``last_day`` or after ``times`` dates of the rule, left-out ones counted."""

    weekdays: tuple[int, ...]
    first_day: date
    begins: time
    minutes: int
    capacity: int
    last_day: date | None = None
    times: int | None = None
    every: int = 1
    pupil_capacity: int | None = None
    where: str = ""
    place: str = ""
    link: str = ""
    school_weeks_only: bool = True
    not_on_holidays: bool = True

    def session(self, starts_at: datetime) -> NewSession:
        """The session that begins then."""
        return NewSession(
            starts_at=starts_at,
            minutes=self.minutes,
            capacity=self.capacity,
            place=self.place,
            link=self.link,
            pupil_capacity=self.pupil_capacity,
            where=self.where,
        )

    @property
    def rule(self) -> str:
        """The rule as RFC 5545 writes it, without DTSTART."""
        days = ",".join(str(DAYS[day]) for day in sorted(set(self.weekdays)))
        end = f"UNTIL={self.last_day:%Y%m%d}" if self.last_day else f"COUNT={self.times}"
        return f"FREQ=WEEKLY;INTERVAL={self.every};BYDAY={days};{end}"


@dataclass(frozen=True)
class Occurrence:
    """One date of a rule. ``reason`` is a key of REASONS, empty for a session to be; ``words`` say it in full."""

    day: date
    starts_at: datetime | None
    reason: str = ""
    words: str = ""
    is_checked: bool = True

    @property
    def may_be_held(self) -> bool:
        """Whether it can become a session, by the rule or because the partner says so."""
        return not self.reason or self.reason in OF_CHOICE


def calendar_county(activity: Activity) -> County | None:
    """Return the county whose school holidays count: where the activity is at home, else its partner."""
    home = activity.municipality or activity.partner.municipality
    return home.county if home else None


def dates_of(plan: Plan) -> list[date]:
    """Return the days that the rule gives. Raises SeriesError for a rule without end, with too many dates, or none."""
    _check_bounds(plan)
    start = datetime.combine(plan.first_day, time())
    end: dict[str, Any] = {"count": plan.times} if plan.times else {"until": datetime.combine(_end(plan), time())}
    weekdays = [DAYS[day] for day in plan.weekdays]
    dates = rrule(WEEKLY, dtstart=start, interval=plan.every, byweekday=weekdays, wkst=MO, **end)
    return _bounded(moment.date() for moment in dates)


def _check_bounds(plan: Plan) -> None:
    today = timezone.localdate()
    farthest = today + timedelta(days=FARTHEST_YEARS * 365)
    if not plan.weekdays:
        raise SeriesError(_("Choose at least one weekday."), "weekdays")
    if not set(plan.weekdays) <= set(range(7)):
        raise SeriesError(_("Choose at least one weekday."), "weekdays")
    if not 1 <= plan.every <= MOST_WEEKS_BETWEEN:
        text = _("Choose between 1 and %(number)s weeks.") % {"number": MOST_WEEKS_BETWEEN}
        raise SeriesError(text, "every")
    if plan.first_day < today:
        raise SeriesError(_("Choose a day that is still to come."), "first_day")
    if plan.first_day > farthest:
        raise SeriesError(_("Choose a time within the next five years."), "first_day")
    if plan.last_day is None and plan.times is None:
        raise SeriesError(
            _("Say when it ends: the last day, or how many times. A series cannot go on without end."), "last_day"
        )
    if plan.times is not None and plan.times < 1:
        raise SeriesError(_("It must be held at least once."), "times")
    if plan.times is not None and plan.times > MOST_DATES:
        raise SeriesError(too_many(), "times")
    if plan.last_day is not None and plan.last_day < plan.first_day:
        raise SeriesError(_("The last day is before the first."), "last_day")
    if plan.last_day is not None and plan.last_day > farthest:
        raise SeriesError(_("Choose a time within the next five years."), "last_day")


def too_many() -> str:
    """Say how many dates a series may have."""
    return _("A series has at most %(number)s dates. Let it end earlier, and add more later.") % {"number": MOST_DATES}


def _end(plan: Plan) -> date:
    return plan.last_day or plan.first_day


def _bounded(days: Iterator[date]) -> list[date]:
    found = list(islice(days, MOST_DATES + 1))
    if len(found) > MOST_DATES:
        raise SeriesError(too_many(), "last_day")
    if not found:
        raise SeriesError(_("None of these weekdays lies between the first day and the last."), "last_day")
    if found[-1] > timezone.localdate() + timedelta(days=FARTHEST_YEARS * 365):
        raise SeriesError(_("Choose a time within the next five years."), "times")
    return found


def occurrences(activity: Activity, plan: Plan, days: Iterable[date] | None = None) -> list[Occurrence]:
    """Return the dates of the plan (or these days) with what speaks against each. Two queries.

    Raises SeriesError for a plan that cannot be, SessionErrors for a session that cannot (length, places).
    """
    found = list(days) if days is not None else dates_of(plan)
    county = calendar_county(activity)
    closed = left_out(found, county, weekends=False, public=plan.not_on_holidays, school=plan.school_weeks_only)
    moments: dict[date, datetime] = {}
    for day in found:
        try:
            moments[day] = local_start(day, plan.begins)
        except ValidationError:
            continue
    _check_facts(activity, plan, moments.values())
    taken = taken_times(activity, list(moments.values()))
    return [_occurrence(activity, day, moments.get(day), closed.get(day), taken) for day in found]


def _check_facts(activity: Activity, plan: Plan, moments: Iterable[datetime]) -> None:
    """Length, places and so on are the same on every date: say once what is wrong with them."""
    tomorrow = timezone.now().astimezone(UTC) + timedelta(days=1)
    if errors := check_session(plan.session(next(iter(moments), tomorrow)), activity):
        errors.pop("starts_at", None)
        if errors:
            raise SessionErrors({0: errors})


def _occurrence(
    activity: Activity, day: date, moment: datetime | None, closed: Closed | None, taken: set[datetime]
) -> Occurrence:
    reason = ""
    if moment is None:
        reason = "clocks"
    elif moment <= timezone.now():
        reason = "past"
    elif moment in taken:
        reason = "taken"
    elif closed is not None:
        return Occurrence(day, moment, closed.code, closed.words, closed.is_checked)
    elif activity.season_months and day.month not in activity.season_months:
        reason = "season"
    return Occurrence(day, moment, reason, str(REASONS[reason]) if reason else "")


@transaction.atomic
def create_series(*, activity: Activity, plan: Plan, days: Collection[date]) -> SessionSeries:
    """Make the series with sessions on those of its dates that were chosen; the others are noted with the reason.

    All or nothing. Raises SeriesError or SessionErrors.
    """
    current = _open_activity(activity)
    found = occurrences(current, plan)
    chosen = _chosen(found, days)
    series = SessionSeries.objects.create(
        activity=current,
        rule=plan.rule,
        first_day=plan.first_day,
        last_day=plan.last_day or found[-1].day,
        begins=plan.begins,
        minutes=plan.minutes,
        school_weeks_only=plan.school_weeks_only,
        left_out=_noted(found, chosen),
    )
    _add(current, series, plan, chosen)
    return series


@transaction.atomic
def extend_series(*, series: SessionSeries, plan: Plan, days: Collection[date]) -> int:
    """Add more dates to a series, up to ``plan.last_day`` (see ``longer_plan``). Return how many were added.

    All or nothing. Raises SeriesError or SessionErrors.
    """
    current = _open_activity(series.activity)
    series = SessionSeries.objects.select_for_update(no_key=True).get(pk=series.pk)
    found = more_occurrences(series, plan)
    chosen = _chosen(found, days)
    series.rule, series.last_day = plan.rule, _end(plan)
    series.left_out = [*series.left_out, *_noted(found, chosen)]
    series.save(update_fields=["rule", "last_day", "left_out"])
    _add(current, series, plan, chosen)
    return len(chosen)


def _open_activity(activity: Activity) -> Activity:
    current = lock_activity(activity.pk)
    if current.status == Activity.Status.ARCHIVED:
        raise SeriesError(_("Take it out of the archive before you add sessions."))
    return current


def _chosen(found: list[Occurrence], days: Collection[date]) -> list[Occurrence]:
    possible = {item.day: item for item in found if item.may_be_held}
    if strange := sorted(set(days) - set(possible)):
        text = _("%(day)s is not possible any more. Look at the dates once more.")
        raise SeriesError(text % {"day": strange[0].isoformat()})
    if not days:
        raise SeriesError(_("Choose at least one date."))
    return [item for item in found if item.day in set(days)]


def _noted(found: list[Occurrence], chosen: list[Occurrence]) -> list[dict[str, str]]:
    """What the series remembers of the dates that became no session; those that have passed are nothing to remember."""
    held = {item.day for item in chosen}
    return [
        {"day": item.day.isoformat(), "reason": item.reason or "chosen"}
        for item in found
        if item.day not in held and item.reason != "past"
    ]


def _add(activity: Activity, series: SessionSeries, plan: Plan, chosen: list[Occurrence]) -> None:
    items = [plan.session(item.starts_at) for item in chosen if item.starts_at is not None]
    check_sessions(activity, items, most=MOST_DATES)
    if Session.objects.filter(series=series).count() + len(items) > MOST_DATES:
        raise SeriesError(too_many(), "last_day")
    Session.objects.bulk_create(session_row(activity, item, series) for item in items)
    refresh_availability([activity.pk])


def session_row(activity: Activity, item: NewSession, series: SessionSeries | None = None) -> Session:
    """Return the unsaved row of a session to be."""
    return Session(
        activity=activity,
        series=series,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        capacity=item.capacity,
        pupil_capacity=item.pupil_capacity,
        where=item.where,
        place=item.place,
        link=item.link,
    )


# --- A series that is there


def weekdays_of(rule: str) -> tuple[tuple[int, ...], int]:
    """Return the weekdays (0 is Monday) and the weeks between that a rule of ours names."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    names = [str(day) for day in DAYS]
    return tuple(names.index(name) for name in parts["BYDAY"].split(",")), int(parts.get("INTERVAL", 1))


def longer_plan(series: SessionSeries, until: date) -> Plan:
    """Return the plan by which a series goes on: its rule, and places and meeting place of its latest session."""
    weekdays, every = weekdays_of(series.rule)
    latest = series.sessions.order_by("-starts_at", "-pk").first()
    return Plan(
        weekdays=weekdays,
        every=every,
        first_day=series.first_day,
        last_day=until,
        begins=series.begins,
        minutes=series.minutes,
        capacity=latest.capacity if latest else 1,
        pupil_capacity=latest.pupil_capacity if latest else None,
        where=latest.where if latest else "",
        place=latest.place if latest else "",
        link=latest.link if latest else "",
        school_weeks_only=series.school_weeks_only,
    )


def more_occurrences(series: SessionSeries, plan: Plan) -> list[Occurrence]:
    """Return the dates after the series' last one that the longer plan gives. Raises SeriesError."""
    until = _end(plan)
    if until <= series.last_day:
        raise SeriesError(_("Choose a day after the last one of the series."), "last_day")
    if until > timezone.localdate() + timedelta(days=FARTHEST_YEARS * 365):
        raise SeriesError(_("Choose a time within the next five years."), "last_day")
    dates = rrulestr(plan.rule, dtstart=datetime.combine(series.first_day, time()))
    after = datetime.combine(max(series.last_day, timezone.localdate() - timedelta(days=1)), time())
    # From the first day on, so that "every third week" keeps its step; a date a day for some years at the most.
    days = _bounded(moment.date() for moment in dates.xafter(after))
    return occurrences(series.activity, plan, days)


def all_dates(series: SessionSeries) -> set[date]:
    """Return the days that the rule of a series gives, left-out ones too; a bounded number of them."""
    dates = rrulestr(series.rule, dtstart=datetime.combine(series.first_day, time()))
    return {moment.date() for moment in islice(iter(dates), 4 * MOST_DATES)}


def cut_series(*, series: SessionSeries, before: date) -> None:
    """Let a series end before a day: its later dates were called off, or went to a series of their own."""
    weekdays, every = weekdays_of(series.rule)
    series.last_day = max(series.first_day, before - timedelta(days=1))
    series.left_out = [item for item in series.left_out if item["day"] < before.isoformat()]
    series.rule = replace(_plan_of(series), weekdays=weekdays, every=every, last_day=series.last_day).rule
    series.save(update_fields=["last_day", "left_out", "rule"])


def move_series(
    *, series: SessionSeries, since: date, days: int, begins: time, minutes: int, sessions: Collection[int]
) -> SessionSeries:
    """Let a series follow its sessions (ids) from a day on: so many days later, at another hour, of another length.

    What lies before stays a series of its own; where nothing does, the series itself moves. Returns the moved one.
    """
    weekdays, every = weekdays_of(series.rule)
    plan = replace(
        _plan_of(series),
        weekdays=tuple(sorted((day + days) % 7 for day in weekdays)),
        every=every,
        first_day=since + timedelta(days=days),
        last_day=max(series.last_day, since) + timedelta(days=days),
        begins=begins,
        minutes=minutes,
    )
    later = [item for item in series.left_out if item["day"] >= since.isoformat()]
    moved = series
    if Session.objects.filter(series=series).exclude(pk__in=sessions).exists():
        cut_series(series=series, before=since)
        moved = SessionSeries(activity=series.activity, school_weeks_only=series.school_weeks_only)
    moved.rule, moved.first_day, moved.last_day = plan.rule, plan.first_day, _end(plan)
    moved.begins, moved.minutes = begins, minutes
    moved.left_out = [
        {**item, "day": (date.fromisoformat(item["day"]) + timedelta(days=days)).isoformat()} for item in later
    ]
    moved.save()
    Session.objects.filter(pk__in=sessions).update(series=moved)
    return moved


def _plan_of(series: SessionSeries) -> Plan:
    return Plan(
        weekdays=(), first_day=series.first_day, last_day=series.last_day, begins=series.begins,
        minutes=series.minutes, capacity=1,
    )  # fmt: skip
