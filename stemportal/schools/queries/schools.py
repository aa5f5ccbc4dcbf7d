"""Reads about schools: finding one, its classes, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity
from stemportal.lib.geo import Point
from stemportal.lib.school_year import current_school_year, label
from stemportal.schools.models import Booking, School, SchoolChange, SchoolClass
from stemportal.schools.models.classes import is_last_grade
from stemportal.schools.queries.teachers import teacher_record


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


def classes_of(school: School, *school_years: int) -> QuerySet[SchoolClass]:
    """Return the school's classes in a school year, or in several."""
    return SchoolClass.objects.filter(school=school, school_year__in=school_years).order_by(
        "school_year", "grade", "name"
    )


@dataclass(frozen=True)
class ClassYear:
    """A school year's classes, and those of the year before that can still be carried over to it."""

    school_year: int
    is_current: bool
    classes: list[SchoolClass]
    to_carry: list[SchoolClass]

    @property
    def label(self) -> str:
        return label(self.school_year)

    @property
    def year_before(self) -> int:
        return self.school_year - 1


def class_years(school: School) -> list[ClassYear]:
    """Return this school year and the next one with their classes. Two queries."""
    current = current_school_year()
    found = list(
        classes_of(school, current - 1, current, current + 1).prefetch_related("subjects").defer("feide_group")
    )
    carried = {school_class.carried_from_id for school_class in found}
    years = []
    for year in (current, current + 1):
        before = [c for c in found if c.school_year == year - 1]
        waiting = [c for c in before if c.pk not in carried and not is_last_grade(c.grade, school)]
        years.append(
            ClassYear(
                school_year=year,
                is_current=year == current,
                classes=[c for c in found if c.school_year == year],
                to_carry=waiting,
            )
        )
    return years


# A school page names so many activities; coordinators have the whole list.
MOST_ACTIVITIES = 25


@dataclass(frozen=True)
class ActivityVisits:
    """An activity that a school booked, and how often."""

    activity: Activity
    coming: int
    waiting: int
    earlier: int


@dataclass(frozen=True)
class SchoolVisits:
    """How many bookings a school has: visits to come, requests that wait, visits held; and of which activities."""

    coming: int
    waiting: int
    earlier: int
    activities: list[ActivityVisits]

    @property
    def is_empty(self) -> bool:
        return not (self.coming or self.waiting or self.earlier)


def visits_of(school: School) -> SchoolVisits:
    """Return what the school has booked, the activities with the most to come first. Two queries."""
    status = Booking.Status
    now = timezone.now()
    coming = Q(status=status.CONFIRMED, session__ends_at__gte=now)
    waiting = Q(status__in=[status.REQUESTED, status.OFFERED, status.WAITLISTED])
    earlier = Q(status=status.COMPLETED) | Q(status=status.CONFIRMED, session__ends_at__lt=now)
    rows = list(
        Booking.objects.filter(coming | waiting | earlier, school=school)
        .order_by()
        .values("activity")
        .annotate(
            coming=Count("pk", filter=coming),
            waiting=Count("pk", filter=waiting),
            earlier=Count("pk", filter=earlier),
        )
        .values_list("activity", "coming", "waiting", "earlier")
    )
    rows.sort(key=lambda row: (-row[1], -row[2], -row[3], row[0]))
    shown = rows[:MOST_ACTIVITIES]
    activities = Activity.objects.select_related("partner").in_bulk([row[0] for row in shown])
    return SchoolVisits(
        coming=sum(row[1] for row in rows),
        waiting=sum(row[2] for row in rows),
        earlier=sum(row[3] for row in rows),
        activities=[ActivityVisits(activities[pk], *counts) for pk, *counts in shown],
    )


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


def change_words(change: SchoolChange) -> str:
    """Return in words what the register changed at a school: each fact with what was and what is."""
    parts = []
    for name, (old, new) in change.facts.items():
        field = School._meta.get_field(name)
        words = dict(getattr(field, "flatchoices", []))
        was, now = (str(words.get(value, value)) for value in (old, new))
        label = str(getattr(field, "verbose_name", name))
        parts.append(f"{label}: {was or '–'} → {now or '–'}")
    return "; ".join(parts)
