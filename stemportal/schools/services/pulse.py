"""The anonymous pulse of a class: three questions before a visit and the same three after it, answered on phones.

Nothing is known of who answers: no account, no cookie, no address, and only sums are stored. So nothing can say that a
phone answered twice; the number of answers is limited to the class and a few, and to a pace, both by the class's code.

Sums become readable when their part is over, never while answers come in: who looks before and after one pupil's answer
could otherwise read it from the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.schools.errors import BookingError
from stemportal.schools.models import PULSE_QUESTIONS, SMALLEST_SUM, Booking, Moment, Pulse, PulseCount

OPENS_BEFORE = timedelta(days=14)
CLOSES_AFTER = timedelta(days=2)
# Phones that are handed on, a pupil who came along, one who pressed twice.
A_FEW = 5
# The three answers of one pupil, in one statement.
COUNT_ONE_MORE = """
INSERT INTO schools_pulsecount AS c (pulse_id, moment, question, answer, number)
VALUES (%s, %s, %s, %s, 1), (%s, %s, %s, %s, 1), (%s, %s, %s, %s, 1)
ON CONFLICT (pulse_id, moment, question, answer) DO UPDATE SET number = c.number + 1
"""


class PulseClosed(BookingError):
    """The code is no longer open."""

    def __init__(self) -> None:
        super().__init__(_("These questions are closed. Thank you all the same!"))


class PulseFull(BookingError):
    """As many have answered as there are in the class, and a few."""

    def __init__(self) -> None:
        super().__init__(_("Everybody in the class has answered already. Thank you!"))


def may_open(booking: Booking) -> bool:
    """Say whether the class can be asked: some days before an agreed visit, until some days after it."""
    if booking.session is None or booking.status not in {Booking.Status.CONFIRMED, Booking.Status.COMPLETED}:
        return False
    now = timezone.now()
    return booking.session.starts_at - OPENS_BEFORE <= now < booking.session.ends_at + CLOSES_AFTER


def open_pulse(*, booking: Booking) -> Pulse:
    """Return the class's pulse, opened if it is not. It closes by itself.

    Raises BookingError outside of the days around an agreed visit. A pulse that closed, as before a visit was moved, is
    opened again as long as nobody answered about afterwards: those sums have been shown.
    """
    session = booking.session
    if session is None or not may_open(booking):
        raise BookingError(_("The class can be asked from two weeks before the visit until two days after it."))
    closes_at = session.ends_at + CLOSES_AFTER
    with transaction.atomic():
        pulse, created = Pulse.objects.select_for_update().get_or_create(
            booking=booking, defaults={"closes_at": closes_at}
        )
        pulse.booking = booking
        if created or pulse.is_open:
            return pulse
        before, after = answers_given(pulse)
        if after:
            raise PulseClosed
        pulse.closes_at = closes_at
        if before >= SMALLEST_SUM:
            pulse.after_from = timezone.now()
        pulse.save(update_fields=["closes_at", "after_from"])
    return pulse


def ask_about(*, pulse: Pulse, moment: Moment) -> Pulse:
    """Switch to the other part. Raises BookingError where that would count answers to a part whose sums are shown."""
    with transaction.atomic():
        _lock(pulse)
        if not pulse.is_open:
            raise PulseClosed
        before, after = answers_given(pulse)
        if moment == Moment.AFTER:
            pulse.after_from = timezone.now()
        elif after or before >= SMALLEST_SUM:
            raise BookingError(_("The class has answered already, so the first questions cannot be opened again."))
        else:
            pulse.after_from = pulse.closes_at
        pulse.save(update_fields=["after_from"])
    return pulse


def close_pulse(*, pulse: Pulse) -> Pulse:
    """Take no more answers; the sums can be read now."""
    with transaction.atomic():
        _lock(pulse)
        if pulse.is_open:
            pulse.closes_at = timezone.now()
            pulse.save(update_fields=["closes_at"])
    return pulse


def answer_pulse(*, pulse: Pulse, moment: Moment, answers: Sequence[int]) -> None:
    """Count one pupil's answers to the three questions, each 1 to 5.

    Raises PulseClosed, also when the part has changed meanwhile, and PulseFull. The lock on the pulse lets the limit
    hold when a whole class answers in the same second.
    """
    with transaction.atomic():
        _lock(pulse)
        if not pulse.is_open or pulse.moment != moment:
            raise PulseClosed
        before, after = answers_given(pulse)
        given = after if moment == Moment.AFTER else before
        if given >= most_answers(pulse):
            raise PulseFull
        rows = [
            (pulse.pk, moment.value, question, answer)
            for question, answer in zip(PULSE_QUESTIONS, answers, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(COUNT_ONE_MORE, [value for row in rows for value in row])


def most_answers(pulse: Pulse) -> int:
    """Return how many answers a part takes."""
    return pulse.booking.pupils + A_FEW


def answers_given(pulse: Pulse) -> tuple[int, int]:
    """Return how many have answered before and after. One query; everybody answers all three questions."""
    sums = dict(
        PulseCount.objects.filter(pulse=pulse, question=PULSE_QUESTIONS[0])
        .order_by()
        .values_list("moment")
        .annotate(total=Sum("number"))
    )
    return sums.get(Moment.BEFORE, 0), sums.get(Moment.AFTER, 0)


def _lock(pulse: Pulse) -> None:
    """Hold the pulse's row and read it anew; what it belongs to stays as it was read."""
    row = Pulse.objects.select_for_update().get(pk=pulse.pk)
    pulse.closes_at, pulse.after_from = row.closes_at, row.after_from
