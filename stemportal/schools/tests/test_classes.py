"""A school's classes, carrying them over to the next school year, and which of them a booking form offers."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.test import Client

from stemportal.schools.forms.group import BookForm
from stemportal.schools.models import SchoolClass
from stemportal.schools.queries.schools import class_years
from stemportal.schools.services.classes import carry_over, next_name
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    BookingFactory,
    SchoolClassFactory,
    SchoolFactory,
    SessionFactory,
    SubjectFactory,
    TeacherFactory,
)
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db
SPRING = "2027-05-20 10:00:00+02:00"
AUTUMN = "2027-09-01 10:00:00+02:00"


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel(SPRING, tick=False):
        yield


@pytest.fixture
def school(teacher):
    return teacher.school


def make(school, name: str, grade: int, year: int = 2026, **facts) -> SchoolClass:
    return SchoolClassFactory(school=school, name=name, grade=grade, school_year=year, **facts)


def of_year(school, year: int) -> list[tuple[str, int, int]]:
    return list(SchoolClass.objects.filter(school=school, school_year=year).values_list("name", "grade", "pupils"))


# Names


@pytest.mark.parametrize(
    ("name", "grade", "then"),
    [
        ("9A", 9, "10A"),
        ("8 b", 8, "9 b"),
        ("8.1", 8, "9.1"),
        ("09C", 9, "10C"),
        ("98", 9, "98"),
        ("A9", 9, "A9"),
        ("Robotikk", 9, "Robotikk"),
        ("9", 9, "10"),
        ("1STA", 11, "2STA"),
        ("2STA", 12, "3STA"),
        ("Vg1 Elektro", 11, "Vg2 Elektro"),
        ("VG2A", 12, "VG3A"),
        ("11A", 11, "12A"),
        ("8A", 9, "8A"),
        ("9" + "x" * 29, 9, "9" + "x" * 29),
    ],
)
def test_name_moves_one_grade_up_where_it_begins_with_the_grade(name, grade, then):
    assert next_name(name, grade) == then


# Carrying over


def test_button_carries_all_classes_over_and_leaves_the_last_grade_out(teacher_client, school):
    subject = SubjectFactory(code="NAT")
    make(school, "8A", 8, pupils=27).subjects.add(subject)
    make(school, "9A", 9, pupils=25)
    make(school, "10A", 10)
    told = words(teacher_client.post(at("classes_carry"), {"from": 2026}, follow=True))
    assert of_year(school, 2027) == [("9A", 9, 27), ("10A", 10, 25)]
    ninth = SchoolClass.objects.get(school=school, school_year=2027, name="9A")
    assert list(ninth.subjects.all()) == [subject]
    assert ninth.carried_from.name == "8A"
    assert "2027/28" in told
    assert len(of_year(school, 2026)) == 3, "this year's classes stay"


@pytest.mark.usefixtures("english")
def test_page_says_what_was_left_out_and_why(teacher_client, school):
    make(school, "8A", 8)
    make(school, "10A", 10)
    make(school, "9B", 9)
    make(school, "10B", 10, year=2027)
    told = words(teacher_client.post(at("classes_carry"), follow=True))
    assert "9A is ready for 2027/28" in told
    assert "10A is in its last year and was left out" in told
    assert "2027/28 already has a class called 10B" in told


@pytest.mark.usefixtures("english")
def test_button_pressed_twice_carries_once(teacher_client, school):
    make(school, "8A", 8)
    teacher_client.post(at("classes_carry"))
    renamed = SchoolClass.objects.get(school=school, school_year=2027)
    renamed.name = "Niende A"
    renamed.save()
    told = words(teacher_client.post(at("classes_carry"), follow=True))
    assert of_year(school, 2027) == [("Niende A", 9, 28)]
    assert "carried over to 2027/28 already" in told


@pytest.mark.usefixtures("english")
def test_only_chosen_classes_of_the_own_school_are_carried(teacher_client, school):
    chosen = make(school, "8A", 8)
    make(school, "8B", 8)
    foreign = make(SchoolFactory(), "8C", 8)
    teacher_client.post(at("classes_carry"), {"choice": 1, "class": [chosen.pk, foreign.pk, "x", "9" * 30]})
    assert of_year(school, 2027) == [("9A", 9, 28)]
    assert of_year(foreign.school, 2027) == []
    told = words(teacher_client.post(at("classes_carry"), {"choice": 1}, follow=True))
    assert "No class was chosen" in told
    assert of_year(school, 2027) == [("9A", 9, 28)]


def test_forgotten_before_the_summer_is_done_after_it(teacher_client, school):
    make(school, "8A", 8)
    with time_machine.travel(AUTUMN, tick=False):
        client = client_of(school.teachers.get().user)
        page = client.get(at("classes"))
        assert [c.name for c in page.context["years"][0].to_carry] == ["8A"]
        client.post(at("classes_carry"), {"from": 2026, "choice": 1, "class": page.context["years"][0].to_carry[0].pk})
        assert of_year(school, 2027) == [("9A", 9, 28)]
        client.post(at("classes_carry"), {"from": 1999})
    assert of_year(school, 2028) == [("10A", 10, 28)], "any other year is this one"


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_press_at_once_and_carry_once():
    school = SchoolFactory()
    for letter in "ABCD":
        make(school, f"8{letter}", 8)
    results = at_once(lambda _n: carry_over(school=school, from_year=2026), 3)
    assert sorted(len(result.carried) for result in results) == [0, 0, 4]
    assert [name for name, _grade, _pupils in of_year(school, 2027)] == ["9A", "9B", "9C", "9D"]


def test_combined_school_leaves_the_tenth_grade_out():
    school = SchoolFactory(grade_from=8, grade_to=13)
    make(school, "10A", 10)
    make(school, "1STA", 11)
    result = carry_over(school=school, from_year=2026)
    assert (result.carried, result.leaving) == (["2STA"], ["10A"])
    assert [year.to_carry for year in class_years(school)] == [[], []]


# The page


@pytest.mark.usefixtures("english")
def test_page_shows_both_years_and_what_to_carry(teacher_client, school):
    make(school, "8A", 8, pupils=27).subjects.add(SubjectFactory(code="NAT", name_en="Science"))
    make(school, "9Z", 9, year=2027)
    make(school, "7X", 9, year=2024)
    page = words(teacher_client.get(at("classes")))
    for text in ("This school year, 2026/27", "Next school year, 2027/28", "8A", "27", "Science", "9Z"):
        assert text in page
    assert "Carry over to 2027/28" in page
    assert "7X" not in page


@pytest.mark.usefixtures("english")
def test_page_of_a_school_without_classes_says_what_to_do(teacher_client):
    page = words(teacher_client.get(at("classes")))
    assert "No classes yet" in page
    assert "Carry over" not in page


def test_class_is_added_to_the_year_that_is_asked_for(teacher_client, school):
    facts = {"name": "10A", "grade": 10, "pupils": 25}
    teacher_client.post(f"{at('class_add')}?year=2027", facts)
    teacher_client.post(f"{at('class_add')}?year=2031", facts | {"name": "10B"})
    years = SchoolClass.objects.filter(school=school).values_list("name", "school_year")
    assert set(years) == {("10A", 2027), ("10B", 2026)}


@pytest.mark.parametrize("pupils", ["0", "-3", "501", "10000", "99999999999999999999", "mange", "", "27,5"])
def test_impossible_numbers_of_pupils_are_refused(teacher_client, school, pupils):
    answer = teacher_client.post(at("class_add"), {"name": "9A", "grade": 9, "pupils": pupils})
    assert answer.status_code == 200
    assert answer.context["form"].errors["pupils"]
    assert not SchoolClass.objects.exists()


def test_subjects_are_kept_with_the_class(teacher_client, school):
    one, two = SubjectFactory(code="NAT"), SubjectFactory(code="MAT")
    facts = {"name": "9A", "grade": 9, "pupils": 25}
    teacher_client.post(at("class_add"), facts | {"subjects": [one.pk, two.pk]})
    made = SchoolClass.objects.get()
    assert set(made.subjects.all()) == {one, two}
    teacher_client.post(at("class_edit", made.pk), facts | {"subjects": [two.pk]})
    assert set(made.subjects.all()) == {two}


def test_identity_number_in_a_class_name_is_refused_and_not_shown_again(teacher_client):
    number = "13097248022"  # made up, but it adds up
    answer = teacher_client.post(at("class_add"), {"name": f"9A {number}", "grade": 9, "pupils": 25})
    assert answer.context["form"].errors["name"]
    assert number not in answer.content.decode()
    assert not SchoolClass.objects.exists()


def test_number_of_classes_has_an_end(teacher_client, school, monkeypatch):
    monkeypatch.setattr("stemportal.schools.forms.classes.MOST_CLASSES", 2)
    for name in ("9A", "9B"):
        make(school, name, 9)
    answer = teacher_client.post(at("class_add"), {"name": "9C", "grade": 9, "pupils": 25})
    assert "name" in answer.context["form"].errors
    assert SchoolClass.objects.count() == 2


def test_class_that_was_carried_can_be_deleted_and_carried_again(teacher_client, school):
    make(school, "8A", 8)
    teacher_client.post(at("classes_carry"))
    teacher_client.post(at("class_delete", SchoolClass.objects.get(school_year=2027).pk))
    teacher_client.post(at("classes_carry"))
    assert of_year(school, 2027) == [("9A", 9, 28)]


def test_get_carries_nothing(teacher_client, school):
    make(school, "8A", 8)
    assert teacher_client.get(at("classes_carry")).status_code == 405
    assert of_year(school, 2027) == []


# Which classes a booking form offers


def session_on(day: date, activity=None):
    start = datetime.combine(day, datetime.min.time()).astimezone().replace(hour=9)
    facts = {"activity": activity} if activity else {}
    return SessionFactory(starts_at=start, ends_at=start.replace(hour=11), **facts)


def offered(form) -> list[str]:
    return [str(words) for value, words in form.fields["school_class"].choices if value]


def test_booking_after_the_summer_is_for_next_years_classes(school):
    make(school, "9A", 9, pupils=28)
    make(school, "10A", 10, year=2027, pupils=27)
    form = BookForm(session=session_on(date(2027, 9, 3)), school=school)
    assert len(offered(form)) == 1
    assert offered(form)[0].startswith("10A")
    before = BookForm(session=session_on(date(2027, 6, 3)), school=school)
    assert offered(before)[0].startswith("9A")


def test_class_of_the_other_school_year_is_refused_in_words(school):
    first = session_on(date(2027, 6, 3))
    second = session_on(date(2027, 9, 3), first.activity)
    now, then = make(school, "9A", 9), make(school, "10A", 10, year=2027)
    form = BookForm(session=second, school=school)
    assert {words.split()[1].rstrip(",") for words in offered(form)} == {"2026/27", "2027/28"}
    assert form.fields["school_class"].initial == then.pk

    def answer(session, school_class):
        return BookForm({"session": session.pk, "school_class": school_class.pk}, session=first, school=school)

    assert answer(first, now).is_valid()
    assert answer(second, then).is_valid()
    assert "2026/27" in answer(second, now).errors["school_class"][0]
    assert "2027/28" in answer(first, then).errors["school_class"][0]


# The school's page


@pytest.mark.usefixtures("english")
def test_school_page_shows_facts_classes_and_colleagues(teacher_client, teacher, school):
    make(school, "9A", 9)
    school.language_form = "nn"
    school.pupils = 312
    school.save()
    TeacherFactory(school=school, user__full_name="Kari Kollega")
    TeacherFactory(school=school, user__full_name="Venter Ennå", status="pending")
    page = words(teacher_client.get(at("school")))
    for text in ("Alta ungdomsskole", "nynorsk", "312", "8th to 10th grade", "9A", "Kari Kollega"):
        assert text in page
    assert "Venter Ennå" not in page
    assert "has booked nothing yet" in page
    assert school.number in page


@pytest.mark.usefixtures("english")
def test_teachers_see_how_many_visits_and_of_what_but_not_whose(teacher_client, teacher, school):
    colleague = TeacherFactory(school=school).user
    session = SessionFactory(activity__title="Bygg en robot")
    booking = BookingFactory(session=session, school=school, teacher=colleague, status="confirmed", group_name="the 9K")
    BookingFactory(session=session, school=school, teacher=colleague, status="requested", group_name="the 9L")
    BookingFactory(session=session, school=school, teacher=colleague, status="declined", group_name="the 9M")
    BookingFactory(session=session, teacher=colleague, status="confirmed", group_name="the 9N")
    page = teacher_client.get(at("school"))
    visits = page.context["visits"]
    assert (visits.coming, visits.waiting, visits.earlier) == (1, 1, 0)
    assert "Bygg en robot" in words(page)
    assert "the 9K" not in words(page)
    assert booking.get_absolute_url() not in words(page)
    teacher.role = "coordinator"
    teacher.save()
    seen = words(teacher_client.get(at("school")))
    assert booking.get_absolute_url() in seen
    assert "the 9K" in seen
    assert "the 9N" not in seen


@pytest.mark.usefixtures("english")
def test_teachers_of_a_closed_school_are_told_where_it_went(teacher_client, school):
    school.is_active = False
    school.closed_on = date(2026, 8, 1)
    school.successor = SchoolFactory(name="Nye Alta ungdomsskole")
    school.save()
    page = words(teacher_client.get(at("my_page")))
    assert "Alta ungdomsskole is closed" in page
    assert "It is carried on by Nye Alta ungdomsskole" in page
    booked = words(teacher_client.get(at("book", SessionFactory().pk)))
    assert "is closed" in booked


def test_strangers_find_no_school_page():
    stranger = TeacherFactory(status="declined").user
    assert client_of(stranger).get(at("school")).status_code == 404
    waiting = TeacherFactory(status="pending").user
    assert client_of(waiting).get(at("school")).status_code == 403
    assert Client().get(at("school")).status_code == 302
