"""What the pages of ecosystems show: who belongs to one, what its region offers and what took place there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.cache import cache
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from redis.exceptions import RedisError

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.models import Activity
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.engine import run_search
from stemportal.activities.search.store import SearchNotReady
from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import current_school_year, label
from stemportal.network.models import Ecosystem, EcosystemMember
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools.models import School, Visit

logger = structlog.get_logger(__name__)

Sector = EcosystemMember.Sector
# Where a partner of the region stands among the members.
SECTOR_OF_KIND = {
    Partner.Kind.COMPANY: Sector.COMPANY,
    Partner.Kind.CLUSTER: Sector.COMPANY,
    Partner.Kind.PUBLIC_BODY: Sector.PUBLIC,
    Partner.Kind.MUNICIPALITY: Sector.PUBLIC,
    Partner.Kind.COUNTY_COUNCIL: Sector.PUBLIC,
    Partner.Kind.SCHOOL_OWNER: Sector.PUBLIC,
    Partner.Kind.UNIVERSITY: Sector.HIGHER_EDUCATION,
    Partner.Kind.ORGANISATION: Sector.ORGANISATION,
    Partner.Kind.UNION: Sector.ORGANISATION,
}
# Members of a sector that stand on the page; a region may have thousands of partners.
MOST_SHOWN = 12
MOST_OFFERS = 6
# A count of pupils below this is shown to nobody outside the school (rule for minors; reports.figures has the same).
FEWEST_PUPILS = 5
CACHE_SECONDS = 10 * 60


@dataclass(frozen=True)
class Line:
    """A member as the page names it; ``url`` leads to its page here or its own web site, maybe nowhere."""

    name: str
    url: str
    is_outside: bool = False


@dataclass(frozen=True)
class Group:
    """The members of one sector: the first ones by name, and how many there are in all."""

    sector: str
    label: str
    total: int
    lines: list[Line]

    @property
    def more(self) -> int:
        """How many do not stand on the page."""
        return self.total - len(self.lines)


@dataclass(frozen=True)
class RegionFigures:
    """Completed visits of classes from the region's schools in one school year. ``pupils`` None: fewer than five."""

    school_year: str
    pupils: int | None
    visits: int
    schools: int
    partners: int


@dataclass(frozen=True)
class Offers:
    """The first offers of the region as cards, and how many there are."""

    cards: list[Activity]
    total: int


def ecosystems_with_counts() -> list[Ecosystem]:
    """Return the ecosystems that have a page, each with ``county_list`` and ``members_count``.

    Four queries."""
    found = list(Ecosystem.objects.active().prefetch_related("areas__county"))
    counts = dict(
        Partner.objects.approved()
        .filter(municipality__county__ecosystem_area__ecosystem__in=found)
        .order_by()
        .values_list("municipality__county__ecosystem_area__ecosystem")
        .annotate(Count("pk"))
    )
    named = dict(
        EcosystemMember.objects.filter(ecosystem__in=found)
        .exclude(partner__municipality__county__ecosystem_area__ecosystem=F("ecosystem"))
        .filter(Q(partner=None) | Q(partner__status=Partner.Status.APPROVED))
        .order_by()
        .values_list("ecosystem")
        .annotate(Count("pk"))
    )
    for ecosystem in found:
        ecosystem.county_list = [area.county for area in ecosystem.areas.all()]  # type: ignore[attr-defined]
        ecosystem.members_count = counts.get(ecosystem.pk, 0) + named.get(ecosystem.pk, 0)  # type: ignore[attr-defined]
    return found


def counties_of(ecosystem: Ecosystem) -> list[County]:
    """Return its counties in the order of their numbers."""
    return list(ecosystem.counties.order_by("number"))


def partners_of(ecosystem: Ecosystem) -> QuerySet[Partner]:
    """Return the approved partners that belong to it: those of its counties, and those it took in by name."""
    by_name = EcosystemMember.objects.filter(ecosystem=ecosystem, partner__isnull=False).values("partner")
    return Partner.objects.approved().filter(
        Q(municipality__county__ecosystem_area__ecosystem=ecosystem) | Q(pk__in=by_name)
    )


