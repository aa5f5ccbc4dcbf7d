"""Tokens of mailed links."""

from __future__ import annotations

import secrets


def new_token() -> str:
    """Return a link token that cannot be guessed (192 bits)."""
    return secrets.token_urlsafe(24)
