"""Visits in a calendar: which ones a person or a partner has, what fills a week, and what meets what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import DateTimeField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.session_rules import LONGEST_DAYS
from stemportal.partners.models import Membership, Partner
from stemportal.schools.models import Booking, BookingEvent, BookingQuerySet, School

Status = Booking.Status
# What stands in somebody's calendar; the first is not agreed yet.
ASKED = (Status.REQUESTED, Status.OFFERED)
STANDING = (*ASKED, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
# What may meet another: visits to come.
COMING = (*ASKED, Status.CONFIRMED)
CALLED_OFF = (
    Status.CANCELLED_BY_SCHOOL,
    Status.CANCELLED_BY_PARTNER,
    Status.DECLINED,
    Status.WITHDRAWN,
    Status.EXPIRED,
)
WEEK = timedelta(days=7)
Same = Callable[[Booking, Booking], bool]


def ends_at(booking: Booking) -> datetime:
    """Return when the visit is over, or would be."""
    if booking.session:
        return booking.session.ends_at
    return booking.activity.end_after(booking.starts_at)


def bookings_of_school(school: School) -> BookingQuerySet:
    """Return the bookings of a school with all that lists say about them."""
    return Booking.objects.filter(school=school).with_facts()


def between(bookings: BookingQuerySet, start: datetime, end: datetime) -> BookingQuerySet:
    """Return those that take place, or would, between two moments, in order of time. A wish for a time may be long."""
    agreed = Q(session__starts_at__lt=end, session__ends_at__gt=start)
    asked = Q(session=None, proposed_at__lt=end, proposed_at__gt=start - timedelta(days=LONGEST_DAYS))
    return bookings.filter(agreed | asked).order_by(Coalesce("session__starts_at", "proposed_at"), "pk")


def coming(bookings: BookingQuerySet) -> BookingQuerySet:
    """Return the visits to come, agreed or asked for, in order of time."""
    now = timezone.now()
    later = Q(session__ends_at__gte=now) | Q(session=None, proposed_at__gte=now)
    return bookings.filter(later, status__in=COMING).order_by(Coalesce("session__starts_at", "proposed_at"), "pk")


# --- What meets what


def meets(one: Booking, other: Booking) -> bool:
    """Say whether two visits overlap. Groups in one and the same session belong together and do not."""
    if one.pk == other.pk or (one.session_id is not None and one.session_id == other.session_id):
        return False
    return one.starts_at < ends_at(other) and other.starts_at < ends_at(one)


def same_group(one: Booking, other: Booking) -> bool:
    """Say whether it is the same class, by itself or by its name at the school."""
    if one.school_class_id is not None and one.school_class_id == other.school_class_id:
        return True
    return one.school_id == other.school_id and one.group_name.lower() == other.group_name.lower()


def _same_people(one: Booking, other: Booking) -> bool:
    """The class or the teacher would have to be in two places."""
    return same_group(one, other) or (one.teacher_id is not None and one.teacher_id == other.teacher_id)


def _same_partner(one: Booking, other: Booking) -> bool:
    return one.activity.partner_id == other.activity.partner_id


def clashes_of_school(booking: Booking, *, limit: int = 5) -> list[Booking]:
    """Return other visits of the same class or teacher at the same time. One query."""
    same = Q(school=booking.school_id, group_name__iexact=booking.group_name)
    if booking.school_class_id:
        same |= Q(school_class=booking.school_class_id)
    if booking.teacher_id:
        same |= Q(teacher=booking.teacher_id)
    return _clashes(booking, Booking.objects.filter(same), limit)


def clashes_of_partner(booking: Booking, *, limit: int = 5) -> list[Booking]:
    """Return other visits to the same partner at the same time, in other sessions. One query."""
    return _clashes(booking, Booking.objects.filter(activity__partner=booking.activity.partner_id), limit)


def _clashes(booking: Booking, others: BookingQuerySet, limit: int) -> list[Booking]:
    if booking.status not in COMING:
        return []
    found = between(
        others.filter(status__in=COMING).exclude(pk=booking.pk).with_facts(), booking.starts_at, ends_at(booking)
    )
    return [other for other in found[: limit * 4] if meets(booking, other)][:limit]


# --- A week


@dataclass
class Entry:
    """One line of a day: a visit, or a session that nobody has booked. ``meets`` are the visits at the same time."""

    starts_at: datetime
    ends_at: datetime
    booking: Booking | None = None
    session: Session | None = None
    meets: list[Booking] = field(default_factory=list)


@dataclass
class Day:
    """A day of the week with what stands in it."""

    date: date
    entries: list[Entry]

    @property
    def is_today(self) -> bool:
        return self.date == timezone.localdate()


@dataclass(frozen=True)
class Week:
    """An ISO week: its Monday, its days, and how the weeks beside it are asked for (``2026-W47``)."""

    monday: date
    days: list[Day]

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def name(self) -> str:
        return week_name(self.monday)

    @property
    def before(self) -> str:
        return week_name(self.monday - WEEK)

    @property
    def after(self) -> str:
        return week_name(self.monday + WEEK)

    @property
    def is_this(self) -> bool:
        return self.monday <= timezone.localdate() <= self.sunday

    @property
    def shown_days(self) -> list[Day]:
        """Working days, and those of the weekend on which something is."""
        return [day for day in self.days if day.date.weekday() < 5 or day.entries]

    @property
    def is_empty(self) -> bool:
        return not any(day.entries for day in self.days)


def week_name(day: date) -> str:
    """Return the ISO week of a day as addresses have it: 2026-W47."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(asked: str) -> date:
    """Return the Monday of a week in an address; this week's for nonsense and for times nobody plans for."""
    today = timezone.localdate()
    year, mark, week = asked.partition("-W")
    if mark and len(year) == 4 and len(week) == 2 and (year + week).isascii() and (year + week).isdigit():
        try:
            monday = date.fromisocalendar(int(year), int(week), 1)
        except ValueError:
            monday = today
        if abs(monday.year - today.year) <= 10:
            return monday - timedelta(days=monday.weekday())
    return today - timedelta(days=today.weekday())


