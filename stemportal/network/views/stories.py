"""News and stories for everybody: the list, one story, its pictures, and the feed."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.lib.feeds import clean, tag_for
from stemportal.lib.public_answers import names, public_answer
from stemportal.lib.stored_files import stored_file
from stemportal.lib.templatetags.portal import localized
from stemportal.network.access_stories import visible_photo, visible_story
from stemportal.network.models import Ecosystem, Story
from stemportal.network.photos import url_of
from stemportal.network.queries import stories as queries
from stemportal.network.structured_data import story_data
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Partner
from stemportal.partners.structured_data import json_ld

PAGE_SIZE = 25
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,160}")
FEED_LENGTH = 30
FEED_SECONDS = 300
MORE = 3
# Asked for each time: somebody in the picture may have it taken away at any moment.
ASK_EACH_TIME = "private, no-cache"


@login_not_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Everything that is published, the newest first; of one kind, one ecosystem or one partner when asked for."""
    stories, about = _asked_for(request)
    kind = request.GET.get("kind", "")
    if kind in Story.Kind.values:
        stories = stories.filter(kind=kind)
    context = {
        "page_obj": Paginator(stories, PAGE_SIZE).get_page(request.GET.get("page")),
        "kinds": Story.Kind.choices,
        "kind": kind,
        "about": about,
        "index": not request.GET,
    }
    return render(request, "network/stories/news.html", context)


def _asked_for(request: HttpRequest) -> tuple[QuerySet[Story], str]:
    """Return the stories of the ecosystem or partner in the address, with its name; all, and "", without one."""
    region, slug = request.GET.get("ecosystem", ""), request.GET.get("partner", "")
    if SLUG.fullmatch(region) and (ecosystem := Ecosystem.objects.active().filter(slug=region).first()):
        return queries.stories_of_ecosystem(ecosystem), str(localized(ecosystem, "name"))
    if SLUG.fullmatch(slug) and (partner := Partner.objects.approved().filter(slug=slug).first()):
        return queries.stories_of_partner(partner), str(partner)
    return queries.newest(), ""


@login_not_required
@require_safe
def story(request: HttpRequest, slug: str) -> HttpResponse:
    """One story or piece of news."""
    found = visible_story(slug)
    first = found.first_photo
    context = {
        "story": found,
        "more": queries.newest().exclude(pk=found.pk)[:MORE],
        "canonical": absolute_url(found.get_absolute_url()),
        "image_url": absolute_url(url_of(first)) if first else "",
        "structured_data": json_ld(story_data(found)),
    }
    return render(request, "network/stories/story.html", context)


@login_not_required
@require_safe
def story_photo(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A picture, while its story is published; for its own people and staff also before."""
    found = visible_photo(request.user, name)
    tag = f'"{name}"'  # a name is never used for another picture
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse | FileResponse = HttpResponseNotModified()
    else:
        response = stored_file(found.file)
    response["ETag"], response["Cache-Control"] = tag, ASK_EACH_TIME
    return response


def _are_published(pks: Any) -> bool:
    return Story.objects.published().filter(pk__in=pks).count() == len(set(pks))


@require_safe
@public_answer(limit="feed", seconds=FEED_SECONDS, still_shown=_are_published)
def news_feed(request: HttpRequest) -> HttpResponse:
    """The newest news and stories as Atom, each in its own language."""
    stories = list(queries.newest()[:FEED_LENGTH])
    names(request, [story.pk for story in stories])
    page = absolute_url(reverse("network:news"))
    feed = Atom1Feed(
        title=f"{settings.PORTAL_NAME}: {_('News and stories')}",
        link=page,
        description=_("News of the network, and stories from visits, the newest first."),
        language=get_language(),
        feed_url=absolute_url(request.path),
        feed_guid=page,
    )
    for story in stories:
        feed.add_item(
            title=clean(story.title),
            link=absolute_url(story.get_absolute_url()),
            description=clean(story.lead),
            author_name=clean(story.byline or story.voice or settings.PORTAL_NAME),
            categories=[str(story.get_kind_display())],
            unique_id=tag_for(f"story-{story.pk}"),
            unique_id_is_permalink=False,
            pubdate=story.published_at,
            updateddate=story.published_at,
        )
    response = HttpResponse(feed.writeString("utf-8").encode(), content_type=Atom1Feed.content_type)
    if stories and (latest := stories[0].published_at):
        response["Last-Modified"] = http_date(latest.timestamp())
    return response
