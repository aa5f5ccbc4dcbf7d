"""The reply promise: reminding the partner before the deadline, and helping the teacher when it has passed.

Beat calls ``keep_promises`` every few minutes. What was sent about a deadline is a row (``Reminder``), so a lost or
repeated message sends nothing twice and forgets nothing; a new deadline is reminded of anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.school_year import add_working_days, is_working_day
from stemportal.schools.emails import promise as mails
from stemportal.schools.errors import BookingError, TooLate
from stemportal.schools.models import Booking, Reminder, booking_rules
from stemportal.schools.services.alternatives import alternatives_for

logger = structlog.get_logger(__name__)

# Mails of this kind are written on working days from this hour on, while somebody can do something about them.
FROM_HOUR = 7
# When the visit is so near that the next morning is too late, the teacher is told in the afternoon of the last day.
LAST_HOUR = 16
AT_MOST = 300
# The secretariat reminds a partner of a request once in so long a time.
BETWEEN_REMINDERS = timedelta(hours=24)


class JustReminded(BookingError):
    """The partner has had a reminder of this request within a day."""

    def __init__(self) -> None:
        super().__init__(_("The partner was reminded of this request less than a day ago."))


def keep_promises() -> int:
    """Send what is due about reply deadlines, the nearest deadlines first. Returns how many bookings it was about."""
    return remind_before_deadlines() + tell_late()


def remind_before_deadlines() -> int:
    """Remind those who answer for the partner of requests whose deadline is near. Returns of how many."""
    if not _in_working_hours():
        return 0
    today = timezone.localdate()
    horizon = add_working_days(today, booking_rules().remind_working_days_before)
    # What was asked for today is in the partner's mail already.
    waiting = Booking.objects.filter(reply_by__gte=today, reply_by__lte=horizon, created_at__lt=_midnight(today))
    return _send_once(waiting, Reminder.Kind.REPLY_SOON, mails.reply_soon)


def tell_late() -> int:
    """Tell teachers what else has free places when the deadline has passed, and the partner once more that they wait.

    Late is the morning after the deadline, or its afternoon when the visit is on the next working day or before.
    Returns how many requests.
    """
    now = timezone.localtime()
    today = now.date()
    after_next = _midnight(add_working_days(today, 1) + timedelta(days=1))
    late = Q(pk__in=[])
    if _in_working_hours():
        late |= Q(reply_by__lt=today)
    if now.hour >= LAST_HOUR:
        late |= Q(reply_by__lte=today, visit_at__lt=after_next)
    waiting = Booking.objects.annotate(visit_at=Coalesce("session__starts_at", "proposed_at")).filter(late)
    return _send_once(waiting, Reminder.Kind.REPLY_LATE, _tell_late)


def _tell_late(booking: Booking) -> None:
    mails.reply_late(booking, alternatives_for(booking))


def remind_now(*, booking: Booking, by: User) -> None:
    """The secretariat asks the partner for the answer. Raises TooLate when it is answered, or JustReminded."""
    with transaction.atomic():
        locked = _locked(booking.pk)
        if locked is None:
            raise TooLate
        now = timezone.now()
        if locked.reminders.filter(kind__in=REPLY_KINDS, sent_at__gt=now - BETWEEN_REMINDERS).exists():
            raise JustReminded
        is_late = locked.reply_by is not None and locked.reply_by < timezone.localdate()
        kind = Reminder.Kind.REPLY_LATE if is_late else Reminder.Kind.REPLY_SOON
        Reminder.objects.create(booking=locked, kind=kind, about=now)
        mails.asked_by_secretariat(locked)
    logger.info("partner_reminded", booking=booking.pk, by=by.pk)


REPLY_KINDS = (Reminder.Kind.REPLY_SOON, Reminder.Kind.REPLY_LATE)


def _send_once(waiting: QuerySet[Booking], kind: Reminder.Kind, send: Callable[[Booking], None]) -> int:
    """Send each waiting request's mails once a deadline. Returns of how many they were sent."""
    sent = Reminder.objects.filter(booking=OuterRef("pk"), kind=kind, about__date=OuterRef("reply_by"))
    due = waiting.filter(~Exists(sent), status=Booking.Status.REQUESTED).order_by("reply_by", "pk")
    count = 0
    for pk in due.values_list("pk", flat=True)[:AT_MOST]:
        try:
            count += _send(pk, kind, send)
        except Exception:  # one booking's trouble must not keep the mails of the others
            logger.exception("reminder_not_sent", booking=pk, kind=kind)
    return count


def _send(pk: int, kind: Reminder.Kind, send: Callable[[Booking], None]) -> bool:
    with transaction.atomic():
        booking = _locked(pk)
        if booking is None or booking.reply_by is None:  # answered at this moment
            return False
        about = _midnight(booking.reply_by)
        _row, is_new = Reminder.objects.get_or_create(booking=booking, kind=kind, about=about)
        if is_new:
            send(booking)
        return is_new


def _locked(pk: int) -> Booking | None:
    """The request with all that mails say, locked until the transaction ends; None when it waits no longer."""
    rows = Booking.objects.with_facts().select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=pk, status=Booking.Status.REQUESTED).first()


def _in_working_hours() -> bool:
    now = timezone.localtime()
    return now.hour >= FROM_HOUR and is_working_day(now.date())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
