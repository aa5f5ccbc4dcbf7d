"""Blocks for tests; a test names only what it is about."""

from __future__ import annotations

from typing import Any

from stemportal.newsletters.models import Block, Newsletter


def block(newsletter: Newsletter, kind: str = Block.Kind.TEXT, **facts: Any) -> Block:
    """Return a block at the end of the newsletter."""
    return Block.objects.create(newsletter=newsletter, kind=kind, order=newsletter.blocks.count(), **facts)
