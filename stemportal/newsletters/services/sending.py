"""Starting a newsletter, holding it up, and ending it. How it goes out then is in ``lanes`` and ``batches``."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.newsletters import rendering
from stemportal.newsletters.audience import receivers
from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Edition, Newsletter
from stemportal.newsletters.services import batches, editing, lanes

logger = structlog.get_logger(__name__)

Status = Newsletter.Status


def send_newsletter(*, newsletter: Newsletter, by: User) -> int:
    """Start sending a draft, or a scheduled one before its time, to its audience of now. Returns how many that is.

    What it says is frozen in each language. Raises NewsletterError when it is on its way already (somebody was
    faster), is not ready, or when nobody would get it.
    """
    with transaction.atomic():
        count = _start(newsletter.pk, (Status.DRAFT, Status.SCHEDULED))
        Newsletter.objects.filter(pk=newsletter.pk).update(sent_by=by)
    newsletter.refresh_from_db()
    return count


def start_scheduled() -> int:
    """Start what is due. Returns how many newsletters.

    One that cannot be sent any more, for example because what it shows was taken down, becomes a draft again, so that
    its editors see it and not its readers.
    """
    due = Newsletter.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=timezone.now()).order_by("scheduled_at")
    started = 0
    for newsletter_id in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                _start(newsletter_id, (Status.SCHEDULED,))
        except NewsletterError as error:
            back = Newsletter.objects.filter(pk=newsletter_id, status=Status.SCHEDULED).update(status=Status.DRAFT)
            logger.warning("newsletter_not_started", newsletter=newsletter_id, reason=str(error), back=bool(back))
        else:
            started += 1
    return started


def pause_newsletter(*, newsletter: Newsletter) -> None:
    """Hold it up: no mail is begun after this. Raises NewsletterError when it is not on its way."""
    _move(newsletter, (Status.SENDING,), Status.PAUSED, _("This newsletter is not on its way."))


def resume_newsletter(*, newsletter: Newsletter) -> None:
    """Go on where it was held up, with the same words. Raises NewsletterError when it is not paused."""
    with transaction.atomic():
        _move(newsletter, (Status.PAUSED,), Status.SENDING, _("This newsletter is not paused."))
        if not newsletter.editions.exists():  # it was begun by a version that froze nothing
            _freeze(newsletter)
        transaction.on_commit(partial(lanes.start, newsletter.pk))


def stop_newsletter(*, newsletter: Newsletter) -> int:
    """End it for good: who has not got it gets none. Returns how many that are.

    What workers hold at this moment they give back at once, and it is passed over, too. Raises NewsletterError when it
    is neither on its way nor paused.
    """
    with transaction.atomic():
        _move(newsletter, (Status.SENDING, Status.PAUSED), Status.SENT, _("This newsletter is not on its way."))
        Newsletter.objects.filter(pk=newsletter.pk).update(sent_at=timezone.now())
        return batches.pass_over(newsletter.pk)


def sweep() -> None:
    """Every few seconds: settle what dead workers left, keep what is on its way going, and start what is due.

    Starting comes last, for it draws what editors wrote: when that fails, nothing else has to wait for it.
    """
    batches.settle_abandoned()
    for newsletter_id in list(Newsletter.objects.filter(status=Status.SENDING).values_list("pk", flat=True)):
        if not batches.finish(newsletter_id):
            lanes.keep_going(newsletter_id)
    start_scheduled()


def _start(newsletter_id: int, before: tuple[Newsletter.Status, ...]) -> int:
    """From one of these states to being sent, all or nothing. Returns the number of receivers."""
    newsletter = Newsletter.objects.select_for_update(no_key=True).filter(pk=newsletter_id, status__in=before).first()
    if newsletter is None:
        raise NewsletterError(_("This newsletter is already on its way."))
    editing.require_ready(newsletter)
    newsletter.status = Status.SENDING
    newsletter.started_at = timezone.now()
    newsletter.save(update_fields=["status", "started_at"])
    _freeze(newsletter)
    count = _list_receivers(newsletter)
    if not count:
        raise NewsletterError(_("Nobody who subscribes belongs to those it is for, so nobody would get it."))
    transaction.on_commit(partial(lanes.start, newsletter_id))
    return count


def _freeze(newsletter: Newsletter) -> None:
    """Keep what it says in each language: that is what everybody gets, and what can be read afterwards."""
    Edition.objects.bulk_create(
        Edition(
            newsletter=newsletter,
            language=facts.language,
            subject=facts.subject,
            html=facts.html,
            text=facts.text,
            web_html=facts.web_html,
        )
        for facts in rendering.editions(newsletter)
    )


def _list_receivers(newsletter: Newsletter) -> int:
    """One delivery for each in the audience at this moment, in one statement however many they are."""
    found, values = receivers(newsletter).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO newsletters_delivery (newsletter_id, subscriber_id, created_at)
            SELECT %s, receiver.id, now() FROM ({found}) AS receiver (id) ORDER BY receiver.id
            ON CONFLICT (newsletter_id, subscriber_id) DO NOTHING
            """,  # noqa: S608  # the ORM's own text, its values beside it
            [newsletter.pk, *values],
        )
        return int(cursor.rowcount)


def _move(
    newsletter: Newsletter, before: tuple[Newsletter.Status, ...], after: Newsletter.Status, otherwise: str
) -> None:
    """Compare and set; NewsletterError with the words ``otherwise`` when somebody was faster."""
    if not Newsletter.objects.filter(pk=newsletter.pk, status__in=before).update(status=after):
        raise NewsletterError(otherwise)
    newsletter.refresh_from_db()
