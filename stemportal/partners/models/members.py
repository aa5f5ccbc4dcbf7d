"""The people who act for a partner, and those who are invited to."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.partners.models.partner import Partner

INVITATION_DAYS = 14
# The name with which the database refuses to leave a partner without an owner.
OWNER_CONSTRAINT = "partners_membership_keeps_an_owner"
LAST_OWNER_STAYS = """
IF EXISTS (
    SELECT 1 FROM partners_partner p
    WHERE p.id = OLD.partner_id AND p.status IN ('applied', 'approved', 'paused')
) AND NOT EXISTS (
    SELECT 1 FROM partners_membership m WHERE m.partner_id = OLD.partner_id AND m.role = 'owner'
) THEN
    RAISE EXCEPTION 'a partner needs an owner'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'partners_membership_keeps_an_owner';
END IF;
RETURN NULL;
"""


def token_hash(token: str) -> str:
    """Return what is stored of a mailed link's token, so that a copy of the database opens no doors."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_ends() -> datetime:
    """Return when an invitation that is written now runs out."""
    return timezone.now() + timedelta(days=INVITATION_DAYS)


@keep_history("MembershipChange")
class Membership(models.Model):
    """A person who acts for a partner. One person may belong to several."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        EDITOR = "editor", _("Editor")
        READER = "reader", _("Reader")

    # They act for the partner and answer for it.
    EDITORS = (Role.OWNER, Role.EDITOR)

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("partner")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.EDITOR)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="partners_membership_unique")]
        triggers = [
            # Checked at the end of the transaction, so that ownership can be handed over in any order.
            pgtrigger.Trigger(
                name="keeps_an_owner",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__role="owner"),
                func=LAST_OWNER_STAYS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.partner}"

    @property
    def may_edit(self) -> bool:
        return self.role in self.EDITORS


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Phrases about invitations."""

    def open(self) -> Self:
        """Invitations that can still be accepted."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A mailed link with which a colleague becomes a member. It expires, works once and can be taken back."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("partner")
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    role = models.CharField(_("role"), max_length=10, choices=Membership.Role, default=Membership.Role.EDITOR)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"), default=invitation_ends)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "partner",
                Lower("email"),
                # An expired one is taken back when the next is written.
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="partners_invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.partner}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()
