"""What is sent once about a visit by the clock: before it to both sides, after it to a teacher who has not told.

A reminder is claimed by a row (``Reminder``) in the transaction of its mails, so each goes out once for a booking and
its time, however many workers sweep; a visit that is moved is reminded of anew. Days are counted on the wall clock: a
visit at nine is reminded of at nine a week before, also across the change to summer time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.partners.models import Membership
from stemportal.schools import states
from stemportal.schools.emails import afterwards as emails
from stemportal.schools.models import Booking, BookingEvent, Reminder

logger = structlog.get_logger(__name__)

BATCH = 100
# A reminder whose moment is this long past is not sent any more: beat was away, and the next one is near.
WEEK_AT_LATEST = timedelta(days=3)
DAY_AT_LATEST = timedelta(hours=24)
EVENING = timedelta(hours=16)
SOONEST_AFTER = timedelta(hours=1)
BETWEEN_NUDGES = timedelta(days=2)
# What makes a visit agreed for its time; a visit agreed after the moment of a reminder needs none.
AGREEING = (states.BOOK.name, states.CONFIRM.name, states.ACCEPT.name, states.MOVE_SESSION.name)

Due = Callable[[datetime], "QuerySet[Booking]"]
Write = Callable[[Booking, Sequence[User]], None]


@dataclass(frozen=True)
class Stage:
    """One kind of reminder: which bookings are due now, and who is written what (with the partner's people)."""

    kind: Reminder.Kind
    due: Due
    write: Write


def _oslo(moment: Combinable | F) -> Func:
    """Wall clock of a moment, or the moment of a wall clock, in Norwegian time."""
    zone = Value(timezone.get_default_timezone_name())
    return Func(zone, moment, function="timezone", output_field=DateTimeField())


def _days_before(field: str, days: int) -> Func:
    return _oslo(_oslo(F(field)) - Value(timedelta(days=days)))


def _evening_of(field: str) -> Func:
    """Four in the afternoon of the day on which the moment lies."""
    day = Func(Value("day"), _oslo(F(field)), function="date_trunc", output_field=DateTimeField())
    return _oslo(day + Value(EVENING))


def _coming(now: datetime, *, days: int, at_latest: timedelta) -> QuerySet[Booking]:
    """Confirmed visits whose moment, so many days before, has come, and that were agreed before it."""
    due_at = _days_before("session__starts_at", days)
    agreed_later = BookingEvent.objects.filter(booking=OuterRef("pk"), at__gt=OuterRef("due_at"), move__in=AGREEING)
    visits = Booking.objects.filter(
        status=Booking.Status.CONFIRMED,
        session__starts_at__gt=now,
        session__starts_at__lte=now + timedelta(days=days, hours=2),
    )
    agreed_at = Coalesce("answered_at", "created_at")
    return visits.alias(due_at=due_at, agreed_at=agreed_at).filter(
        ~Exists(agreed_later), due_at__lte=now, due_at__gt=now - at_latest, agreed_at__lte=F("due_at")
    )


def _untold(now: datetime) -> QuerySet[Booking]:
    """Confirmed visits that are over, and that the clock has not closed yet."""
    closing = now - timedelta(days=settings.ATTENDANCE_CLOSE_DAYS)
    over = Booking.objects.filter(status=Booking.Status.CONFIRMED, session__ends_at__gt=closing)
    return over.filter(session__ends_at__lte=now, teacher__isnull=False)


def _untold_first(now: datetime) -> QuerySet[Booking]:
    """On the evening of the day, at the earliest an hour after the end."""
    evening = Greatest(_evening_of("session__ends_at"), F("session__ends_at") + Value(SOONEST_AFTER))
    return _untold(now).alias(due_at=evening).filter(due_at__lte=now)


def _untold_again(now: datetime) -> QuerySet[Booking]:
    """Some days later, for those who were asked before."""
    asked = Reminder.objects.filter(
        booking=OuterRef("pk"),
        kind=Reminder.Kind.ATTENDANCE,
        about=OuterRef("session__starts_at"),
        sent_at__lte=now - BETWEEN_NUDGES,
    )
    due_at = now - timedelta(days=settings.ATTENDANCE_NUDGE_DAYS)
    return _untold(now).filter(Exists(asked), session__ends_at__lte=due_at)


STAGES = (
    Stage(
        Reminder.Kind.WEEK_BEFORE,
        lambda now: _coming(now, days=7, at_latest=WEEK_AT_LATEST),
        lambda booking, people: emails.visit_soon(booking, people, tomorrow=False),
    ),
    Stage(
        Reminder.Kind.DAY_BEFORE,
        lambda now: _coming(now, days=1, at_latest=DAY_AT_LATEST),
        lambda booking, people: emails.visit_soon(booking, people, tomorrow=True),
    ),
    Stage(
        Reminder.Kind.ATTENDANCE,
        _untold_first,
        lambda booking, _people: emails.attendance_missing(booking, again=False),
    ),
    Stage(
        Reminder.Kind.ATTENDANCE_AGAIN,
        _untold_again,
        lambda booking, _people: emails.attendance_missing(booking, again=True),
    ),
)


def send_due() -> int:
    """Send everything that is due, in batches. Returns how many bookings were written about.

    A batch costs two questions besides what its mails write. A booking whose mail cannot be written is logged and left
    for the next sweep; it holds up no other.
    """
    now = timezone.now()
    return sum(_send_stage(stage, now) for stage in STAGES)


def _send_stage(stage: Stage, now: datetime) -> int:
    sent, after = 0, 0
    while True:
        with transaction.atomic():
            batch = _batch(stage, now, after)
            people = _people_of(batch)
            for booking in batch:
                sent += _send_one(stage, booking, people.get(booking.activity.partner_id, []))
        if len(batch) < BATCH:
            return sent
        after = batch[-1].pk


def _batch(stage: Stage, now: datetime, after: int) -> list[Booking]:
    """The next due bookings that nobody was written about, locked against being moved meanwhile."""
    told = Reminder.objects.filter(booking=OuterRef("pk"), kind=stage.kind, about=OuterRef("session__starts_at"))
    due = stage.due(now).filter(~Exists(told), pk__gt=after).select_related(*_FACTS).order_by("pk")
    return list(due.select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH])


_FACTS = (
    "activity__partner",
    "activity__kind",
    "activity__municipality",
    "session",
    "school__municipality",
    "teacher",
)


def _people_of(batch: Sequence[Booking]) -> Mapping[int, list[User]]:
    """Those who answer for the partners of these bookings."""
    found: dict[int, list[User]] = {}
    answering = Membership.objects.filter(
        partner__in={booking.activity.partner_id for booking in batch},
        role__in=Membership.EDITORS,
        user__is_active=True,
    )
    for membership in answering.select_related("user").order_by("pk"):
        found.setdefault(membership.partner_id, []).append(membership.user)
    return found


def _send_one(stage: Stage, booking: Booking, people: Sequence[User]) -> int:
    try:
        with transaction.atomic():
            if not _claim(stage.kind, booking):
                return 0
            stage.write(booking, people)
    except Exception:
        logger.exception("reminder_not_written", booking=booking.pk, kind=stage.kind.value)
        return 0
    return 1


def _claim(kind: Reminder.Kind, booking: Booking) -> bool:
    """Write the row of a reminder; false where another sweep was there first."""
    if booking.session is None:
        raise ValueError("only a visit with a session is reminded of")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO schools_reminder (booking_id, kind, about, sent_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [booking.pk, kind.value, booking.session.starts_at, timezone.now()],
        )
        return bool(cursor.rowcount)
