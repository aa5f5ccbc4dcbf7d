"""What a search found, said in words, and the chosen filters as chips that can be taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.finding.filters import FACETS, USUAL_RADIUS, ActivityFilter, Choices, known_query
from stemportal.activities.finding.places import Place, resolve_place
from stemportal.activities.finding.results import SearchResult
from stemportal.activities.models import GRADES, Language
from stemportal.lib.query_strings import light_copy
from stemportal.lib.templatetags.portal import weekdate

SWITCHES = ("free", "accessible", "new")
LONGEST_NAME = 120


def result_sentence(result: SearchResult) -> str:
    """Return for example "34 offers for 9th grade within 40 km of Alta, 12 of them digital"."""
    number = ngettext("%(number)s offer", "%(number)s offers", result.total) % {"number": result.total}
    with_words = bool(result.words) and (result.matched == "all" or not result.total)
    sentence = " ".join([number, *wishes(result.values, result.near, words=result.words if with_words else [])])
    if 0 < result.digital < result.total:
        sentence += _(", %(number)s of them digital") % {"number": result.digital}
    return sentence


def wishes(values: Mapping[str, Any], near: Place | None, *, words: Sequence[str]) -> list[str]:
    """Return what was asked for as parts of a sentence: words, grade, place and week; filters stand in the chips."""
    parts = []
    if words:
        parts.append(_("about “%(words)s”") % {"words": " ".join(words)})
    if values.get("grade"):
        parts.append(_("for %(grade)s") % {"grade": dict(GRADES)[int(values["grade"])]})
    if near and near.point:
        parts.append(_("within %(km)s km of %(place)s") % {"km": values["radius"], "place": near.label})
    elif near:
        parts.append(_("for schools in %(county)s") % {"county": near.label})
    if values.get("week"):
        parts.append(_("in week %(week)s") % {"week": int(values["week"].split("-W")[1])})
    return parts


def search_name(search: ActivityFilter, values: Mapping[str, Any], near: Place | None) -> str:
    """Return a name for a search, from all that was chosen: "drone, 9th grade, Alta". At most 120 characters."""
    labels = [label for label, _name, _value in _chosen(search, values, near)]
    return Truncator(", ".join(labels) or _("All offers")).chars(LONGEST_NAME)


def understood(query: QueryDict) -> tuple[str, str]:
    """Return the search in an address as it is kept (``known_query``), and a name for it."""
    search = ActivityFilter(query, choices=Choices.load())
    values = search.values
    return known_query(values), search_name(search, values, resolve_place(values["place"]))


def chosen_chips(query: QueryDict, search: ActivityFilter, result: SearchResult) -> list[dict[str, str]]:
    """Return {label, url} for everything chosen; the url is the same search without it, from the first page."""
    found = _chosen(search, result.values, result.near)
    return [{"label": label, "url": without(query, name, value)} for label, name, value in found]


def _chosen(search: ActivityFilter, values: Mapping[str, Any], near: Place | None) -> Iterator[tuple[str, str, str]]:
    """Yield (label, field, value) of everything chosen; the value is empty where the field has only one."""
    if values.get("q"):
        yield _("“%(words)s”") % {"words": values["q"][:60]}, "q", ""
    if values.get("place"):
        yield near.label if near else values["place"][:60], "place", ""
    for facet in (*FACETS, "municipality"):
        names = {value: name for value, name, _key in search.choices.named(facet)}
        yield from ((names[value], facet, value) for value in values.get(facet) or [] if value in names)
    yield from ((label[:60], "goal", code) for code, label, chosen in search.goal_options(values) if chosen)
    if values.get("grade"):
        yield str(dict(GRADES)[int(values["grade"])]), "grade", ""
    if values.get("language"):
        yield str(Language(values["language"]).label), "language", ""
    if values.get("week"):
        yield _("Week %(week)s") % {"week": int(values["week"].split("-W")[1])}, "week", ""
    if values.get("date_from"):
        yield _("from %(date)s") % {"date": weekdate(values["date_from"])}, "date_from", ""
    if values.get("date_to"):
        yield _("until %(date)s") % {"date": weekdate(values["date_to"])}, "date_to", ""
    if values.get("pupils"):
        text = ngettext("Room for %(number)s pupil", "Room for %(number)s pupils", values["pupils"])
        yield text % {"number": values["pupils"]}, "pupils", ""
    yield from ((str(search.form.fields[name].label), name, "") for name in SWITCHES if values.get(name))


def without(query: QueryDict, name: str, value: str = "") -> str:
    """Return the query string without one parameter, or without one of its values; a place takes its radius along."""
    left = light_copy(query)
    left.pop("page", None)
    if value:
        left.setlist(name, [item for item in left.getlist(name) if item != value])
    else:
        left.pop(name, None)
    if name == "place":
        left.pop("radius", None)
        left.pop("sort", None)
    return f"?{tidy(left)}"


def tidy(query: QueryDict | Any) -> str:
    """Return the query string without empty and usual values: short addresses to share."""
    usual = {"sort": "best", "radius": str(USUAL_RADIUS), "view": "list"}
    short = QueryDict(mutable=True)
    for name, found in query.lists():
        if kept := [item for item in found if item not in {"", usual.get(name)}]:
            short.setlist(name, kept)
    return short.urlencode()
