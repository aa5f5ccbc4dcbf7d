"""What a newsletter still lacks before it can go out, in words for its editor."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.newsletters.audience import Audience
from stemportal.newsletters.models import Block, Newsletter
from stemportal.newsletters.rendering import FALLBACK, EditionFacts, edition, is_written, written_languages
from stemportal.newsletters.rendering.pieces import blocks_of, has_words, lacks_words, shows_nothing

# Mail programs cut a longer one off and hide the link to unsubscribe (Gmail: 102 kB).
MOST_BYTES = 100_000


def problems(newsletter: Newsletter) -> list[str]:
    """Return what has to be put right before it is sent, in the order of the form; empty when it is ready."""
    blocks = blocks_of(newsletter)
    found = [_("It has no blocks yet: add a heading and a text.")] if not blocks else []
    found += _half_written(newsletter, blocks)
    found += [
        _("Block %(number)s: what it shows is not published, is over or was deleted.") % {"number": number}
        for number, block in enumerate(blocks, start=1)
        if shows_nothing(block)
    ]
    found += _too_long(rendered(newsletter, blocks))
    if needs_approval(newsletter):
        found.append(_("Somebody else than who edited it last has to look at it and approve it."))
    return found


def needs_approval(newsletter: Newsletter) -> bool:
    """Whether a second person has to say yes first (setting NEWSLETTER_TWO_PERSONS)."""
    return bool(settings.NEWSLETTER_TWO_PERSONS) and newsletter.approved_at is None


def rendered(newsletter: Newsletter, blocks: Sequence[Block] | None = None) -> list[EditionFacts]:
    """Return the editions as they would go out now; nothing is noted, so links are not counted."""
    blocks = blocks_of(newsletter) if blocks is None else blocks
    return [edition(newsletter, code, blocks=blocks) for code in written_languages(newsletter, blocks)]


def fingerprint(newsletter: Newsletter) -> str:
    """Return a word that changes with anything that receivers would see, and with who they are."""
    audience = Audience.of(newsletter)
    narrowed = (audience.roles, audience.languages, audience.counties, audience.interests)
    said = [*rendered(newsletter), *(sorted(map(str, part)) for part in narrowed)]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _half_written(newsletter: Newsletter, blocks: Sequence[Block]) -> list[str]:
    """A translation that was begun is finished or taken out: nobody gets half of it, and none is lost unnoticed."""
    found = []
    for code, name in settings.LANGUAGES:
        subject = str(getattr(newsletter, f"subject_{code}")).strip()
        is_begun = bool(subject) or any(has_words(block, code) for block in blocks)
        if code == FALLBACK or not is_begun or is_written(newsletter, blocks, code):
            continue
        lacking = [str(number) for number, block in enumerate(blocks, start=1) if lacks_words(block, code)]
        parts = [] if subject else [_("the subject")]
        if lacking:
            parts.append(
                ngettext("block %(numbers)s", "blocks %(numbers)s", len(lacking)) % {"numbers": ", ".join(lacking)}
            )
        found.append(
            _("%(language)s is half written. Missing: %(parts)s. Write the rest, or empty the language.")
            % {"language": name, "parts": ", ".join(parts)}
        )
    return found


def _too_long(editions: Sequence[EditionFacts]) -> list[str]:
    return [
        _("It is too long (%(language)s: %(size)s kB of at most %(most)s): mail programs would cut it off.")
        % {
            "language": dict(settings.LANGUAGES)[found.language],
            "size": size // 1000,
            "most": MOST_BYTES // 1000,
        }
        for found in editions
        if (size := len(found.html.encode())) > MOST_BYTES
    ]
