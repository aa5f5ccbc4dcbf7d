"""Reads about schools and bookings that cross models."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Session
from stemportal.lib.geo import Point, distance_km
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingQuerySet, School, SchoolClass, Teacher


def find_schools(text: str, *, limit: int = 8) -> QuerySet[School]:
    """Return active schools by name or kommune, best first: names that begin so. Empty for fewer than 2 letters."""
    text = text.replace("\x00", " ")  # which PostgreSQL has no text for
    words = text.split()[:6]
    if len("".join(words)) < 2:
        return School.objects.none()
    found = School.objects.active().select_related("municipality__county")
    for word in (word.strip(",.()")[:60] for word in words):
        found = found.filter(Q(name__icontains=word) | Q(municipality__name__icontains=word))
    begins = Case(
        When(name__istartswith=text.strip(), then=Value(0)),
        When(municipality__name__iexact=text.strip(), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.order_by(begins, "name", "number")[:limit]


def teacher_record(user: User | AnonymousUser) -> Teacher | None:
    """Return the person's record as a teacher: a verified one before one that waits, or None."""
    if not user.is_authenticated:
        return None
    return (
        Teacher.objects.filter(user=user)
        .exclude(status=Teacher.Status.DECLINED)
        .select_related("school__municipality")
        .order_by(Case(When(status=Teacher.Status.VERIFIED, then=Value(0)), default=Value(1)), "created_at")
        .first()
    )


def classes_of(school: School, school_year: int) -> QuerySet[SchoolClass]:
    """Return the school's classes in a school year."""
    return SchoolClass.objects.filter(school=school, school_year=school_year)


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


def place_of_school(text: str) -> Place | None:
    """Return the school that the text names exactly, or the only one that it fits, as a place for the search."""
    if not any(word in text.lower() for word in ("skole", "skule", "vgs", "gymnas", "akademi", "school")):
        return None
    matches = list(find_schools(text, limit=2))
    if not matches or (len(matches) > 1 and matches[0].name.lower() != text.lower()):
        return None
    school = matches[0]
    county = school.municipality.county_id if school.municipality else None
    return Place(label=school.name, point=Point(school.latitude, school.longitude), county_id=county)


def school_place_of(user: User) -> str:
    """Return the school of a teacher as the search knows it, with its municipality where names repeat; else ""."""
    record = teacher_record(user)
    if record is None:
        return ""
    school = record.school
    named_alike = School.objects.active().filter(name__iexact=school.name).exclude(pk=school.pk)
    if school.municipality and named_alike.exists():
        return f"{school.name}, {school.municipality.name}"
    return school.name
