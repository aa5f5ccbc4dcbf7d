"""Asking partners and schools to act, and remembering it, so that nobody is asked twice in a short time."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.partners.models import Membership, Partner
from stemportal.reports.models import Nudge
from stemportal.reports.radar import letters

# Nobody is asked for the same thing twice in so long a time.
QUIET = timedelta(days=60)


def owners_of(partner: Partner) -> list[User]:
    """Return the partner's owners who can log in, those who joined first before the others."""
    memberships = Membership.objects.filter(partner=partner, role=Membership.Role.OWNER, user__is_active=True)
    return [membership.user for membership in memberships.select_related("user").order_by("joined_at", "pk")]


@transaction.atomic
def wake_partner(*, partner: Partner, text: str, by: User) -> Nudge | None:
    """Write to a silent partner's owners. None when it was written to in the last 60 days, or has nobody to read it.

    Two who press at once write once: the partner's row is locked while it is looked at.
    """
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if Nudge.objects.since(timezone.now() - QUIET).filter(kind=Nudge.Kind.WAKE_PARTNER, partner=partner).exists():
        return None
    owners = owners_of(partner)
    if not owners:
        return None
    for owner in owners:
        letters.wake(partner=partner, owner=owner, text=text, sender=by)
    return Nudge.objects.create(kind=Nudge.Kind.WAKE_PARTNER, partner=partner, text=text, mails=len(owners), sent_by=by)
