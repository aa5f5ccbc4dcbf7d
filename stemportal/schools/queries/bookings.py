"""Reads about bookings: whose they are, and what else a group could book."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Session
from stemportal.lib.geo import Point, distance_km
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingQuerySet, Teacher


def bookings_of_teacher(user: User) -> BookingQuerySet:
    """Return the person's own bookings with all that lists say about them."""
    return Booking.objects.filter(teacher=user).with_facts()


def bookings_of_partner(partner: Partner) -> BookingQuerySet:
    """Return the bookings of a partner's activities with all that lists say about them."""
    return Booking.objects.filter(activity__partner=partner).with_facts()


def other_sessions(activity: Activity, *, pupils: int, besides: int | None = None, limit: int = 5) -> QuerySet[Session]:
    """Return the next open sessions with room for the group: what to offer when one has filled up."""
    places = pupils if activity.kind.unit == "pupils" else 1
    room = Q(pupil_capacity=None) | Q(pupils_taken__lte=F("pupil_capacity") - pupils)
    free = activity.sessions.open().filter(room, places_taken__lte=F("capacity") - places)
    return (free.exclude(pk=besides) if besides else free).order_by("starts_at")[:limit]


def offers_for_teacher(record: Teacher, *, limit: int = 3) -> list[Activity]:
    """Return cards of published offers with free places for the school's grades: the nearest, then digital ones."""
    school = record.school
    here = Place(label=school.name, point=Point(school.latitude, school.longitude))
    fitting = (
        Activity.objects.published()
        .filter(grade_from__lte=school.grade_to, grade_to__gte=school.grade_from, next_free_at__gt=timezone.now())
        .order_by(distance_km(Point(school.latitude, school.longitude)).asc(nulls_last=True), "-published_at")
    )
    return cards_of(list(fitting.values_list("pk", flat=True)[:limit]), near=here)


def partner_numbers(partner: Partner) -> dict[str, int]:
    """Return this school year's figures of a partner: visits held, pupils, coming visits and listings, in one query."""
    start, end = bounds(current_school_year())
    this_year = Q(activities__bookings__session__starts_at__gte=start, activities__bookings__session__starts_at__lt=end)
    held = Q(activities__bookings__status=Booking.Status.COMPLETED) & this_year
    coming = Q(activities__bookings__status=Booking.Status.CONFIRMED) & this_year
    found = Partner.objects.filter(pk=partner.pk).aggregate(
        held=Count("activities__bookings", filter=held),
        pupils=Sum("activities__bookings__attendance__pupils", filter=held),
        coming=Count("activities__bookings", filter=coming),
    )
    return {name: value or 0 for name, value in found.items()}
