"""Forms of the school's side by themselves: what follows from the school, the class and the kind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from stemportal.lib.school_year import current_school_year
from stemportal.schools.forms.answers import ReplyForm
from stemportal.schools.forms.attendance import AttendanceForm
from stemportal.schools.forms.classes import grades_of
from stemportal.schools.forms.group import BookForm, session_words
from stemportal.schools.forms.propose import ProposeForm
from stemportal.schools.forms.session import SessionForm
from stemportal.schools.forms.signup import SchoolPicker
from stemportal.testing.factories import ActivityFactory, KindFactory, SchoolClassFactory, SchoolFactory, SessionFactory

pytestmark = pytest.mark.django_db


def test_grades_are_those_of_the_school():
    assert [grade for grade, _name in grades_of(SchoolFactory(grade_from=1, grade_to=10))] == [8, 9, 10]
    assert [grade for grade, _name in grades_of(SchoolFactory(grade_from=11, grade_to=13))] == [11, 12, 13]


def test_book_form_without_classes_asks_for_numbers():
    session = SessionFactory()

    form = BookForm(session=session, school=SchoolFactory())

    assert "school_class" not in form.fields


def test_book_form_offers_no_classes_of_other_years():
    old = SchoolClassFactory(school_year=current_school_year() - 1)

    assert "school_class" not in BookForm(session=SessionFactory(), school=old.school).fields


def test_book_form_offers_six_sessions_and_the_one_that_was_opened():
    first = SessionFactory()
    sessions = [
        SessionFactory(activity=first.activity, starts_at=first.starts_at + timedelta(days=n)) for n in range(1, 10)
    ]

    form = BookForm(session=sessions[-1], school=SchoolFactory())

    assert len(form.sessions) == 7
    assert form.sessions[-1] == sessions[-1]
    assert form["session"].value() == sessions[-1].pk


def test_book_form_offers_no_session_without_room():
    full = SessionFactory(capacity=1, places_taken=1)

    assert BookForm(session=full, school=SchoolFactory()).sessions == []


def test_every_empty_form_has_a_key_of_its_own():
    session, school = SessionFactory(), SchoolFactory()

    keys = {str(BookForm(session=session, school=school)["request_key"].value()) for _ in range(3)}

    assert len(keys) == 3


def test_session_is_told_in_norwegian_time_with_what_is_free():
    start = timezone.make_aware(timezone.datetime(2027, 7, 1, 9, 0))
    session = SessionFactory(starts_at=start, capacity=30, places_taken=4, activity__kind=KindFactory(unit="pupils"))

    with translation.override("nb"):
        text = session_words(session)

    assert text.startswith("torsdag")
    assert "09:00–11:00" in text
    assert "26" in text


def test_picker_takes_the_only_school_that_is_named_exactly():
    school = SchoolFactory(name="Bossekop skole")
    SchoolFactory(name="Bossekop skole avdeling nord")

    assert not SchoolPicker({"school_text": "Bossekop"}).is_valid()
    form = SchoolPicker({"school_text": "Bossekop skole avdeling nord"})
    assert form.is_valid()
    assert form.cleaned_data["school"] != school


def test_picker_does_not_guess_between_schools_of_one_name():
    """There are several of many names; the list says where each is."""
    SchoolFactory.create_batch(2, name="Sentrum skole")

    form = SchoolPicker({"school_text": "Sentrum skole"})

    assert not form.is_valid()
    assert "Choose your school in the list below." in form.errors["school_text"]


def test_reply_is_asked_for_with_a_no_only():
    assert ReplyForm({"reply": ""}).is_valid()
    assert not ReplyForm({"reply": " "}, required=True).is_valid()


@pytest.mark.parametrize(
    ("pupils", "girls", "fine"),
    [(26, 12, True), (26, 26, True), (26, "", True), (0, 0, True), (26, 27, False), (501, "", False), ("", 3, False)],
)
def test_attendance_counts(pupils, girls, fine):
    assert AttendanceForm({"pupils": pupils, "girls": girls}).is_valid() is fine


def test_session_form_of_one_day_ends_the_same_day():
    form = SessionForm(
        {"day": "2027-03-02", "last_day": "2027-03-09", "begins": "9:00", "ends": "11:00", "capacity": 1}, unit="groups"
    )

    assert form.is_valid()
    assert form.change().ends_at - form.change().starts_at == timedelta(hours=2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"capacity": 51}, "capacity"),
        ({"capacity": 0}, "capacity"),
        # The clocks go forward on the last Sunday of March.
        ({"day": "2027-03-28", "begins": "02:30", "ends": "04:00"}, "begins"),
        ({"begins": "11:00", "ends": "10:00"}, "ends"),
    ],
)
def test_session_form_refuses_what_cannot_be(change, field):
    facts = {"day": "2027-03-02", "begins": "09:00", "ends": "11:00", "capacity": 1}

    assert list(SessionForm({**facts, **change}, unit="groups").errors) == [field]


def test_propose_form_refuses_a_time_that_the_clocks_skip():
    activity, school = ActivityFactory(), SchoolFactory()
    facts = {"day": "2027-03-28", "clock": "02:30", "group_name": "9A", "grade": 9, "pupils": 20}

    assert list(ProposeForm(facts, activity=activity, school=school).errors) == ["clock"]
    assert not ProposeForm({**facts, "clock": "09:30"}, activity=activity, school=school).errors
