"""Writing, sending, publishing and taking down stories.

Every move is a compare-and-set on the status; who moved what stands in its history (``StoryChange``). A story's page is
found by its title and its number, so no two stories ever want the same address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.images import Picture
from stemportal.network.emails import stories as emails
from stemportal.network.models import Ecosystem, Story, StoryPhoto
from stemportal.network.photos import FOLDER
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.partners.slugs import LETTERS
from stemportal.schools.models import Booking, School

Status = Story.Status
MOST_PHOTOS = 6
# Stories of one person that are not published: more than anybody works on at once.
MOST_UNFINISHED = 20
STEP = 10
# What the secretariat may publish: its own drafts, what was sent in, and what was taken down before.
PUBLISHABLE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN)
SLUG_LENGTH = 120


class StoryRefused(Exception):
    """Something cannot be done; ``words`` says why and what to do, in the language of the page."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a story says. ``title`` is not empty."""

    title: str
    lead: str = ""
    text: str = ""
    language: str = "nb"
    byline: str = ""


def consent_words() -> str:
    """Return what somebody says yes to with a picture, in the language of the page; it is kept with the picture.

    Rule: the right to one's own picture (åndsverkloven § 104), and consent of the guardians for those under 15.
    """
    return _(
        "Everybody who can be recognised in this picture has said yes to it being shown on the portal and in its "
        "newsletters; for pupils under 15 their guardians have. I know that it is taken away when one of them changes "
        "their mind."
    )


# --- Writing


@transaction.atomic
def begin_story(
    *,
    author: User,
    words: Words,
    partner: Partner | None = None,
    school: School | None = None,
    booking: Booking | None = None,
    ecosystem: Ecosystem | None = None,
) -> Story:
    """Write down a draft. Raises StoryRefused when the person has too many that are not published."""
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    unfinished = Story.objects.filter(author=author).exclude(status=Status.PUBLISHED).count()
    if unfinished >= MOST_UNFINISHED:
        text = _("You have %(number)s stories that are not published. Finish or delete one of them first.")
        raise StoryRefused(text % {"number": unfinished})
    kind = Story.Kind.NEWS if booking is None and school is None and partner is None else Story.Kind.STORY
    return Story.objects.create(
        author=author, kind=kind, partner=partner, school=school, booking=booking, ecosystem=ecosystem, **vars(words)
    )


def change_story(*, story: Story, words: Words) -> None:
    """Write other words. Raises StoryRefused when the story is not being written any more."""
    if not Story.objects.filter(pk=story.pk, status__in=Story.WRITTEN).update(**vars(words)):
        raise StoryRefused(_("The story was sent meanwhile, so nothing was changed."))


def send_story(*, story: Story) -> None:
    """Hand it to the secretariat. Raises StoryRefused when it says too little, or was sent already."""
    current = Story.objects.get(pk=story.pk)
    if not (current.lead.strip() and current.text.strip()):
        raise StoryRefused(_("Write the first lines and the text before you send the story."))
    sent = _move(story, Story.WRITTEN, Status.SUBMITTED, submitted_at=timezone.now())
    if not sent:
        raise StoryRefused(_("The story was sent already."))


def take_back(*, story: Story) -> None:
    """Go on writing what nobody has published yet. Raises StoryRefused."""
    if not _move(story, [Status.SUBMITTED], Status.DRAFT):
        raise StoryRefused(_("The secretariat has looked at it meanwhile, so it could not be taken back."))


def take_down_own(*, story: Story) -> None:
    """Take a published story off the pages, as its own people may at any moment. Raises StoryRefused."""
    if not _move(story, [Status.PUBLISHED], Status.WITHDRAWN):
        raise StoryRefused(_("The story is not published any more."))


def delete_story(*, story: Story) -> None:
    """Delete what is not with the secretariat and not published, with its pictures and its history.

    Raises StoryRefused when somebody sent or published it meanwhile.
    """
    with transaction.atomic():
        current = Story.objects.select_for_update().filter(pk=story.pk, status__in=Story.AT_REST).first()
        if current is None:
            raise StoryRefused(_("The story was sent or published meanwhile, so it was not deleted."))
        erase_story(current)


def erase_story(story: Story) -> None:
    """Delete a story with its pictures, mails and history; the files after the commit. Call in ``atomic``."""
    names = [str(name) for name in story.photos.values_list("file", flat=True)]
    pk = story.pk
    Mail.objects.filter(about=emails.about(story)).delete()
    story.delete()
    # After the deletion, which the trigger writes down once more.
    history_of([pk]).delete()
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))


def history_of(stories: Iterable[int] | QuerySet[Any]) -> QuerySet[Any]:
    """Return every kept state of the stories with these ids."""
    return apps.get_model("network", "StoryChange")._default_manager.filter(pgh_obj_id__in=stories)


def _move(story: Story, before: Any, to: str, **facts: Any) -> bool:
    return bool(Story.objects.filter(pk=story.pk, status__in=list(before)).update(status=to, **facts))


# --- Pictures


