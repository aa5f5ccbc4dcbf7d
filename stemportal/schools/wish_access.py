"""Who may see and answer a wish: its teacher, the coordinators of its school, and the partners that were asked."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from stemportal.accounts.models import User
from stemportal.partners.access import membership_of
from stemportal.partners.models import Partner
from stemportal.schools.models import Offer, Teacher, Wish, WishMatch


def wish_for(user: User, pk: int) -> Wish:
    """Return a wish for its teacher, as long as the person is at the school, or for a coordinator there.

    Raises Http404 for everybody else; whoever may see it may also answer its offers.
    """
    record = Teacher.objects.filter(user=user, status=Teacher.Status.VERIFIED)
    coordinated = record.filter(role=Teacher.Role.COORDINATOR).values("school_id")
    mine = Q(teacher=user, school__in=record.values("school_id")) | Q(school__in=coordinated)
    wishes = Wish.objects.select_related("school__municipality", "kind", "subject", "goal__plan", "teacher")
    wish = wishes.filter(mine, pk=pk).first()
    if wish is None:
        raise Http404("no such wish for this person")
    return wish


def offer_for(user: User, pk: int) -> Offer:
    """Return an offer to a wish that the person may answer. Raises Http404 for everybody else."""
    offers = Offer.objects.select_related("activity__partner", "activity__kind", "activity__municipality")
    offer = offers.filter(pk=pk).first()
    if offer is None:
        raise Http404("no such offer")
    offer.wish = wish_for(user, offer.wish_id)
    return offer


def match_for(user: User, partner_pk: int, wish_pk: int) -> WishMatch:
    """Return the asking of a partner for a member who may answer it.

    Raises Http404 for strangers and for wishes that the partner was not asked for, PermissionDenied for readers and for
    partners that are not in the programme.
    """
    membership = membership_of(user, partner_pk)
    match = (
        WishMatch.objects.select_related(
            "partner__municipality", "role_model", "wish__school__municipality", "wish__kind", "wish__subject",
            "wish__goal", "wish__teacher",
        )
        .filter(partner=partner_pk, wish=wish_pk)
        .first()
    )  # fmt: skip
    if match is None:
        raise Http404("the partner was not asked")
    if not membership.may_edit or not membership.partner.is_approved:
        raise PermissionDenied
    return match


def own_offer(partner: Partner, wish: Wish, pk: int) -> Offer:
    """Return an offer of this partner to this wish. Raises Http404 for any other."""
    offers = Offer.objects.select_related("wish__school__municipality", "wish__teacher", "activity__partner")
    offer = offers.filter(pk=pk, wish=wish, activity__partner=partner).first()
    if offer is None:
        raise Http404("no such offer of this partner")
    return offer
