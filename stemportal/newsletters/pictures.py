"""Pictures in mails: where they are kept, under which names, and in formats that every mail program shows.

Several mail programs still know no WebP, in which the portal keeps photographs of offers and stories. A card's picture
is therefore made anew as JPEG when somebody asks for it, and kept in the cache.
"""

from __future__ import annotations

from io import BytesIO

from django.core.cache import cache
from django.db.models.fields.files import FieldFile

from stemportal.lib import images
from stemportal.lib.stored_files import content_type
from stemportal.newsletters.models import Block
from stemportal.newsletters.rendering.pieces import blocks_with_sources, card_source, shows_nothing

FOLDER = "newsletters"
# Twice as wide as a mail shows it, for sharp screens.
LONGEST = 1200
KEPT_SECONDS = 24 * 60 * 60


def kind_of(content: bytes) -> str:
    """Return the type of a picture that was made here."""
    return content_type(".png" if content.startswith(images.PNG_SIGNATURE) else ".jpg")


def block_of(name: str) -> Block | None:
    """Return the block with this picture."""
    if not images.NAME.fullmatch(name):
        return None
    return Block.objects.filter(file=f"{FOLDER}/{name}").first()


def of_card(block_id: int) -> bytes | None:
    """Return the picture of a card; None when it has none, or its offer or story is not shown to everybody any more."""
    block = blocks_with_sources(Block.objects.filter(pk=block_id)).first()
    if block is None or shows_nothing(block):
        return None
    source = card_source(block)
    return _made(source.file) if source else None


def _made(file: FieldFile) -> bytes | None:
    if not file:
        return None
    key = f"newsletter-picture:{file.name}"
    content: bytes | None = cache.get(key)
    if content is None:
        try:
            with file.open("rb") as opened:
                content = images.prepare(BytesIO(opened.read()), photo=images.JPEG).content
        except (FileNotFoundError, images.ImageRefused):
            return None
        cache.set(key, content, timeout=KEPT_SECONDS)
    return content