def week_of(bookings: BookingQuerySet, monday: date, *, same: Same = _same_people) -> Week:
    """Return a week with the bookings that stand in it; ``same`` says which may not be at one time. One query."""
    start = timezone.make_aware(datetime.combine(monday, time.min))
    end = timezone.make_aware(datetime.combine(monday + WEEK, time.min))
    found = list(between(bookings.filter(status__in=STANDING), start, end))
    entries = [
        Entry(
            starts_at=booking.starts_at,
            ends_at=ends_at(booking),
            booking=booking,
            meets=_meeting(booking, found, same),
        )
        for booking in found
        if ends_at(booking) > start
    ]
    return Week(monday, [_day(monday + timedelta(days=number), entries) for number in range(7)])


def week_of_partner(partner: Partner, monday: date) -> Week:
    """Return a partner's week: the visits, and the open sessions that nobody has booked. Two queries."""
    bookings = Booking.objects.filter(activity__partner=partner).with_facts()
    week = week_of(bookings, monday, same=_same_partner)
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (monday, monday + WEEK))
    free = Session.objects.filter(
        activity__partner=partner, status=Session.Status.OPEN, starts_at__lt=end, ends_at__gt=start, places_taken=0
    )
    sessions = free.select_related("activity").order_by("starts_at", "pk")
    entries = [Entry(starts_at=one.starts_at, ends_at=one.ends_at, session=one) for one in sessions]
    for day in week.days:
        added = _day(day.date, entries).entries
        day.entries = sorted([*day.entries, *added], key=lambda entry: (entry.starts_at, entry.booking is None))
    return week


def _meeting(booking: Booking, others: Iterable[Booking], same: Same) -> list[Booking]:
    if booking.status not in COMING:
        return []
    return [other for other in others if other.status in COMING and meets(booking, other) and same(booking, other)]


def _day(day: date, entries: Sequence[Entry]) -> Day:
    """What lasts several days stands in each of them; an end at midnight belongs to the day before."""
    moment = timedelta(microseconds=1)
    return Day(
        day,
        [
            entry
            for entry in entries
            if timezone.localdate(entry.starts_at) <= day <= timezone.localdate(entry.ends_at - moment)
        ],
    )


# --- What a person subscribes to


def bookings_in_feed(user: User, *, since: datetime, limit: int) -> BookingQuerySet:
    """Return what a person's calendar shows: the own visits, and those to partners that the person belongs to.

    ``changed_at`` is when the booking last moved. What came to nothing is named until ``since``, so that calendars take
    it away. The newest first, in one query.
    """
    partners = Membership.objects.filter(user=user).values("partner")
    mine = Q(teacher=user) | Q(activity__partner__in=partners)
    newest = BookingEvent.objects.filter(booking=OuterRef("pk")).order_by("-at", "-pk").values("at")[:1]
    changed = Coalesce(Subquery(newest), "created_at", output_field=DateTimeField())
    begins = Coalesce("session__starts_at", "proposed_at")
    bookings = Booking.objects.filter(mine).with_facts().annotate(changed_at=changed, begins=begins)
    standing = Q(status__in=STANDING, begins__gte=since)
    gone = Q(status__in=CALLED_OFF, changed_at__gte=since)
    return bookings.filter(standing | gone).order_by("-begins", "-pk")[:limit]
