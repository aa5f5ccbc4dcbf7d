"""Browsers of people, for tests that look at pages without a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from stemportal.accounts.models import User


def client_of(user: User | None = None) -> Client:
    """Return a client that is logged in; without a person a visitor's."""
    from django.test import Client

    client = Client()
    if user is not None:
        client.force_login(user)
    return client
