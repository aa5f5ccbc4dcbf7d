"""The strings that stand in a newsletter's HTML and text where each receiver's own words go.

A newsletter is rendered once a language; a mail is that text with the marks replaced. They are made of letters alone,
so that no encoding of a mail changes or breaks them, and nobody writes them by chance.
"""

from __future__ import annotations

from collections.abc import Mapping

UNSUBSCRIBE = "QzMarkUnsubscribeAddressQz"
PREFERENCES = "QzMarkPreferencesAddressQz"
# The day on which the receiver confirmed, as the language writes it.
SINCE = "QzMarkSubscriberSinceQz"

MARKS = (UNSUBSCRIBE, PREFERENCES, SINCE)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each mark replaced: ``{marks.UNSUBSCRIBE: "https://…"}``. Values need no escaping.

    They are addresses of the portal and dates, which are the same in HTML and in plain text.
    """
    for mark in MARKS:
        text = text.replace(mark, values[mark])
    return text
