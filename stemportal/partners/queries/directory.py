"""Reads about partners for the public pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import (
    CharField,
    Count,
    F,
    FilteredRelation,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Collate, Left, Lower, Replace

from stemportal.lib.school_year import current_school_year
from stemportal.partners import sectors
from stemportal.partners.models import Partner, Signature
from stemportal.places.models import Municipality

# The filters with counts, in the order of the page.
FACETS = ("level", "kind", "county", "sector")


@dataclass(frozen=True)
class FacetOption:
    """One choice of a filter: its value in the address, its name, how many partners it would show."""

    value: str
    name: str
    count: int
    chosen: bool


def norwegian_order(field: str) -> Collate:
    """Return an expression that sorts names æ, ø, å last, aa as å, and without regard to case.

    A portable PostgreSQL has no Norwegian collation, so the three letters are put after z by hand.
    """
    double_a = Replace(Lower(F(field)), Value("aa"), Value("å"))
    letters = Func(double_a, Value("æäøöå"), Value("{{||}"), function="translate", output_field=CharField())
    return Collate(letters, "C")


def approved_in_order() -> QuerySet[Partner]:
    """Approved partners in alphabetical order, with their places."""
    return (
        Partner.objects.approved()
        .select_related("municipality__county")
        .defer("about")
        .order_by(norwegian_order("display_name"), "pk")
    )


def directory() -> QuerySet[Partner]:
    """Approved partners with what a card shows; ``engagement_now`` is this year's engagement and level, or None."""
    this_year = Q(engagements__school_year=current_school_year())
    return (
        approved_in_order()
        .annotate(engagement_now=FilteredRelation("engagements", condition=this_year))
        .select_related("municipality__county", "engagement_now__level")  # type: ignore[misc]  # the line above
    )


def in_sections(codes: Collection[str]) -> Q:
    """Return the condition that a partner's sector code is in one of these sections of SN2007."""
    divisions = [division for code in codes for division in sectors.BY_CODE[code].divisions]
    return Q(sector_revision=sectors.REVISION, sector_code__regex=f"^({'|'.join(divisions)})")


def facet_counts(partners: QuerySet[Partner], chosen: Mapping[str, Collection[str]]) -> dict[str, Counter[str]]:
    """Return for each facet how many of the partners each of its values would show.

    What is chosen in a facet does not count for its own numbers, only for those of the others. One query, whose rows
    are the combinations that exist: some hundreds at most, however many partners there are. ``partners`` comes from
    ``directory``.
    """
    rows = (
        partners.order_by()
        .annotate(division=Left("sector_code", 2))
        .values_list(
            "engagement_now__level__code", "kind", "municipality__county__number", "division", "sector_revision"
        )
        .annotate(count=Count("pk"))
    )
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for level, kind, county, division, revision, count in rows:
        section = sectors.section_of(division, revision)
        row = {"level": level, "kind": kind, "county": county, "sector": section.code if section else None}
        fits = {name: not chosen[name] or row[name] in chosen[name] for name in FACETS}
        for name in FACETS:
            if row[name] and all(fits[other] for other in FACETS if other != name):
                counts[name][row[name]] += count
    return counts


def signatories() -> QuerySet[Partner]:
    """Approved partners that signed, with ``signed_at`` and ``signed_version`` of the newest signature."""
    newest = Signature.objects.filter(partner=OuterRef("pk")).order_by("-declaration__version")
    return (
        approved_in_order()
        .annotate(
            signed_at=Max("signatures__signed_at"),
            signed_version=Subquery(newest.values("declaration__version")[:1]),
        )
        .filter(signed_at__isnull=False)
    )


def municipality_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return today's municipalities grouped by county, both in alphabetical order, as choices of a select."""
    rows = (
        Municipality.objects.filter(valid_to__isnull=True)
        .order_by(norwegian_order("county__name"), norwegian_order("name"))
        .values_list("county__name", "pk", "name")
    )
    groups: dict[str, list[tuple[int, str]]] = {}
    for county, pk, name in rows:
        groups.setdefault(county, []).append((pk, name))
    return list(groups.items())
