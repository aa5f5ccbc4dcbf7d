"""What the secretariat decides about a partner: letting in, saying no, pausing, opening again."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.partners.emails import applications as emails
from stemportal.partners.models import Membership, Partner, PartnerEvent

Status = Partner.Status


def approve_partner(*, partner: Partner, by: User) -> bool:
    """Let a waiting application in and mail its contact. False when somebody else decided first."""
    with transaction.atomic():
        if not move_partner(
            partner, Status.APPLIED, Status.APPROVED, by=by, decided_at=timezone.now(), decline_reason=""
        ):
            return False
        emails.approved(partner=partner, contact=contact_of(partner))
        return True


def decline_partner(*, partner: Partner, by: User, reason: str) -> bool:
    """Say no to a waiting application and mail the reason to its contact. False when somebody else decided first."""
    with transaction.atomic():
        now = timezone.now()
        if not move_partner(
            partner, Status.APPLIED, Status.DECLINED, by=by, note=reason, decided_at=now, decline_reason=reason
        ):
            return False
        emails.declined(partner=partner, contact=contact_of(partner), reason=reason)
        return True


def pause_partner(*, partner: Partner, by: User, note: str = "") -> bool:
    """Take an approved partner and its offers off the public pages for a while. False when it was not approved."""
    with transaction.atomic():
        return move_partner(partner, Status.APPROVED, Status.PAUSED, by=by, note=note)


def resume_partner(*, partner: Partner, by: User, note: str = "") -> bool:
    """Bring a paused partner back. False when it was not paused."""
    with transaction.atomic():
        return move_partner(partner, Status.PAUSED, Status.APPROVED, by=by, note=note)


def move_partner(partner: Partner, old: Status, new: Status, *, by: User, note: str = "", **changes: object) -> bool:
    """Compare-and-set the status, with a history row when it moved."""
    if not Partner.objects.filter(pk=partner.pk, status=old).update(status=new, **changes):
        return False
    partner.status = new
    for name, value in changes.items():
        setattr(partner, name, value)
    PartnerEvent.objects.create(partner=partner, by=by, from_status=old, to_status=new, note=note)
    return True


def contact_language(partner: Partner) -> str:
    """Return the language of mail to the partner's contact person."""
    contact = contact_of(partner)
    return contact.language if contact else settings.LANGUAGE_CODE


def contact_of(partner: Partner) -> User | None:
    """The contact person's account: the member with that address, else the first owner."""
    return contacts_of([partner])[partner.pk]


def contacts_of(partners: Sequence[Partner]) -> dict[int, User | None]:
    """Return each partner's contact person's account by the partner's id. One query for all."""
    members: dict[int, list[Membership]] = {partner.pk: [] for partner in partners}
    active = Membership.objects.filter(partner__in=partners, user__is_active=True).select_related("user")
    for membership in active.order_by("joined_at", "pk"):
        members[membership.partner_id].append(membership)
    return {partner.pk: _contact_among(members[partner.pk], partner.contact_email) for partner in partners}


def _contact_among(members: Sequence[Membership], email: str) -> User | None:
    named = [member for member in members if member.user.email.lower() == email.lower()]
    owners = [member for member in members if member.role == Membership.Role.OWNER]
    return next((member.user for member in [*named, *owners]), None)
