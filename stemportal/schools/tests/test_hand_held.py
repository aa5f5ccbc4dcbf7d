"""Booking for a school by the secretariat, and schools that have no booking."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from stemportal.accounts.models import User
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.outbox.models import Mail
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking
from stemportal.schools.services.hand_held import NotAtThatSchool, book_for_school
from stemportal.schools.tests.conftest import client_of, owner_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    CountyFactory,
    MunicipalityFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
    TeacherFactory,
)

pytestmark = pytest.mark.django_db
BOOK = "admin:schools_booking_hand_held"
UNSEEN = "admin:schools_booking_unseen"


@pytest.fixture
def staff_client() -> Client:
    return client_of(StaffFactory())


def step(client: Client, **query: object) -> str:
    response = client.get(reverse(BOOK), query)
    assert response.status_code == 200
    return words(response)


def send(client: Client, query: str, **data: object):
    return client.post(f"{reverse(BOOK)}?{query}", data, follow=True)


# Booking for a school


def test_steps_lead_from_the_school_to_a_date(staff_client, teacher, session):
    school, activity = teacher.school, session.activity
    activity.next_free_at = session.starts_at
    activity.save()
    assert f"?school={school.pk}" in step(staff_client, q="Alta")
    assert f"activity={activity.pk}" in step(staff_client, school=school.pk, q="robotene")
    assert f"session={session.pk}" in step(staff_client, school=school.pk, activity=activity.pk)
    assert str(teacher.user) in step(staff_client, school=school.pk, session=session.pk)
    # From the page of an offer, the school comes afterwards.
    assert f"?school={school.pk}&activity={activity.pk}" in step(staff_client, activity=activity.pk, q="Alta")


def test_booking_in_the_name_of_a_teacher(staff_client, teacher, session, school_class):
    User.objects.update(language="en")
    page = send(
        staff_client,
        f"school={teacher.school_id}&session={session.pk}",
        person=teacher.pk,
        school_class=school_class.pk,
    )
    assert "Sent to the partner for the school. The mails say that the secretariat did it." in words(page)
    booking = Booking.objects.get()
    assert (booking.teacher, booking.group_name, booking.grade, booking.pupils) == (teacher.user, "9A", 9, 28)
    assert booking.made_by.is_staff
    assert booking.events.get().by == booking.made_by
    to_teacher = Mail.objects.get(to_email=teacher.user.email)
    to_partner = Mail.objects.get(to_email=owner_of(session).email)
    assert booking.made_by.full_name not in to_partner.text
    for mail in (to_teacher, to_partner):
        assert "the secretariat, on behalf of the school" in mail.text


def test_asking_for_a_date_in_the_name_of_a_teacher(staff_client, teacher, session):
    activity = session.activity
    activity.policy = activity.Policy.ON_REQUEST
    activity.save()
    day = timezone.localdate() + timedelta(days=30)
    query = f"school={teacher.school_id}&activity={activity.pk}"
    facts = {"person": teacher.pk, "group_name": "8B", "grade": 8, "pupils": 20, "day": day.isoformat(), "at": "10:00"}
    send(staff_client, query, **facts)
    booking = Booking.objects.get()
    assert timezone.localdate(booking.proposed_at) == day
    assert (booking.group_name, booking.status) == ("8B", "requested")


def test_same_rules_count_as_for_the_teacher(staff_client, teacher, session):
    query = f"school={teacher.school_id}&session={session.pk}"
    facts = {"person": teacher.pk, "group_name": "8B", "grade": 8}
    assert "groups of up to 30 pupils" in words(send(staff_client, query, pupils=90, **facts))
    assert "Choose a class, or fill this in." in words(send(staff_client, query, person=teacher.pk))
    assert not Booking.objects.exists()


def test_booking_is_made_once_however_often_the_button_is_pressed(staff_client, teacher, session):
    key = "7b2f1f0e-0000-4000-8000-000000000001"
    query = f"school={teacher.school_id}&session={session.pk}"
    for _ in range(2):
        send(staff_client, query, person=teacher.pk, group_name="8B", grade=8, pupils=20, request_key=key)
    assert Booking.objects.count() == 1


def test_only_somebody_verified_at_the_school_can_be_chosen(staff_client, teacher, session):
    stranger = TeacherFactory()
    query = f"school={teacher.school_id}&session={session.pk}"
    send(staff_client, query, person=stranger.pk, group_name="8B", grade=8, pupils=20)
    assert not Booking.objects.exists()
    pending = TeacherFactory(school=teacher.school, status="pending")
    with pytest.raises(NotAtThatSchool):
        book_for_school(
            staff=StaffFactory(), person=pending, group_name="8B", grade=8, pupils=20, session_id=session.pk
        )


def test_school_without_teachers_says_what_to_do(staff_client, session):
    assert "Nobody at this school is a verified teacher yet." in step(
        staff_client, school=SchoolFactory().pk, session=session.pk
    )


@pytest.mark.parametrize("query", ["school=x", "school=0&session=9", "school=99999999999", "activity=-1"])
def test_nonsense_in_the_address_begins_at_the_first_step(staff_client, query):
    response = staff_client.get(f"{reverse(BOOK)}?{query}")
    assert response.context["step"] == "school"


def test_closed_dates_and_drafts_cannot_be_chosen(staff_client, teacher):
    past = SessionFactory(starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now())
    draft = SessionFactory(activity__status="draft")
    for session in (past, draft):
        response = staff_client.get(reverse(BOOK), {"school": teacher.school_id, "session": session.pk})
        assert response.context["step"] == "offer"


def test_full_date_is_told(teacher, session):
    session.places_taken = session.capacity
    session.save()
    with pytest.raises(BookingError):
        book_for_school(
            staff=StaffFactory(), person=teacher, group_name="8B", grade=8, pupils=20, session_id=session.pk
        )


def test_pages_of_a_school_and_of_an_offer_lead_to_it(staff_client, teacher):
    school, activity = teacher.school, ActivityFactory()
    page = words(staff_client.get(reverse("admin:schools_school_change", args=[school.pk])))
    assert f"{reverse(BOOK)}?school={school.pk}" in page
    page = words(staff_client.get(reverse("admin:activities_activity_change", args=[activity.pk])))
    assert f"{reverse(BOOK)}?activity={activity.pk}" in page


# Schools without any booking


@pytest.fixture
def places():
    """Two schools in Alta, one of which comes; one in Oslo that was declined; a closed one."""
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    came, alone = SchoolFactory(name="Kommer"), SchoolFactory(name="Alene")
    declined = SchoolFactory(name="Fikk nei", municipality=oslo)
    SchoolFactory(name="Stengt", is_active=False)
    this_year = in_the_year(current_school_year())
    BookingFactory(school=came, session__starts_at=this_year, status="completed")
    BookingFactory(school=declined, session__starts_at=this_year, status="declined")
    return {"came": came, "alone": alone, "declined": declined, "oslo": oslo}


def in_the_year(year: int):
    return bounds(year)[0] + timedelta(days=60, hours=10)


def rows(client: Client, **query: object) -> list[tuple[str, int, int, int]]:
    page = client.get(reverse(UNSEEN), query).context["page_obj"]
    return [(row["municipality__name"], row["schools"], row["unseen"], row["asked"]) for row in page]


def test_schools_without_booking_are_counted_by_kommune(staff_client, places):
    assert rows(staff_client) == [("Alta", 2, 1, 0), ("Oslo", 1, 1, 1)]
    assert rows(staff_client, county=places["oslo"].county_id) == [("Oslo", 1, 1, 1)]
    last_year = current_school_year() - 1
    assert rows(staff_client, year=last_year) == [("Alta", 2, 2, 0), ("Oslo", 1, 1, 0)]


def test_kommune_leads_to_its_schools(staff_client, places):
    municipality = places["alone"].municipality_id
    response = staff_client.get(reverse(UNSEEN), {"municipality": municipality})
    assert [school.name for school in response.context["schools"]] == ["Alene"]
    assert f"{reverse(BOOK)}?school={places['alone'].pk}" in words(response)


@pytest.mark.parametrize("query", [{"year": "x"}, {"county": "x"}, {"municipality": "999999"}, {"year": "1814"}])
def test_nonsense_counts_as_not_asked(staff_client, places, query):
    assert rows(staff_client, **query) == [("Alta", 2, 1, 0), ("Oslo", 1, 1, 1)]


def test_schools_without_booking_can_be_taken_away(staff_client, places):
    address = reverse("admin:schools_booking_unseen_export")
    text = b"".join(staff_client.get(address, {"format": "csv"}).streaming_content).decode()
    assert "Alene" in text
    assert "Kommer" not in text
    book = load_workbook(BytesIO(b"".join(staff_client.get(address, {"format": "xlsx"}).streaming_content)))
    assert [row[1] for row in book.active.values] == ["School", "Fikk nei", "Alene"]
    assert staff_client.get(address, {"format": "exe"}).status_code == 404


def test_table_asks_as_much_for_three_as_for_one(staff_client, django_assert_num_queries):
    for number in (1, 2):
        for _ in range(number):
            count = MunicipalityFactory._meta.model.objects.count()
            SchoolFactory(municipality=MunicipalityFactory(number=f"{4000 + count}", name=f"K{count}"))
        staff_client.get(reverse(UNSEEN))
        with django_assert_num_queries(5):
            staff_client.get(reverse(UNSEEN))
