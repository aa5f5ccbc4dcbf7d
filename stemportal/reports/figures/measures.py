"""What targets measure: a few figures of the whole programme, counted quickly and protected like all others."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Q, Sum

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.figures.counting import nothing
from stemportal.reports.figures.equality import count_chances, remote_share
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.protection import hidden_in_tables, protect
from stemportal.reports.models import Target
from stemportal.schools.models import Visit

Measure = Target.Measure
# Of which Figures knows the value by the same name.
OF_FIGURES = (
    Measure.PUPILS,
    Measure.VISITS,
    Measure.SCHOOLS,
    Measure.MUNICIPALITIES,
    Measure.PARTNERS,
    Measure.COMPANIES,
    Measure.GIRLS_SHARE,
)
# Sums cannot bear the names of the columns they are of.
PREFIX = "sum_"


def headline_figures(period: Period) -> Figures:
    """Return the programme's figures that targets are about, and no others. One query."""
    counted = Visit.objects.in_period(period).aggregate(
        **{
            f"{PREFIX}{name}": number
            for name, number in {
                "visits": Count("booking"),
                "pupils": Sum("pupils", default=0),
                "girls": Sum("girls"),
                "girls_visits": Count("girls"),
                "girls_of_pupils": Sum("pupils", filter=Q(girls__isnull=False), default=0),
                "schools": Count("school", distinct=True),
                "municipalities": Count("municipality", distinct=True),
                "counties": Count("county", distinct=True),
                "partners": Count("partner", distinct=True),
                "companies": Count("partner", distinct=True, filter=Q(partner__kind=Partner.Kind.COMPANY)),
            }.items()
        }
    )
    raw = {**nothing(), **{name.removeprefix(PREFIX): number for name, number in counted.items()}}
    return protect(period, raw, hidden_in_tables(raw))


def values_of(figures: Figures, share: int | None = None) -> dict[str, float | None]:
    """Return the value of each measure from figures and the share of remote municipalities; None: hidden or unknown."""
    found: dict[str, float | None] = {str(measure): getattr(figures, measure) for measure in OF_FIGURES}
    return {**found, str(Measure.REMOTE_SHARE): share}


def measured(period: Period, measures: Collection[str]) -> dict[str, float | None]:
    """Count what these measures ask for: one query, and two more where equal chances are among them."""
    share = remote_share(count_chances(period)) if Measure.REMOTE_SHARE in measures else None
    return values_of(headline_figures(period), share)
