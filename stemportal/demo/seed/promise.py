"""Requests of the demo world that nobody answered in time, so that the secretariat's queue and its pages show work."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Session
from stemportal.demo.seed import world
from stemportal.lib.school_year import add_working_days, is_working_day
from stemportal.schools.models import Booking, BookingEvent, BookingRules, Reminder, Teacher
from stemportal.schools.models.rules import ONLY

LATE_DAYS = (1, 1, 2, 3, 4, 5, 6, 8, 11, 14)
MESSAGE = "Vi jobber med teknologi i april, og vil gjerne se det i virkeligheten."


@transaction.atomic
def seed_promise() -> None:
    """Some late requests, one of them the demo teacher's, and one that the secretariat made for a school. Runs once."""
    BookingRules.objects.get_or_create(pk=ONLY)
    if Reminder.objects.filter(kind=Reminder.Kind.REPLY_LATE).exists():
        return
    teacher = Teacher.objects.select_related("user", "school").get(user__email=world.TEACHER_EMAIL)
    waiting = Booking.objects.filter(status=Booking.Status.REQUESTED).exclude(teacher=teacher.user)
    far = waiting.filter(session__starts_at__gt=timezone.now() + timedelta(days=10))
    others = far.exclude(activity__partner__memberships__user__email=world.PARTNER_EMAIL)
    # What was asked for a moment ago is not late; a promise is kept on a working day.
    waiting.filter(reply_by__lte=timezone.localdate()).update(reply_by=add_working_days(timezone.localdate(), 2))
    step = max(others.count() // len(LATE_DAYS), 1)
    for days, booking in zip(LATE_DAYS, others.order_by("pk")[::step], strict=False):
        _make_late(booking, days)
    offers = _offers_of_strangers(teacher)
    if offers:
        _make_late(_request(teacher, *offers[0]), 1)
    if len(offers) > 1:
        _request(teacher, *offers[1], made_by=User.objects.get(email=world.STAFF_EMAIL), group_name="8A", grade=8)


def _make_late(booking: Booking, days: int) -> None:
    """Move the request back in time, with the reminders that were sent."""
    today = timezone.localdate()
    booking.reply_by = today - timedelta(days=days)
    while not is_working_day(booking.reply_by):
        booking.reply_by -= timedelta(days=1)
    booking.created_at = timezone.now() - timedelta(days=days + 7)
    booking.save(update_fields=["reply_by", "created_at"])
    booking.events.update(at=booking.created_at, told_at=booking.created_at)
    Reminder.objects.bulk_create(
        Reminder(booking=booking, kind=kind, about=_morning(booking.reply_by, 0), sent_at=_morning(on, 7))
        for kind, on in (
            (Reminder.Kind.REPLY_SOON, booking.reply_by - timedelta(days=1)),
            (Reminder.Kind.REPLY_LATE, min(add_working_days(booking.reply_by, 1), today)),
        )
    )


def _offers_of_strangers(teacher: Teacher) -> list[tuple[Activity, Session]]:
    """Offers with a free date in some weeks that the teacher has not asked for."""
    soon = timezone.now() + timedelta(days=14)
    offers = Activity.objects.published().filter(
        grade_from__lte=8, grade_to__gte=9, kind__unit=Kind.Unit.GROUPS, policy=Activity.Policy.CONFIRM
    )
    found = []
    for offer in offers.exclude(bookings__teacher=teacher.user).order_by("-pk")[:60]:
        session = offer.sessions.open(after=soon).filter(places_taken=0).order_by("starts_at").first()
        if session is not None:
            found.append((offer, session))
    return found[:2]


def _request(
    teacher: Teacher,
    offer: Activity,
    session: Session,
    *,
    made_by: User | None = None,
    group_name: str = "9C",
    grade: int = 9,
) -> Booking:
    pupils = min(22, offer.group_max)
    booking = Booking.objects.create(
        activity=offer,
        session=session,
        school=teacher.school,
        teacher=teacher.user,
        made_by=made_by,
        group_name=group_name,
        grade=grade,
        pupils=pupils,
        message=MESSAGE,
        reply_by=add_working_days(timezone.localdate(), 4),
        created_at=timezone.now() - timedelta(hours=20),
    )
    Session.objects.filter(pk=session.pk).update(places_taken=1, pupils_taken=pupils)
    BookingEvent.objects.create(
        booking=booking,
        by=made_by or teacher.user,
        move="request",
        to_status=Booking.Status.REQUESTED,
        note=MESSAGE,
        at=booking.created_at,
        told_at=booking.created_at,
    )
    return booking


def _morning(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())
