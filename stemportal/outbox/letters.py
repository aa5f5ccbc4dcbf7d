"""The shape of every mail: a few short paragraphs, the facts, one button, and why it came."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.template import loader
from django.utils import translation


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The words of one mail in one language. ``facts`` are (label, value) pairs; ``action_url`` is absolute."""

    subject: str
    paragraphs: list[str]
    reason: str
    greeting: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    action_url: str = ""
    action_label: str = ""
    unsubscribe_url: str = ""
    # Already sanitised HTML with its plain text, below the paragraphs, which are plain text.
    body_html: str = ""
    body_text: str = ""


def absolute_url(path: str) -> str:
    """Return the full address of a page of the portal."""
    return f"{settings.PORTAL_BASE_URL}{path}"


def render(letter: Letter, language: str) -> tuple[str, str]:
    """Return (plain text, HTML) of the letter in the portal's mail layout."""
    context = {
        "letter": letter,
        "subject": letter.subject,
        "greeting": letter.greeting,
        "paragraphs": letter.paragraphs,
        "facts": letter.facts,
        "action_url": letter.action_url,
        "action_label": letter.action_label,
        "reason": letter.reason,
        "unsubscribe_url": letter.unsubscribe_url,
        "body_html": letter.body_html,
        "body_text": letter.body_text,
        "portal_name": settings.PORTAL_NAME,
        "portal_url": settings.PORTAL_BASE_URL,
        "language": language,
    }
    with translation.override(language):
        return loader.render_to_string("outbox/mail.txt", context), loader.render_to_string("outbox/mail.html", context)
