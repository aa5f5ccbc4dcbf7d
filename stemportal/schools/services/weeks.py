"""Places by week: how many pupils a partner takes in each school week, where an offer lasts for a working week.

A week is a session from Monday, or the first day schools are open, for as long as the offer lasts. Fewer places than
pupils have booked is refused; a week without places and without bookings is called off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Session
from stemportal.activities.services.series import calendar_county
from stemportal.activities.services.sessions import add_sessions
from stemportal.activities.session_rules import NewSession, local_start
from stemportal.places.school_calendar import Closed, left_out
from stemportal.schools.errors import BadTime, BookingError
from stemportal.schools.services.sessions import Change, cancel_session, change_session

WEEKS_SHOWN = 30
WORKING_DAYS = 5


@dataclass(frozen=True)
class Week:
    """One week from its Monday. ``session`` is what begins in it; ``closed`` is why schools are, if they are."""

    monday: date
    session: Session | None
    closed: Closed | None = None

    @property
    def number(self) -> int:
        """The ISO week."""
        return self.monday.isocalendar().week

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=WORKING_DAYS - 1)

    @property
    def places(self) -> int:
        return self.session.capacity if self.session else 0

    @property
    def taken(self) -> int:
        return self.session.places_taken if self.session else 0


def coming_weeks(activity: Activity, *, count: int = WEEKS_SHOWN) -> list[Week]:
    """Return the next weeks with their places, from the coming Monday on. Three queries, however many weeks."""
    today = timezone.localdate()
    first = today + timedelta(days=7 - today.weekday())
    mondays = [first + timedelta(weeks=n) for n in range(count)]
    begin = local_start(first, time.min)
    found: dict[date, Session] = {}
    for session in activity.sessions.filter(status=Session.Status.OPEN, starts_at__gte=begin).order_by("starts_at"):
        day = timezone.localtime(session.starts_at).date()
        found.setdefault(day - timedelta(days=day.weekday()), session)
    days = [monday + timedelta(days=n) for monday in mondays for n in range(WORKING_DAYS)]
    closed = left_out(days, calendar_county(activity), weekends=False)
    return [Week(monday, found.get(monday), _closed_week(monday, closed)) for monday in mondays]


def _closed_week(monday: date, closed: Mapping[date, Closed]) -> Closed | None:
    """A week counts as closed when schools are for most of it."""
    reasons = [closed[day] for n in range(WORKING_DAYS) if (day := monday + timedelta(days=n)) in closed]
    return reasons[0] if len(reasons) > WORKING_DAYS // 2 else None


@transaction.atomic
def set_places_by_week(*, activity: Activity, places: Mapping[date, int], begins: time, by: User) -> int:
    """Give each week (by its Monday) so many places; return how many weeks changed. Everything happens or nothing.

    New weeks begin at ``begins``. Raises BookingError, with the week, when pupils have booked more places, or when a
    week cannot be had.
    """
    weeks = {week.monday: week for week in coming_weeks(activity)}
    changed, new = 0, []
    for monday, wanted in sorted(places.items()):
        week = weeks.get(monday)
        if week is None or wanted == week.places:
            continue
        changed += 1
        if week.session is None:
            new.append(_new_week(activity, monday, begins, wanted))
        else:
            _change_week(week, wanted, by=by)
    if new:
        try:
            add_sessions(activity=activity, sessions=new)
        except ValidationError as error:
            raise BookingError("; ".join(error.messages)) from error
    return changed


def _new_week(activity: Activity, monday: date, begins: time, places: int) -> NewSession:
    closed = left_out((monday + timedelta(days=n) for n in range(WORKING_DAYS)), calendar_county(activity))
    first = next((day for n in range(WORKING_DAYS) if (day := monday + timedelta(days=n)) not in closed), monday)
    start = local_start(first, begins)
    friday = local_start(monday + timedelta(days=WORKING_DAYS - 1), begins)
    last_of_offer = activity.end_after(start)
    # A week with a holiday is shorter, and never runs into the weekend.
    a_day = last_of_offer - local_start(timezone.localtime(last_of_offer).date(), begins)
    end = min(last_of_offer, friday + a_day)
    return NewSession(starts_at=start, minutes=int((end - start) / timedelta(minutes=1)), capacity=places)


def _change_week(week: Week, wanted: int, *, by: User) -> None:
    session = week.session
    if session is None:
        return
    prefix = _("Week %(number)s") % {"number": week.number} + ": "
    if wanted == 0:
        if session.places_taken:
            raise BookingError(
                prefix + _("pupils have booked. Call the date off on its own page, so that their teacher is told why.")
            )
        cancel_session(session_id=session.pk, by=by, note="")
        return
    change = Change(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        capacity=wanted,
        pupil_capacity=session.pupil_capacity,
        place=session.place,
        where=session.where,
        link=session.link,
    )
    try:
        change_session(session_id=session.pk, change=change, by=by)
    except (BadTime, BookingError) as error:
        raise BookingError(f"{prefix}{error.words}") from error
