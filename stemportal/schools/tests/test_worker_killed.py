"""Workers killed while they write and send the mails of bookings: every mail goes out all the same."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest

from stemportal.activities.models import Activity
from stemportal.outbox import services as outbox
from stemportal.outbox.models import Mail
from stemportal.schools.models import BookingEvent
from stemportal.schools.services import telling
from stemportal.schools.services.booking import book_session
from stemportal.testing.factories import MembershipFactory, SessionFactory, TeacherFactory

BOOKINGS, KILLS = 100, 3


@pytest.mark.django_db(transaction=True)
def test_workers_killed_at_random_lose_none_of_two_hundred_mails(
    celery_worker_process, smtp_sink, settings, monkeypatch
):
    """Each booking tells the teacher and the partner. What a dead worker had claimed is taken over by the sweeps."""
    settings.OUTBOX_CLAIM_SECONDS = 1
    monkeypatch.setattr(telling, "SWEEP_AFTER", timedelta(0))
    session = SessionFactory(capacity=BOOKINGS, activity__policy=Activity.Policy.INSTANT)
    partner = MembershipFactory(partner=session.activity.partner).user
    teacher = TeacherFactory()
    chance = random.Random(5)
    worker = celery_worker_process()

    for n in range(BOOKINGS):
        book_session(
            session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name=f"9-{n}", grade=9, pupils=20
        )
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.7))
        os.kill(worker.pid, signal.SIGKILL)
        worker = celery_worker_process()
    sent_by_then = len(smtp_sink.mails())
    deadline = time.monotonic() + 400
    while not _all_sent() and time.monotonic() < deadline:
        telling.sweep()
        outbox.sweep()
        time.sleep(1)

    assert not BookingEvent.objects.filter(told_at=None).exists()
    written = Counter(Mail.objects.values_list("to_email", flat=True))
    assert written == {teacher.user.email: BOOKINGS, partner.email: BOOKINGS}, "each mail is written once"
    assert set(Mail.objects.values_list("status", flat=True)) == {Mail.Status.SENT}
    by_id = {mail["Message-ID"]: mail["To"] for mail in smtp_sink.mails()}
    assert len(by_id) == 2 * BOOKINGS, "what goes out twice carries the same Message-ID"
    assert sent_by_then < 2 * BOOKINGS, "the workers were killed too late for this test to say anything"


def _all_sent() -> bool:
    told = not BookingEvent.objects.filter(told_at=None).exists()
    return told and not Mail.objects.exclude(status=Mail.Status.SENT).exists()
