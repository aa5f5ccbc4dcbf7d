"""Everybody who has acted for a partner, and every name and address they are known by."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from stemportal.accounts.models import User
from stemportal.partners.extensions import People
from stemportal.partners.models import Partner


def changes_in(name: str) -> QuerySet[Any]:
    """Return the rows of a history of this app (lib.history), for example PartnerChange."""
    return apps.get_model("partners", name)._default_manager.all()


def people_of(partner: Partner) -> People:
    """Return everybody who has acted for the partner: members now and before, who signed, and contact persons."""
    history = changes_in("PartnerChange").filter(pgh_obj_id=partner.pk)
    signatures = partner.signatures.all()
    pks = {
        *partner.memberships.values_list("user_id", flat=True),
        *changes_in("MembershipChange").filter(partner_id=partner.pk).values_list("user_id", flat=True),
        *signatures.exclude(signed_by=None).values_list("signed_by_id", flat=True),
        *partner.invitations.exclude(accepted_by=None).values_list("accepted_by_id", flat=True),
    }
    # Whoever works in the secretariat is no guest of the partner's.
    people = User.objects.filter(pk__in=pks, is_staff=False)
    words = {
        partner.contact_name,
        partner.contact_email,
        *(word for row in people.values_list("full_name", "email") for word in row),
        *(word for row in history.values_list("contact_name", "contact_email") for word in row),
        *signatures.values_list("signed_name", flat=True),
        *partner.invitations.values_list("email", flat=True),
    }
    found = people.values_list("pk", flat=True)
    return People(pks=frozenset(found), words=tuple(sorted(word for word in words if word)))
