"""Reading what was said after visits, and what is left to do for those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity
from stemportal.activities.page_parts import PagePart
from stemportal.lib.geo import Point, distance_km
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.schools.models import SMALLEST_SUM, Booking, BookingQuerySet, Feedback, School

QUOTES = 3
# Nobody is asked about what is longer ago.
ASKED_DAYS = 60


@dataclass(frozen=True)
class Said:
    """What one side sees of a visit's feedback."""

    own: Feedback | None
    other: Feedback | None
    # The other side has told, and it is shown later.
    other_waits: bool
    may_change: bool


@dataclass(frozen=True)
class Sums:
    """What classes said of an offer, from five answers up. ``quotes`` are words that may be shown without a name."""

    count: int
    rating: float
    learned: float | None
    quotes: list[str]


def feedback_for(booking: Booking, side: Feedback.Side) -> Said:
    """Return what this side said and what it may read of the other's. One query."""
    given = {feedback.side: feedback for feedback in booking.feedback.all()}
    own = given.pop(side, None)
    other = next(iter(given.values()), None)
    both = own is not None and other is not None
    shown = other is not None and other.is_shown(both=both)
    return Said(
        own=own,
        other=other if shown else None,
        other_waits=other is not None and not shown,
        may_change=own is None or not own.is_shown(both=both),
    )


def sums_of(activity: Activity) -> Sums | None:
    """Return what classes said of an offer, or None below five answers. One query, two where there are enough."""
    said = Feedback.objects.filter(side=Feedback.Side.SCHOOL, booking__activity=activity)
    found = said.aggregate(
        count=Count("pk"), average=Avg("rating"), fitted=Avg("learned"), fitted_count=Count("learned")
    )
    if found["count"] < SMALLEST_SUM:
        return None
    quotes = said.filter(may_quote=True).exclude(text="").order_by("-given_at", "-pk")
    return Sums(
        count=found["count"],
        rating=round(found["average"], 1),
        learned=round(found["fitted"], 1) if found["fitted_count"] >= SMALLEST_SUM else None,
        quotes=list(quotes.values_list("text", flat=True)[:QUOTES]),
    )


def what_classes_said(activity: Activity) -> PagePart | None:
    """Return the part of an activity's page with what other classes said."""
    sums = sums_of(activity)
    return PagePart("schools/after/_said.html", sums) if sums else None


def without_feedback(bookings: BookingQuerySet, side: Feedback.Side) -> BookingQuerySet:
    """Limit to completed visits of late that this side said nothing about, the newest first.

    Among them are those that the clock completed, which lack their count too.
    """
    said = Feedback.objects.filter(booking=OuterRef("pk"), side=side)
    since = timezone.now() - timedelta(days=ASKED_DAYS)
    late = bookings.completed().filter(~Exists(said), session__ends_at__gte=since)
    return late.order_by("-session__ends_at", "pk")


def school_numbers(school: School) -> dict[str, int]:
    """Return the school's visits of this school year and the pupils that came to them, in one query."""
    start, end = bounds(current_school_year())
    held = Booking.objects.completed().filter(
        school=school, session__starts_at__gte=start, session__starts_at__lt=end, attendance__isnull=False
    )
    found = held.aggregate(visits=Count("pk"), pupils=Sum("attendance__pupils"))
    return {name: value or 0 for name, value in found.items()}


def next_offers(booking: Booking, *, limit: int = 3) -> list[Activity]:
    """Return cards of other offers with free places for the same grade: those of the same subjects first, then near.

    What the school has booked already is left out.
    """
    school = booking.school
    here = Point(school.latitude, school.longitude)
    subjects = booking.activity.subjects.values("pk")
    shares = Activity.subjects.through.objects.filter(activity=OuterRef("pk"), subject__in=subjects)
    booked = Booking.objects.filter(school=school, status__in=Booking.HOLDING).values("activity")
    fitting = (
        Activity.objects.published()
        .filter(grade_from__lte=booking.grade, grade_to__gte=booking.grade, next_free_at__gt=timezone.now())
        .exclude(Q(pk=booking.activity_id) | Q(pk__in=booked))
        .alias(shares=Exists(shares), km=distance_km(here))
        .order_by("-shares", "km", "-published_at")
    )
    return cards_of(
        list(fitting.values_list("pk", flat=True)[:limit]),
        near=Place(label=school.name, point=here),
    )
