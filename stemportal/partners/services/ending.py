"""Ending a partnership, and taking one up again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from stemportal.accounts.models import User
from stemportal.partners import extensions
from stemportal.partners.emails import leaving as emails
from stemportal.partners.models import Partner
from stemportal.partners.queries.members import owners_of
from stemportal.partners.services.decisions import move_partner

Status = Partner.Status
# What can end: an application that is not wanted any more, and every partnership.
ACTIVE = (Status.APPLIED, Status.APPROVED, Status.PAUSED)


class NeedsOwner(Exception):
    """A partnership cannot be taken up again: nobody is left to own it. The secretariat gives it an owner first."""


def consequences_of(partner: Partner) -> list[extensions.Consequence]:
    """Return what ending the partnership would do, for a person to read before it is done. Changes nothing."""
    return [told for part in extensions.at_end for told in part.tell(partner) if told.count]


def kept_until(partner: Partner) -> date:
    """Return the last day on which the data of the partner's people is kept, were it to end today or as it has ended.

    A declined application counts from the day of the answer.
    """
    over = partner.decided_at if partner.status == Status.DECLINED else partner.ended_at
    return timezone.localtime(over or timezone.now()).date() + timedelta(days=settings.PARTNER_RETENTION_DAYS)


def end_partner(*, partner: Partner, by: User, note: str = "", message: str = "") -> bool:
    """End a partnership with all that follows: offers off the pages, visits called off, owners and teachers told.

    ``note`` is for the history, which the secretariat reads; ``message`` goes to the teachers whose visit is off. False
    when the partnership was not active, so that nothing was done.
    """
    with transaction.atomic():
        current = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        old = Status(current.status)
        if old not in ACTIVE:
            return False
        owners = owners_of(partner)
        # Told before it is done: afterwards there is nothing left to call off.
        told = _in_each_language(partner, {owner.language for owner in owners})
        move_partner(partner, old, Status.ENDED, by=by, note=note, ended_at=timezone.now())
        for part in extensions.at_end:
            part.carry_out(partner, by=by, message=message)
        for owner in owners:
            emails.ended(partner=partner, owner=owner, told=told[owner.language], kept_until=kept_until(partner))
        return True


def leave_programme(*, partner: Partner, by: User, reason: str = "", message: str = "") -> bool:
    """An owner ends the partnership: as ``end_partner``, and the secretariat is told, with the reason if one is given.

    False when the partnership was not active.
    """
    with transaction.atomic():
        if not end_partner(partner=partner, by=by, note=reason, message=message):
            return False
        emails.partner_left(partner=partner, by=by, reason=reason)
        return True


def _in_each_language(partner: Partner, languages: Iterable[str]) -> dict[str, list[extensions.Consequence]]:
    told = {}
    for language in languages:
        with translation.override(language):
            told[language] = consequences_of(partner)
    return told


def reopen_partner(*, partner: Partner, by: User, note: str = "") -> bool:
    """Take up a partnership that had ended; its offers stay archived until somebody publishes them again.

    False when it had not ended, or was merged into another one. Raises NeedsOwner when no owner is left, as after the
    deletion of personal data. Where that took the contact person too, the new owner is the contact person.
    """
    with transaction.atomic():
        current = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        if current.status != Status.ENDED or current.merged_into_id:
            return False
        owners = owners_of(partner)
        if not owners:
            raise NeedsOwner
        changes: dict[str, object] = {"ended_at": None, "personal_data_deleted_at": None}
        if not current.contact_email:
            changes |= {"contact_name": str(owners[0]), "contact_email": owners[0].email}
        move_partner(partner, Status.ENDED, Status.APPROVED, by=by, note=note, **changes)
        for owner in owners:
            emails.reopened(partner=partner, owner=owner)
        return True
