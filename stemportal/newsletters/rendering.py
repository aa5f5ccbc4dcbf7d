"""From what the editor wrote (Markdown in up to three languages) to what a reader gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from django.conf import settings

from stemportal.lib.markdown import render_markdown
from stemportal.newsletters.models import Newsletter
from stemportal.outbox.letters import absolute_url

FALLBACK = "nb"


@dataclass(frozen=True)
class Content:
    """One newsletter in one language. ``language`` is that of the text: bokmål where the wanted one is not written."""

    language: str
    subject: str
    html: str
    text: str


def written_languages(newsletter: Newsletter) -> list[str]:
    """Return the languages that have both subject and text, bokmål first."""
    return [code for code, _name in settings.LANGUAGES if code == FALLBACK or _is_written(newsletter, code)]


def content(newsletter: Newsletter, language: str) -> Content:
    """Return the newsletter in the reader's language, or in bokmål where it is not translated."""
    code = language if _is_written(newsletter, language) else FALLBACK
    html = _absolute_links(render_markdown(getattr(newsletter, f"body_{code}")))
    return Content(
        language=code, subject=getattr(newsletter, f"subject_{code}").strip(), html=html, text=plain_text(html)
    )


def _is_written(newsletter: Newsletter, language: str) -> bool:
    parts = (getattr(newsletter, f"{part}_{language}", "") for part in ("subject", "body"))
    return all(part.strip() for part in parts)


def _absolute_links(html: str) -> str:
    """A link within the portal must name the portal once it is read in a mail program."""
    return re.sub(r'href="(/(?!/)[^"]*)"', lambda match: f'href="{absolute_url(match[1])}"', html)


def plain_text(html: str) -> str:
    """Return sanitised HTML as text that reads well: blank lines between blocks, dashes, and addresses after links."""
    reader = _PlainText()
    reader.feed(html)
    reader.close()
    without_trailing_space = re.sub(r"[ \t]+\n", "\n", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", without_trailing_space).strip()


class _PlainText(HTMLParser):
    """Knows the few tags that lib.markdown lets through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[int | None] = []  # the next number of an ordered list, None for a list of dashes
        self.link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"ul", "ol"}:
            self.lists.append(int(values.get("start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self._start_item()
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "hr":
            self.parts.append("\n\n----\n\n")
        elif tag == "a":
            self.link = (values.get("href") or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "h3", "h4", "pre", "blockquote"} and not self.lists:
            self.parts.append("\n\n")
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            self.parts.append("\n\n" if not self.lists else "")
        elif tag == "a" and self.link:
            address, start = self.link
            words = "".join(self.parts[start:])
            if address and address.removeprefix("mailto:") != words:
                self.parts.append(f" ({address})")
            self.link = None

    def handle_data(self, data: str) -> None:
        if data.strip() or (data and self.parts and not self.parts[-1].endswith("\n")):
            self.parts.append(data.replace("\n", " ") if data.strip() else " ")

    def _start_item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * (len(self.lists) - 1)
        if number is not None:
            self.lists[-1] = number + 1
        self.parts.append(f"\n{indent}{f'{number}.' if number is not None else '-'} ")
