"""Reads about the people of a partner: who they are, who is invited, and contact persons who seem to have left."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, CharField, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.partners.models import Invitation, Membership, Partner

Role, Status = Membership.Role, Partner.Status

# Who has not logged in for so long has probably left. Invitations, holidays and parental leave end well before.
DEPARTED_AFTER = timedelta(days=365)

BOUNCED, NOBODY, CONTACT = "bounced", "nobody", "contact"
# Why a contact person seems to have left, for the secretariat.
DEPARTED_REASONS = {
    BOUNCED: _("The last mail to the contact person came back"),
    NOBODY: _("Nobody has logged in for a year"),
    CONTACT: _("The contact person has not logged in for a year"),
}


def members_of(partner: Partner) -> QuerySet[Membership]:
    """The partner's people for its list: owners first, then editors, then readers, each by name."""
    order = Case(When(role=Role.OWNER, then=0), When(role=Role.EDITOR, then=1), default=2)
    return partner.memberships.select_related("user").order_by(order, Lower("user__full_name"), "pk")


def owners_of(partner: Partner | int) -> list[User]:
    """Return the owners who can log in, who joined first before the others: who hears of what concerns the partner."""
    owners = Membership.objects.filter(partner=partner, role=Role.OWNER, user__is_active=True)
    return [membership.user for membership in owners.select_related("user").order_by("joined_at", "pk")]


def waiting_invitations(partner: Partner) -> QuerySet[Invitation]:
    """Invitations that nobody has used or taken back, the newest first; some may have run out."""
    return partner.invitations.filter(accepted_at=None, revoked_at=None).select_related("invited_by")


def past_invitations(partner: Partner) -> QuerySet[Invitation]:
    """Invitations that were used or taken back, the newest first."""
    past = partner.invitations.filter(Q(accepted_at__isnull=False) | Q(revoked_at__isnull=False))
    return past.select_related("invited_by", "accepted_by")


def departed_contacts(reason: str = "") -> QuerySet[Partner]:
    """Approved and paused partners whose contact person seems to have left, for one reason or any, the longest first.

    Adds ``departed_reason``, a key of DEPARTED_REASONS, and ``departed_since``. In this order: the newest mail to the
    contact's address that is settled could not be delivered; no member has logged in for a year; the member with the
    contact's address has not. Who never logged in counts from the day of joining, a partner without members from the
    day it applied.
    """
    address = Q(to_email=OuterRef("contact_email")) | Q(to_email=Lower(OuterRef("contact_email")))
    newest_mail = Mail.objects.filter(address, status__in=[Mail.Status.SENT, Mail.Status.FAILED]).order_by("-pk")
    seen = Coalesce("user__last_login", "joined_at")
    members = Membership.objects.filter(partner=OuterRef("pk"), user__is_active=True).order_by().values("partner")
    last_seen = members.annotate(seen=Max(seen)).values("seen")
    contact = members.filter(user__email__iexact=OuterRef("contact_email")).annotate(seen=Max(seen)).values("seen")
    long_ago = timezone.now() - DEPARTED_AFTER
    when = DateTimeField()
    return (
        Partner.objects.filter(status__in=[Status.APPROVED, Status.PAUSED])
        .annotate(
            contact_mail=Subquery(newest_mail.values("status")[:1]),
            contact_mail_at=Subquery(newest_mail.values("created_at")[:1]),
            last_seen=Coalesce(Subquery(last_seen, output_field=when), "applied_at"),
            contact_seen=Subquery(contact, output_field=when),
        )
        .annotate(
            departed_reason=Case(
                When(contact_mail=Mail.Status.FAILED, then=Value(BOUNCED)),
                When(last_seen__lt=long_ago, then=Value(NOBODY)),
                When(contact_seen__lt=long_ago, then=Value(CONTACT)),
                output_field=CharField(),
            ),
            departed_since=Case(
                When(contact_mail=Mail.Status.FAILED, then=F("contact_mail_at")),
                When(last_seen__lt=long_ago, then=F("last_seen")),
                When(contact_seen__lt=long_ago, then=F("contact_seen")),
            ),
        )
        .filter(Q(departed_reason=reason) if reason else Q(departed_reason__isnull=False))
        .order_by("departed_since", "pk")
    )
