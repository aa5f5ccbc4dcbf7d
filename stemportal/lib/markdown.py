"""Text from users: a Markdown subset turned into safe HTML.

Allowed are paragraphs, line breaks, emphasis, lists, quotes, links, code and headings. Raw HTML is shown as text,
images are not fetched from anywhere, and links may only be http(s), mail, telephone or within the portal.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "pre", "h3", "h4", "hr"}
ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
# Browsers drop these inside a URL, so "java\nscript:" would be a script again.
CONTROL = re.compile(r"[\x00-\x20\x7f]")


def is_allowed_link(url: str) -> bool:
    """Whether a link target is http(s), mailto, tel or relative."""
    cleaned = CONTROL.sub("", url)
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return False
    return scheme in SCHEMES or (scheme == "" and ":" not in cleaned.split("/")[0])


def is_external(url: str) -> bool:
    """Whether a link leaves the portal (also `//host/path`)."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} or bool(parts.netloc)


class _Renderer(RendererHTML):
    """Headings below the page's own, and `rel` on links that leave the portal."""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"<{_heading(tokens[idx].tag)}>"

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return f"</{_heading(tokens[idx].tag)}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        token = tokens[idx]
        if is_external(str(token.attrGet("href") or "")):
            token.attrSet("rel", "noopener nofollow")
        return self.renderToken(tokens, idx, options, env)


def _heading(tag: str) -> str:
    """h1 and h2 belong to the page; a user's first two levels become h3, the rest h4."""
    return "h3" if tag in {"h1", "h2"} else "h4"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.disable(["html_block", "html_inline", "image", "reference"])
    parser.validateLink = is_allowed_link  # type: ignore[method-assign]  # the documented way to narrow it
    return parser


_MARKDOWN = _parser()


def render_markdown(text: str) -> SafeString:
    """Return `text` (Markdown subset) as safe HTML; an empty string for empty text."""
    if not text or not text.strip():
        return SafeString("")
    html = _MARKDOWN.render(text)
    return mark_safe(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None))  # noqa: S308
