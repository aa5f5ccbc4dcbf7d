"""Offers on a map: how many there are in each municipality, whatever their number, grouped by county for the list.

A position is its municipality's point, so one marker stands for all offers there; what is only digital has none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.finding.cards import municipalities
from stemportal.activities.finding.filters import Choices
from stemportal.activities.finding.results import SearchResult
from stemportal.activities.finding.sentences import tidy
from stemportal.activities.models import Activity
from stemportal.places.models import County, Municipality

OUTLINE = "geo/no_counties.geojson"
OUTLINE_ATTRIBUTION = "© Kartverket, CC BY 4.0"
# What an offer with a place can be, for the list behind a marker: it has the very offers that the marker counts.
WITH_PLACE = (Activity.Format.ON_SITE.value, Activity.Format.AT_SCHOOL.value)


@dataclass(frozen=True)
class MapPlace:
    """A municipality with offers. ``url`` is the same search limited to it."""

    number: str
    name: str
    latitude: float
    longitude: float
    count: int
    url: str

    @property
    def label(self) -> str:
        """What a marker is called: "Alta: 12 offers"."""
        return label_of(self.name, self.count)


@dataclass(frozen=True)
class MapCounty:
    """A county with its places, by name."""

    name: str
    places: list[MapPlace]

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def label(self) -> str:
        return label_of(self.name, self.count)


@dataclass(frozen=True)
class Beside:
    """Offers for which a map says little: how many, in words, and the list of them."""

    sentence: str
    url: str


def label_of(name: str, count: int) -> str:
    """Return a place and its number, as markers and lists are called."""
    return ngettext("%(place)s: %(number)s offer", "%(place)s: %(number)s offers", count) % {
        "place": name,
        "number": count,
    }


def counties_on_map(result: SearchResult, query: QueryDict, choices: Choices) -> list[MapCounty]:
    """Return the counties that have offers with a place, in their order, with the places by name. No query."""
    formats = [value for value in result.values.get("format") or [] if value in WITH_PLACE]
    if result.values.get("format") and not formats:
        return []  # only digital offers were asked for
    known = municipalities()
    places: dict[int, list[MapPlace]] = defaultdict(list)
    for pk, count in result.by_municipality.items():
        if municipality := known.get(pk):
            places[municipality.county_id].append(_place(municipality, count, query, formats or list(WITH_PLACE)))
    return [_county(county, places[county.pk]) for county in choices.counties if county.pk in places]


def _place(municipality: Municipality, count: int, query: QueryDict, formats: list[str]) -> MapPlace:
    url = _changed(query, municipality=[municipality.number], format=formats)
    return MapPlace(municipality.number, municipality.name, municipality.latitude, municipality.longitude, count, url)


def _county(county: County, places: list[MapPlace]) -> MapCounty:
    return MapCounty(county.name, sorted(places, key=lambda place: place.name))


def beside_the_map(result: SearchResult, query: QueryDict) -> list[Beside]:
    """Return what the map does not tell: offers that are digital, and those that come to the school."""
    counts = {option.value: option.count for option in result.facets["format"]}
    chosen = result.values.get("format") or list(counts)
    found = []
    for value, text in (
        (
            Activity.Format.DIGITAL.value,
            ngettext(
                "%(number)s offer is digital: every school can have it.",
                "%(number)s offers are digital: every school can have them.",
                counts.get("digital", 0),
            ),
        ),
        (
            Activity.Format.AT_SCHOOL.value,
            ngettext(
                "%(number)s offer comes to the school; the map shows from where.",
                "%(number)s offers come to the school; the map shows from where.",
                counts.get("at_school", 0),
            ),
        ),
    ):
        if counts.get(value) and value in chosen:
            found.append(Beside(text % {"number": counts[value]}, _changed(query, format=[value])))
    return found


def _changed(query: QueryDict, **changes: list[str]) -> str:
    changed = query.copy()
    for name in ("page", "view"):
        changed.pop(name, None)
    for name, values in changes.items():
        changed.setlist(name, values)
    return f"?{tidy(changed)}"


def map_data(counties: list[MapCounty]) -> dict[str, Any]:
    """Return what static/js/map.js needs, for ``json_script``."""
    return {
        "counties": [
            {
                "name": county.name,
                "label": county.label,
                "count": county.count,
                "places": [
                    {"name": p.name, "label": p.label, "count": p.count, "at": [p.latitude, p.longitude], "url": p.url}
                    for p in county.places
                ],
            }
            for county in counties
        ],
        "outline": static(OUTLINE),
        "outlineAttribution": f"{OUTLINE_ATTRIBUTION}, {_('simplified')}",
        "tiles": settings.MAP_TILES_URL,
        "tilesAttribution": settings.MAP_TILES_ATTRIBUTION,
        "words": {
            "map": _("Map of offers"),
            "zoomIn": _("Zoom in"),
            "zoomOut": _("Zoom out"),
            # One marker for several places that lie close together.
            "several": _("{places}: {count} offers"),
        },
    }


def tile_host() -> str:
    """Return the origin that pictures of a map come from, for the content security policy of its page; "" for none."""
    parts = urlsplit(settings.MAP_TILES_URL)
    # Servers in parallel, {s}.tiles.example.org, are one wildcard in a policy.
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.scheme and parts.netloc else ""
