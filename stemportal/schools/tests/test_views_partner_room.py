"""The partner's room as far as bookings go, and moving or calling off a session that classes have booked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking
from stemportal.schools.services import answering
from stemportal.schools.services import booking as service
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    KindFactory,
    LevelFactory,
    MembershipFactory,
    PartnerFactory,
    PledgeFactory,
    SessionFactory,
    TeacherFactory,
)


@pytest.fixture
def partner(session):
    return session.activity.partner


@pytest.fixture
def requested(session, teacher) -> Booking:
    return service.book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=28
    )


def booking_of(partner, *, days=14, **facts) -> Booking:
    start = timezone.now() + timedelta(days=days)
    return BookingFactory(session=SessionFactory(activity__partner=partner, starts_at=start), **facts)


# --- Today


def test_today_is_answered_in_one_click(owner_client, partner, requested):
    text = words(owner_client.get(at("partner_today", partner.pk)))

    assert "1 request to answer" in text
    assert "Alta ungdomsskole, 9A, 28 pupils" in text
    assert f'action="{at("booking_confirm", requested.pk)}"' in text


def test_today_puts_the_most_pressing_request_first(owner_client, partner):
    today = timezone.localdate()
    booking_of(partner, group_name="Sist", reply_by=today + timedelta(days=3))
    booking_of(partner, group_name="Først", reply_by=today - timedelta(days=1))
    booking_of(PartnerFactory(), group_name="Andres", reply_by=today)

    text = words(owner_client.get(at("partner_today", partner.pk)))

    assert text.index("Først") < text.index("Sist")
    assert "Andres" not in text


def test_today_counts_this_school_year(owner_client, partner):
    held = booking_of(partner, days=0, status=Booking.Status.COMPLETED, group_name="Holdt")
    AttendanceFactory(booking=held, pupils=26)
    booking_of(partner, status=Booking.Status.CONFIRMED, group_name="Avtalt")
    AttendanceFactory(booking=booking_of(partner, days=-800, status=Booking.Status.COMPLETED), pupils=99)

    page = owner_client.get(at("partner_today", partner.pk))

    assert page.context["numbers"]["held"] == 1
    assert page.context["numbers"]["pupils"] == 26
    assert "Avtalt" in words(page)


def test_today_without_anything_says_what_helps(owner_client, partner):
    text = words(owner_client.get(at("partner_today", partner.pk)))

    assert "Nothing waits for you" in text
    assert "No visits are agreed yet." in text
    assert "You have not pledged anything" in text


def test_today_puts_answers_first_and_then_tasks_in_their_order(owner_client, partner, requested):
    long_ago = timezone.now() - timedelta(days=30)
    LevelFactory()
    ActivityFactory(partner=partner, title="Ingen har sett meg", views_count=0, published_at=long_ago)
    untold = booking_of(partner, days=-4, status=Booking.Status.CONFIRMED)

    page = owner_client.get(at("partner_today", partner.pk))

    text = words(page)
    order = [
        "1 request to answer", "Pick your level", "1 visit is held, but does not count yet", "“Ingen har sett meg” yet",
    ]  # fmt: skip
    assert [text.index(title) for title in order] == sorted(text.index(title) for title in order)
    assert "Nothing waits for you" not in text
    found = words(owner_client.get(f"{at('partner_bookings', partner.pk)}?status=untold"))
    assert untold.group_name in found


def test_today_names_pledges_behind_plan_and_shows_how_far_all_are(owner_client, partner):
    with time_machine.travel(timezone.now().replace(month=5, day=20), tick=False):
        owner_client.force_login(partner.memberships.get().user)
        behind = KindFactory(code="workshop", name_en="Workshop")
        done = KindFactory(code="competition", name_en="Competition")
        PledgeFactory(partner=partner, kind=behind, quantity=4)
        PledgeFactory(partner=partner, kind=done, quantity=1)
        for kind in (behind, done):
            activity = ActivityFactory(partner=partner, kind=kind)
            session = SessionFactory(activity=activity, starts_at=timezone.now() - timedelta(days=2))
            BookingFactory(session=session, status=Booking.Status.COMPLETED)

        text = words(owner_client.get(at("partner_today", partner.pk)))

    assert "1 pledge is behind plan" in text
    assert "Workshop: 1 of 4 visits are held or agreed." in text
    assert "Competition: " not in text
    assert '<progress value="1" max="4" aria-label="Workshop">' in text
    assert '<progress value="1" max="1" aria-label="Competition">' in text


def test_today_moves_the_bar_when_the_school_tells_how_many_came(owner_client, teacher_client, partner, teacher):
    start = timezone.now() - timedelta(hours=3)
    session = SessionFactory(activity__partner=partner, starts_at=start)
    held = BookingFactory(session=session, status=Booking.Status.CONFIRMED, teacher=teacher.user, school=teacher.school)
    PledgeFactory(partner=partner, kind=session.activity.kind, quantity=4)
    assert '<progress value="0" max="4"' in words(owner_client.get(at("partner_today", partner.pk)))

    teacher_client.post(at("attendance", held.pk), {"pupils": 26})

    assert '<progress value="1" max="4"' in words(owner_client.get(at("partner_today", partner.pk)))


def test_today_shows_readers_no_buttons(reader_client, partner, requested):
    text = words(reader_client.get(at("partner_today", partner.pk)))

    assert "Alta ungdomsskole, 9A" in text
    assert at("booking_confirm", requested.pk) not in text


def test_today_of_a_partner_that_waits_says_so(owner_client, partner):
    partner.status = "applied"
    partner.save()

    assert "The secretariat is looking at your application" in words(owner_client.get(at("partner_today", partner.pk)))


# --- All bookings


def test_bookings_are_filtered_by_status(owner_client, partner):
    booking_of(partner, group_name="Venter")
    booking_of(partner, group_name="Avslått", status=Booking.Status.DECLINED)

    everything = words(owner_client.get(at("partner_bookings", partner.pk)))
    declined = words(owner_client.get(at("partner_bookings", partner.pk), {"status": "declined"}))
    nonsense = words(owner_client.get(at("partner_bookings", partner.pk), {"status": "'; DROP TABLE x"}))

    assert "Venter" in everything
    assert "Avslått" in everything
    assert "Venter" not in declined
    assert "Avslått" in declined
    assert "Venter" in nonsense


def test_bookings_come_in_pages(owner_client, partner):
    session = SessionFactory(activity__partner=partner)
    BookingFactory.create_batch(26, session=session)

    first = owner_client.get(at("partner_bookings", partner.pk))
    second = owner_client.get(at("partner_bookings", partner.pk), {"page": 2})

    assert len(first.context["page_obj"]) == 25
    assert len(second.context["page_obj"]) == 1
    for page in ("0", "-1", "999", "x", "9" * 400):
        assert owner_client.get(at("partner_bookings", partner.pk), {"page": page}).status_code == 200


def test_bookings_that_are_none_say_so(owner_client, partner):
    assert owner_client.get(at("partner_bookings", partner.pk)).status_code == 200
    assert owner_client.get(at("partner_bookings", partner.pk), {"status": "completed"}).status_code == 200


# --- Moving a session


def change(client, session, **facts):
    day = timezone.localdate() + timedelta(days=30)
    data = {"day": day.isoformat(), "begins": "10:00", "ends": "12:00", "capacity": 2, "place": "Porten", **facts}
    return client.post(at("session_change", session.pk), data, follow=True)


def untouched(session) -> bool:
    now = Session.objects.get(pk=session.pk)
    return (now.starts_at, now.capacity, now.place) == (session.starts_at, session.capacity, session.place)


def test_change_starts_from_how_it_is(owner_client, session):
    form = owner_client.get(at("session_change", session.pk)).context["form"]

    start = timezone.localtime(session.starts_at)
    assert (form["day"].value(), form["begins"].value()) == (start.date(), start.time())
    assert form["capacity"].value() == 2


def test_change_moves_the_session_and_tells_who_has_booked(owner_client, session, requested):
    answering.confirm_booking(booking=requested, by=owner_of(session))

    page = change(owner_client, session)

    assert "The session is changed. Classes that have booked it have been told." in words(page)
    session.refresh_from_db()
    assert timezone.localtime(session.starts_at).strftime("%H:%M") == "10:00"
    mail = Mail.objects.get(template="session_moved_to_teacher")
    assert "Porten" in mail.text
    assert "SEQUENCE:1" in mail.calendar


def test_change_of_places_alone_mails_nobody(owner_client, session, requested):
    change(owner_client, session)
    Mail.objects.all().delete()

    change(owner_client, session, capacity=5)

    session.refresh_from_db()
    assert session.capacity == 5
    assert not Mail.objects.filter(template__startswith="session_moved").exists()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"day": "2020-01-01"}, "begin in the future"),
        ({"day": "0001-01-01"}, "begin in the future"),
        ({"day": "9999-12-31"}, "Choose a time within the next five years."),
        ({"day": "2027-02-30"}, "Enter a valid date."),
        ({"begins": "12:00", "ends": "12:00"}, "The session must end after it begins."),
        ({"begins": "13:00"}, "The session must end after it begins."),
        ({"begins": "25:00"}, "Enter a valid time."),
        ({"capacity": "0"}, "greater than or equal to 1"),
        ({"capacity": "-3"}, "greater than or equal to 1"),
        ({"capacity": "10000"}, "less than or equal to 50"),
        ({"capacity": "mange"}, "Enter a whole number."),
        ({"place": "x" * 201}, "at most 200 characters"),
    ],
)
def test_change_bad_input_is_told(owner_client, session, facts, message):
    page = change(owner_client, session, **facts)

    assert page.status_code == 200
    assert message in words(page)
    assert untouched(session)
    assert not Mail.objects.exists()


def test_change_below_what_is_booked_is_refused(owner_client, session, requested):
    service.book_session(
        session_id=session.pk,
        school=requested.school,
        teacher=requested.teacher,
        group_name="9B",
        grade=9,
        pupils=20,
    )

    page = change(owner_client, session, capacity=1)

    assert "2 places are already booked; the session cannot have fewer." in words(page)


def test_change_is_not_for_readers_and_unknown_to_strangers(reader_client, session):
    stranger = client_of(MembershipFactory().user)
    teacher = client_of(TeacherFactory().user)

    assert change(reader_client, session).status_code == 403
    for client in (stranger, teacher):
        assert client.get(at("session_change", session.pk)).status_code == 404
        assert change(client, session).status_code == 404
    assert untouched(session)


def test_change_of_a_week_keeps_it_a_week(owner_client, session):
    """A work week is one session of five days."""
    monday = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=14)
    Session.objects.filter(pk=session.pk).update(starts_at=monday, ends_at=monday + timedelta(days=4, hours=6))
    form = owner_client.get(at("session_change", session.pk)).context["form"]
    day, last_day = form["day"].value() + timedelta(days=7), form["last_day"].value() + timedelta(days=7)

    change(owner_client, session, day=day.isoformat(), last_day=last_day.isoformat(), begins="09:00", ends="15:00")

    session.refresh_from_db()
    assert timezone.localdate(session.starts_at) == day
    assert timezone.localdate(session.ends_at) == day + timedelta(days=4)
    page = change(owner_client, session, day=last_day.isoformat(), last_day=day.isoformat())
    assert "The session must end after it begins." in words(page)


# --- Calling a session off


def test_cancel_shows_first_who_will_be_told(owner_client, session, requested):
    text = words(owner_client.get(at("session_cancel", session.pk)))

    assert "Alta ungdomsskole" in text
    assert "9A" in text
    session.refresh_from_db()
    assert session.status == Session.Status.OPEN


def test_cancel_tells_every_group_and_closes_the_session(owner_client, teacher_client, session, requested):
    answering.confirm_booking(booking=requested, by=owner_of(session))
    colleague = TeacherFactory()
    service.book_session(
        session_id=session.pk, school=colleague.school, teacher=colleague.user, group_name="8C", grade=8, pupils=20
    )

    page = owner_client.post(at("session_cancel", session.pk), {"note": "Maskinen er i stykker"}, follow=True)

    assert "The session is called off. 2 groups have been told." in words(page)
    session.refresh_from_db()
    assert session.status == Session.Status.CANCELLED
    assert session.places_taken == count_places(session) == 0
    assert Mail.objects.filter(template__in=["booking_cancelled_to_teacher", "booking_declined"]).count() == 2
    assert "Maskinen er i stykker" in words(teacher_client.get(at("booking", requested.pk)))


def test_cancel_needs_a_reason(owner_client, session):
    page = owner_client.post(at("session_cancel", session.pk), {"note": " "})

    assert page.status_code == 200
    assert "This field is required." in words(page)
    session.refresh_from_db()
    assert session.status == Session.Status.OPEN


def test_cancel_twice_finds_nothing_any_more(owner_client, session):
    owner_client.post(at("session_cancel", session.pk), {"note": "Syk"})

    assert owner_client.post(at("session_cancel", session.pk), {"note": "Syk"}).status_code == 404
    assert owner_client.get(at("session_change", session.pk)).status_code == 404


def test_cancel_of_a_session_that_has_begun_is_refused(owner_client, session):
    start = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))

    page = owner_client.post(at("session_cancel", session.pk), {"note": "Syk"})

    assert "The session has begun; it can no longer be called off." in words(page)
    session.refresh_from_db()
    assert session.status == Session.Status.OPEN


def test_cancel_is_not_for_readers_and_unknown_to_strangers(reader_client, session):
    stranger = client_of(MembershipFactory().user)

    assert reader_client.post(at("session_cancel", session.pk), {"note": "x"}).status_code == 403
    assert stranger.post(at("session_cancel", session.pk), {"note": "x"}).status_code == 404
    session.refresh_from_db()
    assert session.status == Session.Status.OPEN


def test_today_counts_all_requests_also_those_beyond_one_page(owner_client, session):
    for _number in range(26):
        BookingFactory(session=session, activity=session.activity)

    text = words(owner_client.get(at("partner_today", session.activity.partner_id)))

    assert "26 requests to answer" in text
    assert "All requests" in text