def members_by_sector(ecosystem: Ecosystem) -> list[Group]:
    """Return all members, by sector in the order of ``Sector``; sectors without any are left out. Two queries."""
    found: dict[str, tuple[int, list[Line]]] = {str(sector): (0, []) for sector in Sector.values}
    sector = Case(
        *(When(kind=kind, then=Value(str(sector))) for kind, sector in SECTOR_OF_KIND.items()),
        default=Value(str(Sector.ORGANISATION)),
        output_field=CharField(),
    )
    partners = partners_of(ecosystem).annotate(sector=sector)
    ordered = partners.annotate(
        place=Window(RowNumber(), partition_by=F("sector"), order_by=[F("display_name"), F("pk")]),
        of_sector=Window(Count("pk"), partition_by=F("sector")),
    )
    for partner in ordered.filter(place__lte=MOST_SHOWN).order_by("sector", "place"):
        _total, lines = found[partner.sector]
        found[partner.sector] = (partner.of_sector, [*lines, Line(partner.display_name, partner.get_absolute_url())])
    others = EcosystemMember.objects.filter(ecosystem=ecosystem, partner=None).select_related("school__municipality")
    for member in sorted(others, key=str):
        total, lines = found[member.sector]
        if len(lines) < MOST_SHOWN:
            lines = [*lines, Line(str(member), member.website, is_outside=True)]
        found[member.sector] = (total + 1, lines)
    return [Group(value, str(Sector(value).label), total, lines) for value, (total, lines) in found.items() if total]


def region_figures(ecosystem: Ecosystem) -> RegionFigures:
    """Return this school year's figures of the region, or last year's while this one has no visit yet.

    Counted at most every ten minutes; without Valkey each time.
    """
    name = f"network:region:{ecosystem.pk}:{current_school_year()}"
    try:
        kept: RegionFigures | None = cache.get(name)
        if kept is None:
            kept = _this_year_or_last(ecosystem)
            cache.set(name, kept, timeout=CACHE_SECONDS)
        return kept
    except RedisError as error:
        logger.warning("cache_away", error=str(error))
        return _this_year_or_last(ecosystem)


def _this_year_or_last(ecosystem: Ecosystem) -> RegionFigures:
    year = current_school_year()
    figures = count_region(ecosystem, year)
    return figures if figures.visits else count_region(ecosystem, year - 1)


def count_region(ecosystem: Ecosystem, school_year: int) -> RegionFigures:
    """Count one school year: visits, by the county of the school. One query.

    The same visits as in the programme's figures (reports.figures); a test holds the two together.
    """
    counted: dict[str, Any] = (
        Visit.objects.in_period(Period(PeriodKind.SCHOOL, school_year))
        .filter(county__ecosystem_area__ecosystem=ecosystem)
        .aggregate(
            total=Sum("pupils", default=0),
            visits=Count("pk"),
            schools=Count("school", distinct=True),
            partners=Count("partner", distinct=True),
        )
    )
    pupils = counted.pop("total")
    few = 0 < pupils < FEWEST_PUPILS
    return RegionFigures(**counted, pupils=None if few else pupils, school_year=label(school_year))


def offers_in(counties: list[County]) -> Offers:
    """Return published offers in these counties, the bookable ones first; none while there is no index."""
    if counties:
        with suppress(SearchNotReady):
            criteria = Criteria(facets={"county": [county.pk for county in counties]})
            found = run_search(criteria, count=(), now=timezone.now())
            return Offers(cards_of(found.ids[:MOST_OFFERS]), found.total)
    return Offers([], 0)


def ecosystem_of_partner(partner: Partner) -> Ecosystem | None:
    """Return the ecosystem of the partner's region, else one that took it in by name; None without any."""
    return Ecosystem.objects.active().of_partners(partner).order_by("order", "pk").first()


def ecosystem_of_school(school: School) -> Ecosystem | None:
    """Return the ecosystem of the school's county."""
    return Ecosystem.objects.active().filter(areas__county__municipalities=school.municipality_id).first()
