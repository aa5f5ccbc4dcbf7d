"""Coordinators, colleagues who wait, several schools."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.access import booking_for
from stemportal.schools.models import Booking, Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services import teachers
from stemportal.schools.services.teachers import (
    add_teacher,
    ask_secretariat_about_waiting,
    settle_teacher,
)
from stemportal.schools.states import Side
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import (
    BookingFactory,
    MembershipFactory,
    SchoolFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Status = Teacher.Status


@pytest.fixture
def coordinator(teacher) -> Teacher:
    return TeacherFactory(school=teacher.school, role="coordinator", user__full_name="Kari Koordinator")


@pytest.fixture
def client(coordinator):
    """The coordinator's browser."""
    return client_of(coordinator.user)


@pytest.fixture
def pending(teacher) -> Teacher:
    return TeacherFactory(
        school=teacher.school,
        status="pending",
        verified_how="",
        verified_at=None,
        asked_at=timezone.now(),
        user__full_name="Jonas Vik",
        user__language="en",
    )


@pytest.fixture
def booking(teacher, session) -> Booking:
    type(session).objects.filter(pk=session.pk).update(places_taken=1)
    return BookingFactory(teacher=teacher.user, school=teacher.school, session=session, status="confirmed")


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def mails(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


# --- Who is asked to approve


def test_coordinators_are_asked_before_the_secretariat(coordinator, settings):
    second = TeacherFactory(school=coordinator.school, role="coordinator")
    TeacherFactory(role="coordinator")
    newcomer = add_teacher(user=UserFactory(), school=coordinator.school)

    settle_teacher(teacher=newcomer)
    settle_teacher(teacher=newcomer)

    assert mails("teacher_waits") == {coordinator.user.email, second.user.email}
    assert Mail.objects.count() == 2
    assert "/me/colleagues/" in Mail.objects.latest("id").text


def test_secretariat_is_asked_when_no_coordinator_answers(coordinator, settings):
    """Signed up on a Thursday: Friday and Monday are the coordinators', on Tuesday the secretariat hears of it."""
    with time_machine.travel("2026-09-10T10:00:00+02:00", tick=False):
        settle_teacher(teacher=add_teacher(user=UserFactory(), school=coordinator.school))
    with time_machine.travel("2026-09-14T23:00:00+02:00", tick=False):
        assert ask_secretariat_about_waiting() == 0
    with time_machine.travel("2026-09-15T06:00:00+02:00", tick=False):
        assert ask_secretariat_about_waiting() == 1
        assert ask_secretariat_about_waiting() == 0

    assert settings.SECRETARIAT_EMAIL in mails("teacher_waits")


def test_secretariat_is_asked_at_once_when_the_last_coordinator_resigns(coordinator, client, settings):
    settle_teacher(teacher=add_teacher(user=UserFactory(), school=coordinator.school))

    page = client.post(at("coordinator_resign"), follow=True)
    ask_secretariat_about_waiting()

    assert "The secretariat approves new colleagues" in words(page)
    assert fresh(coordinator).role == "teacher"
    assert settings.SECRETARIAT_EMAIL in mails("teacher_waits")


def test_secretariat_is_not_asked_about_those_who_proved_no_address(coordinator):
    with time_machine.travel("2026-09-01T10:00:00+02:00", tick=False):
        add_teacher(user=UserFactory(), school=coordinator.school)

    assert ask_secretariat_about_waiting() == 0


# --- Approving


def test_coordinator_sees_how_many_wait(client, pending):
    assert "(1 waits)" in words(client.get(at("my_page")))
    assert "Jonas Vik" in words(client.get(at("colleagues")))


def test_coordinator_approves(client, coordinator, pending):
    page = client.post(at("colleague_approve", pending.pk), follow=True)

    assert "Jonas Vik can book now" in words(page)
    found = fresh(pending)
    assert (found.status, found.verified_how, found.verified_by) == (
        Status.VERIFIED,
        Teacher.VerifiedHow.COORDINATOR,
        coordinator.user,
    )
    assert mails("teacher_verified") == {pending.user.email}


def test_two_coordinators_answer_and_the_first_counts(client, coordinator, pending):
    other = client_of(TeacherFactory(school=coordinator.school, role="coordinator").user)
    client.post(at("colleague_decline", pending.pk))

    page = other.post(at("colleague_approve", pending.pk), follow=True)

    assert "Somebody has answered already" in words(page)
    assert fresh(pending).status == Status.DECLINED
    assert mails("teacher_declined") == {pending.user.email}
    assert not mails("teacher_verified")


def test_links_in_mails_change_nothing_when_they_are_opened(client, pending):
    for name in ("colleague_approve", "colleague_decline", "colleague_coordinate"):
        assert client.get(at(name, pending.pk)).status_code == 405
    assert client.get(at("colleague_end", pending.pk)).status_code == 200

    assert fresh(pending).status == Status.PENDING


# Who may do what at a school: the address, and what each person gets for a POST.
PERSONS = ("coordinator", "teacher", "waiting", "elsewhere", "member", "staff")
TABLE = {
    "colleague_approve": (302, 403, 403, 404, 403, 403),
    "colleague_decline": (302, 403, 403, 404, 403, 403),
    "colleague_coordinate": (302, 403, 403, 404, 403, 403),
    "colleague_end": (302, 403, 403, 404, 403, 403),
    "coordinator_resign": (302, 403, 403, 302, 403, 403),
    "coordinator_ask": (302, 302, 403, 302, 403, 403),
    "booking": (200, 200, 404, 404, 200, 404),
    "booking_hand_over": (302, 302, 404, 404, 403, 404),
    "booking_cancel": (302, 302, 404, 404, 302, 404),
    "school_bookings": (200, 403, 403, 200, 403, 403),
}
READ = {"booking", "school_bookings"}


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("person", PERSONS)
def test_coordinators_and_nobody_else(name, person, coordinator, teacher, pending, booking, session):
    people = {
        "coordinator": coordinator.user,
        "teacher": teacher.user,
        "waiting": pending.user,
        "elsewhere": TeacherFactory(role="coordinator").user,
        "member": owner_of(session),
        "staff": StaffFactory(),
    }
    heir = TeacherFactory(school=teacher.school)
    args = [booking.pk] if name.startswith("booking") else [pending.pk] if name.startswith("colleague") else []
    visitor = client_of(people[person])
    before = list(Teacher.objects.order_by("pk").values()), Booking.objects.values().get()

    if name in READ:
        response = visitor.get(at(name, *args))
    else:
        response = visitor.post(at(name, *args), {"to": heir.pk, "note": "Syk"})

    assert response.status_code == TABLE[name][PERSONS.index(person)]
    if response.status_code >= 400:
        assert (list(Teacher.objects.order_by("pk").values()), Booking.objects.values().get()) == before


# --- Coordinators


def test_coordinator_makes_a_colleague_coordinator_too(client, teacher):
    client.post(at("colleague_coordinate", teacher.pk))

    assert fresh(teacher).is_coordinator
    assert mails("coordinator_made") == {teacher.user.email}


def test_nobody_who_waits_becomes_coordinator(client, pending):
    client.post(at("colleague_coordinate", pending.pk))

    assert fresh(pending).role == "teacher"


def test_teacher_asks_to_be_coordinator_and_the_secretariat_hears_of_it(teacher, teacher_client, settings):
    teacher_client.post(at("coordinator_ask"))
    teacher_client.post(at("coordinator_ask"))

    assert [mail.to_email for mail in Mail.objects.filter(template="coordinator_asked")] == [settings.SECRETARIAT_EMAIL]
    assert "You have asked to be coordinator" in words(teacher_client.get(at("colleagues")))


def test_teacher_asks_the_coordinators_where_there_are_some(teacher, teacher_client, coordinator, client):
    teacher_client.post(at("coordinator_ask"))

    assert mails("coordinator_asked") == {coordinator.user.email}
    assert "Would like to be coordinator" in words(client.get(at("colleagues")))


def test_coordinator_sees_all_bookings_of_the_school(client, teacher, booking):
    BookingFactory(school=teacher.school, group_name="gruppen åtte", status="completed")
    BookingFactory(group_name="gruppen sju")

    open_ones, over = words(client.get(at("school_bookings"))), words(client.get(at("school_bookings") + "?show=over"))

    assert booking.group_name in open_ones
    assert str(teacher.user) in open_ones
    assert "gruppen åtte" not in open_ones
    assert "gruppen åtte" in over
    assert "gruppen sju" not in open_ones + over


def test_coordinator_of_one_school_acts_at_that_school_only(coordinator):
    elsewhere = BookingFactory()
    TeacherFactory(user=coordinator.user, school=elsewhere.school)

    with pytest.raises(Http404):
        booking_for(coordinator.user, elsewhere.pk, act=Side.SCHOOL)


def test_coordinator_with_a_closed_account_sees_nothing(coordinator, booking):
    coordinator.user.is_active = False
    coordinator.user.save()

    with pytest.raises(Http404):
        booking_for(coordinator.user, booking.pk)


# --- Several schools


def test_teacher_of_several_schools_books_for_the_one_that_was_chosen(teacher, teacher_client, session):
    second = TeacherFactory(user=teacher.user, school__name="Byåsen skole")
    assert "Alta ungdomsskole" in words(teacher_client.get(at("my_page")))

    page = teacher_client.post(at("school_choose", second.pk), follow=True)

    assert "You work for Byåsen skole now" in words(page)
    teacher_client.post(at("book", session.pk), {"session": session.pk, "group_name": "9Z", "grade": 9, "pupils": 20})
    assert Booking.objects.get().school == second.school


def test_school_of_somebody_else_cannot_be_chosen_or_left(teacher_client):
    other = TeacherFactory()

    assert teacher_client.post(at("school_choose", other.pk)).status_code == 404
    assert teacher_client.post(at("leave_school", other.pk)).status_code == 404
    assert fresh(other).is_verified


def test_main_school_is_the_one_to_begin_with():
    user = UserFactory()
    TeacherFactory(user=user)
    main = TeacherFactory(user=user, is_main=True)

    assert teacher_record(user) == main


def test_teacher_of_a_closed_school_is_told_and_books_nothing(teacher, teacher_client, session):
    type(teacher.school).objects.filter(pk=teacher.school_id).update(is_active=False)

    assert "Alta ungdomsskole is closed" in words(teacher_client.get(at("my_page")))
    page = teacher_client.post(
        at("book", session.pk), {"session": session.pk, "group_name": "9Z", "grade": 9, "pupils": 20}
    )

    assert "Alta ungdomsskole is closed" in words(page)
    assert not Booking.objects.exists()


def test_nobody_signs_up_at_a_closed_school():
    closed = SchoolFactory(name="Nedlagt skole", is_active=False)
    client = client_of(UserFactory())

    client.post(at("my_school"), {"school_text": "Nedlagt skole", "school": closed.pk})

    assert not Teacher.objects.exists()


def test_nobody_is_registered_at_schools_without_end(monkeypatch):
    monkeypatch.setattr("stemportal.schools.views.signup.MOST_SCHOOLS", 1)
    record = TeacherFactory()
    school = SchoolFactory(name="Enda en skole")

    page = client_of(record.user).post(at("my_school"), {"school_text": school.name, "school": school.pk}, follow=True)

    assert "very many schools" in words(page)
    assert Teacher.objects.count() == 1


# --- The secretariat


def do(client, action, *chosen):
    chosen_pks = [record.pk for record in chosen]
    return client.post("/en/admin/schools/teacher/", {"action": action, "_selected_action": chosen_pks}, follow=True)


def test_admin_makes_the_first_coordinator(teacher, pending):
    page = do(client_of(StaffFactory()), "make_coordinator", teacher, pending)

    assert "1 teacher is coordinator now." in words(page)
    assert fresh(teacher).is_coordinator
    assert not fresh(pending).is_coordinator


def test_admin_lets_a_coordinator_be_a_teacher_only(coordinator):
    do(client_of(StaffFactory()), "make_teacher", coordinator)

    assert fresh(coordinator).role == "teacher"


def test_admin_ends_a_teacher_and_the_bookings_stay(teacher, coordinator, booking):
    page = do(client_of(StaffFactory()), "end", teacher)

    assert "1 teacher has left" in words(page)
    assert fresh(booking).teacher == coordinator.user


def test_admin_filters_show_what_is_asked(teacher, pending):
    staff = client_of(StaffFactory())
    Teacher.objects.filter(pk=pending.pk).update(secretariat_asked_at=timezone.now())
    teachers.ask_to_be_coordinator(teacher=teacher)
    TeacherFactory(user=teacher.user)

    def shown(query: str) -> str:
        return words(staff.get(f"/en/admin/schools/teacher/?{query}"))

    assert "Jonas Vik" in shown("asks=approval")
    assert str(teacher.user) not in shown("asks=approval")
    assert str(teacher.user) in shown("asks=coordinator")
    assert "Jonas Vik" not in shown("asks=coordinator")
    assert str(teacher.user) in shown("schools=several")
    assert "Jonas Vik" not in shown("schools=several")


# --- Pages


def test_colleagues_page_asks_the_same_for_one_and_many(client, coordinator, teacher, django_assert_num_queries):
    with CaptureQueriesContext(connection) as first:
        client.get(at("colleagues"))
    for _n in range(3):
        TeacherFactory(school=teacher.school)
        TeacherFactory(school=teacher.school, status="pending", asked_at=timezone.now() - timedelta(days=1))
    with django_assert_num_queries(len(first)):
        client.get(at("colleagues"))


def test_member_of_a_partner_sees_no_colleagues(session):
    assert client_of(MembershipFactory(partner=session.activity.partner).user).get(at("colleagues")).status_code == 403
