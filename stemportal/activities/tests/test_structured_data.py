"""What search engines read on the page of an offer."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.activities.tests.conftest import session_in

pytestmark = pytest.mark.django_db


def things_on(activity: Activity, client: Client | None = None) -> list[dict[str, Any]]:
    text = (client or Client()).get(activity.get_absolute_url()).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    found = [json.loads(block) for block in blocks]
    assert all(data["@context"] == "https://schema.org" for data in found)
    return [thing for data in found for thing in data["@graph"]]


def test_each_coming_date_is_an_event(offer, alta):
    activity = offer("Se robotene", municipality=alta, place="Havnegata 4", days=3, grade_from=8, grade_to=10)
    session_in(activity, 9, capacity=1, places_taken=1)
    session_in(activity, -2)
    sessions = list(activity.sessions.order_by("starts_at"))[1:]

    events = things_on(activity)

    assert [event["@type"] for event in events] == ["EducationEvent", "EducationEvent"]
    assert len({event["@id"] for event in events}) == 2
    first = events[0]
    start = datetime.fromisoformat(first["startDate"])
    assert start.utcoffset() == timezone.localtime(sessions[0].starts_at).utcoffset(), "with its offset"
    assert start == sessions[0].starts_at.replace(second=0)
    assert first["endDate"] > first["startDate"]
    assert first["name"] == "Se robotene"
    assert first["isAccessibleForFree"] is True
    assert first["offers"]["price"] == 0
    assert [event["offers"]["availability"].rpartition("/")[2] for event in events] == ["InStock", "SoldOut"]
    assert first["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert first["location"]["name"] == "Havnegata 4"
    assert first["location"]["address"]["addressRegion"] == "Finnmark"
    assert first["organizer"]["name"] == activity.partner.display_name
    assert first["typicalAgeRange"] == "13-16"
    assert first["inLanguage"] == ["nb"]
    assert first["audience"]["educationalRole"] == "student"
    assert first["url"].endswith(activity.get_absolute_url())


@pytest.mark.parametrize(
    ("facts", "mode", "kind"),
    [
        ({"format": "digital"}, "OnlineEventAttendanceMode", "VirtualLocation"),
        ({"format": "at_school"}, "OfflineEventAttendanceMode", "Place"),
    ],
)
def test_event_says_how_one_attends_and_keeps_the_video_link(offer, facts, mode, kind):
    activity = offer(days=3, **facts)
    activity.sessions.update(link="https://meet.example.no/hemmelig")

    (event,) = things_on(activity)

    assert event["eventAttendanceMode"].endswith(mode)
    assert event["location"]["@type"] == kind
    assert "hemmelig" not in json.dumps(event)


def test_date_of_a_hybrid_offer_that_is_not_settled_is_both(offer):
    (event,) = things_on(offer(days=3, format="hybrid"))

    assert event["eventAttendanceMode"].endswith("MixedEventAttendanceMode")
    assert [place["@type"] for place in event["location"]] == ["Place", "VirtualLocation"]


def test_offer_without_dates_is_a_course_and_a_film_a_video(offer):
    (course,) = things_on(offer("På forespørsel", policy="on_request"))
    film = offer("Film", kind="film", link="https://film.example.no/w/abc", transcript="Vi ser et verksted.")
    (video,) = things_on(film)

    assert course["@type"] == "Course"
    assert course["provider"]["@type"] == "Organization"
    assert course["offers"]["price"] == 0
    assert video["@type"] == "VideoObject"
    assert video["transcript"] == "Vi ser et verksted."
    assert video["uploadDate"]


def test_words_of_a_partner_cannot_leave_the_block(offer):
    activity = offer(
        "</script><script>alert(1)</script>", days=3, summary="a & b <!-- c", description="**Fet** [x](http://y)"
    )

    response = Client().get(activity.get_absolute_url())
    (event,) = things_on(activity)

    assert b"<script>alert(1)" not in response.content
    assert event["name"] == "</script><script>alert(1)</script>"
    assert event["description"] == "a & b <!-- c Fet x"


def test_draft_is_told_to_nobody(offer, member, partner):
    draft = offer(partner=partner, status="draft", days=3)

    assert things_on(draft, member) == []


def test_number_of_queries_does_not_follow_the_dates(offer):
    activity = offer(days=3)
    counts = []
    for days in (9, 10):
        Client().get(activity.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            things_on(activity)
        counts.append(len(asked))
        session_in(activity, days)
        session_in(activity, days + 5)

    assert counts[0] == counts[1]
