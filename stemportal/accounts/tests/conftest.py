"""Limits of the test's own, and what a mail says."""

from __future__ import annotations

import html
import uuid

import pytest

from stemportal.outbox.models import Mail


@pytest.fixture(autouse=True)
def own_corner(settings) -> None:
    """A corner of Valkey of the test's own, so that no limit of another test counts here."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}


def words(response) -> str:
    """The page as its reader sees the letters."""
    return " ".join(html.unescape(response.content.decode()).split())


def code_sent_to(email: str) -> str:
    """The code in the newest mail to an address; it ends the subject."""
    return Mail.objects.filter(to_email=email).latest("id").subject.rpartition(": ")[2]


def is_logged_in(client) -> bool:
    return "_auth_user_id" in client.session
