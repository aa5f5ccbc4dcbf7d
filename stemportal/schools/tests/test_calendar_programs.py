"""What calendar programs make of the portal's mails and feeds, read by a library that did not write them (vobject)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
import vobject
from django.test import Client
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.outbox.services import to_message
from stemportal.partners.models import Membership
from stemportal.schools.models import Booking
from stemportal.schools.services import calendars
from stemportal.schools.services.answering import cancel_booking, complete_booking, confirm_booking, decline_booking
from stemportal.schools.services.booking import book_session, propose_date
from stemportal.schools.services.groups import change_group
from stemportal.schools.services.handover import hand_over
from stemportal.schools.services.sessions import Change, cancel_session, change_session
from stemportal.schools.states import Side
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    MembershipFactory,
    SessionFactory,
    TeacherFactory,
)

from .conftest import at, client_of, owner_of, words

pytestmark = pytest.mark.django_db


@dataclass
class Program:
    """A calendar program as RFC 5546 wants it: newer messages replace or take away, older ones do nothing."""

    owner: str
    events: dict[str, Any] = field(default_factory=dict)
    known: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def read(self, text: str) -> None:
        calendar = vobject.readOne(text)
        event = calendar.vevent
        assert event.attendee.value.lower() == f"mailto:{self.owner}".lower()
        assert event.organizer.value.startswith("mailto:")
        uid = event.uid.value
        this = (int(event.sequence.value), event.dtstamp.value)
        if uid in self.known and this < self.known[uid]:
            return
        self.known[uid] = this
        if calendar.method.value == "CANCEL":
            assert event.status.value == "CANCELLED"
            self.events.pop(uid, None)
        else:
            assert calendar.method.value == "REQUEST"
            assert event.status.value == "CONFIRMED"
            self.events[uid] = event

    def read_mails(self, *, newest_first: bool = False) -> Program:
        for mail in (
            Mail.objects.filter(to_email=self.owner).exclude(calendar="").order_by("-pk" if newest_first else "pk")
        ):
            self.read(mail.calendar)
        return self


def subscribed(client: Client, address: str) -> dict[str, Any]:
    """What a program shows that subscribed to a feed: everything in it but what is cancelled."""
    calendar = vobject.readOne(client.get(address.partition("example.no")[2] or address).content.decode())
    assert calendar.method.value == "PUBLISH"
    events = calendar.contents.get("vevent", [])
    assert len({event.uid.value for event in events}) == len(events)
    return {event.uid.value: event for event in events if event.status.value != "CANCELLED"}


def feed(user) -> dict[str, Any]:
    return subscribed(Client(), at("calendar_feed", calendars.token_of(user)))


@pytest.fixture
def booking(session, teacher) -> Booking:
    return book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=28
    )


def moved(session, by, **changes) -> None:
    facts = {"starts_at": session.starts_at, "ends_at": session.ends_at, "capacity": session.capacity, **changes}
    change_session(session_id=session.pk, change=Change(**facts), by=by)


def test_create_change_and_cancel_end_with_empty_calendars(booking, session, teacher):
    owner = owner_of(session)
    programs = [Program(teacher.user.email), Program(owner.email)]

    confirm_booking(booking=booking, by=owner)
    for program in programs:
        (event,) = program.read_mails().events.values()
        assert event.dtstart.value == session.starts_at.astimezone(UTC)
        assert "9A" in event.summary.value

    later = session.starts_at + timedelta(days=1)
    moved(session, owner, starts_at=later, ends_at=later + timedelta(hours=3), place="Porten")
    for program in programs:
        (event,) = program.read_mails().events.values()
        assert (event.dtstart.value, event.location.value) == (later.astimezone(UTC), "Porten")

    booking.refresh_from_db()
    change_group(booking=booking, by=teacher.user, group_name="9A og 9B", grade=9, pupils=28)
    for program in programs:
        (event,) = program.read_mails().events.values()
        assert "9A og 9B" in event.summary.value
        assert event.dtstart.value == later.astimezone(UTC)

    cancel_booking(booking=Booking.objects.get(), by=teacher.user, side=Side.SCHOOL, note="Syk")
    for program in programs:
        assert program.read_mails().events == {}


def test_mails_that_arrive_in_another_order_end_with_the_same_calendar(booking, session, teacher):
    owner = owner_of(session)
    confirm_booking(booking=booking, by=owner)
    for day in (1, 2):
        start = session.starts_at + timedelta(days=day)
        moved(session, owner, starts_at=start, ends_at=start + timedelta(hours=2))

    (event,) = Program(teacher.user.email).read_mails(newest_first=True).events.values()
    assert event.dtstart.value == start.astimezone(UTC)

    cancel_booking(booking=Booking.objects.get(), by=owner, side=Side.PARTNER, note="Stengt")
    assert Program(teacher.user.email).read_mails(newest_first=True).events == {}


def test_session_that_is_called_off_takes_its_visits_away(booking, session, teacher):
    confirm_booking(booking=booking, by=owner_of(session))

    cancel_session(session_id=session.pk, by=owner_of(session), note="Maskinen er i stykker")

    assert Program(teacher.user.email).read_mails().events == {}
    assert Program(owner_of(session).email).read_mails().events == {}


def test_hand_over_moves_the_visit_from_one_teacher_to_the_other(booking, session, teacher):
    confirm_booking(booking=booking, by=owner_of(session))
    colleague = TeacherFactory(school=teacher.school)
    coordinator = TeacherFactory(school=teacher.school, role="coordinator").user

    hand_over(booking=Booking.objects.get(), to=colleague.user, by=coordinator)

    assert Program(teacher.user.email).read_mails().events == {}
    assert len(Program(colleague.user.email).read_mails().events) == 1
    assert len(Program(owner_of(session).email).read_mails().events) == 1
    assert feed(teacher.user) == {}
    assert len(feed(colleague.user)) == 1


def test_mail_says_to_mail_programs_what_its_entry_is(booking, session, teacher):
    type(session.activity).objects.update(title="Se METHOD:CANCEL")
    booking = Booking.objects.with_facts().get()
    confirm_booking(booking=booking, by=owner_of(session))
    cancel_booking(booking=booking, by=owner_of(session), side=Side.PARTNER, note="Stengt")

    kinds = [
        part.get_param("method")
        for mail in Mail.objects.filter(to_email=teacher.user.email).exclude(calendar="").order_by("pk")
        for part in to_message(mail).message().walk()
        if part.get_content_type() == "text/calendar"
    ]
    assert kinds == ["REQUEST", "CANCEL"]


# --- The feed


def test_feed_follows_a_booking_from_request_to_cancellation(booking, session, teacher):
    uid = f"booking-{booking.pk}@"
    (event,) = feed(teacher.user).values()
    assert event.status.value == "TENTATIVE"
    assert event.uid.value.startswith(uid)

    confirm_booking(booking=booking, by=owner_of(session))
    for person in (teacher.user, owner_of(session)):
        (event,) = feed(person).values()
        assert event.status.value == "CONFIRMED"
        assert event.dtstart.value == session.starts_at.astimezone(UTC)

    cancel_booking(booking=booking, by=teacher.user, side=Side.SCHOOL, note="Syk")
    assert feed(teacher.user) == feed(owner_of(session)) == {}
    # It is still named for some time, so that programs that keep what they saw take it away.
    text = Client().get(at("calendar_feed", calendars.token_of(teacher.user))).content.decode()
    assert vobject.readOne(text).vevent.status.value == "CANCELLED"
    with time_machine.travel(timezone.now() + calendars.LOOK_BACK + timedelta(days=1), tick=False):
        text = Client().get(at("calendar_feed", calendars.token_of(teacher.user))).content.decode()
    assert "VEVENT" not in text


def test_proposed_time_stands_in_the_feed_until_it_is_declined(teacher):
    activity = ActivityFactory(policy="on_request", duration_minutes=90)
    wanted = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=20)
    while wanted.weekday() > 4:
        wanted += timedelta(days=1)
    facts = {"group_name": "9A", "grade": 9, "pupils": 20}
    booking = propose_date(activity=activity, proposed_at=wanted, school=teacher.school, teacher=teacher.user, **facts)

    (event,) = feed(teacher.user).values()
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=90)

    decline_booking(booking=booking, by=MembershipFactory(partner=activity.partner).user, reply="Nei")
    assert feed(teacher.user) == {}


def test_visit_that_was_held_stays_in_the_feed(booking, session, teacher):
    confirm_booking(booking=booking, by=owner_of(session))
    with time_machine.travel(session.ends_at + timedelta(hours=1), tick=False):
        complete_booking(Booking.objects.get(), by=teacher.user)
        assert len(feed(teacher.user)) == 1


def test_feed_names_no_people_no_numbers_and_nothing_that_was_written(session, teacher):
    booking = BookingFactory(
        session=session,
        teacher=teacher.user,
        school=teacher.school,
        status="confirmed",
        group_name="Naturfag",
        pupils=27,
        needs="Rullestol",
        message="Vi gleder oss",
    )
    text = Client().get(at("calendar_feed", calendars.token_of(owner_of(session)))).content.decode()

    assert "Naturfag" in text
    for secret in (teacher.user.full_name, teacher.user.email, "27 ", "Rullestol", "gleder"):
        assert secret not in text.replace("\r\n ", "")
    assert f"booking-{booking.pk}@" in text


def test_feed_is_for_the_person_alone(booking, session):
    other = BookingFactory(status="confirmed")

    assert list(feed(other.teacher)) == [f"booking-{other.pk}@{next(iter(feed(other.teacher))).partition('@')[2]}"]
    reader = MembershipFactory(partner=session.activity.partner, role=Membership.Role.READER).user
    assert len(feed(reader)) == 1
    assert feed(TeacherFactory(school=booking.school).user) == {}


def test_false_foreign_and_renewed_addresses_find_nothing(booking, teacher, teacher_client):
    token = calendars.token_of(teacher.user)
    other = TeacherFactory().user
    bad = [
        "nothing",
        token[:-1],
        f"{other.pk}-0.{token.partition('.')[2]}",
        token.replace("-0.", "-1."),
        "1-1-1.x",
        "a" * 3000,
        "%00",
    ]
    assert Client().get(at("calendar_feed", token)).status_code == 200
    for each in bad:
        assert Client().get(at("calendar_feed", each)).status_code == 404, each

    response = teacher_client.post(at("calendar_renew"), follow=True)
    teacher.user.refresh_from_db()
    assert Client().get(at("calendar_feed", token)).status_code == 404
    assert calendars.address_of(teacher.user) in words(response)
    assert len(feed(teacher.user)) == 1

    type(teacher.user).objects.filter(pk=teacher.user.pk).update(is_active=False)
    assert Client().get(at("calendar_feed", calendars.token_of(teacher.user))).status_code == 404


def test_feed_is_told_apart_only_when_something_changed(booking, session, teacher):
    address = at("calendar_feed", calendars.token_of(teacher.user))
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        first = Client().get(address)
    with time_machine.travel(timezone.now() + timedelta(hours=9), tick=False):
        again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"
    assert "Cookie" not in first.get("Vary", "")

    confirm_booking(booking=booking, by=owner_of(session))
    assert Client().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_feed_that_is_asked_too_often_says_when_to_come_back(teacher, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "calendar_feed": (1, 3600)}
    address = at("calendar_feed", calendars.token_of(teacher.user))

    assert Client().get(address).status_code == 200
    response = Client().get(address)
    assert (response.status_code, response["Retry-After"]) == (429, "3600")


def test_feed_asks_as_much_for_one_visit_as_for_three(teacher, django_assert_num_queries):
    address = at("calendar_feed", calendars.token_of(teacher.user))
    client = Client()
    BookingFactory(teacher=teacher.user, status="confirmed")
    # Whose feed it is, visits, and meetings of the network.
    with django_assert_num_queries(3):
        client.get(address)
    for _ in range(2):
        BookingFactory(teacher=teacher.user, session=SessionFactory(), status="confirmed")
    with django_assert_num_queries(3):
        client.get(address)


def test_file_of_a_booking_is_one_to_open_not_an_invitation(booking, session, teacher_client):
    confirm_booking(booking=booking, by=owner_of(session))

    calendar = vobject.readOne(teacher_client.get(at("booking_ics", booking.pk)).content.decode())

    assert calendar.method.value == "PUBLISH"
    assert calendar.vevent.dtstart.value == session.starts_at.astimezone(UTC)
    assert client_of(TeacherFactory().user).get(at("booking_ics", booking.pk)).status_code == 404
