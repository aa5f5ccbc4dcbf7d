"""A worker killed between the booking and the mail: the mail still goes out, once somebody works again."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.db import connection

from stemportal.outbox import services
from stemportal.outbox.letters import Letter
from stemportal.outbox.models import Mail


def queue(n: int) -> Mail:
    letter = Letter(subject=f"Bekreftet {n}", paragraphs=["Velkommen."], reason="du bestilte besøket")
    return services.queue_mail(template="test", to=f"laerer{n}@example.org", language="nb", letter=letter)


@pytest.mark.django_db(transaction=True)
def test_worker_killed_with_sigkill_loses_no_mail(celery_worker_process, smtp_sink, settings):
    """Kill the worker while it works through the mails, let another take over, run the sweep, and count."""
    settings.OUTBOX_CLAIM_SECONDS = 1
    worker = celery_worker_process()
    mails = [queue(n) for n in range(30)]
    deadline = time.monotonic() + 20
    while not smtp_sink.mails() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    killed_after = len(smtp_sink.mails())

    celery_worker_process()
    deadline = time.monotonic() + 40
    while Mail.objects.exclude(status=Mail.Status.SENT).exists() and time.monotonic() < deadline:
        services.sweep()
        time.sleep(1)

    assert killed_after < len(mails), "the worker was killed too late for this test to say anything"
    assert {mail["To"] for mail in smtp_sink.mails()} == {f"laerer{n}@example.org" for n in range(30)}
    by_id = {mail["Message-ID"] for mail in smtp_sink.mails()}
    assert len(by_id) == len(mails), "a mail that goes out twice carries the same Message-ID"


@pytest.mark.django_db(transaction=True)
def test_claimed_mail_of_a_dead_worker_is_sent_by_another(smtp_sink, settings):
    """The worker died exactly between claiming the row and the mail server's answer."""
    settings.OUTBOX_CLAIM_SECONDS = 0
    mail = queue(1)
    assert services.claim(mail.pk)
    connection.close()

    services.sweep()
    assert services.deliver(mail.pk)

    assert len(smtp_sink.mails()) == 1
