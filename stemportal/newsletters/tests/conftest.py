"""Limits are counted in Valkey, and a page in another language leaves that language on: each test starts
afresh, in English, which is the language of the words that tests look for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation

from stemportal.testing.smtp_server import BadServer, bad_server


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    cache.clear()
    with translation.override("en"):
        yield
    cache.clear()


@pytest.fixture
def server(settings: Any) -> Iterator[BadServer]:
    """A mail server with switches for bad habits, and Django's settings pointed at it."""
    settings.EMAIL_HOST = "127.0.0.1"
    with bad_server(0) as habits:
        settings.EMAIL_PORT = habits.port
        yield habits
