"""The outbox: a mail goes out once its fact is committed, over real SMTP, and survives dead workers and servers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from stemportal.outbox import services
from stemportal.outbox.letters import Letter
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory


def letter(**changes) -> Letter:
    facts = {
        "subject": "Bekreftet: Se robotene",
        "paragraphs": ["Velkommen til oss."],
        "facts": [("Når", "torsdag 12. mars")],
        "action_url": "http://127.0.0.1/bookings/1/",
        "action_label": "Se bestillingen",
        "reason": "du bestilte besøket",
    }
    return Letter(**{**facts, **changes})


def queue(**changes) -> Mail:
    facts = {"template": "test", "to": "kari@example.org", "language": "nb", "letter": letter()}
    return services.queue_mail(**{**facts, **changes})


@pytest.mark.django_db
def test_mail_is_delivered_over_smtp_with_text_html_and_calendar(smtp_sink):
    mail = queue(calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", headers={"X-About": "booking"})

    assert services.deliver(mail.pk)

    mail.refresh_from_db()
    assert mail.status == Mail.Status.SENT
    (received,) = smtp_sink.mails()
    assert received["Subject"] == "Bekreftet: Se robotene"
    assert received["To"] == "kari@example.org"
    assert received["Message-ID"].startswith(f"<mail-{mail.pk}@")
    assert received["X-About"] == "booking"
    kinds = [part.get_content_type() for part in received.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    calendar = next(part for part in received.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    text = received.get_body(("plain",)).get_content()
    assert "torsdag 12. mars" in text
    assert "du bestilte besøket" in text


@pytest.mark.django_db
def test_mail_is_sent_once_when_two_workers_take_it(smtp_sink):
    mail = queue()

    assert services.deliver(mail.pk)
    assert not services.deliver(mail.pk)

    assert len(smtp_sink.mails()) == 1


@pytest.mark.django_db
def test_mail_of_a_rolled_back_fact_never_existed():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_mail_waits_while_the_server_is_away_and_goes_out_later(settings, smtp_sink):
    mail = queue()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9

    assert not services.deliver(mail.pk)

    mail.refresh_from_db()
    assert mail.status == Mail.Status.QUEUED
    assert mail.next_try_at > timezone.now()
    assert mail.last_error
    settings.EMAIL_PORT = port
    assert not services.deliver(mail.pk), "not before its time"
    Mail.objects.update(next_try_at=timezone.now())
    assert services.deliver(mail.pk)
    assert len(smtp_sink.mails()) == 1


@pytest.mark.django_db
def test_mail_is_given_up_after_the_last_try_and_staff_can_send_it_again(settings, client, smtp_sink):
    settings.EMAIL_PORT, settings.OUTBOX_MAX_ATTEMPTS = 9, 2
    mail = queue()
    for _attempt in range(2):
        Mail.objects.update(next_try_at=timezone.now())
        services.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.status == Mail.Status.FAILED

    client.force_login(StaffFactory())
    response = client.post("/admin/outbox/mail/", {"action": "send_again", "_selected_action": [mail.pk]}, follow=True)

    assert response.status_code == 200
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == (Mail.Status.QUEUED, 0)


@pytest.mark.django_db
def test_sweep_takes_mails_of_dead_workers_back(settings):
    mail = queue()
    assert services.claim(mail.pk)
    assert services.sweep() == 0, "a living worker is given its time"

    Mail.objects.update(claimed_at=timezone.now() - timedelta(seconds=settings.OUTBOX_CLAIM_SECONDS + 1))

    assert services.sweep() == 1
    mail.refresh_from_db()
    assert mail.status == Mail.Status.QUEUED


@pytest.mark.django_db
def test_mail_is_kept_when_the_broker_is_away(settings, django_capture_on_commit_callbacks, monkeypatch):
    from stemportal.outbox import tasks

    def away(*args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.send_mail, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        mail = queue()

    assert Mail.objects.get(pk=mail.pk).status == Mail.Status.QUEUED


@pytest.mark.django_db
def test_subject_with_line_breaks_cannot_add_headers():
    mail = queue(letter=letter(subject="Hei\r\nBcc: alle@example.org"))

    assert "\n" not in mail.subject
    assert services.to_message(mail).message()["Bcc"] is None
