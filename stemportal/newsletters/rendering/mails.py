"""A newsletter as mails, one a written language: HTML with its styles in the elements, plain text, and the web's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template import loader
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stemportal.newsletters.models import Block, Newsletter
from stemportal.newsletters.rendering import links, marks
from stemportal.newsletters.rendering.pieces import Piece, blocks_of, lacks_words, pieces
from stemportal.outbox.letters import absolute_url

FALLBACK = "nb"


@dataclass(frozen=True, kw_only=True)
class EditionFacts:
    """One newsletter in one language. ``html`` and ``text`` hold ``marks.MARKS``; ``web_html`` has none."""

    language: str
    subject: str
    html: str
    text: str
    web_html: str


def editions(newsletter: Newsletter) -> list[EditionFacts]:
    """Return the newsletter in every written language, bokmål first, as it goes out.

    Call it in the transaction that starts the sending: where clicks are counted (NEWSLETTER_COUNT_CLICKS) it notes
    the links, and the HTML leads over the addresses that count. Plain text keeps the addresses that people can read.
    """
    blocks = blocks_of(newsletter)
    return [
        edition(newsletter, code, blocks=blocks, count=links.counts_clicks())
        for code in written_languages(newsletter, blocks)
    ]


def edition(
    newsletter: Newsletter,
    language: str,
    *,
    blocks: Sequence[Block] | None = None,
    count: bool = False,
    reason: str = "",
) -> EditionFacts:
    """Return the newsletter in one language, with what is written in it. ``reason`` says why a test came."""
    shown = pieces(blocks_of(newsletter) if blocks is None else blocks, language)
    with translation.override(language):
        subject = subject_in(newsletter, language)
        content = str(loader.render_to_string("newsletters/mail/content.html", {"pieces": shown}))
        if count:
            content = links.counted(content, links.note_links(newsletter, links.addresses_in(content)))
        context = _frame(newsletter, language, subject, shown, reason) | {"content": SafeString(content)}
        html = loader.render_to_string("newsletters/mail/page.html", context)
        text = loader.render_to_string("newsletters/mail/page.txt", context)
        web = loader.render_to_string("newsletters/_content.html", {"pieces": shown})
    return EditionFacts(
        language=language,
        subject=subject,
        html=_without_gaps(_inliner().inline(html)),
        text=_paragraphs(text),
        web_html=_without_gaps(web),
    )


def _frame(newsletter: Newsletter, language: str, subject: str, shown: list[Piece], reason: str) -> dict[str, Any]:
    """What stands around the blocks."""
    since = _("you subscribed to our newsletter on %(day)s") % {"day": marks.SINCE}
    return {
        "language": language,
        "subject": subject,
        "underline": "=" * min(len(subject), 70),
        "preheader": str(getattr(newsletter, f"preheader_{language}")).strip(),
        "pieces": shown,
        "reason": reason or since,
        "unsubscribe_url": marks.UNSUBSCRIBE,
        "preferences_url": marks.PREFERENCES,
        "web_url": web_address(newsletter) if newsletter.is_public and newsletter.slug else "",
        "portal_name": settings.PORTAL_NAME,
        "portal_url": settings.PORTAL_BASE_URL,
    }


def web_address(newsletter: Newsletter) -> str:
    """Return the whole address of the page in the archive, in the language that is on."""
    return absolute_url(reverse("newsletters:issue", args=[newsletter.slug]))


def subject_in(newsletter: Newsletter, language: str) -> str:
    """Return the subject on one line, in this language or in bokmål."""
    written = str(getattr(newsletter, f"subject_{language}", "")).strip() or newsletter.subject_nb
    return " ".join(written.split())


def written_languages(newsletter: Newsletter, blocks: Sequence[Block] | None = None) -> list[str]:
    """Return the languages with a subject and with words in every block that has words in bokmål, bokmål first."""
    blocks = blocks_of(newsletter) if blocks is None else blocks
    codes = [code for code, _name in settings.LANGUAGES]
    return [code for code in codes if code == FALLBACK or is_written(newsletter, blocks, code)]


def is_written(newsletter: Newsletter, blocks: Sequence[Block], language: str) -> bool:
    """Whether readers of the language get it in their own; else they get bokmål."""
    has_subject = bool(str(getattr(newsletter, f"subject_{language}")).strip())
    return has_subject and not any(lacks_words(block, language) for block in blocks)


@cache
def _inliner() -> css_inline.CSSInliner:
    """Never fetches anything: what a mail looks like stands in its own templates."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def _without_gaps(html: str) -> str:
    """The blanks between lines of the templates are of no use to a hundred thousand readers; those of a ``pre`` are."""
    parts = re.split(r"(<pre[\s>].*?</pre>)", html, flags=re.DOTALL)
    parts[::2] = [re.sub(r"\n\s*", "\n", part) for part in parts[::2]]
    return "".join(parts).strip()


def _paragraphs(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
