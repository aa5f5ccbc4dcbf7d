"""Reminders before a visit and nudges after it: when, to whom, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stemportal.activities.models import Activity
from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking, BookingEvent, Reminder
from stemportal.schools.services import reminders
from stemportal.schools.services.reminders import send_due
from stemportal.schools.tests.afterwards import agreed_visit, mails_of, oslo
from stemportal.schools.tests.conftest import at
from stemportal.testing.factories import MembershipFactory, SessionFactory

pytestmark = pytest.mark.django_db

WEEK = ["visit_in_a_week_to_teacher", "visit_in_a_week_to_partner"]
DAY = ["visit_tomorrow_to_teacher", "visit_tomorrow_to_partner"]


def sweep_at(*when: int) -> int:
    with time_machine.travel(oslo(*when), tick=False):
        return send_due()


def test_reminders_go_out_a_week_and_a_day_before_to_both_sides_once():
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0))

    assert sweep_at(2026, 11, 11, 8, 59) == 0
    assert sweep_at(2026, 11, 11, 9, 0) == 1
    assert sweep_at(2026, 11, 11, 9, 15) == 0
    assert mails_of(visit) == WEEK
    assert sweep_at(2026, 11, 17, 8, 59) == 0
    assert sweep_at(2026, 11, 17, 9, 0) == 1
    assert sweep_at(2026, 11, 18, 8, 59) == 0
    assert mails_of(visit) == WEEK + DAY


@pytest.mark.parametrize(
    ("visit_on", "week_before", "day_before"),
    [
        # Summer time begins on 29 March 2026 and ends on 25 October: the wall clock counts, not 24 hours.
        ((2026, 3, 30, 9, 0), (2026, 3, 23, 9, 0), (2026, 3, 29, 9, 0)),
        ((2026, 10, 26, 9, 0), (2026, 10, 19, 9, 0), (2026, 10, 25, 9, 0)),
    ],
)
def test_reminders_follow_the_wall_clock_across_summer_time(visit_on, week_before, day_before):
    visit = agreed_visit(oslo(*visit_on))
    minute = timedelta(minutes=1)
    for moment, expected in ((oslo(*week_before), WEEK), (oslo(*day_before), WEEK + DAY)):
        with time_machine.travel(moment - minute, tick=False):
            assert send_due() == 0
        with time_machine.travel(moment, tick=False):
            assert send_due() == 1
        assert mails_of(visit) == expected


def test_visit_booked_three_days_before_is_reminded_of_on_the_day_before_only():
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0), agreed_at=oslo(2026, 11, 15, 14, 0))

    assert sweep_at(2026, 11, 15, 14, 15) == 0
    assert sweep_at(2026, 11, 17, 9, 0) == 1
    assert mails_of(visit) == DAY


def test_visit_booked_on_the_same_day_is_not_reminded_of():
    agreed_visit(oslo(2026, 11, 18, 9, 0), agreed_at=oslo(2026, 11, 17, 15, 0))
    assert sweep_at(2026, 11, 17, 15, 15) == 0


def test_moved_visit_is_reminded_of_anew_and_not_within_the_week():
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0))
    assert sweep_at(2026, 11, 11, 9, 0) == 1
    session = visit.session

    def move(to, *, told):
        session.starts_at, session.ends_at = to, to + timedelta(hours=2)
        session.save()
        BookingEvent.objects.create(
            booking=visit, move="move_session", at=told, from_status="confirmed", to_status="confirmed", told_at=told
        )

    move(oslo(2026, 12, 2, 9, 0), told=oslo(2026, 11, 12, 9, 0))
    assert sweep_at(2026, 11, 17, 9, 0) == 0
    assert sweep_at(2026, 11, 25, 9, 0) == 1
    # Brought forward to the day after tomorrow: the mail about that has just come.
    move(oslo(2026, 11, 28, 9, 0), told=oslo(2026, 11, 26, 9, 0))
    assert sweep_at(2026, 11, 26, 9, 15) == 0
    assert sweep_at(2026, 11, 27, 9, 0) == 1
    assert mails_of(visit) == WEEK + WEEK + DAY


@pytest.mark.parametrize("status", [Booking.Status.REQUESTED, Booking.Status.CANCELLED_BY_SCHOOL])
def test_visit_that_is_not_agreed_is_not_reminded_of(status):
    agreed_visit(oslo(2026, 11, 18, 9, 0), status=status)
    assert sweep_at(2026, 11, 11, 9, 0) == 0


def test_reminder_that_is_days_late_is_left_out():
    agreed_visit(oslo(2026, 11, 18, 9, 0))
    assert sweep_at(2026, 11, 14, 9, 0) == 0
    assert sweep_at(2026, 11, 14, 8, 59) == 1


def test_reminder_has_what_the_day_needs():
    visit = agreed_visit(
        oslo(2026, 11, 18, 9, 0),
        title="Se robotene",
        place="Porten ved kaia",
        adults=3,
        travel="hired",
        needs="Rullestol",
    )
    activity = visit.activity
    activity.programme, activity.getting_there = "**09:00** Velkommen\n\n- Robotene", "Buss 12 til kaia"
    activity.save()
    activity.partner.address, activity.partner.postal_code, activity.partner.postal_place = "Kaia 1", "9510", "Alta"
    activity.partner.save()

    sweep_at(2026, 11, 11, 9, 0)

    mail = Mail.objects.get(template="visit_in_a_week_to_teacher")
    assert mail.to_email == visit.teacher.email
    with_words = mail.text
    for words in ("Porten ved kaia", "Kaia 1, 9510 Alta", "Ingrid Prøve", "09:00 Velkommen", "Buss 12", "3", "09:00"):
        assert words in with_words, words
    assert "/visit-pack/" in mail.text or "pdf" in mail.text.lower()
    other = Mail.objects.get(template="visit_in_a_week_to_partner")
    assert str(visit.teacher) in other.text
    assert "Rullestol" not in mail.text + other.text, "needs stay on the page, for those who may see them"


def test_visit_pack_in_the_mail_opens(client):
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0))
    sweep_at(2026, 11, 11, 9, 0)
    Activity.objects.filter(pk=visit.activity_id).update(status=Activity.Status.ARCHIVED)
    other = agreed_visit(
        oslo(2026, 12, 18, 9, 0),
        session=SessionFactory(
            activity=Activity.objects.get(pk=visit.activity_id),
            starts_at=oslo(2026, 12, 18, 9, 0),
        ),
    )
    sweep_at(2026, 12, 11, 9, 0)

    assert (
        f"/{visit.activity_id}/"
        in Mail.objects.get(about=f"booking:{visit.pk}", template="visit_in_a_week_to_teacher").text
    )
    assert (
        f"/bookings/{other.pk}/visit-pack/"
        in Mail.objects.get(about=f"booking:{other.pk}", template="visit_in_a_week_to_teacher").text
    )
    assert client.get(at("booking_pack", other.pk)).status_code == 302
    client.force_login(other.teacher)
    response = client.get(at("booking_pack", other.pk))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_sweep_asks_the_same_for_one_and_three_visits_but_for_the_mails():
    def questions() -> int:
        with (
            CaptureQueriesContext(
                connection,
            ) as found,
            time_machine.travel(oslo(2026, 11, 11, 9, 0), tick=False),
        ):
            send_due()
        return sum('"outbox_mail"' not in query["sql"] for query in found)

    agreed_visit(oslo(2026, 11, 18, 9, 0))
    one = questions()
    for _n in range(3):
        MembershipFactory(partner=agreed_visit(oslo(2026, 11, 18, 9, 0)).activity.partner)
    # Each is claimed, between the two marks of a savepoint.
    assert questions() == one + 2 * 3


def test_visit_whose_mail_cannot_be_written_holds_up_no_other(monkeypatch):
    first, second = agreed_visit(oslo(2026, 11, 18, 9, 0)), agreed_visit(oslo(2026, 11, 18, 9, 0))
    real = reminders.emails.visit_soon

    def sometimes(booking, people, *, tomorrow):
        if booking.pk == first.pk:
            raise ValueError("no words")
        real(booking, people, tomorrow=tomorrow)

    monkeypatch.setattr(reminders.emails, "visit_soon", sometimes)
    assert sweep_at(2026, 11, 11, 9, 0) == 1
    assert (mails_of(first), mails_of(second)) == ([], WEEK)
    monkeypatch.undo()
    assert sweep_at(2026, 11, 11, 9, 15) == 1
    assert mails_of(first) == WEEK


def test_batches_reach_every_visit(monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    for _n in range(5):
        agreed_visit(oslo(2026, 11, 18, 9, 0))
    assert sweep_at(2026, 11, 11, 9, 0) == 5
    assert Reminder.objects.count() == 5


# --- Nudges


def test_teacher_is_asked_in_the_evening_and_again_after_four_days():
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0))

    assert sweep_at(2026, 11, 18, 15, 59) == 0
    assert sweep_at(2026, 11, 18, 16, 0) == 1
    assert sweep_at(2026, 11, 22, 10, 45) == 0
    assert sweep_at(2026, 11, 22, 11, 0) == 1
    assert sweep_at(2026, 11, 23, 11, 0) == 0
    assert mails_of(visit) == ["attendance_missing", "attendance_missing_again"]
    mail = Mail.objects.get(template="attendance_missing")
    assert mail.to_email == visit.teacher.email
    assert "/attendance/" in mail.text


def test_late_visit_is_asked_about_an_hour_after_its_end():
    agreed_visit(oslo(2026, 11, 18, 17, 0))
    assert sweep_at(2026, 11, 18, 19, 59) == 0
    assert sweep_at(2026, 11, 18, 20, 0) == 1


def test_two_nudges_never_come_at_once():
    visit = agreed_visit(oslo(2026, 11, 18, 9, 0))
    assert sweep_at(2026, 11, 25, 9, 0) == 1
    assert sweep_at(2026, 11, 26, 9, 0) == 0
    assert sweep_at(2026, 11, 27, 9, 0) == 1
    assert mails_of(visit) == ["attendance_missing", "attendance_missing_again"]


@pytest.mark.parametrize("status", [Booking.Status.COMPLETED, Booking.Status.NO_SHOW])
def test_visit_that_was_told_of_is_not_asked_about(status):
    agreed_visit(oslo(2026, 11, 18, 9, 0), status=status)
    assert sweep_at(2026, 11, 18, 18, 0) == 0
