"""Meetings of the demo world: the yearly one to come, one that is full, one on video for teachers, and last year's."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.visit_pack import TEMPLATE
from stemportal.demo.seed import world
from stemportal.lib import pdf
from stemportal.lib.markdown_blocks import blocks_of
from stemportal.network.models import Ecosystem, Meeting, MeetingFile, ProgrammeItem, Rsvp
from stemportal.network.services.invitations import Side, people_invited
from stemportal.network.services.rsvp import count_places

DAY = timedelta(days=1)
COMING = 24
WAITING = 3
INVITED = 200
# Those who log in to the demo answer themselves.
OWN = {world.PARTNER_EMAIL, world.TEACHER_EMAIL}


def seed_meetings() -> None:
    """Add what is missing; whoever has a meeting with these titles keeps it."""
    staff = User.objects.get(email=world.STAFF_EMAIL)
    for row in world.read("meetings")["meetings"]:
        if Meeting.objects.filter(title_nb=row["title_nb"]).exists():
            continue
        meeting = _meeting(row, staff)
        people = _people(meeting)
        if row["days"] > 0:
            _answers(meeting, people, full=bool(row.get("full")))
        else:
            _held(meeting, people)
        Meeting.objects.filter(pk=meeting.pk).update(places_taken=count_places(meeting))


def _meeting(row: dict[str, Any], staff: User) -> Meeting:
    day = _weekday(timezone.localdate() + row["days"] * DAY)
    begins, ends = (
        timezone.make_aware(datetime.combine(day, time.fromisoformat(row[name]))) for name in ("from", "to")
    )
    texts = {f"{name}_{code}": row[f"{name}_{code}"] for name in ("title", "text") for code in ("nb", "nn", "en")}
    is_over = row["days"] < 0
    meeting = Meeting.objects.create(
        kind=row["kind"],
        status=Meeting.Status.PUBLISHED,
        published_at=begins - 60 * DAY if is_over else timezone.now(),
        starts_at=begins,
        ends_at=ends,
        place=row.get("place", ""),
        address=row.get("address", ""),
        video_link=row.get("video_link", ""),
        capacity=row.get("capacity"),
        guests_at_most=row.get("guests", 0),
        asks_diet=row.get("diet", False),
        rsvp_until=begins - 7 * DAY,
        audience=row["audience"],
        ecosystem=Ecosystem.objects.filter(slug=row["ecosystem"]).first() if "ecosystem" in row else None,
        organiser=staff,
        minutes=row.get("minutes", ""),
        minutes_at=ends + 3 * DAY if row.get("minutes") else None,
        forgot_at=ends + 15 * DAY if is_over else None,
        **texts,
    )
    ProgrammeItem.objects.bulk_create(
        ProgrammeItem(meeting=meeting, starts_at=clock, title=title, speaker=speaker, order=10 * number)
        for number, (clock, title, speaker) in enumerate(row.get("programme", []))
    )
    return meeting


def _weekday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + (7 - day.weekday()) * DAY if day.weekday() > 4 else day


def _people(meeting: Meeting) -> list[tuple[User, Side]]:
    """Those the meeting is for, the people of the demo's accounts first."""
    sides = people_invited(meeting)
    users = User.objects.in_bulk(sides).values()
    return [(user, sides[user.pk]) for user in sorted(users, key=lambda user: (user.email not in OWN, user.pk))]


def _answers(meeting: Meeting, people: list[tuple[User, Side]], *, full: bool) -> None:
    """Everybody has an invitation. The demo's own people have not answered; where it is full, some wait."""
    now = timezone.now()
    own = [(user, side) for user, side in people if user.email in OWN]
    others = [(user, side) for user, side in people if user.email not in OWN][:INVITED]
    places = meeting.capacity or 0 if full else COMING
    rows = [_rsvp(meeting, user, side) for user, side in [*own, *others]]
    for number, rsvp in enumerate(rows[len(own) :][: places + (WAITING if full else 0)]):
        rsvp.status = Rsvp.Status.ATTENDING if number < places else Rsvp.Status.WAITING
        rsvp.answered_at = now - DAY
        rsvp.waiting_since = now - DAY + timedelta(minutes=number) if number >= places else None
    Rsvp.objects.bulk_create(rows)


def _held(meeting: Meeting, people: list[tuple[User, Side]]) -> None:
    """Who was there is noted, and there are slides."""
    rows = [_rsvp(meeting, user, side) for user, side in people[:COMING]]
    for number, rsvp in enumerate(rows):
        rsvp.status = Rsvp.Status.ATTENDING
        rsvp.invited_at = rsvp.mailed_at = meeting.starts_at - 60 * DAY
        rsvp.answered_at = meeting.starts_at - 30 * DAY
        rsvp.reminded_at, rsvp.minutes_told_at = meeting.starts_at - 2 * DAY, meeting.minutes_at
        rsvp.came = int(number % 7 != 3)
    Rsvp.objects.bulk_create(rows)
    content = pdf.render(TEMPLATE, _slides(meeting))
    MeetingFile.objects.create(
        meeting=meeting,
        title="Presentasjonene",
        file=default_storage.save(f"meetings/{secrets.token_hex(11)}.pdf", ContentFile(content)),
        name="Presentasjonene.pdf",
        size=len(content),
        is_public=True,
        added_at=meeting.ends_at + DAY,
    )


def _rsvp(meeting: Meeting, user: User, side: Side) -> Rsvp:
    now = timezone.now()
    return Rsvp(meeting=meeting, user=user, partner_id=side.partner_id, school_id=side.school_id, mailed_at=now)


def _slides(meeting: Meeting) -> dict[str, Any]:
    return {
        "lang": "nb",
        "portal": settings.PORTAL_NAME,
        "title": meeting.title_nb,
        "partner": "Sekretariatet",
        "what": "Presentasjonene",
        "description": meeting.title_nb,
        "date": [meeting.starts_at.year, meeting.starts_at.month, meeting.starts_at.day],
        "intro": meeting.text_nb,
        "facts_title": "Kort",
        "facts": [["Sted", meeting.place]],
        "sections": [{"title": "Dette ble vi enige om", "blocks": blocks_of(meeting.minutes)}],
        "contact": "Spørsmål",
        "contact_lines": [["Sekretariatet", settings.SECRETARIAT_EMAIL]],
        "page": "Side",
    }
