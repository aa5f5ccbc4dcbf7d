"""Newsletters of the demo world: one that went out when the school year began, and one in the making."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.demo.seed import world
from stemportal.network.models import Meeting, Story
from stemportal.newsletters.audience import receivers
from stemportal.newsletters.models import Block, Delivery, Edition, Newsletter
from stemportal.newsletters.rendering import editions
from stemportal.newsletters.services import editing
from stemportal.outbox.letters import absolute_url

# How long ago the first one went out.
AGO = timedelta(weeks=6)


def seed_newsletters() -> None:
    """Two issues; safe to run again."""
    if Newsletter.objects.exists():
        return
    texts, editor = world.read("newsletters"), User.objects.get(email=world.STAFF_EMAIL)
    _send(_write(texts["sent"], editor), editor)
    _write(texts["draft"], editor)


def _write(texts: dict[str, Any], editor: User) -> Newsletter:
    newsletter = Newsletter.objects.create(
        created_by=editor, **_spoken(texts, "subject"), **_spoken(texts, "preheader")
    )
    Block.objects.bulk_create(
        [
            Block(
                newsletter=newsletter,
                order=order,
                kind=row["kind"],
                url=_page(row["page"]) if "page" in row else "",
                **_spoken(row, "title"),
                **_spoken(row, "text"),
                **_shown(row["kind"]),
            )
            for order, row in enumerate(texts["blocks"])
        ]
    )
    editing.note_edit(newsletter=newsletter, by=editor)
    return newsletter


def _spoken(texts: dict[str, Any], name: str) -> dict[str, str]:
    return {f"{name}_{code}": text for code, text in texts.get(name, {}).items()}


def _page(name: str) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return absolute_url(reverse(name))


def _shown(kind: str) -> dict[str, Any]:
    """What a card shows: the home partner's first offer, the newest story, the next meeting."""
    match kind:
        case Block.Kind.ACTIVITY:
            offers = Activity.objects.published().filter(partner__slug="nordlys-robotikk")
            return {"activity": offers.order_by("pk").first()}
        case Block.Kind.STORY:
            return {"story": Story.objects.published().first()}
        case Block.Kind.EVENT:
            return {"meeting": Meeting.objects.coming().filter(is_public=True).first()}
    return {}


def _send(newsletter: Newsletter, editor: User) -> None:
    """As it stands when all of it went out, without a mail."""
    at = timezone.now() - AGO
    Edition.objects.bulk_create(
        [Edition(newsletter=newsletter, frozen_at=at, **vars(facts)) for facts in editions(newsletter)]
    )
    people = receivers(newsletter).order_by("pk")
    Delivery.objects.bulk_create(
        [
            Delivery(newsletter=newsletter, subscriber=person, status=Delivery.Status.SENT, sent_at=at, created_at=at)
            for person in people
        ]
    )
    Newsletter.objects.filter(pk=newsletter.pk).update(
        status=Newsletter.Status.SENT, created_at=at, started_at=at, sent_at=at, sent_by=editor
    )
