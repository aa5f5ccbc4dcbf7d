"""Bookings of the demo world: two finished school years to report on, this year so far, and what is to come."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from django.db.models import F, Sum
from django.utils import timezone

from stemportal.activities.models import WORKING_DAY_MINUTES, Activity, Kind, Session
from stemportal.activities.search_index import refresh_availability
from stemportal.demo.seed import world
from stemportal.demo.seed.offers import MONDAY, at, school_days
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.schools.models import Attendance, Booking, BookingEvent, School, Teacher

COMPLETED = 3200
NEARBY = 25


class Nearby:
    """The schools an offer would really get: nearby ones for a visit, any for a digital one."""

    def __init__(self) -> None:
        self.schools = list(School.objects.active().exclude(municipality=None).order_by("number"))
        self.teachers: dict[int, list[Teacher]] = {}
        for teacher in Teacher.objects.filter(status=Teacher.Status.VERIFIED).select_related("school", "user"):
            self.teachers.setdefault(teacher.school_id, []).append(teacher)
        self.cache: dict[int, list[School]] = {}

    def schools_for(self, activity: Activity) -> list[School]:
        """Return schools with fitting grades, the nearest ones where the offer has a place."""
        if activity.pk not in self.cache:
            fitting = [
                s for s in self.schools if s.grade_from <= activity.grade_to and s.grade_to >= activity.grade_from
            ]
            lat, lon = activity.latitude, activity.longitude
            if lat is not None and lon is not None:
                fitting = sorted(fitting, key=lambda s: (s.latitude - lat) ** 2 + ((s.longitude - lon) / 2) ** 2)[
                    :NEARBY
                ]
            self.cache[activity.pk] = fitting
        return self.cache[activity.pk]


def seed_history() -> None:
    """Completed visits of the two last school years and of this one so far. Runs once."""
    if Booking.objects.completed().count() >= 3000:
        return
    dice = world.dice("history")
    nearby = Nearby()
    bookable = Activity.objects.published().exclude(kind__code="film")
    activities = list(bookable.select_related("kind", "partner").order_by("pk"))
    # Popularity is uneven: half of the offers share nearly all visits, as in real programmes.
    weights = [dice.paretovariate(1.1) for _ in activities]
    year = current_school_year()
    now = timezone.now()
    days = []
    for past in (year - 2, year - 1, year):
        first, after = bounds(past)
        days.append(school_days(first.date(), min(after.date(), timezone.localdate()) - timedelta(days=1)))
    made: list[tuple[Session, Booking]] = []
    for n in range(COMPLETED):
        activity = dice.choices(activities, weights)[0]
        schools = nearby.schools_for(activity)
        calendar = days[0] if n % 16 < 7 else days[1] if n % 16 < 15 else (days[2] or days[1])
        if schools:
            if activity.duration_minutes > WORKING_DAY_MINUTES:
                calendar = [day for day in calendar if day.isoweekday() == MONDAY]
            start = at(dice.choice(calendar), dice.choice(["08:30", "09:00", "10:15", "12:00", "12:30"]))
            made.append(_visit(activity, dice.choice(schools), start, nearby, dice))
    Session.objects.bulk_create([session for session, _booking in made], batch_size=1000)
    Booking.objects.bulk_create([booking for _session, booking in made], batch_size=1000)
    _write_history([booking for _session, booking in made], now)
    _write_attendance([booking for _session, booking in made], dice)


def _visit(
    activity: Activity, school: School, start: datetime, nearby: Nearby, dice: random.Random
) -> tuple[Session, Booking]:
    grade = dice.randint(max(activity.grade_from, school.grade_from), min(activity.grade_to, school.grade_to))
    pupils = min(dice.randint(14, 30), activity.group_max)
    by_pupils = activity.kind.unit == Kind.Unit.PUPILS
    if by_pupils:
        pupils = min(pupils, dice.randint(1, 6))
    places = pupils if by_pupils else 1
    session = Session(
        activity=activity,
        starts_at=start,
        ends_at=activity.end_after(start),
        capacity=places,
        places_taken=places,
        place=activity.place,
    )
    teacher = dice.choice(nearby.teachers[school.pk]).user if school.pk in nearby.teachers else None
    asked = start - timedelta(days=dice.randint(15, 70), hours=dice.randint(0, 8))
    booking = Booking(
        activity=activity,
        session=session,
        school=school,
        teacher=teacher,
        group_name=_group_name(grade, dice),
        grade=grade,
        pupils=pupils,
        places=places,
        status=Booking.Status.COMPLETED,
        message=dice.choice(world.read("people")["messages"]),
        reply=dice.choice(world.read("people")["replies"]),
        created_at=asked,
        answered_at=asked + timedelta(hours=dice.randint(2, 160)),
        request_key=uuid.UUID(int=dice.getrandbits(128), version=4),
    )
    return session, booking


def _group_name(grade: int, dice: random.Random) -> str:
    letter = dice.choice("ABCDE")
    return f"{grade}{letter}" if grade <= 10 else f"{grade - 10}ST{letter}"


def _write_history(bookings: list[Booking], now: datetime) -> None:
    events = []
    for booking in bookings:
        ended = booking.session.ends_at if booking.session else now
        for at_, origin, target in (
            (booking.created_at, "", Booking.Status.REQUESTED),
            (booking.answered_at or booking.created_at, Booking.Status.REQUESTED, Booking.Status.CONFIRMED),
            (ended + timedelta(hours=3), Booking.Status.CONFIRMED, Booking.Status.COMPLETED),
        ):
            events.append(
                BookingEvent(
                    booking=booking, by=booking.teacher, at=at_, told_at=at_, from_status=origin, to_status=target
                )
            )
    BookingEvent.objects.bulk_create(events, batch_size=2000)


def _write_attendance(bookings: list[Booking], dice: random.Random) -> None:
    rows = []
    for booking in bookings:
        came = max(booking.pupils - dice.choice([0, 0, 0, 1, 1, 2, 3]), 1)
        girls = round(came * dice.uniform(0.3, 0.65)) if dice.random() < 0.8 else None
        rows.append(
            Attendance(
                booking=booking,
                pupils=came,
                girls=girls,
                confirmed_by=booking.teacher,
                confirmed_at=booking.session.ends_at + timedelta(hours=3) if booking.session else timezone.now(),
            )
        )
    Attendance.objects.bulk_create(rows, batch_size=1000)


def seed_coming() -> None:
    """Requests that wait and visits that are agreed, so that every room has something to do. Runs once."""
    if Booking.objects.filter(status__in=[Booking.Status.REQUESTED, Booking.Status.CONFIRMED]).exists():
        return
    dice = world.dice("coming")
    nearby = Nearby()
    people = world.read("people")
    today = timezone.localdate()
    sessions = list(Session.objects.open().select_related("activity__kind", "activity__partner").order_by("pk"))
    made: list[Booking] = []
    for session in dice.sample(sessions, k=len(sessions) // 5):
        activity = session.activity
        schools = [s for s in nearby.schools_for(activity) if s.pk in nearby.teachers] or nearby.schools_for(activity)
        if not schools or activity.title == "Se robotene på jobb i lakseslakteriet":
            continue
        school = dice.choice(schools)
        booking = _visit(activity, school, session.starts_at, nearby, dice)[1]
        confirmed = dice.random() < 0.6 or activity.policy == Activity.Policy.INSTANT
        booking.session = session
        booking.places = min(booking.places, session.capacity)
        booking.status = Booking.Status.CONFIRMED if confirmed else Booking.Status.REQUESTED
        booking.created_at = timezone.now() - timedelta(days=dice.randint(0, 6), hours=dice.randint(0, 9))
        booking.answered_at = booking.created_at + timedelta(hours=dice.randint(1, 20)) if confirmed else None
        booking.reply = booking.reply if confirmed else ""
        booking.reply_by = None if confirmed else today + timedelta(days=dice.randint(-1, 6))
        booking.needs = dice.choice(people["needs"]) if dice.random() < 0.2 else ""
        made.append(booking)
    made += _for_demo_accounts(nearby, dice)
    Booking.objects.bulk_create(made, batch_size=500)
    BookingEvent.objects.bulk_create(
        [
            BookingEvent(
                booking=b, by=b.teacher, at=b.created_at, told_at=b.created_at, to_status=Booking.Status.REQUESTED
            )
            for b in made
        ]
        + [
            BookingEvent(
                booking=b,
                at=b.answered_at,
                told_at=b.answered_at,
                from_status=Booking.Status.REQUESTED,
                to_status=b.status,
            )
            for b in made
            if b.answered_at
        ]
    )
    _settle_places()


def _for_demo_accounts(nearby: Nearby, dice: random.Random) -> list[Booking]:
    """The demo teacher's own visits: one to come, one that waits, one whose attendance is missing."""
    teacher = Teacher.objects.select_related("user", "school__municipality").get(user__email=world.TEACHER_EMAIL)
    offers = Activity.objects.published().filter(
        grade_from__lte=9, grade_to__gte=9, duration_minutes__lte=240, kind__unit=Kind.Unit.GROUPS
    )
    near = [
        a
        for a in offers.filter(partner__municipality=teacher.school.municipality).order_by("pk")
        if a.sessions.exists()
    ]
    found: list[Booking] = []
    for n, activity in enumerate(near[:3]):
        session = activity.sessions.open().with_places_left().order_by("starts_at").first()
        if session is None:
            continue
        if n == 2:
            yesterday = timezone.localdate() - timedelta(days=1)
            # The last school day, also when the demo is started in the summer holidays.
            past = at(school_days(yesterday - timedelta(days=90), yesterday)[-1], "09:00")
            session = Session.objects.create(
                activity=activity, starts_at=past, ends_at=activity.end_after(past), capacity=1, place=activity.place
            )
        booking = _visit(activity, teacher.school, session.starts_at, nearby, dice)[1]
        booking.session, booking.teacher = session, teacher.user
        booking.group_name, booking.grade = "9B", 9
        booking.pupils, booking.places = min(24, activity.group_max), 1
        booking.status = Booking.Status.REQUESTED if n == 1 else Booking.Status.CONFIRMED
        booking.created_at = timezone.now() - timedelta(days=4 + 12 * (n == 2))
        booking.answered_at = None if n == 1 else booking.created_at + timedelta(hours=5)
        booking.reply = "" if n == 1 else booking.reply
        booking.reply_by = timezone.localdate() + timedelta(days=3) if n == 1 else None
        found.append(booking)
    return found


def _settle_places() -> None:
    """Write what the bookings hold into the sessions; a session drawn twice gets the room it needs."""
    sums = dict(
        Booking.objects.holding_places()
        .exclude(session=None)
        .values_list("session_id")
        .annotate(n=Sum("places"))
        .values_list("session_id", "n")
    )
    changed = []
    for session in Session.objects.filter(pk__in=sums).exclude(places_taken=F("capacity"), ends_at__lt=timezone.now()):
        session.places_taken = sums[session.pk]
        session.capacity = max(session.capacity, session.places_taken)
        changed.append(session)
    Session.objects.bulk_update(changed, ["places_taken", "capacity"], batch_size=500)
    refresh_availability()
