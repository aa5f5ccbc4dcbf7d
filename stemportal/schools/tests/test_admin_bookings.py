"""Bookings on the secretariat's desk: finding what is late, and doing something about it for the two sides."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking, BookingRules, Message, RegionalCoordinator, Reminder, booking_rules
from stemportal.schools.services import messages
from stemportal.schools.services.booking import book_session
from stemportal.schools.tests.conftest import client_of, owner_of, words
from stemportal.testing.factories import (
    AttendanceFactory,
    BookingFactory,
    CountyFactory,
    KindFactory,
    MunicipalityFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "admin:schools_booking_changelist"


@pytest.fixture
def staff_client() -> Client:
    return client_of(StaffFactory())


def looking_on(*rights: str) -> Client:
    """Somebody in the secretariat who may look at bookings, and has these rights besides."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_booking", *rights]))
    return client_of(person)


@pytest.fixture
def asked(session, teacher) -> Booking:
    """A real request, with what the group needs."""
    User.objects.update(language="en")
    return book_session(
        session_id=session.pk,
        school=teacher.school,
        teacher=teacher.user,
        group_name="9A",
        grade=9,
        pupils=20,
        needs="En elev bruker rullestol",
    )


def request_due(days: int, **facts) -> Booking:
    """A request whose deadline is in so many days."""
    return BookingFactory(reply_by=timezone.localdate() + timedelta(days=days), **facts)


def listed(client: Client, **query: str) -> list[int]:
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    return sorted(booking.pk for booking in response.context["cl"].result_list)


# The list


def test_list_is_narrowed_by_deadline(staff_client):
    time, today, late, very_late = request_due(3), request_due(0), request_due(-5), request_due(-6)
    request_due(-9, status="declined")
    expected = {
        "time": [time],
        "today": [today],
        "late": [late],
        "very_late": [very_late],
        "yes": [late, very_late],
    }
    for value, bookings in expected.items():
        assert listed(staff_client, overdue=value) == sorted(booking.pk for booking in bookings), value


def test_list_is_narrowed_by_age_county_partner_and_kind(staff_client):
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    old = request_due(1, created_at=timezone.now() - timedelta(days=30))
    far = request_due(1, school__municipality=oslo, school__name="Bjerke videregående")
    other = request_due(1, session__activity__kind=KindFactory(code="digital"))
    assert listed(staff_client, age="11-") == [old.pk]
    assert listed(staff_client, age="0-1") == sorted([far.pk, other.pk])
    assert listed(staff_client, county=str(oslo.county_id)) == [far.pk]
    assert listed(staff_client, activity__partner__id__exact=str(old.activity.partner_id)) == [old.pk]
    assert listed(staff_client, activity__kind__id__exact=str(other.activity.kind_id)) == [other.pk]
    assert listed(staff_client, q=far.school.name) == [far.pk]


@pytest.mark.parametrize("query", ["overdue=x", "age=x", "county=x", "activity__partner__id__exact=x"])
def test_nonsense_in_the_address_narrows_nothing(staff_client, query):
    booking = request_due(1)
    response = staff_client.get(f"{reverse(LIST)}?{query}")
    assert [row.pk for row in response.context["cl"].result_list] == [booking.pk]


def test_coordinator_of_a_county_finds_its_requests_together():
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    mine, _other = request_due(-1, school__municipality=oslo), request_due(-1)
    person = StaffFactory()
    RegionalCoordinator.objects.create(county=oslo.county, person=person)
    assert listed(client_of(person), county="mine") == [mine.pk]
    page = client_of(person).get(reverse("admin:schools_booking_overview"), {"mine": "1"})
    assert page.context["overview"].everything.counts["late"] == 1


# The overview


