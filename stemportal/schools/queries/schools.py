"""Reads about schools: finding one, its classes, and where it lies."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from stemportal.accounts.models import User
from stemportal.activities.finding.places import Place
from stemportal.lib.geo import Point
from stemportal.schools.models import School, SchoolClass
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


def classes_of(school: School, school_year: int) -> QuerySet[SchoolClass]:
    """Return the school's classes in a school year."""
    return SchoolClass.objects.filter(school=school, school_year=school_year)


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
