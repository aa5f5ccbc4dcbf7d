"""One function fetches and authorises: who may see and who may change an activity."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from stemportal.accounts.models import User
from stemportal.activities import portraits
from stemportal.activities.models import Activity, ActivityFile, ActivityImage, OwnWord, RoleModel
from stemportal.activities.pictures import FOLDER
from stemportal.lib.images import NAME
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


def own_word_for_member(user: Visitor, pk: int, *, edit: bool = False) -> OwnWord:
    """Return something that a partner the person acts for told of itself.

    Raises Http404 for strangers, PermissionDenied when ``edit`` is asked for by a reader.
    """
    own_word = OwnWord.objects.select_related("partner", "kind").filter(pk=pk).first()
    if own_word is None:
        raise Http404("nothing told here")
    partner_for_member(user, own_word.partner_id, edit=edit)
    return own_word


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


def offer_to_keep(user: User, pk: int) -> Activity:
    """Return an offer that the person may keep or let go: a published one, or one that was and is kept already.

    Raises Http404 otherwise.
    """
    activity = Activity.objects.published().filter(pk=pk).first()
    activity = activity or Activity.objects.filter(pk=pk, favourites__user=user).first()
    if activity is None:
        raise Http404("no such activity")
    return activity


def image_for_member(user: Visitor, pk: int) -> ActivityImage:
    """Return a picture for somebody who may change its offer. Raises Http404 and PermissionDenied as for the offer."""
    image = ActivityImage.objects.filter(pk=pk).first()
    if image is None:
        raise Http404("no such picture")
    image.activity = activity_for_member(user, image.activity_id, edit=True)
    return image


def image_visible_to(user: Visitor, name: str) -> tuple[ActivityImage, bool]:
    """Return a picture by its file name, and whether everybody sees it. Raises Http404 where the offer is not shown."""
    image = ActivityImage.objects.filter(file=f"{FOLDER}/{name}").first() if NAME.fullmatch(name) else None
    if image is None:
        raise Http404("no such picture")
    return image, activity_visible_to(user, image.activity_id).is_public


def file_for_member(user: Visitor, pk: int) -> ActivityFile:
    """Return a file for somebody who may change its offer. Raises Http404 and PermissionDenied as for the offer."""
    file = ActivityFile.objects.filter(pk=pk).first()
    if file is None:
        raise Http404("no such file")
    file.activity = activity_for_member(user, file.activity_id, edit=True)
    return file


def file_visible_to(user: Visitor, pk: int) -> ActivityFile:
    """Return a file for everybody who sees its offer. Raises Http404 otherwise."""
    file = ActivityFile.objects.filter(pk=pk).first()
    if file is None:
        raise Http404("no such file")
    file.activity = activity_visible_to(user, file.activity_id).activity
    return file


@dataclass(frozen=True)
class RoleModelSight:
    """A role model as one person sees it: as everybody does, or as a member of its partner."""

    role_model: RoleModel
    is_member: bool
    may_edit: bool

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.role_model.is_published and self.role_model.partner.is_approved


def _role_models() -> QuerySet[RoleModel]:
    return RoleModel.objects.select_related("partner__municipality__county", "offer")


def role_model_for_member(user: Visitor, pk: int, *, edit: bool = False) -> RoleModel:
    """Return a profile of a partner that the person acts for; a deleted one only to look at.

    Raises Http404 for strangers, PermissionDenied when ``edit`` is asked for by a reader.
    """
    found = _role_models().filter(pk=pk).first()
    if found is None:
        raise Http404("no such role model")
    partner_for_member(user, found.partner_id, edit=edit)
    if found.is_erased:
        raise Http404("deleted at the person's wish")
    return found


def role_model_visible_to(user: Visitor, pk: int) -> RoleModelSight:
    """Return a profile for its public page: those that are shown to everybody, the rest to members of the partner.

    Raises Http404 otherwise.
    """
    found = _role_models().exclude(email="").filter(pk=pk).first()
    if found is None:
        raise Http404("no such role model")
    membership = None
    if user.is_authenticated:
        membership = Membership.objects.filter(partner_id=found.partner_id, user_id=user.pk).first()
    sight = RoleModelSight(found, is_member=membership is not None, may_edit=bool(membership and membership.may_edit))
    if not sight.is_public and not sight.is_member:
        raise Http404("no such role model")
    return sight


def role_model_of_photo(user: Visitor, name: str) -> RoleModel:
    """Return the role model whose photo has this file name: one that is shown, or of one's own partner, or for staff.

    Raises Http404 otherwise.
    """
    if not NAME.fullmatch(name):
        raise Http404("no such photo")
    found = _role_models().filter(photo=f"{portraits.FOLDER}/{name}").first()
    if found is None:
        raise Http404("no such photo")
    if not (found.is_published and found.partner.is_approved) and not (
        isinstance(user, User) and user.has_perm("activities.view_rolemodel")
    ):
        partner_for_member(user, found.partner_id)
    return found