def test_overview_counts_requests_by_deadline_and_links_to_them(staff_client):
    request_due(3)
    late = [request_due(-2) for _ in range(2)]
    request_due(-20)
    BookingFactory(status="offered")
    page = staff_client.get(reverse("admin:schools_booking_overview"))
    overview = page.context["overview"]
    assert overview.everything.counts == {"time": 1, "today": 0, "late": 2, "very_late": 1}
    assert overview.offered == 1
    county = late[0].school.municipality.county_id
    link = f"{reverse(LIST)}?overdue=late&amp;county={county}"
    assert link in page.content.decode()
    assert listed(staff_client, overdue="late", county=str(county)) == sorted(booking.pk for booking in late)


def test_overview_asks_as_much_for_three_as_for_one(staff_client, django_assert_num_queries):
    address = reverse("admin:schools_booking_overview")
    for number in (1, 2):
        for _ in range(number):
            request_due(-1)
        staff_client.get(address)
        with django_assert_num_queries(6):
            staff_client.get(address)


# One booking


def test_page_of_a_booking_has_what_concerns_it_but_not_what_the_group_needs(staff_client, asked, teacher, session):
    messages.write_message(booking=asked, by=teacher.user, side="school", text="Hemmelig", request_key=uuid.uuid4())
    page = words(staff_client.get(reverse("admin:schools_booking_change", args=[asked.pk])))
    assert "rullestol" not in page
    assert "Hemmelig" not in page
    assert re.search(r"Messages between them</dt>\s*<dd>1</dd>", page)
    assert Mail.objects.filter(about=f"booking:{asked.pk}").first().subject in page
    assert "Remind the partner now" in page


def test_few_girls_are_not_shown_to_the_secretariat(staff_client):
    few, more = AttendanceFactory(girls=3), AttendanceFactory(girls=12)
    for attendance, shown in ((few, "fewer than five"), (more, "12")):
        page = words(staff_client.get(reverse("admin:schools_booking_change", args=[attendance.booking_id])))
        assert shown in page


def test_reminding_the_partner_from_the_page_and_from_the_list(staff_client, asked, session):
    response = staff_client.post(reverse("admin:schools_booking_remind", args=[asked.pk]), follow=True)
    assert f"{session.activity.partner} is reminded by mail." in words(response)
    assert Mail.objects.get(template="reply_asked_by_secretariat").to_email == owner_of(session).email

    action = {"action": "remind_selected", "_selected_action": [asked.pk]}
    assert "1 was left out" in words(staff_client.post(reverse(LIST), action, follow=True))
    Reminder.objects.all().delete()
    assert "1 reminder is on its way" in words(staff_client.post(reverse(LIST), action, follow=True))


def test_opening_the_address_of_a_reminder_sends_nothing(staff_client, asked):
    staff_client.get(reverse("admin:schools_booking_remind", args=[asked.pk]))
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"answer": "confirm", "line": "De ringte oss"}, "confirmed"),
        ({"answer": "decline", "line": "De er syke"}, "declined"),
    ],
)
def test_answering_for_the_partner(staff_client, asked, data, status):
    Mail.objects.all().delete()
    staff_client.post(reverse("admin:schools_booking_answer", args=[asked.pk]), data)
    asked.refresh_from_db()
    assert asked.status == status
    mail = Mail.objects.get(to_email=asked.teacher.email)
    assert f"on behalf of {asked.activity.partner}." in mail.text
    assert data["line"] in mail.text
    assert asked.events.latest("pk").by.is_staff


def test_offering_another_time_for_the_partner(staff_client, asked, session):
    other = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=7))
    staff_client.post(
        reverse("admin:schools_booking_answer", args=[asked.pk]), {"answer": "offer", "session": other.pk}
    )
    asked.refresh_from_db()
    assert (asked.status, asked.session_id) == ("offered", other.pk)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"answer": "decline"}, "Write a line, so that the teacher knows why."),
        ({"answer": "offer"}, "Choose a date, or give a day and a time."),
        ({"answer": "offer", "day": "2020-01-01", "at": "10:00"}, "Choose a time in the future."),
        ({"answer": "decline", "line": "01016050012 ringte"}, "personal identity number"),
    ],
)
def test_answer_that_cannot_be_given_changes_nothing(staff_client, asked, data, complaint):
    page = words(staff_client.post(reverse("admin:schools_booking_answer", args=[asked.pk]), data))
    asked.refresh_from_db()
    assert asked.status == "requested"
    assert complaint in page


