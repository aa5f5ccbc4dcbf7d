"""Stories, ecosystems and meetings as search engines read them: schema.org as JSON-LD."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags

from stemportal.lib.markdown import render_markdown
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import Ecosystem, Meeting, Story
from stemportal.network.photos import url_of
from stemportal.outbox.letters import absolute_url
from stemportal.places.models import County

DESCRIPTION_LENGTH = 300


def plain(text: str, length: int = DESCRIPTION_LENGTH) -> str:
    """Return Markdown as plain text, cut at a word where it is longer than ``length``."""
    whole = " ".join(unescape(strip_tags(render_markdown(text))).split())
    return whole if len(whole) <= length else whole[:length].rpartition(" ")[0].rstrip(",.;:") + " …"


def story_data(story: Story) -> dict[str, Any]:
    """Return schema.org's Article for the page of a published story; its author is the one the byline names."""
    page = absolute_url(story.get_absolute_url())
    published = timezone.localtime(story.published_at).isoformat(timespec="minutes") if story.published_at else ""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle" if story.kind == Story.Kind.NEWS else "Article",
        "@id": f"{page}#article",
        "mainEntityOfPage": page,
        "headline": story.title,
        "description": story.lead or plain(story.text),
        "inLanguage": story.language,
        "datePublished": published,
        "image": [absolute_url(url_of(photo)) for photo in story.photos.all()],
        "author": _author(story),
        "publisher": {"@type": "Organization", "name": settings.PORTAL_NAME, "url": settings.PORTAL_BASE_URL},
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in facts.items() if value}


def _author(story: Story) -> dict[str, str]:
    if story.byline:
        return {"@type": "Person", "name": story.byline}
    return {"@type": "Organization", "name": story.voice or settings.PORTAL_NAME}


def ecosystem_data(ecosystem: Ecosystem, counties: list[County]) -> dict[str, Any]:
    """Return schema.org's Organization for a regional network; no person is named."""
    page = absolute_url(ecosystem.get_absolute_url())
    facts = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": f"{page}#organization",
        "name": localized(ecosystem, "name"),
        "description": plain(localized(ecosystem, "text")),
        "url": page,
        "email": ecosystem.contact_email,
        "areaServed": [{"@type": "AdministrativeArea", "name": county.name} for county in counties],
        "parentOrganization": {
            "@type": "Organization", "name": settings.PORTAL_NAME, "url": settings.PORTAL_BASE_URL,
        },
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def meeting_data(meeting: Meeting) -> dict[str, Any]:
    """Return schema.org's Event for a public meeting; never the video link."""
    page = absolute_url(meeting.get_absolute_url())
    place = {"@type": "Place", "name": meeting.place, "address": meeting.address or meeting.place}
    online = {"@type": "VirtualLocation", "url": page}
    mode = "Mixed" if meeting.place and meeting.video_link else "Online" if meeting.video_link else "Offline"
    status = "EventCancelled" if meeting.status == Meeting.Status.CANCELLED else "EventScheduled"
    facts = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{page}#event",
        "name": localized(meeting, "title"),
        "description": plain(localized(meeting, "text")),
        "url": page,
        "startDate": timezone.localtime(meeting.starts_at).isoformat(timespec="minutes"),
        "endDate": timezone.localtime(meeting.ends_at).isoformat(timespec="minutes"),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": [*([place] if meeting.place else []), *([online] if meeting.video_link else [])],
        "organizer": {"@type": "Organization", "name": settings.PORTAL_NAME, "url": settings.PORTAL_BASE_URL},
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in facts.items() if value}
