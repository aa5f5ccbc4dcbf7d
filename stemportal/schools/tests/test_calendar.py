"""Visits week by week: which days, which weeks, and warnings about what meets what."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stemportal.schools.models import Booking
from stemportal.schools.queries.calendar import (
    clashes_of_partner,
    clashes_of_school,
    monday_of,
    week_name,
    week_of_partner,
)
from stemportal.testing.factories import ActivityFactory, BookingFactory, SessionFactory, TeacherFactory, UserFactory

from .conftest import at, client_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_tuesday():
    """Tuesday of week 11: the clock stands still, so that weeks are known."""
    with time_machine.travel(datetime(2027, 3, 16, 8, 0, tzinfo=timezone.get_default_timezone()), tick=False):
        yield


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=timezone.get_default_timezone())


def visit(teacher, start: datetime, hours: float = 2, **facts) -> Booking:
    facts.setdefault("status", "confirmed")
    activity = facts.pop("activity", None) or ActivityFactory(title=facts.pop("title", "Se robotene"))
    session = SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=hours))
    return BookingFactory(session=session, teacher=teacher.user, school=teacher.school, **facts)


@pytest.mark.parametrize(
    ("asked", "monday"),
    [
        ("2027-W11", date(2027, 3, 15)),
        ("2026-W53", date(2026, 12, 28)),
        ("2025-W01", date(2024, 12, 30)),
        ("", date(2027, 3, 15)),
        ("2027-W54", date(2027, 3, 15)),
        ("2027-W00", date(2027, 3, 15)),
        ("9999-W52", date(2027, 3, 15)),
        ("0001-W01", date(2027, 3, 15)),
        ("2027-W1x", date(2027, 3, 15)),
        ("٢٠٢٧-W١١", date(2027, 3, 15)),
    ],
)
def test_week_in_the_address_is_an_iso_week_and_nonsense_is_this_one(asked, monday):
    assert monday_of(asked) == monday


def test_weeks_follow_each_other_over_a_new_year():
    assert week_name(date(2026, 12, 31)) == "2026-W53"
    assert week_name(date(2027, 1, 4)) == "2027-W01"


def test_calendar_shows_the_week_and_leads_to_the_weeks_beside_it(teacher, teacher_client):
    teacher_client.force_login(teacher.user)
    visit(teacher, moment(17, 9), title="Se robotene")
    visit(teacher, moment(24, 9), title="Bygg en drone")
    page = words(teacher_client.get(at("my_calendar")))

    assert "Week 11" in page
    assert "Se robotene" in page
    assert "Bygg en drone" not in page
    assert 'href="?week=2027-W10"' in page
    assert "Bygg en drone" in words(teacher_client.get(f"{at('my_calendar')}?week=2027-W12"))
    assert "Nothing stands in this week" in words(teacher_client.get(f"{at('my_calendar')}?week=2027-W20"))


def test_calendar_as_a_list_has_what_is_to_come(teacher, teacher_client):
    teacher_client.force_login(teacher.user)
    visit(teacher, moment(24, 9), title="Bygg en drone")
    visit(teacher, moment(10, 9), title="Forrige uke", status="completed")
    visit(teacher, moment(25, 9), title="Avlyst", status="school_cancel")

    page = words(teacher_client.get(f"{at('my_calendar')}?view=list"))

    assert "Bygg en drone" in page
    assert "Forrige uke" not in page
    assert "Avlyst" not in page


def test_visit_of_several_days_stands_in_each_of_them_and_the_clock_change_moves_none(teacher, teacher_client):
    teacher_client.force_login(teacher.user)
    start = moment(26, 9)  # Friday; the clock changes on Sunday the 28th
    visit(teacher, start, hours=(moment(29, 15) - start).total_seconds() / 3600, title="Arbeidsuke")

    first = teacher_client.get(f"{at('my_calendar')}?week=2027-W12").content.decode()
    second = teacher_client.get(f"{at('my_calendar')}?week=2027-W13").content.decode()

    assert first.count("Arbeidsuke") == 3  # Friday, Saturday, Sunday
    assert second.count("Arbeidsuke") == 1
    assert "09:00–15:00" in second


def test_coordinator_sees_the_whole_school_when_asked_for_and_others_do_not(teacher, teacher_client):
    visit(teacher, moment(17, 9), title="Kollegas besøk")
    coordinator = client_of(TeacherFactory(school=teacher.school, role="coordinator").user)
    plain = client_of(TeacherFactory(school=teacher.school).user)

    assert "Kollegas besøk" not in words(coordinator.get(at("my_calendar")))
    assert "Kollegas besøk" in words(coordinator.get(f"{at('my_calendar')}?whose=school"))
    assert "Kollegas besøk" not in words(plain.get(f"{at('my_calendar')}?whose=school"))


def test_partner_sees_visits_and_dates_that_nobody_booked(session, teacher, owner_client):
    owner_client.force_login(session.activity.partner.memberships.get().user)
    visit(teacher, moment(17, 9), activity=session.activity, group_name="9K")
    free = ActivityFactory(partner=session.activity.partner, title="Ledig dato")
    SessionFactory(activity=free, starts_at=moment(18, 9))
    SessionFactory(activity=ActivityFactory(title="En annens"), starts_at=moment(18, 9))

    page = words(owner_client.get(at("partner_calendar", session.activity.partner_id)))

    assert "9K" in page
    assert "Ledig dato" in page
    assert "Nobody has booked yet" in page
    assert "En annens" not in page


# --- What meets what


@pytest.mark.parametrize(
    ("start", "hours", "clashes"),
    [
        (moment(17, 9), 2, True),
        (moment(17, 10, 30), 1, True),
        (moment(17, 8), 5, True),
        (moment(17, 11), 1, False),
        (moment(17, 7), 2, False),
        (moment(18, 9), 2, False),
    ],
    ids=["same", "overlaps", "around", "right after", "right before", "next day"],
)
def test_visits_of_a_class_clash_when_they_overlap(teacher, start, hours, clashes):
    first = visit(teacher, moment(17, 9), group_name="9A")
    other = visit(teacher, start, hours, group_name="9A")

    assert clashes_of_school(first) == ([other] if clashes else [])
    assert clashes_of_school(other) == ([first] if clashes else [])


def test_class_clashes_by_its_name_at_its_school_and_the_teacher_by_being_one_person(teacher):
    first = visit(teacher, moment(17, 9), group_name="9A")
    colleague = TeacherFactory(school=teacher.school)
    elsewhere = TeacherFactory()
    same_class = visit(colleague, moment(17, 9), group_name="9a")
    same_teacher = visit(teacher, moment(17, 9), group_name="9B")
    visit(colleague, moment(17, 9), group_name="9C")
    visit(elsewhere, moment(17, 9), group_name="9A")
    visit(teacher, moment(17, 9), group_name="9A", status="school_cancel")

    assert clashes_of_school(first) == [same_class, same_teacher]


def test_proposed_time_clashes_for_as_long_as_the_activity_takes(teacher):
    first = visit(teacher, moment(17, 9), group_name="9A")
    long = ActivityFactory(policy="on_request", duration_minutes=180)
    facts = {"session": None, "activity": long, "teacher": UserFactory(), "school": teacher.school, "group_name": "9A"}
    asked = BookingFactory(proposed_at=moment(17, 7), **facts)
    BookingFactory(proposed_at=moment(17, 11), **facts)

    assert clashes_of_school(first) == [asked]


def test_groups_in_one_session_do_not_clash_but_two_sessions_of_a_partner_do(session, teacher):
    one = visit(teacher, moment(17, 9), activity=session.activity)
    together = BookingFactory(session=one.session, status="confirmed")
    other = visit(TeacherFactory(), moment(17, 10), activity=ActivityFactory(partner=session.activity.partner))
    visit(TeacherFactory(), moment(17, 10))

    assert clashes_of_partner(one) == [other]
    assert clashes_of_partner(together) == [other]
    week = week_of_partner(session.activity.partner, date(2027, 3, 15))
    met = {entry.booking.pk: [b.pk for b in entry.meets] for day in week.days for entry in day.entries if entry.booking}
    assert met == {one.pk: [other.pk], together.pk: [other.pk], other.pk: [one.pk, together.pk]}


def test_warning_stands_on_both_sides_pages_without_telling_of_other_partners(session, teacher, owner_client):
    one = visit(teacher, moment(17, 9), activity=session.activity, group_name="9A", same_time_reason="Delt klasse")
    visit(teacher, moment(17, 9), title="Hos en annen", group_name="9A")

    school = client_of(teacher.user)
    page = words(school.get(at("booking", one.pk)))
    assert "another visit at the same time" in page
    assert "Hos en annen" in page
    assert "Delt klasse" in page
    assert "At the same time: Hos en annen, 9A" in words(school.get(at("my_calendar")))

    owner_client.force_login(session.activity.partner.memberships.get().user)
    page = words(owner_client.get(at("booking", one.pk)))
    assert "at the same time" not in page
    assert "Hos en annen" not in page


def test_calendar_asks_as_much_for_one_visit_as_for_three(teacher, session, django_assert_num_queries):
    school = client_of(teacher.user)
    partner = client_of(session.activity.partner.memberships.get().user)
    pages = [
        (school, at("my_calendar")),
        (school, f"{at('my_calendar')}?view=list"),
        (partner, at("partner_calendar", session.activity.partner_id)),
        (partner, f"{at('partner_calendar', session.activity.partner_id)}?view=list"),
    ]
    visit(teacher, moment(17, 9), activity=session.activity)
    SessionFactory(activity=session.activity, starts_at=moment(18, 9))
    asked = []
    for client, page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        asked.append(len(queries))
    assert max(asked) < 15
    for hour in (10, 11):
        visit(teacher, moment(17, hour), activity=session.activity)
        SessionFactory(activity=session.activity, starts_at=moment(18, hour))
    for (client, page), number in zip(pages, asked, strict=True):
        with django_assert_num_queries(number):
            client.get(page)
