"""Pages in English, and limits of the test's own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None, english: None) -> None:
    """No limit of another test counts here, and pages are in the language of the code."""
