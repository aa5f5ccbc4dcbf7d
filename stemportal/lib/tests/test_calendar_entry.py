"""Calendar entries, read back by a calendar library."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar

from stemportal.lib.calendar_entry import Entry, Status, to_feed, to_ics, uid_for

START = datetime(2027, 3, 11, 8, 0, tzinfo=UTC)


def entry(**changes) -> Entry:
    facts = {
        "uid": "booking-7@portal.example.no",
        "sequence": 0,
        "starts_at": START,
        "ends_at": START.replace(hour=10),
        "summary": "Se robotene på jobb, æøå; og, komma",
        "description": "Linje 1\nLinje 2",
        "location": "Markveien 4, Alta",
        "url": "https://portal.example.no/bookings/7/",
        "attendee_email": "kari@example.org",
        "attendee_name": "Kari Prøve",
        "changed_at": START,
    }
    return Entry(**{**facts, **changes})


def test_entry_is_read_back_as_it_was_meant():
    calendar = Calendar.from_ical(to_ics(entry()))
    (event,) = calendar.walk("VEVENT")

    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == "booking-7@portal.example.no"
    assert event["SEQUENCE"] == 0
    assert event["STATUS"] == "CONFIRMED"
    assert event.decoded("DTSTART") == START
    assert event["SUMMARY"] == "Se robotene på jobb, æøå; og, komma"
    assert event["DESCRIPTION"] == "Linje 1\nLinje 2"
    assert str(event["ATTENDEE"]) == "mailto:kari@example.org"
    assert str(event["ORGANIZER"]).startswith("mailto:portal@")


def test_update_and_cancellation_replace_the_entry():
    first, moved, off = (
        Calendar.from_ical(to_ics(e))
        for e in (
            entry(),
            entry(sequence=1, starts_at=START.replace(day=12), ends_at=START.replace(day=12, hour=11)),
            entry(sequence=2, status=Status.CANCELLED),
        )
    )

    uids = {c.walk("VEVENT")[0]["UID"] for c in (first, moved, off)}
    assert len(uids) == 1
    assert [c.walk("VEVENT")[0]["SEQUENCE"] for c in (first, moved, off)] == [0, 1, 2]
    assert off["METHOD"] == "CANCEL"
    assert off.walk("VEVENT")[0]["STATUS"] == "CANCELLED"


def test_lines_are_folded_for_old_calendars():
    text = to_ics(entry(summary="ø" * 200))

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_entry_keeps_no_characters_that_calendars_choke_on():
    text = to_ics(entry(summary="Robo\x0bter\x00", location="Hall\x1f 2", description="a\r\nMETHOD:CANCEL"))
    calendar = Calendar.from_ical(text)

    assert calendar.walk("VEVENT")[0]["SUMMARY"] == "Roboter"
    assert calendar.walk("VEVENT")[0]["LOCATION"] == "Hall 2"
    assert [line for line in text.split("\r\n") if line.startswith("METHOD")] == ["METHOD:REQUEST"]


def test_feed_publishes_entries_without_attendees():
    sure, asked = entry(), entry(uid="booking-8@portal.example.no", status=Status.TENTATIVE)
    calendar = Calendar.from_ical(to_feed([sure, asked], name="Besøk"))

    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "Besøk"
    assert [(e["STATUS"], e["TRANSP"]) for e in calendar.walk("VEVENT")] == [
        ("CONFIRMED", "OPAQUE"),
        ("TENTATIVE", "TRANSPARENT"),
    ]
    assert not any("ATTENDEE" in e for e in calendar.walk("VEVENT"))


def test_uid_is_stable():
    assert uid_for("booking-7") == uid_for("booking-7")
