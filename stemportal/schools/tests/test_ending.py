"""What becomes of offers and bookings when a partnership ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.partners.services.ending import consequences_of, end_partner
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking
from stemportal.schools.services.booking import book_session, propose_date
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    MembershipFactory,
    SchoolFactory,
    SessionFactory,
    TeacherFactory,
    UserFactory,
)
from stemportal.testing.together import or_error, while_held

Status = Booking.Status


@pytest.fixture
def owner(db):
    person = UserFactory(language="en")
    MembershipFactory(user=person, partner__display_name="Nordlys Robotikk")
    return person


@pytest.fixture
def partner(owner) -> Partner:
    return owner.memberships.get().partner


def at(days: int, hour: int = 10):
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)


def booked(partner: Partner, status: str, *, days: int = 14, **facts) -> Booking:
    """A booking that holds its place, as the services would have left it."""
    offer = partner.activities.first() or ActivityFactory(partner=partner)
    holds = status in {Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED}
    session = SessionFactory(activity=offer, starts_at=at(days), places_taken=int(holds))
    facts.setdefault("teacher", TeacherFactory().user)
    return BookingFactory(session=session, status=status, **facts)


def status_of(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def mails_to(person) -> list[Mail]:
    return list(Mail.objects.filter(to_email=person.email).order_by("pk"))


def test_offers_go_into_the_archive_also_drafts(partner, owner):
    published, draft = ActivityFactory(partner=partner), ActivityFactory(partner=partner, status="draft")
    other = ActivityFactory()

    assert end_partner(partner=partner, by=owner)

    assert {Activity.objects.get(pk=offer.pk).status for offer in (published, draft)} == {Activity.Status.ARCHIVED}
    assert Activity.objects.get(pk=other.pk).is_published


def test_agreed_visit_is_called_off_and_taken_out_of_the_teachers_calendar(partner, owner):
    booking = booked(partner, Status.CONFIRMED)

    end_partner(partner=partner, by=owner)

    assert status_of(booking) == Status.CANCELLED_BY_PARTNER
    session = Session.objects.get(pk=booking.session_id)
    assert (session.status, session.places_taken) == (Session.Status.CANCELLED, 0)
    [mail] = mails_to(booking.teacher)
    assert mail.template == "booking_cancelled_to_teacher"
    assert "METHOD:CANCEL" in mail.calendar
    assert booking.events.get().by == owner


def test_request_is_declined_whether_for_a_session_or_a_proposed_date_or_a_day_gone_by(partner, owner):
    offer = ActivityFactory(partner=partner, policy=Activity.Policy.ON_REQUEST)
    proposal = BookingFactory(
        session=None, activity=offer, proposed_at=at(9), reply_by=timezone.localdate(), teacher=TeacherFactory().user
    )
    asked, late = booked(partner, Status.REQUESTED), booked(partner, Status.REQUESTED, days=-3)

    end_partner(partner=partner, by=owner)

    for booking in (proposal, asked, late):
        assert status_of(booking) == Status.DECLINED
        assert [mail.template for mail in mails_to(booking.teacher)] == ["booking_declined"]


def test_what_has_begun_or_is_over_stays(partner, owner):
    begun = booked(partner, Status.CONFIRMED, days=-1)
    held = booked(partner, Status.COMPLETED, days=-20)
    AttendanceFactory(booking=held)

    end_partner(partner=partner, by=owner)

    assert (status_of(begun), status_of(held)) == (Status.CONFIRMED, Status.COMPLETED)
    assert Session.objects.get(pk=begun.session_id).status == Session.Status.OPEN
    assert not mails_to(begun.teacher) + mails_to(held.teacher)


def test_free_dates_are_closed_and_those_of_others_are_not(partner, owner):
    free = SessionFactory(activity=ActivityFactory(partner=partner))
    others = booked(MembershipFactory().partner, Status.CONFIRMED)

    end_partner(partner=partner, by=owner)

    assert Session.objects.get(pk=free.pk).status == Session.Status.CANCELLED
    assert status_of(others) == Status.CONFIRMED
    assert Session.objects.get(pk=others.session_id).is_open


def test_teacher_reads_why_in_the_own_language_and_never_the_reason_given_to_the_secretariat(partner, owner):
    english = booked(partner, Status.CONFIRMED, teacher=TeacherFactory(user__language="en").user)
    norwegian = booked(partner, Status.REQUESTED, teacher=TeacherFactory(user__language="nb").user)

    end_partner(partner=partner, by=owner, note="Kunden vår liker det ikke")

    assert "The partnership has ended, so the visit cannot take place." in mails_to(english.teacher)[0].text
    assert "The partnership has ended" not in mails_to(norwegian.teacher)[0].subject
    assert "Kunden" not in "".join(mail.text for mail in Mail.objects.all())


def test_line_to_the_teachers_is_in_their_mail_and_in_the_history_of_the_booking(partner, owner):
    agreed, asked = booked(partner, Status.CONFIRMED), booked(partner, Status.REQUESTED)

    end_partner(partner=partner, by=owner, message="Vi flytter til Tromsø.")

    assert "Vi flytter til Tromsø." in mails_to(agreed.teacher)[0].text
    assert agreed.events.get().note == asked.events.get().note == "Vi flytter til Tromsø."


def test_consequences_are_counted_with_examples_and_nothing_is_changed(partner):
    ActivityFactory(partner=partner, title="Se robotene")
    school = SchoolFactory(name="Alta ungdomsskole")
    first = booked(partner, Status.CONFIRMED, days=3, group_name="9A", school=school)
    for days in (4, 5, 6):
        booked(partner, Status.CONFIRMED, days=days)
    booked(partner, Status.REQUESTED)

    told = consequences_of(partner)

    texts = [consequence.text for consequence in told]
    assert texts[0].startswith("1 offer is taken off the pages")
    assert told[0].examples == ["Se robotene"]
    assert texts[1].startswith("4 visits agreed are called off, the first on ")
    assert told[1].examples[0].endswith("9A, Alta ungdomsskole")
    assert (len(told[1].examples), told[1].more) == (3, 1)
    assert texts[2].startswith("1 request is declined")
    assert texts[3].startswith("5 dates to come")
    assert [consequence.to_teachers for consequence in told] == [False, True, True, False]
    assert status_of(first) == Status.CONFIRMED


def test_owner_is_told_by_mail_what_happened(partner, owner):
    booked(partner, Status.CONFIRMED)

    end_partner(partner=partner, by=owner)

    ended = Mail.objects.get(template="partner_ended")
    assert ended.to_email == owner.email
    assert "1 offer is taken off the pages" in ended.text
    assert "1 visit agreed is called off" in ended.text


# --- Two at once


GROUP = {"group_name": "9A", "grade": 9, "pupils": 20}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proposes", [False, True], ids=["a date", "a proposal"])
def test_teacher_who_books_while_the_partnership_ends_is_refused(owner, partner, proposes):
    policy = Activity.Policy.ON_REQUEST if proposes else Activity.Policy.INSTANT
    session = SessionFactory(activity=ActivityFactory(partner=partner, policy=policy))
    offer = Activity.objects.select_related("partner", "kind").get(pk=session.activity_id)
    teacher = TeacherFactory()
    facts = {"school": teacher.school, "teacher": teacher.user, **GROUP}

    def book() -> Booking:
        if proposes:
            return propose_date(activity=offer, proposed_at=at(9), **facts)
        return book_session(session_id=session.pk, **facts)

    assert isinstance(while_held(lambda: end_partner(partner=partner, by=owner), or_error(book)), BookingError)
    assert not Booking.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proposes", [False, True], ids=["a date", "a proposal"])
def test_booking_that_came_first_is_called_off_with_the_rest(owner, partner, proposes):
    policy = Activity.Policy.ON_REQUEST if proposes else Activity.Policy.INSTANT
    session = SessionFactory(activity=ActivityFactory(partner=partner, policy=policy))
    teacher = TeacherFactory()
    facts = {"school": teacher.school, "teacher": teacher.user, **GROUP}

    def book() -> Booking:
        if proposes:
            return propose_date(activity=session.activity, proposed_at=at(9), **facts)
        return book_session(session_id=session.pk, **facts)

    assert while_held(book, lambda: end_partner(partner=partner, by=owner)) is True
    booking = Booking.objects.get()
    assert status_of(booking) == (Status.DECLINED if proposes else Status.CANCELLED_BY_PARTNER)
