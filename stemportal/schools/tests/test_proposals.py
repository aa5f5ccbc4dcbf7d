"""Times proposed to and fro: what each side reads, which places are held, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import TooLate, TooManyTimes
from stemportal.schools.models import Booking, Proposal
from stemportal.schools.services import answering, proposals
from stemportal.schools.services.booking import book_session, propose_date
from stemportal.schools.services.expiry import expire_due
from stemportal.schools.services.places_taken import count_places, count_pupils
from stemportal.schools.services.proposals import Time
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import ActivityFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture
def other(session) -> Session:
    return SessionFactory(
        activity=session.activity,
        capacity=1,
        starts_at=session.starts_at + timedelta(days=2),
        ends_at=session.ends_at + timedelta(days=2),
    )


@pytest.fixture
def requested(session, teacher) -> Booking:
    return book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=28
    )


@pytest.fixture
def offered(requested, other, session) -> Booking:
    return proposals.offer_time(
        booking=requested, by=owner_of(session), time=Time(session_id=other.pk), note="Da er roboten hjemme"
    )


def taken(*sessions: Session) -> list[int]:
    for session in sessions:
        session.refresh_from_db()
        assert session.places_taken == count_places(session)
        assert session.pupils_taken == count_pupils(session)
    return [session.places_taken for session in sessions]


def fresh(booking) -> Booking:
    return Booking.objects.with_facts().get(pk=booking.pk)


def test_offer_moves_the_place_and_asks_the_teacher(owner_client, teacher_client, requested, session, other):
    page = owner_client.post(
        at("booking_offer", requested.pk), {"session": other.pk, "note": "Da er roboten hjemme"}, follow=True
    )

    assert "The place is kept for the school, which answers by" in words(page)
    assert taken(session, other) == [0, 1]
    mail = Mail.objects.filter(template="time_offered").latest("pk")
    assert "offers another time" in mail.subject
    assert "Da er roboten hjemme" in mail.text
    text = words(teacher_client.get(at("booking", requested.pk)))
    assert "Nordlys Robotikk offers you another time" in text
    assert "Da er roboten hjemme" in text
    assert "Accept this time" in text
    assert "Accept this time" in words(teacher_client.get(at("my_page")))


def test_accept_agrees_on_the_new_time_and_mails_the_entry(teacher_client, offered, session, other):
    page = teacher_client.post(at("booking_accept", offered.pk), {"seen": offered.terms}, follow=True)

    assert "Agreed! Nordlys Robotikk expects you." in words(page)
    booking = fresh(offered)
    assert (booking.status, booking.session_id) == (Booking.Status.CONFIRMED, other.pk)
    assert taken(session, other) == [0, 1]
    assert list(booking.proposals.values_list("side", "status")) == [("school", "overtaken"), ("partner", "accepted")]
    assert Mail.objects.filter(template="booking_confirmed_to_teacher").exclude(calendar="").exists()


def test_accept_of_what_was_changed_meanwhile_is_refused(teacher_client, offered, session):
    """The partner offered yet another time while the teacher read the first one."""
    seen = offered.terms
    later = timezone.now() + timedelta(days=50)
    proposals.offer_time(booking=fresh(offered), by=owner_of(session), time=Time(starts_at=later))

    page = teacher_client.post(at("booking_accept", offered.pk), {"seen": seen}, follow=True)

    assert "Somebody has already answered or changed this booking" in words(page)
    assert fresh(offered).status == Booking.Status.OFFERED


def test_accept_of_a_time_of_its_own_makes_its_session(teacher_client, requested, session):
    when = timezone.now().replace(microsecond=0) + timedelta(days=50)
    proposals.offer_time(booking=requested, by=owner_of(session), time=Time(starts_at=when))
    assert taken(session) == [0]

    teacher_client.post(at("booking_accept", requested.pk))

    made = fresh(requested).session
    assert made is not None
    assert (made.starts_at, made.capacity) == (when, 1)
    assert taken(made) == [1]


def test_no_to_the_offered_time_frees_it_and_tells_the_partner(teacher_client, offered, session, other):
    page = teacher_client.post(at("booking_withdraw", offered.pk), follow=True)

    assert "Withdrawn. The partner has been told" in words(page)
    assert taken(session, other) == [0, 0]
    assert "does not suit the school" in Mail.objects.filter(template="booking_withdrawn").latest("pk").text
    assert not Proposal.objects.filter(status="open").exists()


def test_school_proposes_its_own_time_and_the_partner_confirms_it(teacher_client, owner_client, offered, session):
    day = timezone.localdate() + timedelta(days=40)
    form = {"session": "", "day": day.isoformat(), "clock": "10:15", "note": "Helst før lunsj"}

    page = teacher_client.post(at("booking_propose", offered.pk), form, follow=True)

    assert "Sent to Nordlys Robotikk. You will have an answer by" in words(page)
    booking = fresh(offered)
    assert (booking.status, booking.session_id) == (Booking.Status.REQUESTED, None)
    assert "Helst før lunsj" in Mail.objects.filter(template="time_proposed_to_partner").latest("pk").text
    history = words(owner_client.get(at("booking", offered.pk)))
    assert "The school proposed another time:" in history
    owner_client.post(at("booking_confirm", offered.pk), {"seen": booking.terms})
    agreed = fresh(offered)
    assert agreed.status == Booking.Status.CONFIRMED
    assert timezone.localtime(agreed.starts_at).strftime("%H:%M") == "10:15"


def test_confirm_of_another_time_than_was_seen_is_refused(owner_client, teacher, requested):
    seen = requested.terms
    later = Time(starts_at=timezone.now() + timedelta(days=45))
    proposals.propose_time(booking=fresh(requested), by=teacher.user, time=later)

    page = owner_client.post(at("booking_confirm", requested.pk), {"seen": seen, "reply": ""}, follow=True)

    assert "Somebody has already answered or changed this booking" in words(page)
    assert fresh(requested).status == Booking.Status.REQUESTED


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"session": "", "day": "2020-01-01", "clock": "10:00"}, "Choose a time in the future."),
        ({"session": "", "day": "2090-01-01", "clock": "10:00"}, "Choose a time within the next two years."),
        ({"session": "", "day": "neste tirsdag", "clock": "10:00"}, "Write the day as for example"),
        ({"session": "", "day": "", "clock": ""}, "This field is required."),
        ({"session": "999999"}, "This time is no longer free."),
        ({"session": "x" * 40}, "This time is no longer free."),
    ],
)
def test_offer_of_a_time_that_cannot_be_says_why(owner_client, requested, other, typed, said):
    page = owner_client.post(at("booking_offer", requested.pk), {**typed, "note": "Hei"})

    assert page.status_code == 200
    assert said in words(page)
    assert "Hei" in words(page)
    assert fresh(requested).status == Booking.Status.REQUESTED


def test_offer_of_the_time_that_stands_is_refused(owner_client, requested, session):
    local = timezone.localtime(session.starts_at)

    page = owner_client.post(
        at("booking_offer", requested.pk), {"day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
    )

    assert "That is the time that stands now." in words(page)


def test_offer_of_a_session_of_another_activity_is_refused(requested, session):
    foreign = SessionFactory()

    with pytest.raises(Exception, match="can no longer be booked"):
        proposals.offer_time(booking=requested, by=owner_of(session), time=Time(session_id=foreign.pk))
    assert taken(session) == [1]


def test_proposal_outside_the_hours_of_the_partner_is_refused(teacher_client, teacher):
    from datetime import time

    from stemportal.activities.models import Availability

    activity = ActivityFactory(policy=Activity.Policy.ON_REQUEST)
    Availability.objects.create(activity=activity, weekday=0, begins=time(9), ends=time(14))
    monday = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=28)
    monday -= timedelta(days=monday.weekday())
    booking = propose_date(
        activity=activity, proposed_at=monday, school=teacher.school, teacher=teacher.user, group_name="9A",
        grade=9, pupils=20,
    )  # fmt: skip
    tuesday = (monday + timedelta(days=1)).date()

    page = teacher_client.post(at("booking_propose", booking.pk), {"day": tuesday.isoformat(), "clock": "10:00"})

    assert page.status_code == 200
    assert fresh(booking).proposed_at == booking.proposed_at


def test_many_proposals_come_to_an_end(requested, session, teacher):
    for n in range(proposals.MOST_PROPOSALS - 1):
        time = Time(starts_at=timezone.now() + timedelta(days=20 + n))
        proposals.offer_time(booking=requested, by=owner_of(session), time=time)

    with pytest.raises(TooManyTimes):
        proposals.offer_time(
            booking=requested, by=owner_of(session), time=Time(starts_at=timezone.now() + timedelta(days=90))
        )
    assert requested.status == Booking.Status.OFFERED


def test_answer_after_the_deadline_counts_while_the_offer_stands(teacher_client, offered):
    assert offered.offer_until is not None
    with time_machine.travel(offered.offer_until + timedelta(minutes=5), tick=False):
        client = client_of(offered.teacher)
        assert "Agreed!" in words(client.post(at("booking_accept", offered.pk), follow=True))

    assert fresh(offered).status == Booking.Status.CONFIRMED


def test_offer_that_nobody_answers_goes_back(teacher_client, offered, session, other):
    assert offered.offer_until is not None
    with time_machine.travel(offered.offer_until + timedelta(minutes=5), tick=False):
        expire_due()
        client = client_of(offered.teacher)
        page = client.post(at("booking_accept", offered.pk), follow=True)

    assert "Somebody has already answered or changed this booking" in words(page)
    assert fresh(offered).status == Booking.Status.EXPIRED
    assert taken(session, other) == [0, 0]


def test_late_confirmation_counts_and_says_that_it_was_late(requested, session):
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        assert requested.reply_by < timezone.localdate()
        page = client_of(owner_of(session)).post(at("booking_confirm", requested.pk), follow=True)

    assert "luckily the request still stood" in words(page)
    assert fresh(requested).status == Booking.Status.CONFIRMED


def test_accept_on_a_page_that_is_old_is_refused(offered, teacher):
    mine = fresh(offered)
    answering.withdraw_booking(booking=fresh(offered), by=teacher.user)

    with pytest.raises(TooLate):
        proposals.accept_offer(booking=mine, by=teacher.user)


def test_answers_are_never_made_by_opening_a_link(teacher_client, owner_client, offered, requested):
    """Mail filters open every link: GET changes nothing."""
    for client in (teacher_client, owner_client):
        for name in ("accept", "withdraw", "confirm", "decline", "no_show", "cancel"):
            assert client.get(at(f"booking_{name}", offered.pk)).status_code == 405
        for name in ("offer", "propose", "group"):
            client.get(at(f"booking_{name}", offered.pk))

    assert fresh(offered).status == Booking.Status.OFFERED
    assert offered.events.count() == 2
