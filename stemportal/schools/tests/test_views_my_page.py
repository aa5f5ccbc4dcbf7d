"""The teacher's page and the classes of the school."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.search_index import refresh_availability
from stemportal.lib.school_year import current_school_year
from stemportal.schools.models import Booking, SchoolClass
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    BookingFactory,
    SchoolClassFactory,
    SessionFactory,
    TeacherFactory,
    UserFactory,
)


def visit(teacher, title, *, days=14, status=Booking.Status.CONFIRMED, **facts):
    start = timezone.now() + timedelta(days=days)
    session = SessionFactory(activity__title=title, starts_at=start, capacity=1)
    return BookingFactory(session=session, teacher=teacher.user, school=teacher.school, status=status, **facts)


def test_page_says_first_what_needs_the_teacher(teacher_client, teacher):
    visit(teacher, "Besøket som kommer")
    visit(teacher, "Besøket som var", days=-3)
    visit(teacher, "Besøket som venter", status=Booking.Status.REQUESTED, reply_by=timezone.localdate())
    visit(teacher, "Besøket som falt ut", status=Booking.Status.DECLINED)
    visit(TeacherFactory(school=teacher.school), "Kollegaens besøk")

    text = words(teacher_client.get(at("my_page")))

    order = ["How many came?", "Besøket som var", "Coming visits", "Besøket som kommer", "Besøket som venter"]
    places = [text.index(part) for part in [*order, "Besøket som falt ut"]]
    assert places == sorted(places)
    assert "Kollegaens besøk" not in text


def test_page_of_a_new_teacher_shows_offers_that_fit(teacher_client):
    SessionFactory(activity__title="Bygg en drone")
    refresh_availability(None)

    text = words(teacher_client.get(at("my_page")))

    assert "No visit agreed yet" in text
    assert "Three that fit your school" in text
    assert "Bygg en drone" in text
    assert "Add a class once, and booking takes two clicks." in text


@pytest.mark.django_db
def test_page_of_somebody_who_teaches_nowhere_asks_where():
    response = client_of(UserFactory()).get(at("my_page"))

    assert (response.status_code, response["Location"]) == (302, at("my_school"))


@pytest.mark.django_db
def test_page_of_a_teacher_who_waits_says_so_and_shows_no_classes():
    """Anybody may say to teach somewhere; only who does sees the school's classes."""
    waiting = TeacherFactory(status="pending")
    SchoolClassFactory(school=waiting.school, name="10F")

    text = words(client_of(waiting.user).get(at("my_page")))

    assert "The secretariat is confirming that you teach here" in text
    assert "10F" not in text
    assert "Add a class" not in text.replace("Add a class once", "")


def test_page_shows_this_years_classes_only(teacher_client, teacher, school_class):
    SchoolClassFactory(school=teacher.school, name="8 Månen", school_year=current_school_year() - 1)
    SchoolClassFactory(name="9 Sola")

    text = words(teacher_client.get(at("my_page")))

    assert "9A" in text
    assert "8 Månen" not in text
    assert "9 Sola" not in text


# --- Classes


def save(client, name="9B", grade=9, pupils=27, pk=None):
    address = at("class_edit", pk) if pk else at("class_add")
    return client.post(address, {"name": name, "grade": grade, "pupils": pupils}, follow=True)


def test_class_is_added_for_this_year(teacher_client, teacher):
    page = save(teacher_client, name="  9B  ")

    assert "9B is saved." in words(page)
    added = SchoolClass.objects.get()
    assert (added.school, added.name, added.school_year) == (teacher.school, "9B", current_school_year())


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 31}, "at most 30 characters"),
        ({"name": "9a"}, "The school already has a class with this name this year."),
        ({"grade": 1}, "Select a valid choice."),
        ({"grade": "ni"}, "Select a valid choice."),
        ({"pupils": 0}, "A class has at least one pupil."),
        ({"pupils": 501}, "That is more than 500 pupils."),
        ({"pupils": 10**20}, "That is more than 500 pupils."),
        ({"pupils": "mange"}, "Write the number of pupils in digits."),
    ],
)
def test_class_bad_input_is_told(teacher_client, school_class, facts, message):
    page = save(teacher_client, **facts)

    assert page.status_code == 200
    assert message in words(page)
    assert SchoolClass.objects.count() == 1


def test_class_is_changed(teacher_client, school_class):
    save(teacher_client, name="9A", pupils=26, pk=school_class.pk)

    school_class.refresh_from_db()
    assert (school_class.name, school_class.pupils) == ("9A", 26)


def test_class_name_with_a_script_is_text(teacher_client):
    save(teacher_client, name="<script>x</script>")

    assert "<script>x" not in teacher_client.get(at("my_page")).content.decode()
    assert "<script>x</script>" in words(teacher_client.get(at("my_page")))


def test_class_deleted_leaves_its_bookings_as_they_are(teacher_client, teacher, school_class):
    booking = visit(teacher, "Besøket", group_name="9A", school_class=school_class)
    assert teacher_client.get(at("class_delete", school_class.pk)).status_code == 405

    page = teacher_client.post(at("class_delete", school_class.pk), follow=True)

    assert "9A is deleted. Its bookings stay as they are." in words(page)
    booking.refresh_from_db()
    assert (booking.group_name, booking.school_class) == ("9A", None)


def test_class_of_another_school_is_not_found(teacher_client):
    foreign = SchoolClassFactory(name="10C")

    assert teacher_client.get(at("class_edit", foreign.pk)).status_code == 404
    assert save(teacher_client, pk=foreign.pk).status_code == 404
    assert teacher_client.post(at("class_delete", foreign.pk)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.name == "10C"


@pytest.mark.django_db
def test_class_is_not_for_a_teacher_who_waits():
    waiting = TeacherFactory(status="pending")
    own = SchoolClassFactory(school=waiting.school)
    client = client_of(waiting.user)

    assert save(client).status_code == 403
    assert client.get(at("class_edit", own.pk)).status_code == 403
    assert client.post(at("class_delete", own.pk)).status_code == 403
    assert SchoolClass.objects.count() == 1
