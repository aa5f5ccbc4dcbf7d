"""What a search finds, for feed readers and calendars: the same address as the page, with another ending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from stemportal.activities import feeds
from stemportal.activities.finding.filters import ActivityFilter, Choices, known_query
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.finding.sentences import search_name
from stemportal.activities.models import Activity, Session
from stemportal.activities.queries import open_data
from stemportal.lib.public_answers import names, public_answer
from stemportal.outbox.letters import absolute_url

# Readers and calendars ask every hour or so.
SECONDS = 300
CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class _Asked:
    """The search in an address, its name, the page that shows it to people, and what it finds, the newest first."""

    values: dict[str, Any]
    name: str
    page: str
    ids: list[int]


def _search(request: HttpRequest) -> _Asked:
    search = ActivityFilter(request.GET, choices=Choices.load())
    # Feeds have an order of their own.
    values = search.values | {"sort": "best"}
    near = resolve_place(values["place"])
    return _Asked(
        values,
        f"{settings.PORTAL_NAME}: {search_name(search, values, near)}",
        absolute_url(f"{reverse('activities:search')}?{known_query(values)}".rstrip("?")),
        open_data.find(search, near=near, sort="newest").ids,
    )


def _feed(request: HttpRequest, feed_class: type[Rss201rev2Feed | Atom1Feed]) -> HttpResponse:
    asked = _search(request)
    offers = open_data.newest_of(asked.ids)
    names(request, [offer.pk for offer in offers])
    address = absolute_url(request.get_full_path())
    content = feeds.write_feed(feed_class, offers, title=asked.name, page=asked.page, address=address)
    return _changed(HttpResponse(content, content_type=feed_class.content_type), offers)


def _calendar(sessions: Sequence[Session], *, name: str, page: str, file: str) -> HttpResponse:
    response = HttpResponse(feeds.write_calendar(sessions, name=name, page=page), content_type=CALENDAR)
    response["Content-Disposition"] = f'inline; filename="{file}.ics"'
    return response


def _changed(response: HttpResponse, offers: Sequence[Activity]) -> HttpResponse:
    """Tell when the newest of the offers was changed."""
    if offers:
        response["Last-Modified"] = http_date(max(offer.updated_at for offer in offers).timestamp())
    return response


@require_safe
@public_answer(limit="feed", seconds=SECONDS, still_shown=open_data.are_published)
def feed_rss(request: HttpRequest) -> HttpResponse:
    """The newest offers of a search as RSS 2.0."""
    return _feed(request, Rss201rev2Feed)


@require_safe
@public_answer(limit="feed", seconds=SECONDS, still_shown=open_data.are_published)
def feed_atom(request: HttpRequest) -> HttpResponse:
    """The newest offers of a search as Atom."""
    return _feed(request, Atom1Feed)


@require_safe
@public_answer(limit="feed", seconds=SECONDS, still_shown=open_data.are_published)
def feed_ics(request: HttpRequest) -> HttpResponse:
    """The coming dates of a search as a calendar to subscribe to."""
    asked = _search(request)
    sessions = open_data.calendar_of(asked.ids, values=asked.values)
    names(request, sorted({session.activity_id for session in sessions}))
    return _calendar(sessions, name=asked.name, page=asked.page, file="offers")


@require_safe
@public_answer(limit="feed", seconds=SECONDS, still_shown=open_data.are_published)
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The coming dates of one activity as a calendar."""
    activity = Activity.objects.published().filter(pk=pk).first()
    if activity is None:
        raise Http404("no such activity")
    names(request, [pk])
    page = absolute_url(activity.get_absolute_url())
    return _calendar(open_data.calendar_of([pk]), name=activity.title, page=page, file=f"activity-{pk}")
