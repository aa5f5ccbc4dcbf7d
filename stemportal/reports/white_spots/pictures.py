"""The map as numbers and words for an inline SVG: links with names, kommuner with a shade each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.reports.white_spots.shapes import Frame, frame, shapes, whole
from stemportal.reports.white_spots.spots import Map, Measure, Spot

# What each shade says, from white to dark; and the one for areas without schools.
LEGEND: tuple[tuple[str, Any], ...] = (
    ("0", gettext_lazy("Nothing yet")),
    ("1", gettext_lazy("Under a quarter")),
    ("2", gettext_lazy("A quarter to a half")),
    ("3", gettext_lazy("A half to three quarters")),
    ("4", gettext_lazy("Three quarters or more")),
    ("none", gettext_lazy("No schools")),
)


@dataclass(frozen=True)
class Shape:
    """A kommune as it is drawn: the SVG path, the name of its shade, and its words."""

    path: str
    shade: str
    words: str


@dataclass(frozen=True)
class Area:
    """A link on the map: a county with its kommuner, or one kommune. ``words`` are its name for who does not see it."""

    number: str
    words: str
    shapes: list[Shape]


@dataclass(frozen=True)
class Picture:
    """A map to draw: what of the country it shows, and its links in the order of the list beside it."""

    frame: Frame
    areas: list[Area]
    legend: tuple[tuple[str, Any], ...] = LEGEND


def in_words(spot: Spot, measure: str) -> str:
    """Return what the map says of a place, such as "Alta: 2 of 5 schools met"."""
    if not spot.schools:
        return _("%(place)s: no schools") % {"place": spot.name}
    if measure == Measure.GRADES:
        numbers = {"place": spot.name, "met": spot.grades_met, "all": spot.grades}
        return _("%(place)s: %(met)s of %(all)s grades met") % numbers
    return _("%(place)s: %(met)s of %(all)s schools met") % {"place": spot.name, "met": spot.met, "all": spot.schools}


def _shape(spot: Spot, measure: str) -> Shape:
    shade = spot.shade(measure)
    return Shape(shapes()[spot.number], "none" if shade is None else str(shade), in_words(spot, measure))


def country_picture(found: Map, measure: str) -> Picture:
    """Return the country: a link a county, each kommune with its own shade."""
    by_county: dict[str, list[Shape]] = defaultdict(list)
    for number, spot in found.municipalities.items():
        if number in shapes():
            by_county[number[:2]].append(_shape(spot, measure))
    areas = [Area(spot.number, in_words(spot, measure), by_county[spot.number]) for spot in found.parts]
    return Picture(whole(), [area for area in areas if area.shapes])


def county_picture(found: Map, measure: str) -> Picture:
    """Return a county: a link a kommune."""
    areas = [
        Area(spot.number, in_words(spot, measure), [_shape(spot, measure)])
        for spot in found.parts
        if spot.number in shapes()
    ]
    return Picture(frame([area.number for area in areas]), areas)
