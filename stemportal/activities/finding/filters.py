"""What a visitor asks of the search: a query string in, criteria for the engine and tick boxes with counts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.activities.finding.cards import midnight
from stemportal.activities.finding.form import SORTS, USUAL_RADIUS, SearchForm
from stemportal.activities.finding.places import Place
from stemportal.activities.models import AccessFeature, Activity, Goal, Kind, Session, SessionQuerySet, Subject
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
    "known_query",
    "period",
    "sessions_in",
    "week_days",
    "weeks_ahead",
]

# What every page of results counts; municipalities come in where a county is chosen.
FACETS = ("kind", "format", "subject", "access", "county")
NEW_DAYS = 30
# School weeks that can be picked from the list; a link may name any.
WEEKS = 44
# Goals of the chosen subjects that are offered for picking.
MOST_GOALS_OFFERED = 120
# What staff change about kinds and subjects shows in the filters after so long.
SECONDS = 30


@dataclass(frozen=True)
class Choices:
    """What can be chosen; municipalities only where they matter."""

    kinds: list[Kind]
    subjects: list[Subject]
    counties: list[County]
    municipalities: list[Municipality] = field(default_factory=list)
    # The names by facet and language: every search asks for them several times.
    _named: dict[tuple[str, str], list[tuple[str, str, int]]] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def load() -> Choices:
        """Return kinds, subjects and counties, as they were at most half a minute ago."""
        return _choices()

    def with_municipalities(self) -> Choices:
        """Return the same with municipalities: what is offered once a county, or one of them, is chosen."""
        return _choices_in_counties()

    def named(self, facet: str) -> list[tuple[str, str, int]]:
        """Return (value in the address, name, value in the index) of everything a facet offers."""
        key = (facet, get_language() or "")
        if key not in self._named:
            self._named[key] = self._names_of(facet)
        return self._named[key]

    def _names_of(self, facet: str) -> list[tuple[str, str, int]]:
        match facet:
            case "kind":
                return [(kind.code, localized(kind, "name"), kind.pk) for kind in self.kinds]
            case "subject":
                return [(item.code, localized(item, "name"), item.pk) for item in self.subjects]
            case "county":
                return [(item.number, item.name, item.pk) for item in self.counties]
            case "municipality":
                return [(item.number, item.name, item.pk) for item in self.municipalities]
            case "access":
                return [(value, str(AccessFeature(value).label), code) for value, code in schema.ACCESS.items()]
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
def _choices_in_counties() -> Choices:
    municipalities = Municipality.objects.filter(valid_to__isnull=True).order_by("name", "number")
    return replace(_choices(), municipalities=list(municipalities), _named={})


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

    def criteria(self, values: Mapping[str, Any], near: Place | None, *, only: Sequence[int] | None = None) -> Criteria:
        """Return what the values ask of the search, at the visitor's place; ``only`` among these offers."""
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
            only=only,
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

    def goal_options(self, values: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
        """Return (code, text, whether it is chosen) of the goals of the chosen subjects, and of all that are chosen.

        Without a subject there would be hundreds: then only the chosen ones are there. No query within half a minute.
        """
        asked: dict[str, Goal] = self.form.fields["goal"].goals  # type: ignore[attr-defined]
        chosen = [code for code in values.get("goal") or [] if code in asked]
        subjects = tuple(sorted(self._chosen("subject", values)))
        offered = {goal.code: goal for goal in _goals_of(subjects)} if subjects else {}
        goals = {code: asked[code] for code in chosen} | offered
        return [(code, f"{code}: {localized(goal, 'text')}", code in chosen) for code, goal in goals.items()]


@remember(SECONDS)
def _goals_of(subjects: tuple[int, ...]) -> list[Goal]:
    """Return the goals of these subjects that are in force, by curriculum and grade."""
    goals = Goal.objects.in_force().filter(plan__subject__in=subjects)
    return list(goals.order_by("plan__code", "after_grade", "code")[:MOST_GOALS_OFFERED])


def week_days(week: str) -> tuple[date, date]:
    """Return Monday and Sunday of a week as the form writes it, "2026-W41"."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1), date.fromisocalendar(int(year), int(number), 7)


def weeks_ahead(chosen: str = "") -> list[tuple[str, str]]:
    """Return (value, "Week 41, from 5 October") of this week and the coming ones, and of the chosen one."""
    today = timezone.localdate()
    weeks = _weeks_from(today - timedelta(days=today.weekday()), get_language() or "")
    if chosen and chosen not in dict(weeks):
        return [_week(week_days(chosen)[0]), *weeks]
    return weeks


@lru_cache(maxsize=10)
def _weeks_from(monday: date, _language: str) -> list[tuple[str, str]]:
    return [_week(monday + timedelta(weeks=number)) for number in range(WEEKS)]


def _week(monday: date) -> tuple[str, str]:
    year, week, _day = monday.isocalendar()
    day = formats.date_format(monday, "MONTH_DAY_FORMAT")
    return f"{year}-W{week:02}", _("Week %(week)s, from %(day)s") % {"week": week, "day": day}


def known_query(values: Mapping[str, Any]) -> str:
    """Return the query string that asks for what was understood: only known fields, each value once, nothing usual.

    For links that are kept (saved searches, what was asked for): whatever stood in the address, this is bounded. List
    or map is no part of what is searched.
    """
    usual = {"sort": "best", "radius": str(USUAL_RADIUS) if values.get("place") else values.get("radius")}
    query = QueryDict(mutable=True)
    for name, value in values.items():
        if name == "view":
            continue
        written = [_written(item) for item in (value if isinstance(value, list) else [value])]
        if kept := [item for item in written if item and item != usual.get(name)]:
            query.setlist(name, kept)
    return query.urlencode()


def _written(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "on" if value is True else value.isoformat() if isinstance(value, date) else str(value)


def period(values: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day that were asked for: a week counts more than dates."""
    if values.get("week"):
        return week_days(str(values["week"]))
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
