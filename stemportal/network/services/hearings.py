"""Hearings: closing one, and telling all partners that one opened or closes soon.

Telling is done in batches, in the order of people's ids: the mails of a batch and the id it ended with are written in
one transaction, so nobody gets two, and after a crash the next batch begins where the last one ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from stemportal.network.emails import inputs as emails
from stemportal.network.models import Hearing, Input
from stemportal.partners.models import Membership, Partner

logger = structlog.get_logger(__name__)

# Mails in one transaction; input to the hearing waits for it, because it looks at the deadline under the same lock.
BATCH = 50


def close_hearing(*, hearing: Hearing, summary: str) -> bool:
    """Say what came of a hearing; an open one takes no more input from now on. False: it has not begun.

    A summary can be mended later: the deadline of a hearing that is over stays what it was.
    """
    with transaction.atomic():
        locked = Hearing.objects.select_for_update(no_key=True).get(pk=hearing.pk)
        now = timezone.now()
        if locked.opens_at >= now:
            return False
        locked.summary = summary
        locked.closes_at = min(locked.closes_at, now)
        locked.save(update_fields=["summary", "closes_at"])
    return True


# Telling


@dataclass(frozen=True, kw_only=True)
class Round:
    """One of the two mails about a hearing: when it is due, to whom it goes, and where its progress is kept."""

    due: Callable[[], QuerySet[Hearing]]
    receivers: Callable[[Hearing], QuerySet[Membership]]
    write: Callable[..., None]
    done: str
    until: str


def _people() -> QuerySet[Membership]:
    """Owners and editors of approved partners, each person once."""
    found = Membership.objects.filter(
        partner__status=Partner.Status.APPROVED,
        role__in=Membership.EDITORS,
        user__is_active=True,
    )
    return found.select_related("user", "partner").order_by("user_id", "pk").distinct("user_id")


def _everybody(hearing: Hearing) -> QuerySet[Membership]:  # noqa: ARG001  # each round asks for a hearing's people
    return _people()


def _who_were_silent(hearing: Hearing) -> QuerySet[Membership]:
    sent = Input.objects.filter(hearing=hearing, partner=OuterRef("partner")).exclude(status=Input.Status.WITHDRAWN)
    return _people().filter(~Exists(sent))


def _just_opened() -> QuerySet[Hearing]:
    return Hearing.objects.open().filter(told_at=None)


def _closing_soon() -> QuerySet[Hearing]:
    """Some days before the end, where the first mail was not just as late."""
    days = timedelta(days=settings.HEARING_REMIND_DAYS)
    soon = Hearing.objects.open().filter(reminded_at=None, closes_at__lte=timezone.now() + days)
    return soon.filter(opens_at__lte=F("closes_at") - 2 * days)


ROUNDS = (
    Round(
        due=_just_opened,
        receivers=_everybody,
        write=emails.hearing_opened,
        done="told_at",
        until="told_until",
    ),
    Round(
        due=_closing_soon,
        receivers=_who_were_silent,
        write=emails.hearing_closes_soon,
        done="reminded_at",
        until="reminded_until",
    ),
)


def tell_hearings() -> int:
    """Write one batch of mails about each hearing that has something to tell. Returns how many batches were full.

    Full batches mean that there may be more: call it again. A hearing that is being told by another worker is left out.
    """
    full = 0
    for mails in ROUNDS:
        for pk in list(mails.due().values_list("pk", flat=True)):
            try:
                full += _batch(mails, pk) == BATCH
            except Exception:  # one hearing's trouble must not keep the mails of the others
                logger.exception("hearing_not_told", hearing=pk)
    return full


def _batch(mails: Round, pk: int) -> int:
    with transaction.atomic():
        hearing = mails.due().select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
        if hearing is None:
            return 0
        people = list(mails.receivers(hearing).filter(user_id__gt=getattr(hearing, mails.until))[:BATCH])
        for membership in people:
            mails.write(hearing=hearing, person=membership.user, partner=membership.partner)
        if len(people) == BATCH:
            setattr(hearing, mails.until, people[-1].user_id)
        else:
            setattr(hearing, mails.done, timezone.now())
        hearing.save(update_fields=[mails.until, mails.done])
    return len(people)


def move_deadline(*, hearing: Hearing) -> None:
    """Let a hearing whose end was moved be reminded of anew."""
    Hearing.objects.filter(pk=hearing.pk).update(reminded_at=None, reminded_until=0)
