"""What time does to grants: reminders, the end of waiting, and old receipts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.models import TransportGrant
from stemportal.schools.services import grant_clock, grants
from stemportal.schools.tasks import grants_of_today
from stemportal.schools.tests.transport_scene import approved, ask, claimed, numbers, visit
from stemportal.testing.factories import GrantPotFactory, TransportRateFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.TRANSPORT_RECEIPT_DAYS = 60
    settings.TRANSPORT_RECEIPT_YEARS = 5
    TransportRateFactory()


def after(grant: TransportGrant, **later):
    """So long after the visit ended."""
    return time_machine.travel(grant.booking.session.ends_at + timedelta(**later), tick=False)


def reminders() -> int:
    return Mail.objects.filter(template="grant_receipt_reminder").count()


def test_school_is_reminded_a_week_after_the_visit_and_a_week_before_the_last_day():
    grant = approved()
    for days, hours, sent in ((6, 23, 0), (7, 0, 1), (7, 5, 1), (30, 0, 1), (52, 23, 1), (53, 0, 2), (58, 0, 2)):
        with after(grant, days=days, hours=hours):
            grants_of_today()
        assert reminders() == sent, days
    assert Mail.objects.filter(template="grant_receipt_reminder").first().to_email == grant.booking.teacher.email


def test_money_without_a_receipt_goes_to_others_after_the_last_day():
    pot = GrantPotFactory()
    grant = approved(pot=pot)
    with after(grant, days=60):
        grant_clock.end_waiting()
        assert numbers(pot) == (300_000, 0, 700_000), "the last day is a day for receipts, too"
    with after(grant, days=61):
        assert grant_clock.end_waiting() == 1
        assert grant_clock.end_waiting() == 0
    assert numbers(pot) == (0, 0, 1_000_000)
    assert Mail.objects.get(template="grant_released").to_email == grant.booking.teacher.email


def test_nobody_is_reminded_who_sent_the_receipt_or_has_no_approval():
    pot = GrantPotFactory()
    sent, asked = claimed(pot=pot), ask(visit())
    with time_machine.travel(timezone.now() + timedelta(days=100), tick=False):
        grants_of_today()
    for grant in (sent, asked):
        before = grant.status
        grant.refresh_from_db()
        assert grant.status == before
    assert reminders() == 0


def test_receipt_is_kept_for_five_full_years_after_the_payment():
    grant = claimed()
    name = grant.receipt.name
    with time_machine.travel(datetime(2026, 12, 31, 12, tzinfo=UTC), tick=False):
        grants.settle_grant(grant_id=grant.pk, ore=100_000, by=UserFactory())
    with time_machine.travel(datetime(2031, 12, 31, 12, tzinfo=UTC), tick=False):
        assert grant_clock.delete_old_receipts() == 0
        assert default_storage.exists(name)
    with time_machine.travel(datetime(2032, 1, 1, 12, tzinfo=UTC), tick=False):
        assert grant_clock.delete_old_receipts() == 1
    grant.refresh_from_db()
    assert grant.receipt.name == ""
    assert not default_storage.exists(name)
    assert grant.settled_ore == 100_000, "the figures stay"
