"""What the cross-cutting tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import translation


@pytest.fixture
def own_corner(own_corner, settings) -> None:
    """With proofs of work that cost next to nothing, and no register that could answer."""
    settings.ALTCHA_COST = 1
    settings.ALTCHA_COUNTER = (1, 5)
    # Nobody listens on port 9 of loopback.
    settings.BRREG_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def english() -> Iterator[None]:
    """Addresses and words in English, the language the code is written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Call it with a user for a client that is logged in; without one for a visitor."""

    def make(user=None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make
