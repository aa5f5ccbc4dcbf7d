"""What a visitor asks of the search: a query string in, criteria for the engine and tick boxes with counts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.activities.finding.cards import midnight
from stemportal.activities.finding.form import SORTS, USUAL_RADIUS, SearchForm
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Kind, Session, SessionQuerySet, Subject
from stemportal.activities.search import schema
from stemportal.activities.search.criteria import Criteria, Near
from stemportal.lib.memo import remember
from stemportal.lib.templatetags.portal import localized
from stemportal.places.models import County, Municipality

__all__ = [
    "FACETS",
    "SORTS",
    "USUAL_RADIUS",
    "ActivityFilter",
    "Choices",
    "FacetOption",
    "period",
    "sessions_in",
]

FACETS = ("kind", "format", "subject", "county")
NEW_DAYS = 30
# What staff change about kinds and subjects shows in the filters after so long.
SECONDS = 30


@dataclass(frozen=True)
class Choices:
    """What can be chosen; municipalities only where they matter."""

    kinds: list[Kind]
    subjects: list[Subject]
    counties: list[County]
    municipalities: list[Municipality] = field(default_factory=list)

    @staticmethod
    def load() -> Choices:
        """Return kinds, subjects and counties, as they were at most half a minute ago."""
        return _choices()

    def with_municipalities(self) -> Choices:
        """Return the same with municipalities: what is offered once a county, or one of them, is chosen."""
        return replace(self, municipalities=_municipalities())

    def named(self, facet: str) -> list[tuple[str, str, int]]:
        """Return (value in the address, name, value in the index) of everything a facet offers."""
        match facet:
            case "kind":
                return [(kind.code, localized(kind, "name"), kind.pk) for kind in self.kinds]
            case "subject":
                return [(item.code, localized(item, "name"), item.pk) for item in self.subjects]
            case "county":
                return [(item.number, item.name, item.pk) for item in self.counties]
            case "municipality":
                return [(item.number, item.name, item.pk) for item in self.municipalities]
            case _:
                return [(value, str(Activity.Format(value).label), code) for value, code in schema.FORMATS.items()]


@remember(SECONDS)
def _choices() -> Choices:
    return Choices(
        list(Kind.objects.filter(is_active=True)),
        list(Subject.objects.all()),
        list(County.objects.filter(valid_to__isnull=True)),
    )


@remember(SECONDS)
def _municipalities() -> list[Municipality]:
    return list(Municipality.objects.filter(valid_to__isnull=True).order_by("name", "number"))


@dataclass(frozen=True)
class FacetOption:
    """One tick box: its value in the address, its name, how many offers it would show, whether it is chosen."""

    value: str
    name: str
    count: int
    chosen: bool


class ActivityFilter:
    """Reads a query string; ``form`` is for the page, ``values`` what was understood, ``criteria`` what is searched."""

    def __init__(self, data: QueryDict, *, choices: Choices) -> None:
        in_a_county = data.get("county") or data.get("municipality")
        self.choices = choices.with_municipalities() if in_a_county and not choices.municipalities else choices
        self.form = SearchForm(data)
        for facet in (*FACETS, "municipality"):
            self.form.fields[facet].choices = [  # type: ignore[attr-defined]
                (value, name) for value, name, _key in self.choices.named(facet)
            ]

    @property
    def values(self) -> dict[str, Any]:
        """What was understood of the query string, by field name."""
        self.form.is_valid()
        values = dict(self.form.cleaned_data)
        if values.get("date_from") and values.get("date_to") and values["date_to"] < values["date_from"]:
            self.form.add_error("date_to", _("This date is before the first one."))
            values["date_to"] = None
        return values

    @property
    def facets(self) -> tuple[str, ...]:
        """What is counted: municipalities only where they can be chosen."""
        return (*FACETS, "municipality") if self.choices.municipalities else FACETS

    def criteria(self, values: Mapping[str, Any], near: Place | None) -> Criteria:
        """Return what the values ask of the search, at the visitor's place."""
        first, last = period(values)
        return Criteria(
            text=values.get("q") or "",
            facets={name: keys for name in self.facets if (keys := self._chosen(name, values))},
            near=Near(int(values["radius"] or USUAL_RADIUS), near.point, near.county_id) if near else None,
            grade=int(values["grade"]) if values.get("grade") else None,
            language=values.get("language") or "",
            goals=values.get("goal") or (),
            first_day=first,
            last_day=last,
            pupils=values.get("pupils"),
            free=bool(values.get("free")),
            accessible=bool(values.get("accessible")),
            published_from=timezone.localdate() - timedelta(days=NEW_DAYS) if values.get("new") else None,
            sort=values.get("sort") or "best",
        )

    def _chosen(self, facet: str, values: Mapping[str, Any]) -> list[int]:
        chosen = values.get(facet) or []
        return [key for value, _name, key in self.choices.named(facet) if value in chosen]

    def options(
        self, facet: str, values: Mapping[str, Any], numbers: Mapping[tuple[str, int], int]
    ) -> list[FacetOption]:
        """Return the facet's tick boxes: those that would show something, and the chosen ones."""
        chosen = values.get(facet) or []
        named = ((value, name, numbers.get((facet, key), 0)) for value, name, key in self.choices.named(facet))
        return [
            FacetOption(value, name, number, value in chosen)
            for value, name, number in named
            if number or value in chosen
        ]


def period(values: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day that were asked for: a week counts more than dates."""
    if values.get("week"):
        year, week = str(values["week"]).split("-W")
        return date.fromisocalendar(int(year), int(week), 1), date.fromisocalendar(int(year), int(week), 7)
    return values.get("date_from"), values.get("date_to")


def sessions_in(values: Mapping[str, Any]) -> SessionQuerySet:
    """Return the coming open sessions in the period that was chosen."""
    first, last = period(values)
    sessions = Session.objects.all().open()
    if first:
        sessions = sessions.filter(starts_at__gte=midnight(first))
    if last:
        sessions = sessions.filter(starts_at__lt=midnight(last + timedelta(days=1)))
    return sessions
