"""What the cross-cutting tests share."""

from __future__ import annotations

import pytest


@pytest.fixture
def own_corner(own_corner, settings) -> None:
    """With proofs of work that cost next to nothing, and no register that could answer."""
    settings.ALTCHA_COST = 1
    settings.ALTCHA_COUNTER = (1, 5)
    # Nobody listens on port 9 of loopback.
    settings.BRREG_BASE_URL = "http://127.0.0.1:9"
