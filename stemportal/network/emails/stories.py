"""Mails about stories, to the one who wrote it: one function a fact, in the person's language."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.network.models import Story
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail


def about(story: Story) -> str:
    """Return the key under which mails about the story are filed."""
    return f"story:{story.pk}"


def _queue(story: Story, template: str, make: Callable[[], Letter], by: User | None = None) -> None:
    """Write to the author, unless there is none any more or the author did it."""
    author = story.author
    if author is None or not author.is_active or author == by:
        return
    with translation.override(author.language):
        letter = make()
        queue_mail(template=template, to=author.email, language=author.language, letter=letter, about=about(story))


def _own_page(story: Story) -> str:
    return absolute_url(reverse("network:story_own", args=[story.pk]))


def _reason() -> str:
    return _("you wrote this story in the portal")


def published(story: Story, *, by: User) -> None:
    """It is there for everybody."""
    _queue(
        story,
        "story_published",
        lambda: Letter(
            subject=_("Published: %(title)s") % {"title": story.title},
            paragraphs=[
                _("Thank you! Your story is on the portal now. We may have changed a word or two; if something became "
                  "wrong, write to us."),
                _("You can take it down yourself at any time, and take away a picture when somebody in it asks for "
                  "that: “My stories” has the buttons."),
            ],
            action_url=absolute_url(story.get_absolute_url()),
            action_label=_("Read the story"),
            reason=_reason(),
        ),
        by,
    )  # fmt: skip


def returned(story: Story) -> None:
    """The secretariat asks something before it is published."""
    _queue(
        story,
        "story_returned",
        lambda: Letter(
            subject=_("A question about your story: %(title)s") % {"title": story.title},
            paragraphs=[
                _("Thank you for the story. Before it can be published we ask:"),
                story.reply,
                _("Change what is needed and send it once more."),
            ],
            action_url=_own_page(story),
            action_label=_("Open the story"),
            reason=_reason(),
        ),
    )


def declined(story: Story) -> None:
    """It will not be published."""
    _queue(
        story,
        "story_declined",
        lambda: Letter(
            subject=_("We do not publish this story: %(title)s") % {"title": story.title},
            paragraphs=[_("Thank you for writing to us. We do not publish the story, for this reason:"), story.reply],
            action_url=_own_page(story),
            action_label=_("Open the story"),
            reason=_reason(),
        ),
    )


def taken_down(story: Story, *, by: User) -> None:
    """The secretariat has taken it off the pages."""
    _queue(
        story,
        "story_taken_down",
        lambda: Letter(
            subject=_("Taken down: %(title)s") % {"title": story.title},
            paragraphs=[_("We have taken your story off the portal, for this reason:"), story.reply],
            action_url=_own_page(story),
            action_label=_("Open the story"),
            reason=_reason(),
        ),
        by,
    )
