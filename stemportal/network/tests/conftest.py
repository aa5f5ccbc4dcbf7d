"""Pages in English, and limits of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import translation

from stemportal.accounts.models import User


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Words and addresses in English, the language the code is written in."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None) -> None:
    """No limit of another test counts here."""


@pytest.fixture
def mails_in_english(monkeypatch) -> None:
    """People who read English, so that their mails are in the language of the code too."""
    monkeypatch.setattr(User._meta.get_field("language"), "_get_default", lambda: "en")


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Call it with a user for a client that is logged in; without one for a visitor."""

    def make(user=None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make
