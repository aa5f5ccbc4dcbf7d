"""The booking page: what a teacher types, what is refused and why, and what happens when others are faster."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import SessionFull
from stemportal.schools.models import Booking
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.schools.views import book as view
from stemportal.testing.factories import (
    KindFactory,
    SchoolClassFactory,
    SessionFactory,
    TeacherFactory,
    UserFactory,
)


def typed(chosen, **changes) -> dict:
    """What a teacher fills in for a group of her own."""
    data = {
        "session": chosen.pk,
        "group_name": "9A",
        "grade": 9,
        "pupils": 28,
        "needs": "Trinnfri inngang",
        "message": "Vi gleder oss",
        "request_key": uuid.uuid4(),
    }
    return {**data, **changes}


def send(client, chosen, **changes):
    return client.post(at("book", chosen.pk), typed(chosen, **changes))


def holds_true(session) -> bool:
    session.refresh_from_db()
    return session.places_taken == count_places(session)


def test_page_chooses_the_session_and_offers_the_classes(teacher_client, session, school_class):
    another = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=1), capacity=3)

    page = teacher_client.get(at("book", session.pk))

    assert page.context["form"]["session"].value() == session.pk
    text = words(page)
    assert "9A, 28 pupils" in text
    assert "2 free" in text
    assert "3 free" in text
    assert f'value="{another.pk}"' in text
    assert re.search(r"Nordlys Robotikk answers by \w+day \d+ \w+", text)


def test_class_fills_in_name_grade_and_number(teacher_client, teacher, session, school_class):
    data = {"session": session.pk, "school_class": school_class.pk, "group_name": "", "grade": "", "pupils": ""}

    response = teacher_client.post(at("book", session.pk), data, follow=True)

    booking = Booking.objects.get()
    assert (booking.group_name, booking.grade, booking.pupils) == ("9A", 9, 28)
    assert booking.school_class == school_class
    assert booking.school == teacher.school
    assert response.redirect_chain == [(at("booking", booking.pk), 302)]
    assert "Sent to Nordlys Robotikk. You will have an answer by" in words(response)


def test_class_with_another_number_keeps_the_number(teacher_client, session, school_class):
    send(teacher_client, session, school_class=school_class.pk, group_name="", grade="", pupils=24)

    booking = Booking.objects.get()
    assert (booking.group_name, booking.pupils) == ("9A", 24)
    school_class.refresh_from_db()
    assert school_class.pupils == 28


def test_another_group_needs_no_class(teacher_client, session):
    response = send(teacher_client, session, group_name="  Valgfag   teknologi ")

    booking = Booking.objects.get()
    assert response.status_code == 302
    assert booking.group_name == "Valgfag teknologi"
    assert booking.school_class is None
    assert (booking.needs, booking.message) == ("Trinnfri inngang", "Vi gleder oss")


def test_another_time_of_the_same_activity_can_be_chosen(teacher_client, session):
    later = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=1))

    teacher_client.post(at("book", session.pk), typed(later))

    assert Booking.objects.get().session == later


def test_instant_activity_is_booked_at_once(teacher_client, session):
    Activity.objects.update(policy=Activity.Policy.INSTANT)

    response = teacher_client.post(at("book", session.pk), typed(session), follow=True)

    assert "Booked! Nordlys Robotikk expects you." in words(response)
    assert Booking.objects.get().status == Booking.Status.CONFIRMED


# --- Bad input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pupils": "0"}, "At least one pupil must come."),
        ({"pupils": "-5"}, "At least one pupil must come."),
        ({"pupils": "10000"}, "That is more than 500 pupils."),
        ({"pupils": "9" * 5000}, "Write the number of pupils in digits."),
        ({"pupils": "tjueåtte"}, "Write the number of pupils in digits."),
        ({"pupils": "28.5"}, "Write the number of pupils in digits."),
        ({"pupils": ""}, "Write how many pupils will come."),
        ({"pupils": "31"}, "groups of up to 30 pupils"),
        ({"group_name": ""}, "Write the name of the class or group."),
        ({"group_name": "x" * 31}, "at most 30 characters"),
        ({"group_name": "9A\x00"}, "Null characters are not allowed."),
        ({"grade": ""}, "Choose the grade."),
        ({"grade": "99"}, "Select a valid choice."),
        ({"grade": "nine"}, "Select a valid choice."),
        ({"needs": "x" * 1001}, "at most 1000 characters"),
        ({"message": "x" * 2001}, "at most 2000 characters"),
        ({"session": ""}, "Choose a time."),
        ({"session": "abc"}, "This session filled up while you were typing."),
        ({"session": "99999999999999999999"}, "This session filled up while you were typing."),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(teacher_client, session, changes, message):
    response = send(teacher_client, session, **changes)

    assert response.status_code == 200
    text = words(response)
    assert message in text
    assert "Vi gleder oss" in text or "message" in changes
    assert "Trinnfri inngang" in text or "needs" in changes
    assert 'id="error-summary"' in text or "error-summary" in text
    assert not Booking.objects.exists()
    assert holds_true(session)


def test_wrong_grade_is_told(session):
    teacher = TeacherFactory(school__grade_from=1, school__grade_to=13)
    Activity.objects.update(grade_from=8, grade_to=9)

    response = send(client_of(teacher.user), session, grade=13)

    assert response.status_code == 200
    assert "This activity is for" in words(response)
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "'; DROP TABLE schools_booking; --", "{{ request }} {% debug %}", "🚀 Ŧ æøå \u202e"],
)
def test_strange_text_is_kept_as_text(teacher_client, owner_client, session, text):
    send(teacher_client, session, message=text, needs=text, group_name=text[:30])

    booking = Booking.objects.get()
    assert booking.message == text
    for client in (teacher_client, owner_client):
        page = client.get(at("booking", booking.pk))
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert text in words(page)
    assert all("<script>alert" not in mail.html for mail in Mail.objects.all())
    assert text in Mail.objects.get(template="booking_requested_to_partner").text


def test_class_of_another_school_is_refused(teacher_client, session, school_class):
    foreign = SchoolClassFactory(name="10C", pupils=19)

    response = send(teacher_client, session, school_class=foreign.pk)

    assert response.status_code == 200
    assert "Select a valid choice." in words(response)
    assert "10C, 19 pupils" not in words(teacher_client.get(at("book", session.pk))), "and is not offered"
    assert not Booking.objects.exists()


def test_session_of_another_activity_is_refused(teacher_client, session):
    foreign = SessionFactory()

    response = teacher_client.post(at("book", session.pk), typed(foreign))

    assert response.status_code == 200
    assert not Booking.objects.exists()


def test_facts_that_are_not_asked_cannot_be_sent(teacher_client, session):
    send(teacher_client, session, status="completed", school=1, teacher=1, places=0, reply="Ja")

    booking = Booking.objects.get()
    assert (booking.status, booking.places, booking.reply) == (Booking.Status.REQUESTED, 1, "")


# --- Others are faster


def test_session_that_filled_up_meanwhile_says_so_and_offers_the_next(teacher_client, session):
    later = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=3), capacity=4)
    teacher_client.get(at("book", session.pk))
    Session.objects.filter(pk=session.pk).update(places_taken=2)

    response = send(teacher_client, session)

    assert response.status_code == 200
    text = words(response)
    assert "This session filled up while you were typing. Nothing you wrote is lost" in text
    assert "Vi gleder oss" in text
    assert 'value="9A"' in text
    assert f'value="{later.pk}"' in text
    assert "4 free" in text
    assert not Booking.objects.exists()
    assert send(teacher_client, later).status_code == 302


def test_session_that_fills_up_in_the_last_moment_says_so_and_offers_the_next(teacher_client, session, monkeypatch):
    """Between the check of the form and the lock: somebody else takes the last places."""
    later = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=3))

    def too_late(**_facts):
        Session.objects.filter(pk=session.pk).update(places_taken=2)
        raise SessionFull(0)

    monkeypatch.setattr(view, "book_session", too_late)

    response = send(teacher_client, session)

    text = words(response)
    assert response.status_code == 200
    assert text.count("This session filled up while you were typing") >= 1
    assert "Vi gleder oss" in text
    assert f'value="{later.pk}"' in text


def test_session_with_too_few_places_left_says_how_many(teacher_client, session):
    kind = KindFactory(code="job_shadow", unit="pupils")
    session = SessionFactory(activity__kind=kind, capacity=10, places_taken=0)
    assert send(teacher_client, session, pupils=8).status_code == 302

    response = send(teacher_client, session, pupils=5, group_name="9B")

    assert response.status_code == 200
    assert "There are only 2 places left in this session." in words(response)
    assert holds_true(session)


def test_last_session_that_filled_up_leads_to_other_offers(teacher_client, session):
    Session.objects.update(places_taken=2)

    response = send(teacher_client, session)

    text = words(response)
    assert response.status_code == 200
    assert "There are no free sessions any more. Nothing you wrote is lost" in text
    assert "Vi gleder oss" in text
    assert "/en/activities/" in text


def test_form_sent_twice_is_one_booking_and_leads_to_it(teacher_client, session):
    data = typed(session)

    first = teacher_client.post(at("book", session.pk), data)
    second = teacher_client.post(at("book", session.pk), data)

    booking = Booking.objects.get()
    assert first["Location"] == second["Location"] == at("booking", booking.pk)
    assert Mail.objects.filter(template="booking_requested_to_teacher").count() == 1
    assert holds_true(session)


def test_form_sent_twice_for_the_last_place_leads_to_the_booking(teacher_client, session):
    """The second click must not hear that "somebody" has just taken the place."""
    Session.objects.update(capacity=1)
    data = typed(session)

    teacher_client.post(at("book", session.pk), data)
    second = teacher_client.post(at("book", session.pk), data)

    assert second.status_code == 302
    assert second["Location"] == at("booking", Booking.objects.get().pk)


def test_form_gone_back_to_and_changed_is_another_booking(teacher_client, session):
    data = typed(session)
    teacher_client.post(at("book", session.pk), data)

    teacher_client.post(at("book", session.pk), {**data, "group_name": "9B"})

    assert set(Booking.objects.values_list("group_name", flat=True)) == {"9A", "9B"}
    assert holds_true(session)


def test_form_that_somebody_else_has_sent_from_this_machine_is_ones_own(teacher_client, teacher, session):
    data = typed(session)
    other = TeacherFactory()
    client_of(other.user).post(at("book", session.pk), data)

    response = teacher_client.post(at("book", session.pk), data)

    assert response["Location"] == at("booking", Booking.objects.get(teacher=teacher.user).pk)
    assert Booking.objects.filter(teacher=other.user).count() == 1


def test_request_key_that_is_none_counts_as_a_new_form(teacher_client, session):
    assert send(teacher_client, session, request_key="").status_code == 302
    assert send(teacher_client, session, request_key="x", group_name="9B").status_code == 200


def test_same_group_twice_is_told(teacher_client, session):
    send(teacher_client, session)

    response = send(teacher_client, session)

    assert response.status_code == 200
    assert "This group already has a place in this session." in words(response)
    assert Booking.objects.count() == 1


def test_many_bookings_in_an_hour_are_slowed_down(teacher_client, session, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "book": (1, 3600)}
    assert send(teacher_client, session).status_code == 302

    response = send(teacher_client, session, group_name="9B")

    assert "That was very many bookings in an hour." in words(response)
    assert "Vi gleder oss" in words(response)
    assert Booking.objects.count() == 1


# --- Who and when


def test_past_session_offers_only_what_is_to_come(teacher_client, session):
    coming = SessionFactory(activity=session.activity, starts_at=timezone.now() + timedelta(days=30))
    past = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=past, ends_at=past + timedelta(hours=2))

    page = teacher_client.get(at("book", session.pk))
    response = send(teacher_client, session)

    assert [s.pk for s in page.context["form"].sessions] == [coming.pk]
    assert page.context["form"]["session"].value() is None
    assert response.status_code == 200
    assert not Booking.objects.exists()


def test_cancelled_session_cannot_be_booked(teacher_client, session):
    Session.objects.update(status=Session.Status.CANCELLED)

    assert teacher_client.get(at("book", session.pk)).status_code == 200
    assert send(teacher_client, session).status_code == 200
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"status": Activity.Status.DRAFT}, {"status": Activity.Status.ARCHIVED}],
)
def test_activity_that_is_not_published_is_not_found(teacher_client, session, change):
    Activity.objects.update(**change)

    assert teacher_client.get(at("book", session.pk)).status_code == 404
    assert send(teacher_client, session).status_code == 404


def test_activity_of_a_paused_partner_is_not_found(teacher_client, session):
    partner = session.activity.partner
    partner.status = "paused"
    partner.save()

    assert teacher_client.get(at("book", session.pk)).status_code == 404


@pytest.mark.parametrize("pk", [0, 10**30])
def test_session_that_does_not_exist_is_not_found(teacher_client, pk):
    assert teacher_client.get(f"/en/sessions/{pk}/book/").status_code == 404


def test_teacher_who_waits_is_told_what_happens_and_cannot_book(session):
    waiting = TeacherFactory(status="pending", school__name="Bossekop skole")
    client = client_of(waiting.user)

    page = client.get(at("book", session.pk))
    response = send(client, session)

    assert "You can book as soon as your school is confirmed" in words(page)
    assert "Bossekop skole" in words(page)
    assert response.status_code == 200
    assert not Booking.objects.exists()


def test_person_without_a_school_is_shown_the_way(session):
    client = client_of(UserFactory())

    text = words(client.get(at("book", session.pk)))

    assert "Only teachers can book" in text
    assert at("my_school") in text


def test_visitor_logs_in_and_comes_back(session):
    response = Client().get(at("book", session.pk))

    assert response.status_code == 302
    assert response["Location"] == f"/en/account/login/?next={at('book', session.pk)}"


def test_teacher_logs_in_and_lands_on_the_booking_page(session):
    user = UserFactory(password="a-long-password-1")
    TeacherFactory(user=user)
    here = at("book", session.pk)

    response = Client().post(
        f"/en/account/login/?next={here}", {"login": user.email, "password": "a-long-password-1", "next": here}
    )

    assert (response.status_code, response["Location"]) == (302, here)
