"""Limits of the test's own, and what a mail says."""

from __future__ import annotations

import html

import pytest

from stemportal.outbox.models import Mail


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None) -> None:
    """No limit of another test counts here."""


def words(response) -> str:
    """The page as its reader sees the letters."""
    return " ".join(html.unescape(response.content.decode()).split())


def code_sent_to(email: str) -> str:
    """The code in the newest mail to an address; it ends the subject."""
    return Mail.objects.filter(to_email=email).latest("id").subject.rpartition(": ")[2]


def is_logged_in(client) -> bool:
    return "_auth_user_id" in client.session
