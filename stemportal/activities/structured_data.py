"""An offer as search engines read it: schema.org's EducationEvent for each coming date, as JSON-LD.

Without dates it is a Course, a film a VideoObject. Everything is free of charge; no person is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import Any

from django.utils import timezone
from django.utils.html import strip_tags

from stemportal.activities.models import Activity, Session, Subject
from stemportal.lib.markdown import render_markdown
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Partner

SCHEMA = "https://schema.org"
DESCRIPTION_LENGTH = 1_000
# The usual ages in a grade: 8th graders turn 13, Vg3 ends with 19.
FIRST_AGE = {grade: grade + 5 for grade in range(8, 14)}
ATTENDANCE: dict[str, str] = {
    Session.Where.PARTNER: "OfflineEventAttendanceMode",
    Session.Where.SCHOOL: "OfflineEventAttendanceMode",
    Session.Where.VIDEO: "OnlineEventAttendanceMode",
}


def activity_data(activity: Activity, sessions: Sequence[Session], subjects: Sequence[Subject]) -> dict[str, Any]:
    """Return JSON-LD for the page of a published activity. ``sessions`` are the open ones still to come."""
    shared = _shared(activity, subjects)
    if sessions:
        things = [shared | _event(activity, session) for session in sessions]
    elif activity.kind.code == "film":
        things = [shared | _film(activity)]
    else:
        things = [shared | _course(activity)]
    return {"@context": SCHEMA, "@graph": [{name: value for name, value in thing.items() if value} for thing in things]}


def _shared(activity: Activity, subjects: Sequence[Subject]) -> dict[str, Any]:
    """What is true of the offer on every date."""
    return {
        "name": activity.title,
        "description": _description(activity),
        "url": absolute_url(activity.get_absolute_url()),
        "inLanguage": activity.languages,
        "isAccessibleForFree": True,
        "typicalAgeRange": f"{FIRST_AGE[activity.grade_from]}-{FIRST_AGE[activity.grade_to] + 1}",
        "audience": {"@type": "EducationalAudience", "educationalRole": "student"},
        "about": [subject.name_nb for subject in subjects],
    }


def _event(activity: Activity, session: Session) -> dict[str, Any]:
    page = absolute_url(activity.get_absolute_url())
    return {
        "@type": "EducationEvent",
        "@id": f"{page}#session-{session.pk}",
        "startDate": timezone.localtime(session.starts_at).isoformat(timespec="minutes"),
        "endDate": timezone.localtime(session.ends_at).isoformat(timespec="minutes"),
        "eventStatus": f"{SCHEMA}/EventScheduled",
        "eventAttendanceMode": f"{SCHEMA}/{ATTENDANCE.get(session.takes_place, 'MixedEventAttendanceMode')}",
        "location": _location(activity, session),
        "organizer": _organisation(activity.partner),
        "offers": {
            "@type": "Offer",
            "price": 0,
            "priceCurrency": "NOK",
            "availability": f"{SCHEMA}/{'InStock' if session.places_left else 'SoldOut'}",
            "url": page,
        },
    }


def _location(activity: Activity, session: Session) -> Any:
    """Where one comes to; a video meeting is found by the offer's page, its link is for those who book."""
    online = {"@type": "VirtualLocation", "url": absolute_url(activity.get_absolute_url())}
    match session.takes_place:
        case Session.Where.VIDEO:
            return online
        case Session.Where.PARTNER:
            return _place(activity, session)
        case Session.Where.SCHOOL:
            return _area(activity)
    return [_place(activity, session), online]


def _place(activity: Activity, session: Session) -> dict[str, Any]:
    point = {}
    if activity.latitude is not None and activity.longitude is not None and session.place in {"", activity.place}:
        geo = {"@type": "GeoCoordinates", "latitude": activity.latitude, "longitude": activity.longitude}
        point = {"geo": geo}
    name = session.place or activity.place or activity.partner.display_name
    return {"@type": "Place", "name": name, "address": _address(activity), **point}


def _area(activity: Activity) -> dict[str, Any]:
    """The partner comes to schools around there."""
    municipality = activity.municipality
    name = municipality.name if municipality else "Norge"
    return {"@type": "Place", "name": name, "address": _address(activity)}


def _address(activity: Activity) -> dict[str, str]:
    address = {"@type": "PostalAddress", "addressCountry": "NO"}
    if activity.municipality:
        address |= {
            "addressLocality": activity.municipality.name,
            "addressRegion": activity.municipality.county.name,
        }
    return address


def _organisation(partner: Partner) -> dict[str, str]:
    page = absolute_url(partner.get_absolute_url())
    return {"@type": "Organization", "@id": f"{page}#organization", "name": partner.display_name, "url": page}


def _course(activity: Activity) -> dict[str, Any]:
    """An offer without dates: on request, or waiting for new ones."""
    return {
        "@type": "Course",
        "provider": _organisation(activity.partner),
        "offers": {"@type": "Offer", "price": 0, "priceCurrency": "NOK", "category": "Free"},
    }


def _film(activity: Activity) -> dict[str, Any]:
    published = activity.published_at
    return {
        "@type": "VideoObject",
        "publisher": _organisation(activity.partner),
        "uploadDate": timezone.localtime(published).isoformat(timespec="minutes") if published else "",
        "duration": f"PT{activity.duration_minutes}M",
        "embedUrl": activity.link,
        "transcript": activity.transcript,
    }


def _description(activity: Activity) -> str:
    """The summary and the beginning of what pupils do, without Markdown."""
    text = unescape(strip_tags(render_markdown(activity.description)))
    whole = " ".join(f"{activity.summary} {text}".split())
    if len(whole) <= DESCRIPTION_LENGTH:
        return whole
    return whole[:DESCRIPTION_LENGTH].rpartition(" ")[0] + " …"
