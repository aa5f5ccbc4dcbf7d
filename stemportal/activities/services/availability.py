"""When a partner can be asked for a visit on request: its hours, what they allow, and the next times that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from stemportal.activities.models import WEEKDAYS, WORKING_DAY_MINUTES, Activity, Availability, Session
from stemportal.activities.services.activities import lock_activity
from stemportal.activities.session_rules import FARTHEST_YEARS, local_start
from stemportal.lib.templatetags.portal import weekdate
from stemportal.places.models import County
from stemportal.places.school_calendar import left_out, public_holiday

MOST_ROWS = 40
# How far ahead times are suggested, and from how many days on.
WEEKS_AHEAD = 26
DAYS_OF_NOTICE = 2


@dataclass(frozen=True)
class Hours:
    """Hours of a weekday (0 is Monday) at which a visit can be held, maybe only between two days."""

    weekday: int
    begins: time
    ends: time
    first_day: date | None = None
    last_day: date | None = None


@transaction.atomic
def add_availability(*, activity: Activity, hours: Sequence[Hours]) -> int:
    """Add hours, those that are there already left out. Returns how many were added; raises ValidationError."""
    current = lock_activity(activity.pk)
    known = {
        (row.weekday, row.begins, row.ends, row.first_day, row.last_day)
        for row in Availability.objects.filter(activity=current)
    }
    new = [
        Availability(
            activity=current, weekday=item.weekday, begins=item.begins, ends=item.ends,
            first_day=item.first_day, last_day=item.last_day,
        )
        for item in dict.fromkeys(hours)
        if (item.weekday, item.begins, item.ends, item.first_day, item.last_day) not in known
    ]  # fmt: skip
    if len(known) + len(new) > MOST_ROWS:
        raise ValidationError(
            _("An offer can have %(number)s such times at most. Take some away first.") % {"number": MOST_ROWS}
        )
    for item in new:
        _check(item, current)
    return len(Availability.objects.bulk_create(new))


def _check(item: Availability, activity: Activity) -> None:
    if item.ends <= item.begins:
        raise ValidationError(_("The end must be later than the beginning."), code="ends")
    span = datetime.combine(date.min, item.ends) - datetime.combine(date.min, item.begins)
    if span < _length(activity):
        raise ValidationError(
            _("The offer lasts %(length)s, which does not fit into these hours.") % {"length": activity.duration_label},
            code="ends",
        )
    if item.first_day and item.last_day and item.last_day < item.first_day:
        raise ValidationError(_("The last day is before the first."), code="last_day")
    today = timezone.localdate()
    if item.last_day and item.last_day < today:
        raise ValidationError(_("Choose a day that is still to come."), code="last_day")
    for name in ("first_day", "last_day"):
        day = getattr(item, name)
        if day and abs(day.year - today.year) > FARTHEST_YEARS:
            raise ValidationError(_("Choose a time within the next five years."), code=name)


def remove_availability(*, activity: Activity, row_id: int) -> bool:
    """Take one row away; return whether it was there."""
    return bool(Availability.objects.filter(activity=activity, pk=row_id).delete()[0])


def _length(activity: Activity) -> timedelta:
    """What must fit into the hours of one day: the activity, or its first day where it takes several."""
    return timedelta(minutes=min(activity.duration_minutes, WORKING_DAY_MINUTES))


def hours_of(activity: Activity) -> list[Availability]:
    """Return the hours that still count, in order of the week."""
    rows = Availability.objects.filter(activity=activity)
    today = timezone.localdate()
    return [row for row in rows if row.last_day is None or row.last_day >= today]


def in_words(rows: Sequence[Availability]) -> list[str]:
    """Return the hours as people say them, a line a row: "Tuesday 09:00–14:00, from 1 February"."""
    return [_row_words(row) for row in rows]


def _row_words(row: Availability) -> str:
    text = f"{dict(WEEKDAYS)[row.weekday]} {row.begins:%H:%M}–{row.ends:%H:%M}"
    first, last = weekdate(row.first_day), weekdate(row.last_day)
    if first and last:
        return _("%(hours)s, from %(first)s to %(last)s") % {"hours": text, "first": first, "last": last}
    if first:
        return _("%(hours)s, from %(first)s") % {"hours": text, "first": first}
    return _("%(hours)s, until %(last)s") % {"hours": text, "last": last} if last else text


def objection(activity: Activity, starts_at: datetime, rows: Sequence[Availability] | None = None) -> str:
    """Return what speaks against a visit at that time, and what is possible instead; an empty string when nothing does.

    The season always counts. Hours and public holidays count where the partner has said when it can be asked.
    """
    rows = hours_of(activity) if rows is None else rows
    start = timezone.localtime(starts_at)
    if activity.season_months and start.month not in activity.season_months:
        months = ", ".join(str(MONTHS[month]) for month in sorted(activity.season_months) if month in MONTHS)
        return _("It is only offered in these months: %(months)s.") % {"months": months}
    if not rows:
        return ""
    if holiday := public_holiday(start.date()):
        return _("%(day)s is a public holiday (%(holiday)s).") % {"day": weekdate(start), "holiday": holiday}
    if any(_fits(row, activity, start) for row in rows):
        return ""
    return _("They cannot be asked for this time. Possible: %(hours)s.") % {"hours": "; ".join(in_words(rows))}


def _fits(row: Availability, activity: Activity, start: datetime) -> bool:
    day = start.date()
    if row.weekday != day.weekday() or (row.first_day and day < row.first_day) or (row.last_day and day > row.last_day):
        return False
    end = start.replace(tzinfo=None) + _length(activity)
    return row.begins <= start.time() and end.date() == day and end.time() <= row.ends


def next_times(activity: Activity, county: County | None, *, limit: int = 10) -> list[datetime]:
    """Return the next times that suit the partner and a school of the county: one a day and row, soonest first.

    No weekends unless the partner names them, no holidays of the county, nothing on top of an agreed date of the same
    activity. Empty where the partner has not said when it can be asked. Three queries.
    """
    rows = hours_of(activity)
    if not rows:
        return []
    first = timezone.localdate() + timedelta(days=DAYS_OF_NOTICE)
    days = [first + timedelta(days=n) for n in range(WEEKS_AHEAD * 7)]
    closed = left_out(days, county, weekends=False)
    busy = list(
        Session.objects.filter(activity=activity, status=Session.Status.OPEN, ends_at__gt=timezone.now()).values_list(
            "starts_at", "ends_at"
        )
    )
    found: list[datetime] = []
    for day in (day for day in days if day not in closed):
        found += _times_on(day, activity, rows, busy)
        if len(found) >= limit:
            break
    return found[:limit]


def _times_on(
    day: date, activity: Activity, rows: Sequence[Availability], busy: Sequence[tuple[datetime, datetime]]
) -> Iterator[datetime]:
    """The first free time in each row's hours on one day."""
    if activity.season_months and day.month not in activity.season_months:
        return
    for row in rows:
        clock = datetime.combine(day, row.begins)
        while clock.date() == day:
            try:
                start = local_start(day, clock.time())
            except ValidationError:
                break
            if not _fits(row, activity, timezone.localtime(start)):
                break
            end = activity.end_after(start)
            if all(end <= taken_from or start >= taken_to for taken_from, taken_to in busy):
                yield start
                break
            clock += _length(activity)