def add_photo(
    *, story: Story, picture: Picture, alt_text: str, photographer: str, consent: str, by: User, staff: bool = False
) -> StoryPhoto:
    """Add a picture at the end with the words that were agreed to. ``alt_text`` and ``consent`` are not empty.

    Raises StoryRefused when the story has as many as it may have, or is not being written; ``staff`` may always.
    """
    name = default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content))
    try:
        with transaction.atomic():
            _lock(story, staff=staff)
            orders = list(StoryPhoto.objects.filter(story=story).values_list("order", flat=True))
            if len(orders) >= MOST_PHOTOS:
                text = _("A story has at most %(number)s pictures. Remove one first.")
                raise StoryRefused(text % {"number": MOST_PHOTOS})
            return StoryPhoto.objects.create(
                story=story,
                file=name,
                width=picture.width,
                height=picture.height,
                alt_text=alt_text,
                photographer=photographer,
                order=max(orders, default=0) + STEP,
                consent_text=consent,
                consent_by=by,
            )
    except BaseException:
        default_storage.delete(name)
        raise


def describe_photo(*, photo: StoryPhoto, alt_text: str, photographer: str) -> None:
    """Say anew what a picture shows and who took it. Raises StoryRefused when the story is not being written."""
    with transaction.atomic():
        _lock(photo.story, staff=False)
        StoryPhoto.objects.filter(pk=photo.pk).update(alt_text=alt_text, photographer=photographer)


def put_first(*, photo: StoryPhoto) -> None:
    """Let a picture stand on top. Raises StoryRefused when the story is not being written."""
    with transaction.atomic():
        _lock(photo.story, staff=False)
        others = list(StoryPhoto.objects.filter(story=photo.story_id).exclude(pk=photo.pk))
        photo.order = STEP
        for number, other in enumerate(others, start=2):
            other.order = number * STEP
        StoryPhoto.objects.bulk_update([photo, *others], ["order"])


def remove_photo(*, photo: StoryPhoto) -> None:
    """Remove a picture, also from a story that is published: somebody in it may have changed their mind."""
    name = str(photo.file.name)
    with transaction.atomic():
        photo.delete()
        transaction.on_commit(partial(default_storage.delete, name))


def _lock(story: Story, *, staff: bool) -> None:
    rows = Story.objects.select_for_update(no_key=True)
    current = rows.filter(pk=story.pk).first()
    if current is None or not (staff or current.may_be_written):
        raise StoryRefused(_("The story was sent meanwhile, so nothing was changed."))


# --- The secretariat


@transaction.atomic
def publish_story(*, story: Story, by: User) -> bool:
    """Show it to everybody, and tell its author. A story that was taken down keeps its address and its day.

    Compare-and-set on the status that ``story`` was read with. False when somebody moved it meanwhile.
    """
    current = Story.objects.get(pk=story.pk)
    facts = {
        "slug": current.slug or slug_of(current),
        "published_at": current.published_at or timezone.now(),
        "edited_by": by,
        "reply": "",
    }
    moved = story.status in PUBLISHABLE and _move(story, [story.status], Status.PUBLISHED, **facts)
    if moved:
        emails.published(Story.objects.get(pk=story.pk), by=by)
    return moved


def slug_of(story: Story) -> str:
    """Return the address of a story's page: its title, and its number so that it is nobody else's."""
    words = slugify(story.title.lower().translate(LETTERS))[:SLUG_LENGTH].strip("-") or "news"
    return f"{words}-{story.pk}"


@transaction.atomic
def return_story(*, story: Story, by: User, reply: str) -> bool:
    """Send it back with a question (``reply``, not empty). False when somebody moved it meanwhile."""
    moved = _move(story, [Status.SUBMITTED], Status.RETURNED, reply=reply, edited_by=by)
    if moved:
        emails.returned(Story.objects.get(pk=story.pk))
    return moved


@transaction.atomic
def decline_story(*, story: Story, by: User, reply: str) -> bool:
    """Say that it is not published, and why. False when somebody moved it meanwhile."""
    moved = _move(story, [Status.SUBMITTED, Status.RETURNED], Status.DECLINED, reply=reply, edited_by=by)
    if moved:
        emails.declined(Story.objects.get(pk=story.pk))
    return moved


@transaction.atomic
def take_down(*, story: Story, by: User, reply: str) -> bool:
    """Take it off the pages, and tell its author why. False when it is not published any more."""
    moved = _move(story, [Status.PUBLISHED], Status.WITHDRAWN, reply=reply, edited_by=by)
    if moved:
        emails.taken_down(Story.objects.get(pk=story.pk), by=by)
    return moved


# --- Retention


def forget_unpublished() -> int:
    """Delete what has not been published so many days after it was begun or sent. Returns how many stories.

    ``STORY_RETENTION_DAYS`` counts from the last time it was sent, else from its beginning; what waits for the
    secretariat stays. Safe to run twice, and at once.
    """
    before = timezone.now() - timedelta(days=settings.STORY_RETENTION_DAYS)
    old = Story.objects.filter(status__in=Story.AT_REST).annotate(since=Coalesce("submitted_at", "created_at"))
    # What was taken down counts from the day it was published: nothing says when it was taken down but its history.
    due = old.filter(Q(since__lt=before), Q(published_at=None) | Q(published_at__lt=before))
    deleted = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            story = Story.objects.select_for_update().filter(pk=pk, status__in=Story.AT_REST).first()
            if story is not None:
                erase_story(story)
                deleted += 1
    return deleted