def test_answered_request_is_not_answered_again(staff_client, asked):
    Booking.objects.update(status="declined")
    response = staff_client.post(
        reverse("admin:schools_booking_answer", args=[asked.pk]), {"answer": "confirm"}, follow=True
    )
    assert "Nothing waits for the partner's answer here." in words(response)


def test_writing_to_both_tells_both(staff_client, asked, session):
    staff_client.post(reverse("admin:schools_booking_write", args=[asked.pk]), {"text": "Vi ringer dere begge i dag."})
    line = Message.objects.get()
    assert (line.side, line.text) == ("staff", "Vi ringer dere begge i dag.")
    messages.tell(asked.pk)
    told = Mail.objects.filter(text__contains="Vi ringer dere begge i dag.").values_list("to_email", flat=True)
    assert set(told) == {asked.teacher.email, owner_of(session).email}


def test_line_from_the_secretariat_reaches_both_though_one_has_read_it(asked, teacher, session, staff_client):
    staff_client.post(reverse("admin:schools_booking_write", args=[asked.pk]), {"text": "Hei begge"})
    messages.mark_read(booking=asked, by=teacher.user, side="school")
    messages.tell(asked.pk)
    assert Mail.objects.filter(text__contains="Hei begge", to_email=owner_of(session).email).exists()


@pytest.mark.parametrize("action", ["answer_selected", "write_selected"])
def test_letters_and_answers_are_for_one_booking_at_a_time(staff_client, asked, action):
    other = request_due(1)
    one = staff_client.post(reverse(LIST), {"action": action, "_selected_action": [asked.pk]})
    name = action.removesuffix("_selected")
    assert one.url == reverse(f"admin:schools_booking_{name}", args=[asked.pk])
    two = staff_client.post(reverse(LIST), {"action": action, "_selected_action": [asked.pk, other.pk]}, follow=True)
    assert "Choose one booking at a time." in words(two)


# Rights


@pytest.mark.parametrize("name", ["remind", "answer", "write"])
def test_who_may_only_look_does_nothing_for_others(asked, name):
    client, address = looking_on(), reverse(f"admin:schools_booking_{name}", args=[asked.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, {"answer": "confirm", "text": "Hei"}).status_code == 403
    page = words(client.get(reverse("admin:schools_booking_change", args=[asked.pk])))
    assert "Remind the partner now" not in page
    assert looking_on("change_booking").get(reverse("admin:schools_booking_write", args=[asked.pk])).status_code == 200


@pytest.mark.parametrize("name", ["overview", "unseen", "unseen_export", "hand_held"])
def test_pages_beside_the_list_are_closed_without_the_right(name):
    address = reverse(f"admin:schools_booking_{name}")
    assert client_of(UserFactory(is_staff=True)).get(address).status_code == 403
    assert client_of(UserFactory()).get(address).status_code == 302


# The rules


def test_staff_change_the_rules_and_see_what_they_mean(staff_client):
    opened = staff_client.get(reverse("admin:schools_bookingrules_changelist"), follow=True)
    assert "Who asks today is promised an answer by" in words(opened)
    form = {"reply_working_days": 3, "remind_working_days_before": 1, "place_offer_working_days": 2}
    staff_client.post(reverse("admin:schools_bookingrules_change", args=[1]), form)
    assert booking_rules().reply_working_days == 3
    assert BookingRules.objects.get().changes.count() == 2
    assert "3 · 1 · 2" in words(staff_client.get(reverse("admin:schools_bookingrules_change", args=[1])))


@pytest.mark.parametrize("days", [0, 31])
def test_rules_have_bounds(staff_client, days):
    staff_client.get(reverse("admin:schools_bookingrules_changelist"))
    form = {"reply_working_days": days, "remind_working_days_before": 1, "place_offer_working_days": 2}
    staff_client.post(reverse("admin:schools_bookingrules_change", args=[1]), form)
    assert BookingRules.objects.get().reply_working_days == 5
