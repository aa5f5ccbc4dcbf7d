"""The page of a booking, the moves of each side, and its entry for the calendar."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from stemportal.activities.models import Session
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership
from stemportal.schools.models import Attendance, Booking
from stemportal.schools.services import answering
from stemportal.schools.services import booking as service
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import MembershipFactory, TeacherFactory, UserFactory

MOVES = ("confirm", "decline", "withdraw", "cancel")


@pytest.fixture
def requested(session, teacher) -> Booking:
    return service.book_session(
        session_id=session.pk,
        school=teacher.school,
        teacher=teacher.user,
        group_name="9A",
        grade=9,
        pupils=28,
        needs="Trinnfri inngang",
        message="Vi gleder oss",
    )


@pytest.fixture
def confirmed(requested, session) -> Booking:
    return answering.confirm_booking(booking=requested, by=owner_of(session), reply="Velkommen")


@pytest.fixture
def stranger_client(db):
    return client_of(TeacherFactory().user)


def move(client, booking, name, **data):
    return client.post(at(f"booking_{name}", booking.pk), data, follow=True)


def status_of(booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def agrees(session) -> bool:
    session.refresh_from_db()
    return session.places_taken == count_places(session)


def begin(session, *, hours_ago: int = 3) -> None:
    start = timezone.now() - timedelta(hours=hours_ago)
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))


# --- The page


def test_page_tells_the_teacher_how_it_stands(teacher_client, requested):
    text = words(teacher_client.get(at("booking", requested.pk)))

    assert "Waiting for Nordlys Robotikk" in text
    assert "You will have an answer by" in text
    assert "Withdraw the request" in text
    assert "Trinnfri inngang" in text
    assert "Your answer" not in text
    assert "Call the visit off" not in text


def test_page_asks_the_partner_for_an_answer(owner_client, requested):
    text = words(owner_client.get(at("booking", requested.pk)))

    assert "Alta ungdomsskole is waiting for your answer" in text
    assert "Vi gleder oss" in text
    assert at("booking_confirm", requested.pk) in text
    assert at("booking_decline", requested.pk) in text
    assert "Withdraw the request" not in text


def test_page_shows_readers_everything_but_buttons(reader_client, requested):
    text = words(reader_client.get(at("booking", requested.pk)))

    assert "is waiting for your answer" in text
    assert at("booking_confirm", requested.pk) not in text


def test_page_tells_strangers_nothing(stranger_client, requested):
    assert stranger_client.get(at("booking", requested.pk)).status_code == 404
    assert client_of(MembershipFactory().user).get(at("booking", requested.pk)).status_code == 404


def test_page_of_a_confirmed_visit_offers_calendar_and_calling_off(teacher_client, owner_client, confirmed):
    teacher_text = words(teacher_client.get(at("booking", confirmed.pk)))
    owner_text = words(owner_client.get(at("booking", confirmed.pk)))

    assert "Nordlys Robotikk has confirmed your visit" in teacher_text
    assert "Velkommen" in teacher_text
    assert "You have an agreement with Alta ungdomsskole" in owner_text
    for text in (teacher_text, owner_text):
        assert "Call the visit off" in text
        assert at("booking_ics", confirmed.pk) in text


def test_page_after_the_day_asks_the_teacher_how_many_came(teacher_client, owner_client, confirmed, session):
    begin(session)

    text = words(teacher_client.get(at("booking", confirmed.pk)))

    assert at("attendance", confirmed.pk) in text
    assert "Call the visit off" not in text
    assert at("attendance", confirmed.pk) not in words(owner_client.get(at("booking", confirmed.pk)))


def test_page_tells_girls_to_the_school_only(teacher_client, owner_client, confirmed, session):
    begin(session)
    teacher_client.post(at("attendance", confirmed.pk), {"pupils": 26, "girls": 3})

    assert "3 of them were girls" in words(teacher_client.get(at("booking", confirmed.pk)))
    assert "girls" not in words(owner_client.get(at("booking", confirmed.pk)))


def test_page_history_names_who_and_what(teacher_client, confirmed, teacher):
    text = words(teacher_client.get(at("booking", confirmed.pk)))

    history = text[text.index("History") :]
    assert history.index("The school asked for this visit") < history.index("The partner confirmed")
    assert str(teacher.user) in history


def test_page_of_somebody_who_is_both_sides_stands_on_the_schools(session, teacher, teacher_client, requested):
    MembershipFactory(partner=session.activity.partner, user=teacher.user, role=Membership.Role.EDITOR)

    assert "Waiting for Nordlys" in words(teacher_client.get(at("booking", requested.pk)))
    assert "Confirmed." in words(move(teacher_client, requested, "confirm"))
    assert status_of(requested) == Booking.Status.CONFIRMED


@pytest.mark.parametrize("path", ["/en/bookings/0/", f"/en/bookings/{10**30}/", "/en/bookings/-1/", "/en/bookings/x/"])
def test_page_of_no_booking_is_not_found(teacher_client, path):
    assert teacher_client.get(path).status_code == 404


# --- Moves


def test_confirm_agrees_and_mails_both_with_the_entry(owner_client, requested, session):
    page = move(owner_client, requested, "confirm", reply="Møt opp i resepsjonen")

    assert "Confirmed. The teacher has a mail with the calendar entry, and so have you." in words(page)
    assert status_of(requested) == Booking.Status.CONFIRMED
    mails = Mail.objects.filter(template__startswith="booking_confirmed")
    assert mails.count() == 2
    assert all("METHOD:REQUEST" in mail.calendar for mail in mails)
    assert "Møt opp i resepsjonen" in Mail.objects.get(template="booking_confirmed_to_teacher").text
    assert agrees(session)


def test_decline_needs_a_line_and_keeps_what_else_was_typed(owner_client, requested):
    page = move(owner_client, requested, "decline", reply="   ")

    assert page.status_code == 200
    assert "Write a line, so that the teacher knows why." in words(page)
    assert status_of(requested) == Booking.Status.REQUESTED


def test_decline_with_a_too_long_line_keeps_it(owner_client, requested):
    page = move(owner_client, requested, "decline", reply="Messe " * 400)

    assert "at most 2000 characters" in words(page)
    assert "Messe Messe" in words(page)
    assert status_of(requested) == Booking.Status.REQUESTED


def test_decline_frees_the_place_and_shows_the_way_on(owner_client, teacher_client, requested, session):
    page = move(owner_client, requested, "decline", reply="Vi er på messe")

    assert "Declined. The teacher has been told" in words(page)
    text = words(teacher_client.get(at("booking", requested.pk)))
    assert "Nordlys Robotikk could not take your class this time" in text
    assert "Vi er på messe" in text
    assert "Find another offer" in text
    assert agrees(session)
    assert session.places_left == 2


def test_withdraw_frees_the_place(teacher_client, requested, session):
    page = move(teacher_client, requested, "withdraw")

    assert "Withdrawn. The partner has been told, and the place is free again." in words(page)
    assert status_of(requested) == Booking.Status.WITHDRAWN
    assert Mail.objects.filter(template="booking_withdrawn").count() == 1
    assert agrees(session)
    assert session.places_left == 2


@pytest.mark.parametrize(
    ("side", "target"),
    [("teacher_client", Booking.Status.CANCELLED_BY_SCHOOL), ("owner_client", Booking.Status.CANCELLED_BY_PARTNER)],
)
def test_cancel_from_either_side_takes_the_entry_away(request, confirmed, session, side, target):
    page = move(request.getfixturevalue(side), confirmed, "cancel", note="Influensa")

    assert "Called off. The other side has been told" in words(page)
    assert status_of(confirmed) == target
    mails = Mail.objects.filter(template__startswith="booking_cancelled")
    assert mails.count() == 2
    assert all("METHOD:CANCEL" in mail.calendar and "Influensa" in mail.text for mail in mails)
    assert agrees(session)
    assert session.places_left == 2


def test_cancel_needs_a_reason(teacher_client, confirmed):
    page = move(teacher_client, confirmed, "cancel", note="")

    assert page.status_code == 200
    assert "This field is required." in words(page)
    assert status_of(confirmed) == Booking.Status.CONFIRMED


def test_cancel_of_a_visit_that_took_place_is_refused(teacher_client, owner_client, confirmed, session):
    """The button is gone by then; a page that stood open since yesterday still has it."""
    begin(session)

    for client in (teacher_client, owner_client):
        assert "The session has begun; it can no longer be called off." in words(
            move(client, confirmed, "cancel", note="Influensa")
        )

    assert status_of(confirmed) == Booking.Status.CONFIRMED
    assert not Mail.objects.filter(template__startswith="booking_cancelled").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [("confirm", "confirm"), ("confirm", "decline"), ("decline", "confirm"), ("decline", "decline")],
)
def test_partner_who_answers_twice_hears_how_it_stands(owner_client, requested, session, first, second):
    move(owner_client, requested, first, reply="Svar")
    before, mails = status_of(requested), Mail.objects.count()

    page = move(owner_client, requested, second, reply="Et annet svar")

    assert "Somebody has already answered or changed this booking. Here is how it stands now." in words(page)
    assert status_of(requested) == before
    assert Mail.objects.count() == mails
    assert agrees(session)


def test_teacher_who_withdraws_too_late_hears_how_it_stands(teacher_client, confirmed):
    page = move(teacher_client, confirmed, "withdraw")

    assert "Somebody has already answered or changed this booking." in words(page)
    assert "Nordlys Robotikk has confirmed your visit" in words(page)
    assert status_of(confirmed) == Booking.Status.CONFIRMED


def test_cancel_twice_mails_once(teacher_client, confirmed, session):
    move(teacher_client, confirmed, "cancel", note="Influensa")

    page = move(teacher_client, confirmed, "cancel", note="Influensa")

    assert "Somebody has already answered or changed this booking." in words(page)
    assert Mail.objects.filter(template="booking_cancelled_to_teacher").count() == 1
    assert agrees(session)


def test_cancel_of_a_request_that_waits_changes_nothing(teacher_client, requested):
    move(teacher_client, requested, "cancel", note="Influensa")

    assert status_of(requested) == Booking.Status.REQUESTED


@pytest.mark.parametrize("name", MOVES)
def test_move_is_never_made_by_opening_its_address(teacher_client, owner_client, requested, name):
    for client in (teacher_client, owner_client):
        assert client.get(at(f"booking_{name}", requested.pk)).status_code == 405
        assert client.head(at(f"booking_{name}", requested.pk)).status_code == 405
    assert status_of(requested) == Booking.Status.REQUESTED


@pytest.mark.parametrize("name", ["confirm", "decline"])
def test_move_of_the_partner_is_not_for_the_school(teacher_client, requested, name):
    assert move(teacher_client, requested, name, reply="Ja").status_code == 403
    assert status_of(requested) == Booking.Status.REQUESTED


def test_move_of_the_school_is_not_for_the_partner(owner_client, requested):
    assert move(owner_client, requested, "withdraw").status_code == 403
    assert status_of(requested) == Booking.Status.REQUESTED


@pytest.mark.parametrize("name", MOVES)
def test_move_is_not_for_readers_and_unknown_to_strangers(reader_client, stranger_client, requested, name):
    data = {"reply": "Ja", "note": "Nei"}

    assert move(reader_client, requested, name, **data).status_code == 403
    assert move(stranger_client, requested, name, **data).status_code == 404
    assert status_of(requested) == Booking.Status.REQUESTED


def test_member_who_left_the_partner_is_a_stranger(session, requested):
    membership = MembershipFactory(partner=session.activity.partner)
    client = client_of(membership.user)
    assert client.get(at("booking", requested.pk)).status_code == 200

    membership.delete()

    assert client.get(at("booking", requested.pk)).status_code == 404
    assert move(client, requested, "confirm").status_code == 404


def test_booking_of_a_deleted_teacher_can_still_be_called_off(owner_client, confirmed, teacher):
    teacher.user.delete()

    assert owner_client.get(at("booking", confirmed.pk)).status_code == 200
    assert owner_client.get(at("booking_ics", confirmed.pk)).status_code == 200
    assert "Called off." in words(move(owner_client, confirmed, "cancel", note="Maskinen er i stykker"))


# --- The calendar entry


def test_ics_is_an_entry_that_calendars_read(teacher_client, confirmed, session, teacher):
    response = teacher_client.get(at("booking_ics", confirmed.pk))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="booking-{confirmed.pk}.ics"'
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"  # a file that one takes oneself invites nobody
    assert event["UID"].startswith(f"booking-{confirmed.pk}@")
    assert event["SEQUENCE"] == 0
    assert event["DTSTART"].dt == session.starts_at.astimezone(UTC)
    assert event["DTEND"].dt == session.ends_at.astimezone(UTC)
    assert session.activity.title in event["SUMMARY"]
    assert "ATTENDEE" not in event
    assert event["URL"].endswith(f"/bookings/{confirmed.pk}/")


def test_ics_after_a_move_replaces_the_entry(owner_client, teacher_client, confirmed, session):
    first = Calendar.from_ical(teacher_client.get(at("booking_ics", confirmed.pk)).content).walk("VEVENT")[0]
    day = timezone.localdate() + timedelta(days=40)
    owner_client.post(
        at("session_change", session.pk),
        {"day": day.isoformat(), "begins": "10:00", "ends": "12:00", "capacity": 2, "place": "Porten"},
    )

    second = Calendar.from_ical(teacher_client.get(at("booking_ics", confirmed.pk)).content).walk("VEVENT")[0]

    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert timezone.localtime(second["DTSTART"].dt).strftime("%Y-%m-%d %H:%M") == f"{day} 10:00"
    assert second["LOCATION"] == "Porten"


def test_ics_exists_only_for_agreed_visits(teacher_client, owner_client, stranger_client, requested):
    assert teacher_client.get(at("booking_ics", requested.pk)).status_code == 404
    move(owner_client, requested, "confirm")
    assert teacher_client.get(at("booking_ics", requested.pk)).status_code == 200
    assert stranger_client.get(at("booking_ics", requested.pk)).status_code == 404
    move(owner_client, requested, "cancel", note="Maskinen")
    assert teacher_client.get(at("booking_ics", requested.pk)).status_code == 404


# --- How many came


def tell(client, booking, **counts):
    return client.post(at("attendance", booking.pk), counts)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"pupils": "26", "girls": "27"}, "There cannot be more girls than pupils."),
        ({"pupils": "-1"}, "Write 0 or more."),
        ({"pupils": "26", "girls": "-1"}, "Write 0 or more."),
        ({"pupils": "10000"}, "less than or equal to 500"),
        ({"pupils": "alle"}, "Write the number of pupils in digits."),
        ({"pupils": "26", "girls": "noen"}, "Write the number of girls in digits."),
        ({"pupils": ""}, "This field is required."),
        ({}, "This field is required."),
    ],
)
def test_attendance_bad_input_is_told(teacher_client, confirmed, session, counts, message):
    begin(session)

    response = tell(teacher_client, confirmed, **(counts or {"girls": ""}))

    assert response.status_code == 200
    assert message in words(response)
    assert not Attendance.objects.exists()
    assert status_of(confirmed) == Booking.Status.CONFIRMED


def test_attendance_before_the_day_is_refused(teacher_client, confirmed):
    response = tell(teacher_client, confirmed, pupils=26, girls=12)

    assert response.status_code == 200
    assert "You can tell how many came once the visit has begun." in words(response)
    assert not Attendance.objects.exists()


def test_attendance_completes_the_visit_and_can_be_corrected(teacher_client, confirmed, session):
    begin(session)
    assert "Tell how many came" in words(teacher_client.get(at("my_page")))

    first = teacher_client.post(at("attendance", confirmed.pk), {"pupils": 26, "girls": 12}, follow=True)
    assert "Thank you! The visit is now part of the year's figures." in words(first)
    assert "this school year" in words(first), "thanks, with what could come next"
    assert "The visit took place, 26 pupils came" in words(teacher_client.get(at("booking", confirmed.pk)))
    form = teacher_client.get(at("attendance", confirmed.pk)).context["form"]
    assert (form["pupils"].value(), form["girls"].value()) == (26, 12)
    tell(teacher_client, confirmed, pupils=25, girls="")

    attendance = Attendance.objects.get()
    assert (attendance.pupils, attendance.girls) == (25, None)
    assert status_of(confirmed) == Booking.Status.COMPLETED


def test_attendance_of_nobody_counts_nobody(teacher_client, confirmed, session):
    begin(session)

    tell(teacher_client, confirmed, pupils=0)

    assert Attendance.objects.get().pupils == 0


def test_attendance_of_a_visit_that_was_called_off_is_refused(teacher_client, confirmed, session):
    move(teacher_client, confirmed, "cancel", note="Influensa")
    begin(session)

    response = tell(teacher_client, confirmed, pupils=26)

    assert "Somebody has already answered or changed this booking." in words(response)
    assert not Attendance.objects.exists()


def test_attendance_is_the_teachers_to_tell(owner_client, reader_client, stranger_client, confirmed, session):
    begin(session)

    assert tell(owner_client, confirmed, pupils=26).status_code == 403
    assert tell(reader_client, confirmed, pupils=26).status_code == 403
    assert tell(stranger_client, confirmed, pupils=26).status_code == 404
    assert tell(client_of(UserFactory()), confirmed, pupils=26).status_code == 404
    assert not Attendance.objects.exists()
