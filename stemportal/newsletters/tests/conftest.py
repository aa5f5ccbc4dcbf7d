"""Limits of the test's own, pages in English, and a mail server with bad habits."""

from collections.abc import Iterator
from typing import Any

import pytest

from stemportal.testing.smtp_server import BadServer, bad_server


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None, english: None) -> None:
    """No limit of another test counts here, and pages are in the language of the code."""


@pytest.fixture
def server(settings: Any) -> Iterator[BadServer]:
    """A mail server with switches for bad habits, and Django's settings pointed at it."""
    settings.EMAIL_HOST = "127.0.0.1"
    with bad_server(0) as habits:
        settings.EMAIL_PORT = habits.port
        yield habits
