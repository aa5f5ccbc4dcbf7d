"""One function fetches and authorises: who may see and who may change an activity."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from stemportal.activities.models import Activity
from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Membership

Visitor = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Sight:
    """An activity as one person sees it: as everybody does, or as a member of its partner."""

    activity: Activity
    is_member: bool
    may_edit: bool

    @property
    def is_public(self) -> bool:
        """Whether teachers see it too."""
        return self.activity.is_published and self.activity.partner.is_approved


def activity_for_member(user: Visitor, pk: int, *, edit: bool = False) -> Activity:
    """Return an activity of a partner that the person acts for.

    Raises Http404 for strangers, PermissionDenied when ``edit`` is asked for by a reader.
    """
    activity = (
        Activity.objects.select_related("partner__municipality", "kind", "municipality__county").filter(pk=pk).first()
    )
    if activity is None:
        raise Http404("no such activity")
    partner_for_member(user, activity.partner_id, edit=edit)
    return activity


def activity_visible_to(user: Visitor, pk: int) -> Sight:
    """Return an activity for its public page: published ones to everybody, the rest to members of its partner.

    Raises Http404 otherwise.
    """
    activity = (
        Activity.objects.select_related("partner__municipality", "kind", "municipality__county").filter(pk=pk).first()
    )
    if activity is None:
        raise Http404("no such activity")
    membership = None
    if user.is_authenticated:
        membership = Membership.objects.filter(partner_id=activity.partner_id, user_id=user.pk).first()
    sight = Sight(activity, is_member=membership is not None, may_edit=membership is not None and membership.may_edit)
    if not sight.is_public and not sight.is_member:
        raise Http404("no such activity")
    return sight
