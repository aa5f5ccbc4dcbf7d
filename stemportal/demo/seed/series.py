"""Dates that repeat, with an exception; hours at which offers on request can be asked for; pupils counted."""

from __future__ import annotations

from datetime import time, timedelta

from django.db import connection
from django.utils import timezone

from stemportal.activities.models import WORKING_DAY_MINUTES, Activity, Availability, Kind, Session
from stemportal.activities.search_index import refresh_availability
from stemportal.activities.services.series import Plan, create_series, occurrences
from stemportal.demo.seed import world

# Offers that are held again and again: partner, how the title begins, weekdays (0 is Monday), hour, weeks between.
REPEATED = (
    ("nordlys-robotikk", "Lær en gripearm", (1,), time(12, 30), 1),
    ("nordlys-robotikk", "Roboten som var redd", (3,), time(9, 15), 2),
)
WEEKS = 16
TUESDAY, THURSDAY = 1, 3
COUNT_PUPILS = """
UPDATE activities_session AS s SET pupils_taken = b.pupils
FROM (
    SELECT session_id, sum(pupils) AS pupils FROM schools_booking
     WHERE session_id IS NOT NULL AND status IN ('requested', 'confirmed', 'completed')
     GROUP BY session_id
) AS b
WHERE b.session_id = s.id AND s.pupils_taken <> b.pupils
"""


def seed_series() -> None:
    """Once for each offer: a series with what the holidays leave out and one date called off, or hours to ask for."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PUPILS)
    for partner, title, weekdays, begins, every in REPEATED:
        activity = Activity.objects.filter(partner__slug=partner, title__startswith=title, series=None).first()
        if activity is not None:
            _repeat(activity, weekdays, begins, every)
    _hours()


def _repeat(activity: Activity, weekdays: tuple[int, ...], begins: time, every: int) -> None:
    first = timezone.localdate() + timedelta(days=8)
    by_groups = activity.kind.unit == Kind.Unit.GROUPS
    plan = Plan(
        weekdays=weekdays,
        every=every,
        first_day=first,
        last_day=first + timedelta(weeks=WEEKS),
        begins=begins,
        minutes=activity.duration_minutes,
        capacity=2,
        pupil_capacity=activity.group_max + 12 if by_groups else None,
        place=activity.place,
    )
    series = create_series(
        activity=activity, plan=plan, days=[item.day for item in occurrences(activity, plan) if not item.reason]
    )
    called_off = series.sessions.order_by("starts_at")[2:3].values("pk")
    Session.objects.filter(pk__in=list(called_off.values_list("pk", flat=True))).update(status=Session.Status.CANCELLED)
    refresh_availability([activity.pk])


def _hours() -> None:
    """Two mornings a week for most offers on request; some can be asked for any time, as before."""
    dice = world.dice("availability")
    asked = Activity.objects.filter(
        policy=Activity.Policy.ON_REQUEST, duration_minutes__lte=WORKING_DAY_MINUTES, role_model=None
    )
    rows = []
    for activity in asked.exclude(kind__code="transport_grant").order_by("pk"):
        chosen, evening = dice.random() < 0.7, dice.random() < 0.2
        if not chosen or activity.availability.exists():
            continue
        ends = time(17) if evening or activity.duration_minutes > 300 else time(14)
        rows += [Availability(activity=activity, weekday=day, begins=time(9), ends=ends) for day in (TUESDAY, THURSDAY)]
    Availability.objects.bulk_create(rows)
