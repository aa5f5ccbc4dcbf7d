"""Searches as RSS, Atom and calendars, read back by the libraries that readers are made of."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import feedparser
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from stemportal.activities.models import Activity, Session
from stemportal.activities.search_index import refresh_search
from stemportal.activities.tests.conftest import session_in
from stemportal.testing.factories import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No answer and no count of another test."""
    cache.clear()


def feed(name: str, query: str = "", **headers: str) -> Any:
    return Client().get(f"/en/activities/feed.{name}{query}", headers=headers)


def parsed(name: str, query: str = "") -> Any:
    response = feed(name, query)
    assert response.status_code == 200
    found = feedparser.parse(response.content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def events(query: str = "") -> list[Any]:
    response = feed("ics", query)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def published(offer: Any, title: str, days_ago: int, **facts: Any) -> Activity:
    return offer(title, published_at=timezone.now() - timedelta(days=days_ago), **facts)


# --- RSS and Atom


@pytest.mark.parametrize(("name", "version"), [("rss", "rss20"), ("atom", "atom10")])
def test_feed_has_the_newest_offers_of_the_search_first(offer, name, version):
    published(offer, "Gammel drone", 9)
    published(offer, "Ny drone", 1, kind="workshop")
    published(offer, "Middels drone", 5)
    published(offer, "Noe helt annet", 2)

    found = parsed(name, "?q=drone&sort=soonest")

    assert found.version == version
    assert [entry.title for entry in found.entries] == ["Ny drone", "Middels drone", "Gammel drone"]
    assert "drone" in found.feed.title
    assert found.feed.link.endswith("/en/activities/?q=drone")
    newest = found.entries[0]
    assert newest.link == f"http://127.0.0.1:8000{Activity.objects.get(title='Ny drone').get_absolute_url()}"
    assert newest.tags[0].term == "Workshop"
    assert "En dag hos oss." in newest.summary


def test_entry_keeps_its_identity_when_the_offer_gets_another_title(offer):
    activity = offer("Først")
    before = parsed("atom").entries[0]
    Activity.objects.filter(pk=activity.pk).update(title="Så")
    cache.clear()

    after = parsed("atom").entries[0]

    assert (before.title, after.title) == ("Først", "Så")
    assert before.id == after.id


def test_feed_holds_thirty_offers_and_no_more(offer):
    first = offer("Tilbud")
    rows = [
        Activity(partner=first.partner, kind=first.kind, title=f"Tilbud {n}", status="published", languages=["nb"])
        for n in range(35)
    ]
    for row in Activity.objects.bulk_create(rows):
        Activity.objects.filter(pk=row.pk).update(published_at=timezone.now() - timedelta(days=row.pk % 50))
    refresh_search([row.pk for row in Activity.objects.all()])

    assert len(parsed("rss").entries) == 30


def test_feed_with_characters_that_xml_cannot_hold_is_still_a_feed(offer):
    offer("Bjelle\x07 & <b>\ud83e\udd16</b>".encode("utf-16", "surrogatepass").decode("utf-16"), summary="En\x0b dag")

    found = parsed("rss", "?q=%07bjelle%0B")

    assert "\x07" not in found.feed.title
    assert found.entries[0].title.startswith("Bjelle & <b>")


def test_offer_that_is_no_longer_published_is_gone_although_the_index_has_it(offer):
    activity = offer(days=5)
    assert len(parsed("rss").entries) == len(events()) == 1
    Activity.objects.filter(pk=activity.pk).update(status=Activity.Status.ARCHIVED)

    assert parsed("rss").entries == []
    assert events() == []


def test_reader_that_has_the_newest_feed_is_told_so(offer):
    offer()
    first = feed("rss")

    assert first["Last-Modified"]
    assert feed("rss", **{"If-None-Match": first["ETag"]}).status_code == 304
    assert feed("rss", **{"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert feed("rss", **{"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status_code == 200


def test_feed_is_limited_per_address(offer, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "feed": (1, 60)}

    assert [feed("rss").status_code for _ in range(2)] == [200, 429]
    assert feed("ics")["Retry-After"] == "60"


def test_search_page_leads_to_its_feeds(offer, oslo):
    offer(municipality=oslo)

    text = Client().get("/en/activities/?q=robotene&county=03&page=1&unknown=x").content.decode()

    for name in ("rss", "atom", "ics"):
        assert text.count(f'href="/en/activities/feed.{name}?q=robotene&amp;county=03"') == 2, "in the head, and below"


# --- Calendars


def test_calendar_has_the_coming_dates_of_the_search(offer, alta):
    drone = offer("Bygg en drone", municipality=alta, place="Havnegata 4", days=7)
    session_in(drone, 3)
    session_in(drone, -3)
    session_in(drone, 400)
    offer("Noe annet", days=5)
    soon, later = drone.sessions.order_by("starts_at")[1:3]

    found = events("?q=drone")

    assert [str(event["uid"]) for event in found] == [f"session-{row.pk}@127.0.0.1" for row in (soon, later)]
    event = found[0]
    assert event.decoded("dtstart") == soon.starts_at.astimezone(UTC)
    assert event["dtstart"].to_ical().endswith(b"Z")
    assert event.decoded("dtend") == soon.ends_at
    assert str(event["summary"]) == f"Bygg en drone ({drone.partner.display_name})"
    assert str(event["location"]) == "Havnegata 4, Alta"
    assert str(event["url"]).endswith(f"/en/activities/{drone.pk}-bygg-en-drone/")
    assert str(event["status"]) == "CONFIRMED"


def test_cancelled_date_is_told_as_cancelled(offer):
    session = session_in(offer(), 5, status=Session.Status.CANCELLED)

    (event,) = events()

    assert str(event["status"]) == "CANCELLED"
    assert str(session.pk) in str(event["uid"])


def test_calendar_keeps_to_the_period_and_to_free_places(offer):
    activity = offer()
    full = session_in(activity, 4, capacity=1, places_taken=1)
    free = session_in(activity, 20)
    refresh_search([activity.pk])
    until = timezone.localdate() + timedelta(days=10)

    assert [str(full.pk) in str(event["uid"]) for event in events(f"?date_to={until}")] == [True]
    cache.clear()
    assert [str(free.pk) in str(event["uid"]) for event in events("?free=on")] == [True]


@pytest.mark.parametrize(("where", "words"), [("video", "Digital"), ("school", "Comes to your school")])
def test_place_of_a_date_is_where_it_is_held_and_never_its_video_link(offer, where, words):
    session_in(offer(format="hybrid"), 5, where=where, link="https://meet.example.no/hemmelig")

    response = feed("ics")

    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert str(event["location"]) == words
    assert b"hemmelig" not in response.content


def test_nobody_is_named_in_feeds_and_calendars(offer):
    partner = offer(days=5).partner

    for name in ("rss", "atom", "ics"):
        text = feed(name).content.decode()
        assert partner.contact_name not in text
        assert partner.contact_email not in text
        assert "ATTENDEE" not in text


def test_calendar_of_one_activity_is_its_own_dates(offer):
    activity = offer("Bygg en drone", days=7)
    offer("Noe annet", days=5)
    client = Client()

    response = client.get(f"/en/activities/{activity.pk}/calendar.ics")

    assert [str(event["summary"])[:9] for event in Calendar.from_ical(response.content).walk("VEVENT")] == ["Bygg en d"]
    assert f"/activities/{activity.pk}/calendar.ics" in client.get(activity.get_absolute_url()).content.decode()
    Activity.objects.update(status=Activity.Status.DRAFT)
    assert client.get(f"/en/activities/{activity.pk}/calendar.ics").status_code == 404


@pytest.mark.parametrize("odd", ["\x00", "9" * 400, "æøå\u202e🚀", "a" * 3000, "%", "[]"])
@pytest.mark.parametrize("name", ["rss", "ics"])
def test_odd_search_is_a_feed_too(offer, name, odd):
    query = dict.fromkeys(["q", "place", "kind", "week", "date_from", "goal", "pupils", "page"], odd)

    assert Client().get(f"/en/activities/feed.{name}", query).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("rss", 1), ("atom", 1), ("ics", 1)])
def test_number_of_queries_does_not_follow_the_rows(offer, django_assert_num_queries, name, queries, rows):
    for number in range(rows):
        SessionFactory(activity=offer(f"Tilbud {number}", days=3))
    feed(name, "?q=warm")

    with django_assert_num_queries(queries):
        response = feed(name)
    assert response.content.count(b"Tilbud") >= rows
