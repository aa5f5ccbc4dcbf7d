"""What a search found, said in words, and the chosen filters as chips that can be taken away."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.finding.filters import FACETS, USUAL_RADIUS, ActivityFilter
from stemportal.activities.finding.results import SearchResult
from stemportal.activities.models import GRADES, Language
from stemportal.lib.templatetags.portal import weekdate


def result_sentence(result: SearchResult) -> str:
    """Return for example "34 offers for 9th grade within 40 km of Alta, 12 of them digital"."""
    values = result.values
    parts = [ngettext("%(number)s offer", "%(number)s offers", result.total) % {"number": result.total}]
    if result.words and (result.matched == "all" or not result.total):
        parts.append(_("about “%(words)s”") % {"words": " ".join(result.words)})
    if values.get("grade"):
        parts.append(_("for %(grade)s") % {"grade": dict(GRADES)[int(values["grade"])]})
    if result.near and result.near.point:
        parts.append(_("within %(km)s km of %(place)s") % {"km": values["radius"], "place": result.near.label})
    elif result.near:
        parts.append(_("for schools in %(county)s") % {"county": result.near.label})
    sentence = " ".join(str(part) for part in parts)
    if 0 < result.digital < result.total:
        sentence += _(", %(number)s of them digital") % {"number": result.digital}
    return sentence


def chosen_chips(query: QueryDict, search: ActivityFilter, result: SearchResult) -> list[dict[str, str]]:
    """Return {label, url} for everything chosen; the url is the same search without it, from the first page."""
    values = result.values
    found: list[tuple[str, str, str]] = []
    if values.get("q"):
        found.append((_("“%(words)s”") % {"words": values["q"][:60]}, "q", ""))
    if values.get("place"):
        found.append((result.near.label if result.near else values["place"][:60], "place", ""))
    for facet in FACETS:
        names = {value: name for value, name, _key in search.choices.named(facet)}
        found += [(names[value], facet, value) for value in values.get(facet) or []]
    if values.get("grade"):
        found.append((str(dict(GRADES)[int(values["grade"])]), "grade", ""))
    if values.get("language"):
        found.append((str(Language(values["language"]).label), "language", ""))
    if values.get("date_from"):
        found.append((_("from %(date)s") % {"date": weekdate(values["date_from"])}, "date_from", ""))
    if values.get("date_to"):
        found.append((_("until %(date)s") % {"date": weekdate(values["date_to"])}, "date_to", ""))
    if values.get("free"):
        found.append((_("Only with free places"), "free", ""))
    return [{"label": label, "url": without(query, name, value)} for label, name, value in found]


def without(query: QueryDict, name: str, value: str = "") -> str:
    """Return the query string without one parameter, or without one of its values; a place takes its radius along."""
    left = query.copy()
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
    usual = {"sort": "best", "radius": str(USUAL_RADIUS)}
    short = QueryDict(mutable=True)
    for name, found in query.lists():
        if kept := [item for item in found if item not in {"", usual.get(name)}]:
            short.setlist(name, kept)
    return short.urlencode()
