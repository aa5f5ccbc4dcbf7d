"""What stories add to partners and people: a task of today, the copy of their data, and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts import deletion
from stemportal.accounts.models import User
from stemportal.lib.redact import blank_words
from stemportal.network.models import Story, StoryPhoto
from stemportal.network.queries.stories import returned_of_partner
from stemportal.network.services.stories import erase_story, history_of
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner

TEXTS = ["title", "lead", "text", "byline", "reply"]


def story_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say that the secretariat asks something about a story. One query."""
    if not membership.may_edit:
        return
    if count := returned_of_partner(membership.partner).count():
        title = ngettext("A question about your story", "Questions about %(count)s of your stories", count)
        yield extensions.Task(
            title=title % {"count": count},
            text=_("The secretariat asks something before it is published."),
            url=reverse("network:my_stories"),
            action=_("Answer"),
            order=25,
            icon="Pencil",
        )


def of_partner(partner: Partner) -> QuerySet[Story]:
    """Return what is told in the partner's own name; what teachers tell of visits to it is theirs."""
    return Story.objects.filter(partner=partner, school=None)


def stories(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every story in the partner's name, whatever became of it."""
    rows = of_partner(partner).prefetch_related("photos").order_by("pk")
    for story in rows.iterator(chunk_size=200):
        yield {
            "number": story.pk,
            "status": story.status,
            "language": story.language,
            "title": story.title,
            "lead": story.lead,
            "text": story.text,
            "byline": story.byline,
            "created_at": story.created_at,
            "submitted_at": story.submitted_at,
            "published_at": story.published_at,
            "what_the_secretariat_wrote": story.reply,
            "pictures": [
                {
                    "number": photo.pk,
                    "shows": photo.alt_text,
                    "photographer": photo.photographer,
                    "consent": photo.consent_text,
                    "consent_at": photo.consent_at,
                }
                for photo in story.photos.all()
            ],
        }


def photos(partner: Partner) -> Iterable[extensions.File]:
    """The pictures, each named by its number."""
    rows = StoryPhoto.objects.filter(story__in=of_partner(partner)).order_by("pk")
    for pk, name in rows.values_list("pk", "file"):
        yield f"stories/{pk}.{name.rpartition('.')[2]}", name


def forget(partner: Partner, people: extensions.People) -> None:
    """Delete the partner's stories with their pictures, and take its people's names out of what others told of it.

    The texts and pictures are of people who worked there or came to visit; a partner that is gone, and its people's
    word for the pictures with it, answers for them no longer.
    """
    _delete(of_partner(partner))
    told = Story.objects.filter(partner=partner)
    blank_words(told, TEXTS, people.words)
    blank_words(StoryPhoto.objects.filter(story__in=told), ["alt_text", "photographer"], people.words)
    blank_words(history_of(told.values("pk")), TEXTS, people.words)


def forget_person(user: User) -> None:
    """Delete what the person never published, and take the name off the rest; a published story stays a story.

    Called when the account goes. What was written for a partner is the partner's, but for the name.
    """
    mine = Story.objects.filter(author=user)
    _delete(mine.filter(partner=None).exclude(status=Story.Status.PUBLISHED))
    _delete(mine.filter(school__isnull=False).exclude(status=Story.Status.PUBLISHED))
    left = list(mine.values_list("pk", flat=True))
    words = [user.full_name, user.email]
    for rows in (Story.objects.filter(pk__in=left), history_of(left)):
        rows.filter(byline__iexact=user.full_name).exclude(byline="").update(byline="")
        blank_words(rows, TEXTS, words)
    taken = StoryPhoto.objects.filter(story__in=left)
    taken.filter(photographer__iexact=user.full_name).exclude(photographer="").update(photographer="")
    blank_words(taken, ["alt_text", "photographer"], words)
    Mail.objects.filter(about__in=[f"story:{pk}" for pk in left], to_email__iexact=user.email).delete()


def _delete(rows: QuerySet[Story]) -> None:
    for story in rows.order_by("pk"):
        erase_story(story)


def register() -> None:
    """Add stories to what every partner and person has. Called once, when the app is ready."""
    extensions.today.append(story_tasks)
    extensions.forget.append(forget)
    extensions.data_sections.append(
        extensions.DataSection(
            name="stories",
            about=gettext_lazy("stories told in your name, with their pictures"),
            rows=stories,
            files=photos,
        )
    )
    # A story is no reason to keep an account: it stays without its author, and its drafts go.
    deletion.goes_along.add("network.story")
    deletion.forget.append(forget_person)
