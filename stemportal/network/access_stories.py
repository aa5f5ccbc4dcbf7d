"""Who may write, change and read stories: one function fetches and authorises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.images import NAME
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import Ecosystem, Story, StoryPhoto
from stemportal.network.photos import FOLDER
from stemportal.partners.models import Membership, Partner
from stemportal.schools.models import Booking

# A teacher's latest visits that can be told of.
MOST_VISITS = 10


@dataclass(frozen=True, kw_only=True)
class Voice:
    """For whom a person may write. ``key`` is what a form sends; ``facts`` belong to the story."""

    key: str
    label: str
    facts: dict[str, Any]


def voices_of(user: User) -> list[Voice]:
    """Return for whom the person may write: approved partners, own visits that took place, ecosystems. 3 queries."""
    partners = Partner.objects.approved().filter(memberships__user=user, memberships__role__in=Membership.EDITORS)
    voices = [
        Voice(
            key=f"partner-{partner.pk}",
            label=_("For %(partner)s") % {"partner": partner},
            facts={"partner": partner},
        )
        for partner in partners.order_by("display_name", "pk")
    ]
    visits = (
        Booking.objects.completed()
        .filter(teacher=user, stories=None, session__isnull=False)
        .select_related("activity__partner", "school", "session")
        .order_by("-session__starts_at", "-pk")
    )
    voices += [_of_visit(booking) for booking in visits[:MOST_VISITS]]
    voices += [
        Voice(
            key=f"ecosystem-{ecosystem.pk}",
            label=_("News of %(ecosystem)s") % {"ecosystem": localized(ecosystem, "name")},
            facts={"ecosystem": ecosystem},
        )
        for ecosystem in Ecosystem.objects.active().filter(coordinator=user)
    ]
    return voices


def _of_visit(booking: Booking) -> Voice:
    assert booking.session is not None  # asked for in the query
    day = date_format(localtime(booking.session.starts_at), "j. F Y")
    return Voice(
        key=f"visit-{booking.pk}",
        label=_("My visit: %(title)s, %(day)s") % {"title": booking.activity.title, "day": day},
        facts={"booking": booking, "school": booking.school, "partner": booking.activity.partner},
    )


def own_story(user: User, pk: int, *, change: bool = False) -> Story:
    """Return a story for one of its own people; with ``change`` for one who may change it.

    A teacher's story is the teacher's alone; a partner's is for its members, of whom owners and editors change it; an
    ecosystem's for its author and its coordinator. Raises Http404 for others, PermissionDenied for a partner's readers.
    """
    story = (
        Story.objects.select_related("partner", "school", "ecosystem", "author")
        .prefetch_related("photos")
        .filter(pk=pk)
        .first()
    )
    standing = _standing(user, story) if story else None
    if story is None or standing is None:
        raise Http404("no such story for this person")
    if change and not standing:
        raise PermissionDenied(_("You may read here, but not change anything. Ask an owner to give you the right."))
    return story


def may_change(user: User, story: Story) -> bool:
    """Say whether the person, who may read it, may change it too."""
    return bool(_standing(user, story))


def _standing(user: User, story: Story) -> bool | None:
    """True: may change; False: may read; None: a stranger."""
    if story.school_id:
        return True if story.author_id == user.pk else None
    if story.partner_id:
        members = Membership.objects.filter(partner=story.partner_id, user=user)
        role = members.exclude(partner__status=Partner.Status.UNCONFIRMED).values_list("role", flat=True).first()
        return None if role is None else role in Membership.EDITORS
    if story.ecosystem is not None and story.ecosystem.coordinator_id == user.pk:
        return True
    return True if story.author_id == user.pk else None


def own_photo(user: User, story_pk: int, pk: int) -> StoryPhoto:
    """Return a picture for one who may change its story. Raises Http404, PermissionDenied as ``own_story``."""
    story = own_story(user, story_pk, change=True)
    photo = StoryPhoto.objects.select_related("story").filter(story=story, pk=pk).first()
    if photo is None:
        raise Http404("no such picture")
    return photo


def visible_story(slug: str) -> Story:
    """Return a published story for its page. Raises Http404."""
    stories = Story.objects.published().select_related("partner", "school", "ecosystem", "booking__activity")
    story = stories.prefetch_related("photos").filter(slug=slug).first()
    if story is None:
        raise Http404("no such story")
    return story


def visible_photo(user: AbstractBaseUser | AnonymousUser, name: str) -> StoryPhoto:
    """Return the picture with this file name: of a published story, one's own, or for staff. Raises Http404."""
    if not NAME.fullmatch(name):
        raise Http404("no such picture")
    photo = StoryPhoto.objects.select_related("story__ecosystem").filter(file=f"{FOLDER}/{name}").first()
    if photo is None:
        raise Http404("no such picture")
    if Story.objects.published().filter(pk=photo.story_id).exists():
        return photo
    if isinstance(user, User) and (user.has_perm("network.view_story") or _standing(user, photo.story) is not None):
        return photo
    raise Http404("not shown")
