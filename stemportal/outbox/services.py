"""Writing mails down, and sending what was written.

A mail is queued inside the transaction of the fact it tells of. After the commit a worker is told its id; should that
message or the worker be lost, the sweep finds the row. Sending is at least once: the Message-ID is made from the row's
id, so that a mail program shows a repeated mail once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from functools import partial
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from stemportal.lib.identifiers import portal_host
from stemportal.outbox.letters import Letter, render
from stemportal.outbox.models import Mail

logger = structlog.get_logger(__name__)

# Seconds before the next try after the 1st, 2nd, ... failure; the last value repeats.
BACK_OFF = (15, 60, 5 * 60, 30 * 60, 2 * 60 * 60, 6 * 60 * 60)


def queue_mail(
    *,
    template: str,
    to: str,
    language: str,
    letter: Letter,
    about: str = "",
    calendar: str = "",
    headers: Mapping[str, str] | None = None,
) -> Mail:
    """Write one mail down and have it sent after the commit. Call it in the transaction of the fact it tells of."""
    text, html = render(letter, language)
    return queue_rendered(
        template=template,
        to=to,
        language=language,
        subject=letter.subject,
        text=text,
        html=html,
        about=about,
        calendar=calendar,
        headers=headers,
    )


def queue_rendered(
    *,
    template: str,
    to: str,
    language: str,
    subject: str,
    text: str,
    html: str,
    about: str = "",
    calendar: str = "",
    headers: Mapping[str, str] | None = None,
) -> Mail:
    """Like ``queue_mail``, for a mail with a layout of its own: ``text`` and ``html`` say the same."""
    mail = Mail.objects.create(
        template=template,
        about=about,
        to_email=to,
        language=language,
        subject=" ".join(subject.split())[:250],
        text=text,
        html=html,
        calendar=calendar,
        headers=dict(headers or {}),
    )
    transaction.on_commit(partial(announce, mail.pk))
    return mail


def announce(mail_id: int) -> None:
    """Tell a worker about a mail. Without Valkey the row simply waits for the sweep."""
    from stemportal.outbox.tasks import send_mail

    hand_over(lambda: send_mail.delay(mail_id), mail=mail_id)


def hand_over(call: Callable[[], object], **what: object) -> bool:
    """Give Celery a task; return False, with a line in the log, when the broker is away. A sweep is the net."""
    try:
        call()
    except (BrokerError, RedisError, OSError) as error:
        logger.warning("broker_away", error=str(error), **what)
        return False
    return True


def claim(mail_id: int) -> Mail | None:
    """Take a due mail for sending, or None when it is not due or somebody else took it (compare-and-set)."""
    now = timezone.now()
    taken = (
        Mail.objects.due()
        .filter(pk=mail_id)
        .update(status=Mail.Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    return Mail.objects.get(pk=mail_id) if taken else None


def deliver(mail_id: int) -> bool:
    """Send one mail over SMTP if it is due. Returns True when the mail server took it."""
    mail = claim(mail_id)
    if mail is None:
        return False
    try:
        to_message(mail).send()
    except SMTPRecipientsRefused as error:
        _failed(mail, error, final=True)
    except (SMTPException, OSError) as error:
        _failed(mail, error, final=mail.attempts >= settings.OUTBOX_MAX_ATTEMPTS)
    else:
        Mail.objects.filter(pk=mail.pk, status=Mail.Status.SENDING).update(
            status=Mail.Status.SENT, sent_at=timezone.now(), last_error=""
        )
        return True
    return False


def to_message(mail: Mail) -> EmailMultiAlternatives:
    """Build the message: plain text, HTML, and the calendar entry both as an alternative and as a file."""
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.to_email],
        headers={"Message-ID": f"<mail-{mail.pk}@{portal_host()}>", "Auto-Submitted": "auto-generated", **mail.headers},
        connection=get_connection(),
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        # Texts inside may say anything; a line of the calendar begins so only once.
        method = "CANCEL" if "\r\nMETHOD:CANCEL\r\n" in mail.calendar else "REQUEST"
        message.attach_alternative(mail.calendar, f"text/calendar; method={method}")
        attachment = MIMEBase("application", "ics", name="invite.ics")
        attachment.set_payload(mail.calendar.encode())
        encode_base64(attachment)
        attachment.add_header("Content-Disposition", "attachment", filename="invite.ics")
        message.attach(attachment)
    return message


def retry_at(attempts: int, now: datetime) -> datetime:
    """Return when to try again after so many failed attempts."""
    return now + timedelta(seconds=BACK_OFF[min(attempts, len(BACK_OFF)) - 1])


def _failed(mail: Mail, error: Exception, *, final: bool) -> None:
    logger.warning("mail_not_sent", mail=mail.pk, attempts=mail.attempts, final=final, error=str(error))
    Mail.objects.filter(pk=mail.pk, status=Mail.Status.SENDING).update(
        status=Mail.Status.FAILED if final else Mail.Status.QUEUED,
        next_try_at=retry_at(mail.attempts, timezone.now()),
        last_error=str(error)[:2000],
    )


def sweep() -> int:
    """Put mails of dead workers back in the queue and hand every due mail over again. Returns how many were due."""
    stale = timezone.now() - timedelta(seconds=settings.OUTBOX_CLAIM_SECONDS)
    Mail.objects.filter(status=Mail.Status.SENDING, claimed_at__lt=stale).update(status=Mail.Status.QUEUED)
    due = list(Mail.objects.due().order_by("next_try_at").values_list("pk", flat=True)[:500])
    for mail_id in due:
        announce(mail_id)
    return len(due)


def send_again(mail_ids: list[int]) -> int:
    """Queue failed mails once more, with a fresh count of attempts. Returns how many."""
    count = Mail.objects.filter(pk__in=mail_ids, status=Mail.Status.FAILED).update(
        status=Mail.Status.QUEUED, attempts=0, next_try_at=timezone.now()
    )
    for mail_id in mail_ids:
        transaction.on_commit(partial(announce, mail_id))
    return count
