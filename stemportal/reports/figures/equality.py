"""Equal chances: how many of the schools of central and of remote municipalities a visit has reached.

Schools, municipalities and visits only, no pupils: together with the counties, of which some have remote municipalities
only, counts of pupils could tell small ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Q

from stemportal.lib.periods import Period
from stemportal.places.centrality import Centrality, centrality_of
from stemportal.reports.figures.protection import whole
from stemportal.schools.models import School, Visit


@dataclass(frozen=True)
class Chances:
    """One group of municipalities in one year; ``group`` is a value of Centrality.

    ``schools`` and ``municipalities`` are all that could be reached: schools that teach today or were reached in the
    year, and the municipalities in which they are.
    """

    group: str
    municipalities: int
    municipalities_reached: int
    schools: int
    schools_reached: int
    visits: int

    @property
    def share(self) -> int | None:
        """Percent of the schools that were reached, whole; None where there is no school."""
        return whole(100 * self.schools_reached, self.schools) if self.schools else None

    @property
    def share_of_municipalities(self) -> int | None:
        """Percent of the municipalities that were reached, whole; None where there is none."""
        return whole(100 * self.municipalities_reached, self.municipalities) if self.municipalities else None


@dataclass
class _Sums:
    municipalities: int = 0
    schools: int = 0
    reached: Counter[str] = field(default_factory=Counter)


def count_chances(period: Period) -> list[Chances]:
    """Return the three groups, the central one first. Two queries; municipalities nobody knows the index of are out."""
    visits = Visit.objects.in_period(period)
    reached = {
        number: (schools, count)
        for number, schools, count in visits.filter(municipality__isnull=False)
        .order_by()
        .values_list("municipality__number")
        .annotate(Count("school", distinct=True), Count("booking"))
    }
    all_schools = (
        School.objects.filter(Q(is_active=True) | Q(pk__in=visits.values("school")), municipality__isnull=False)
        .order_by()
        .values_list("municipality__number")
        .annotate(Count("pk"))
    )
    sums = {group: _Sums() for group in Centrality}
    for number, schools in all_schools:
        group = centrality_of(number)
        if group is None:
            continue
        found = sums[group]
        found.municipalities += 1
        found.schools += schools
        if number in reached:
            reached_schools, count = reached[number]
            found.reached.update(municipalities=1, schools=reached_schools, visits=count)
    return [
        Chances(
            group=group.value,
            municipalities=found.municipalities,
            municipalities_reached=found.reached["municipalities"],
            schools=found.schools,
            schools_reached=found.reached["schools"],
            visits=found.reached["visits"],
        )
        for group, found in sums.items()
    ]


def remote_share(chances: list[Chances]) -> int | None:
    """Return the percentage of remote municipalities that were reached."""
    return next((found.share_of_municipalities for found in chances if found.group == Centrality.REMOTE), None)
