"""Telling partners what happened to their input: mails made from its history by a worker.

A step writes one line of history with the input, in one transaction. After the commit a worker writes the mails of
that line and marks it as told, again in one transaction; should the message or the worker be lost, the sweep finds the
line. Those who stand behind an input hear once what came of it, each row marked in the transaction of its mail.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog
from django.db import transaction
from django.utils import timezone

from stemportal.network.emails import inputs as emails
from stemportal.network.models import Input, InputEvent, InputSupport
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Membership

logger = structlog.get_logger(__name__)

# A line that is younger is on its way to a worker.
SWEEP_AFTER = timedelta(seconds=20)
SWEEP_AT_MOST = 200
# Supports in one transaction.
BATCH = 50
DECIDED = (Input.Status.TAKEN_UP, Input.Status.NOT_TAKEN_UP)


def about(input_id: int) -> str:
    """Return the outbox's key for mails about an input."""
    return emails.about(input_id)


def after_commit(input_id: int) -> None:
    """Have the input's untold history told once the transaction is committed."""
    transaction.on_commit(partial(announce, input_id))


def announce(input_id: int) -> None:
    """Tell a worker about an input. Without Valkey the history simply waits for the sweep."""
    from stemportal.network.tasks import tell_input

    hand_over(lambda: tell_input.delay(input_id), input=input_id)


def tell(input_id: int) -> int:
    """Write the mails of everything in the input's history that is not told, in its order. Returns how many lines."""
    with transaction.atomic():
        untold = InputEvent.objects.filter(input_id=input_id, told_at=None).select_for_update(no_key=True)
        steps = list(untold.order_by("pk"))
        if not steps:
            return 0
        found = Input.objects.select_related("partner", "hearing", "recommendation", "by").get(pk=input_id)
        for step in steps:
            for membership in _receivers(found, step):
                emails.input_moved(found=found, step=step, person=membership.user)
        InputEvent.objects.filter(pk__in=[step.pk for step in steps]).update(told_at=timezone.now())
    while tell_supporters(input_id) == BATCH:
        pass
    return len(steps)


def _receivers(found: Input, step: InputEvent) -> list[Membership]:
    """Those who answer for the partner; that it was received concerns the one who sent it, that it was withdrawn
    nobody: they did it themselves.
    """
    if step.to_status == Input.Status.WITHDRAWN:
        return []
    people = Membership.objects.filter(partner=found.partner_id, role__in=Membership.EDITORS, user__is_active=True)
    if not step.from_status:
        people = people.filter(user=step.by_id)
    return list(people.select_related("user").order_by("pk"))


def tell_supporters(input_id: int | None = None) -> int:
    """Tell a batch of those who stand behind an input that was decided, of one or of any. Returns how many supports.

    A full batch (BATCH) means that there may be more. Support that was given to one's own input by a merger is left
    out of the mails: that partner has its own.
    """
    decided = InputSupport.objects.filter(told_at=None, input__status__in=DECIDED, input__is_shared=True)
    if input_id is not None:
        decided = decided.filter(input=input_id)
    with transaction.atomic():
        taken = decided.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("partner")
        rows = list(taken.order_by("pk")[:BATCH])
        inputs = Input.objects.select_related("partner", "recommendation").in_bulk({row.input_id for row in rows})
        for row in rows:
            found = inputs[row.input_id]
            if row.partner_id == found.partner_id or not row.partner.is_approved:
                continue
            for membership in _supporting(row):
                emails.supported_decided(found=found, support=row, person=membership.user)
        InputSupport.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=timezone.now())
    return len(rows)


def _supporting(row: InputSupport) -> list[Membership]:
    """Whoever supported, if still there, else the partner's owners."""
    people = Membership.objects.filter(partner=row.partner_id, user__is_active=True).select_related("user")
    return list(people.filter(user=row.by_id)) or list(people.filter(role=Membership.Role.OWNER).order_by("pk"))


def sweep() -> int:
    """Tell what nobody told in time, the oldest first. Returns how many inputs."""
    waiting = InputEvent.objects.filter(told_at=None, at__lt=timezone.now() - SWEEP_AFTER).order_by("at")
    found = dict.fromkeys(waiting.values_list("input_id", flat=True)[:SWEEP_AT_MOST])
    for input_id in found:
        try:
            tell(input_id)
        except Exception:  # one input's trouble must not keep the mails of the others
            logger.exception("input_not_told", input=input_id)
    while tell_supporters() == BATCH:
        pass
    return len(found)
