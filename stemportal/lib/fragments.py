"""Parts of pages that come out the same again and again, drawn once and kept by each process for a while.

``{% remembered activity.fingerprint %} … {% endremembered %}`` keeps what stands between, for these values and the
language of the page. Everything else that the part depends on must be among the values: a fragment is shown to
everybody. Nothing that belongs to a person, and no token, may stand in it. Where a value is missing or cannot be a
key, nothing is kept; nor is anything with DEBUG, so that templates can be worked on.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from itertools import count

from django import template
from django.conf import settings
from django.utils import translation

from stemportal.lib.memo import to_be_forgotten

SECONDS = 60
# A card of the search is 6 KB: some 20 MB in each process at most.
MOST = 3_000


class Fragments:
    """What was drawn, by its key; too old is drawn anew, and too many are forgotten together."""

    def __init__(self) -> None:
        self.known: dict[Hashable, tuple[float, str]] = {}

    def get(self, key: Hashable) -> str | None:
        """Return the fragment, or None where it is unknown or too old."""
        found = self.known.get(key)
        return found[1] if found and found[0] > time.monotonic() else None

    def keep(self, key: Hashable, text: str) -> None:
        """Keep the fragment for a while."""
        if len(self.known) >= MOST:
            self.known.clear()
        self.known[key] = (time.monotonic() + SECONDS, text)

    def forget(self) -> None:
        """Draw everything anew from now on."""
        self.known.clear()


fragments = Fragments()
to_be_forgotten(fragments)
_numbers = count()


class RememberedNode(template.Node):
    """Draws its content, or gives what was drawn for the same values."""

    def __init__(self, values: list[template.base.FilterExpression], nodelist: template.NodeList) -> None:
        self.values, self.nodelist = values, nodelist
        # Says which part of which template it is: two parts may bear the same values.
        self.number = next(_numbers)

    def render(self, context: template.Context) -> str:
        """Return the content as a safe string."""
        # A missing value is None here, and not the empty text, which would be the same for all that lack it.
        given = tuple([value.resolve(context, ignore_failures=True) for value in self.values])
        if settings.DEBUG or any(value is None for value in given):
            return self.nodelist.render(context)
        key = (self.number, translation.get_language(), given)
        try:
            text = fragments.get(key)
        except TypeError:  # no key
            return self.nodelist.render(context)
        if text is None:
            text = self.nodelist.render(context)
            fragments.keep(key, text)
        return text


def remembered(parser: template.base.Parser, token: template.base.Token) -> RememberedNode:
    """Read ``{% remembered value … %}``."""
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(("endremembered",))
    parser.delete_first_token()
    return RememberedNode(values, nodelist)
