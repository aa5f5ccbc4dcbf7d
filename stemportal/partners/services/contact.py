"""Passing a visitor's message on to a partner. Nothing is kept of it but the two mails."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from stemportal.partners.emails import contact as emails
from stemportal.partners.models import Partner


@dataclass(frozen=True, kw_only=True)
class Message:
    """What somebody writes to a partner, and the address for the answer. ``school`` may be empty."""

    name: str
    email: str
    text: str
    school: str = ""


def write_to_partner(*, partner: Partner, message: Message, language: str, is_known: bool) -> None:
    """Mail the message to the partner's contact person, and a copy to the one who wrote it.

    The answer goes straight to the writer (Reply-To); the partner's address stands nowhere in the copy. ``is_known``:
    the writer is logged in with this address. ``language`` is the writer's.
    """
    with transaction.atomic():
        emails.to_partner(partner=partner, message=message, is_known=is_known)
        emails.copy_to_writer(partner=partner, message=message, language=language)
