"""A short list of offers for other web sites, and the page on which a municipality makes its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.filters import ActivityFilter, Choices, known_query, period
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.forms.embed import MOST_SHOWN, THEMES, USUALLY_SHOWN, EmbedForm
from stemportal.activities.queries import open_data
from stemportal.lib.public_answers import names, public_answer
from stemportal.outbox.letters import absolute_url

SECONDS = 120
# Pixels: room for three offers; the list scrolls by itself when there are more.
HEIGHT = 560


@require_safe
@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@public_answer(limit="embed", seconds=SECONDS, still_shown=open_data.are_published)
def embed(request: HttpRequest) -> HttpResponse:
    """Offers of any search for a frame on another web site: the only page that may stand in one.

    Takes the fields of the search, ``limit``, ``theme`` and ``lang``. Nothing of the visitor is read: no cookie, no
    session.
    """
    language = request.GET.get("lang", "")
    with translation.override(language if language in dict(settings.LANGUAGES) else get_language()):
        html = loader.render_to_string("activities/embed.html", _list(request))
        return HttpResponse(html, headers={"Content-Language": get_language() or settings.LANGUAGE_CODE})


def _list(request: HttpRequest) -> dict[str, Any]:
    search = ActivityFilter(request.GET, choices=Choices.load())
    values = search.values
    near = resolve_place(values["place"])
    found = open_data.find(search, near=near)
    theme = request.GET.get("theme", "")
    query = known_query(values)
    offers = cards_of(found.ids[: _limit(request)], days=period(values), near=near)
    names(request, [offer.pk for offer in offers])
    return {
        "offers": offers,
        "total": found.total,
        "near": near,
        "theme": theme if theme in THEMES else "auto",
        "portal_name": settings.PORTAL_NAME,
        "base_url": settings.PORTAL_BASE_URL,
        "search_url": absolute_url(f"{reverse('activities:search')}?{query}".rstrip("?")),
    }


def _limit(request: HttpRequest) -> int:
    text = request.GET.get("limit", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else USUALLY_SHOWN
    return min(max(number, 1), MOST_SHOWN)


@login_not_required
@require_safe
def embed_make(request: HttpRequest) -> HttpResponse:
    """Choose what the list shows; the page answers with the lines to put into one's own, and how it looks."""
    form = EmbedForm(request.GET, language=get_language() or settings.LANGUAGE_CODE)
    path = f"{reverse('activities:embed')}?{form.query}"
    title = (
        _("Offers for schools in %(place)s") % {"place": form.place_name}
        if form.place_name
        else _("Offers for schools")
    )
    context = {
        "form": form,
        "path": path,
        "title": title,
        "height": HEIGHT,
        "snippet": loader.render_to_string(
            "activities/_embed_snippet.html", {"address": absolute_url(path), "title": title, "height": HEIGHT}
        ).strip(),
        "feeds": _feeds(form),
    }
    return render(request, "activities/embed_make.html", context)


def _feeds(form: EmbedForm) -> list[tuple[str, str]]:
    """(name, address) of the same search as feeds."""
    query = f"?{urlencode(form.search)}" if form.search else ""
    names = {"RSS": "feed_rss", "Atom": "feed_atom", _("Calendar"): "feed_ics"}
    return [(name, f"{reverse(f'activities:{view}')}{query}") for name, view in names.items()]
