"""From sanitised HTML to text that reads well in a mail program without HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser


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
