"""How much of each area was met in a year: schools, their grades, visits, and pupils in wide steps.

A school counts when it is active, or was met in the year. Its grades are those from the 8th to Vg3 that it has; a grade
is met when a visit was held for it. What a visit is, the view ``schools_visit`` says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES
from stemportal.lib.periods import Period
from stemportal.places.models import County, Municipality
from stemportal.reports.white_spots.steps import Step, steps
from stemportal.schools.models import School, Visit

# The number under which schools stand that are in no kommune: on Svalbard and abroad.
NOWHERE = "00"
FIRST_GRADE, LAST_GRADE = GRADES[0][0], GRADES[-1][0]


class Measure(models.TextChoices):
    """What the colours of the map show."""

    SCHOOLS = "schools", _("Schools met")
    GRADES = "grades", _("Grades met")


# The lowest percent of each shade above the first one, which is nothing at all.
SHADES = (0, 25, 50, 75)


@dataclass(frozen=True)
class Place:
    """A county (two digits), a kommune (four) or nowhere ("00")."""

    number: str
    name: str
    county: County | None = None

    @property
    def is_municipality(self) -> bool:
        return len(self.number) == 4

    def schools(self, path: str = "") -> Q:
        """Return the condition on schools in it; ``path`` leads to the school, such as "school__"."""
        if self.number == NOWHERE:
            return Q(**{f"{path}municipality": None})
        if self.is_municipality:
            return Q(**{f"{path}municipality__number": self.number})
        return Q(**{f"{path}municipality__county__number": self.number})


def find_place(number: str) -> Place | None:
    """Return the place with this number that is there today, or None. One query at most."""
    if number == NOWHERE:
        return Place(NOWHERE, gettext("Svalbard and abroad"))
    if len(number) == 4:
        found = Municipality.objects.filter(number=number, valid_to=None).select_related("county").first()
        return Place(number, found.name, found.county) if found else None
    county = County.objects.filter(number=number, country="NO", valid_to=None).first()
    return Place(number, county.name, county) if county else None


@dataclass
class Spot:
    """What of an area (or of one school) was met. ``pupils`` is None where only "some" may be said."""

    number: str
    name: str
    schools: int = 0
    met: int = 0
    grades: int = 0
    grades_met: int = 0
    visits: int = 0
    pupils: Step | None = None

    def add(self, other: Spot) -> None:
        """Count a school or an area to this one."""
        for name in ("schools", "met", "grades", "grades_met", "visits"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def unmet(self) -> int:
        return self.schools - self.met

    @property
    def schools_percent(self) -> int | None:
        return percent(self.met, self.schools)

    @property
    def grades_percent(self) -> int | None:
        return percent(self.grades_met, self.grades)

    def shade(self, measure: str) -> int | None:
        """Return how dark it is on the map: 0 for nothing met, up to 4; None when there is nothing to meet."""
        share = self.grades_percent if measure == Measure.GRADES else self.schools_percent
        met = self.grades_met if measure == Measure.GRADES else self.met
        if share is None:
            return None
        return sum(share >= least for least in SHADES) if met else 0


def percent(part: int, whole: int) -> int | None:
    """Return whole percent, rounded down so that 100 is all; None of nothing."""
    return 100 * part // whole if whole else None


@dataclass
class SchoolSpot(Spot):
    """A school with its grades (grade, whether it was met), and when somebody met it last, in whatever year."""

    pk: int = 0
    place: str = ""
    each_grade: list[tuple[int, bool]] = field(default_factory=list)
    last_met: datetime | None = None

    @property
    def met_in_words(self) -> str:
        return _grades(grade for grade, is_met in self.each_grade if is_met)

    @property
    def unmet_in_words(self) -> str:
        return _grades(grade for grade, is_met in self.each_grade if not is_met)


def _grades(numbers: Iterable[int]) -> str:
    names = dict(GRADES)
    return ", ".join(str(names[number]) for number in numbers)


@dataclass(frozen=True)
class Map:
    """An area and its parts. ``municipalities`` has every kommune that is drawn, with a shade for each."""

    whole: Spot
    parts: list[Spot]
    municipalities: dict[str, Spot] = field(default_factory=dict)


@dataclass(frozen=True)
class _Seen:
    visits: int
    pupils: int
    grades: frozenset[int]


# By school, by kind (ids).
_SeenBy = dict[int, dict[int, _Seen]]


def _seen(period: Period, where: Q) -> _SeenBy:
    rows = Visit.objects.in_period(period).filter(where).order_by().values_list("school_id", "kind_id")
    counted = rows.annotate(
        visits=Count("pk"), came=Sum("pupils"), met=ArrayAgg("grade", distinct=True, default=models.Value([]))
    )
    seen: _SeenBy = defaultdict(dict)
    for school, kind, visits, came, grades in counted:
        seen[school][kind] = _Seen(visits, came, frozenset(grades))
    return seen


def _schools(seen: _SeenBy, where: Q) -> QuerySet[School, Any]:
    counted = School.objects.filter(where).filter(Q(is_active=True) | Q(pk__in=list(seen)))
    place = "municipality__"
    return counted.order_by("name", "number").values(
        "pk", "number", "name", "grade_from", "grade_to", f"{place}number", f"{place}name", f"{place}county__number"
    )


def _of_school(row: Mapping[str, Any], seen: Mapping[int, _Seen], kind: int | None) -> SchoolSpot:
    """Return a school with what was met there, of one kind or of all."""
    looked_at = [found for number, found in seen.items() if kind in (None, number)]
    met = frozenset[int]().union(*(found.grades for found in looked_at))
    grades = range(max(row["grade_from"], FIRST_GRADE), min(row["grade_to"], LAST_GRADE) + 1)
    each = [(grade, grade in met) for grade in grades]
    return SchoolSpot(
        number=row["number"],
        name=row["name"],
        schools=1,
        met=bool(looked_at),
        grades=len(each),
        grades_met=sum(is_met for _grade, is_met in each),
        visits=sum(found.visits for found in looked_at),
        pk=row["pk"],
        place=row["municipality__number"] or NOWHERE,
        each_grade=each,
    )


class _Pupils:
    """Pupils by area and kind."""

    def __init__(self) -> None:
        self.by_area: dict[str, Counter[int]] = defaultdict(Counter)

    def add(self, area: str, seen: Mapping[int, _Seen]) -> None:
        for kind, found in seen.items():
            self.by_area[area][kind] += found.pupils

    def write(self, spots: Iterable[Spot], kind: int | None) -> None:
        """Give each its step; the spots are all parts of one whole."""
        found = steps({spot.number: self.by_area.get(spot.number, Counter()) for spot in spots}, kind)
        for spot in spots:
            spot.pupils = found.get(spot.number)


def country(period: Period, kind: int | None = None) -> Map:
    """Return the country with its counties, and every kommune for the map. Four queries."""
    seen = _seen(period, Q())
    counties = {
        number: Spot(number, name)
        for number, name in County.objects.filter(country="NO", valid_to=None).values_list("number", "name")
    }
    municipalities = {
        number: Spot(number, name)
        for number, name in Municipality.objects.filter(valid_to=None).values_list("number", "name")
    }
    whole, nowhere = Spot("", gettext("The whole country")), Spot(NOWHERE, gettext("Svalbard and abroad"))
    pupils = _Pupils()
    for row in _schools(seen, Q()):
        met_there = seen.get(row["pk"], {})
        school = _of_school(row, met_there, kind)
        county = counties.get(row["municipality__county__number"] or "", nowhere)
        for spot in (whole, county, municipalities.get(school.place)):
            if spot:
                spot.add(school)
        pupils.add(county.number, met_there)
        pupils.add("", met_there)
    parts = [*counties.values(), *([nowhere] if nowhere.schools else [])]
    pupils.write(parts, kind)
    pupils.write([whole], kind)
    return Map(whole, parts, municipalities)


def county_map(place: Place, period: Period, kind: int | None = None) -> Map:
    """Return a county with its kommuner, the whitest first. Three queries."""
    where = place.schools()
    seen = _seen(period, place.schools("school__"))
    found = Municipality.objects.filter(county__number=place.number, valid_to=None).values_list("number", "name")
    municipalities = {number: Spot(number, name) for number, name in found}
    whole, pupils = Spot(place.number, place.name), _Pupils()
    for row in _schools(seen, where):
        met_there = seen.get(row["pk"], {})
        school = _of_school(row, met_there, kind)
        # A kommune that is no more stands in the county's sum only; its schools were moved by the register.
        spot = municipalities.get(school.place)
        whole.add(school)
        pupils.add(whole.number, met_there)
        if spot:
            spot.add(school)
            pupils.add(spot.number, met_there)
    pupils.write(list(municipalities.values()), kind)
    pupils.write([whole], kind)
    return Map(whole, whitest_first(municipalities.values()), municipalities)


def whitest_first(spots: Iterable[Spot]) -> list[Spot]:
    """Return them with the smallest share of schools first, of equal ones the largest; those without schools last."""

    def order(spot: Spot) -> tuple[bool, int, int, str]:
        return spot.schools_percent is None, spot.schools_percent or 0, -spot.schools, spot.number

    return sorted(spots, key=order)


def school_list(place: Place, period: Period, kind: int | None = None) -> tuple[Spot, list[SchoolSpot]]:
    """Return a kommune (or nowhere) and its schools, those nobody met first. Three queries."""
    where = place.schools()
    seen = _seen(period, place.schools("school__"))
    whole, pupils, schools = Spot(place.number, place.name), _Pupils(), []
    for row in _schools(seen, where):
        met_there = seen.get(row["pk"], {})
        school = _of_school(row, met_there, kind)
        schools.append(school)
        whole.add(school)
        pupils.add(school.number, met_there)
        pupils.add(whole.number, met_there)
    pupils.write(schools, kind)
    pupils.write([whole], kind)
    last = last_met(school.pk for school in schools)
    for school in schools:
        school.last_met = last.get(school.pk)
    return whole, sorted(schools, key=lambda school: (school.met, school.grades_percent or 0, school.name))


def last_met(schools: Iterable[int]) -> dict[int, datetime]:
    """Return when each of these schools was met last, of all years; who never was is left out. One query."""
    rows = Visit.objects.filter(school__in=list(schools)).order_by().values_list("school_id")
    return dict(rows.annotate(last=Max("starts_at")))
