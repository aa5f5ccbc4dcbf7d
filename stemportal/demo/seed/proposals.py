"""Bookings of the demo world that are on their way: another time offered, a freed place, and a waiting list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.search_index import refresh_availability
from stemportal.demo.seed import world
from stemportal.schools.models import Booking, BookingEvent, Proposal, Teacher
from stemportal.schools.services.promotion import answer_until

Status = Booking.Status
NOTE = "Den dagen har vi besøk av en annen skole. Passer denne dagen for dere?"
THREE_HOURS = timedelta(hours=3)


def seed_proposals() -> None:
    """What the demo teacher has to answer, and a full date for which her class and two others wait. Runs once."""
    if Proposal.objects.exists() or Booking.objects.in_line().exists():
        return
    teacher = Teacher.objects.select_related("user", "school").get(user__email=world.TEACHER_EMAIL)
    offers = (
        Activity.objects.published()
        .filter(grade_from__lte=9, grade_to__gte=9, kind__unit=Kind.Unit.GROUPS, policy=Activity.Policy.CONFIRM)
        .exclude(bookings__teacher=teacher.user)
        .order_by("pk")
    )
    found = [(offer, _dates(offer)) for offer in offers[:60]]
    with_two = [(offer, dates) for offer, dates in found if len(dates) >= 2]
    if len(with_two) < 3:
        return
    _offer_another_time(teacher, *with_two[0])
    _offer_a_freed_place(teacher, *with_two[1])
    _fill_a_line(teacher, *with_two[2])
    refresh_availability([offer.pk for offer, _dates_of_it in with_two[:3]])


def _dates(offer: Activity) -> list[Session]:
    """Dates some days ahead that nobody has booked, the nearest first."""
    dates = offer.sessions.open(after=timezone.now() + timedelta(days=5)).filter(places_taken=0, pupil_capacity=None)
    return list(dates.order_by("starts_at", "pk")[:2])


def _booking(
    teacher: Teacher, offer: Activity, session: Session, status: str, group_name: str = "9A", **facts: Any
) -> Booking:
    booking = Booking.objects.create(
        activity=offer,
        session=session,
        school=teacher.school,
        teacher=teacher.user,
        group_name=group_name,
        grade=9,
        pupils=min(24, offer.group_max),
        status=status,
        created_at=timezone.now() - timedelta(days=2),
        **facts,
    )
    if status in Booking.HOLDING:
        Session.objects.filter(pk=session.pk).update(places_taken=1, pupils_taken=booking.pupils)
    return booking


def write_history(booking: Booking, *steps: tuple[str, str, str]) -> None:
    """History that was told when it was made: (move, from, to), three hours between them."""
    for n, (move, origin, target) in enumerate(steps):
        when = booking.created_at + n * THREE_HOURS
        by = booking.teacher if n == 0 else None
        BookingEvent.objects.create(
            booking=booking, by=by, move=move, from_status=origin, to_status=target, at=when, told_at=when
        )


def _offer_another_time(teacher: Teacher, offer: Activity, dates: list[Session]) -> None:
    asked, offered = dates
    until = answer_until(offered.starts_at)
    booking = _booking(
        teacher, offer, offered, Status.OFFERED, offer_until=until, answered_at=timezone.now() - THREE_HOURS
    )
    Proposal.objects.create(
        booking=booking, side="school", by=teacher.user, session=asked, starts_at=asked.starts_at,
        status=Proposal.Status.OVERTAKEN, made_at=booking.created_at,
    )  # fmt: skip
    Proposal.objects.create(
        booking=booking, side="partner", session=offered, starts_at=offered.starts_at, note=NOTE,
        made_at=booking.created_at + THREE_HOURS,
    )  # fmt: skip
    write_history(booking, ("request", "", Status.REQUESTED), ("offer", Status.REQUESTED, Status.OFFERED))
    times = {"before": asked.starts_at.isoformat(), "after": offered.starts_at.isoformat()}
    booking.events.filter(move="offer").update(facts=times, note=NOTE)


def _offer_a_freed_place(teacher: Teacher, offer: Activity, dates: list[Session]) -> None:
    session = dates[0]
    Session.objects.filter(pk=session.pk).update(capacity=1)
    booking = _booking(
        teacher,
        offer,
        session,
        Status.OFFERED,
        waitlisted_at=timezone.now() - timedelta(days=2),
        offer_until=answer_until(session.starts_at),
    )
    write_history(booking, ("wait", "", Status.WAITLISTED), ("offer_place", Status.WAITLISTED, Status.OFFERED))


def _fill_a_line(teacher: Teacher, offer: Activity, dates: list[Session]) -> None:
    """A full date, with groups of other schools before the demo teacher's class."""
    session = dates[0]
    Session.objects.filter(pk=session.pk).update(capacity=1)
    others = list(
        Teacher.objects.filter(status=Teacher.Status.VERIFIED)
        .exclude(school=teacher.school)
        .select_related("school", "user")
        .order_by("school_id", "pk")
        .distinct("school_id")[:2]
    )
    if len(others) < 2:
        return
    holder = _booking(others[0], offer, session, Status.CONFIRMED, group_name="10A")
    write_history(holder, ("request", "", Status.REQUESTED), ("confirm", Status.REQUESTED, Status.CONFIRMED))
    for n, (who, name) in enumerate(((others[1], "9C"), (teacher, "9A"))):
        since = timezone.now() - timedelta(days=2) + n * THREE_HOURS
        waits = _booking(who, offer, session, Status.WAITLISTED, group_name=name, waitlisted_at=since)
        write_history(waits, ("wait", "", Status.WAITLISTED))
