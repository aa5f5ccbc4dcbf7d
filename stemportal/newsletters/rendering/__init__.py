"""From what the editor wrote, block by block in up to three languages, to what a reader gets."""

from stemportal.newsletters.rendering.mails import (
    FALLBACK,
    EditionFacts,
    edition,
    editions,
    is_written,
    web_address,
    written_languages,
)
from stemportal.newsletters.rendering.marks import MARKS, fill
from stemportal.newsletters.rendering.plain import plain_text

__all__ = [
    "FALLBACK",
    "MARKS",
    "EditionFacts",
    "edition",
    "editions",
    "fill",
    "is_written",
    "plain_text",
    "web_address",
    "written_languages",
]
