"""One function fetches and authorises: who may see and change a partner's room."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from stemportal.partners.models import Membership, Partner

# An application that nobody confirmed counts for nothing, also not for the one whose address was typed.
HIDDEN = [Partner.Status.UNCONFIRMED]
READ_ONLY = {Partner.Status.DECLINED, Partner.Status.ENDED}


def membership_of(user: AbstractBaseUser | AnonymousUser, pk: int) -> Membership:
    """Return the person's membership, with its partner loaded. Raises Http404 for strangers, staff included."""
    membership = (
        Membership.objects.select_related("partner", "partner__municipality__county")
        .exclude(partner__status__in=HIDDEN)
        .filter(partner_id=pk, user_id=user.pk)
        .first()
        if user.is_authenticated
        else None
    )
    if membership is None:
        raise Http404("no such partner for this person")
    return membership


def partner_for_member(user: AbstractBaseUser | AnonymousUser, pk: int, *, edit: bool = False) -> Partner:
    """Return the partner whose room the person may enter.

    Raises Http404 for everybody who is not a member (also staff, who have the admin), PermissionDenied when ``edit``
    is asked for by a reader or of a partner that was declined or has ended. Whether a partner is approved is not asked:
    a member may prepare listings while the application waits; publishing asks ``partner.is_approved``.
    """
    membership = membership_of(user, pk)
    partner = membership.partner
    if edit and not membership.may_edit:
        raise PermissionDenied(_("You may read here, but not change anything. Ask an owner to give you the right."))
    if edit and partner.status in READ_ONLY:
        raise PermissionDenied(_("This partnership is not active, so nothing can be changed."))
    return partner


def visible_partner(user: AbstractBaseUser | AnonymousUser, slug: str) -> Partner:
    """Return a partner for its public page: approved, or one's own. Raises Http404 otherwise."""
    partner = Partner.objects.select_related("municipality__county").filter(slug=slug).first()
    if partner is None:
        raise Http404("no such partner")
    if not partner.is_approved:
        membership_of(user, partner.pk)
    return partner
