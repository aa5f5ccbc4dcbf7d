"""Query strings of links."""

from __future__ import annotations

from django.http import QueryDict


def light_copy(query: QueryDict) -> QueryDict:
    """Return a query string that can be changed. ``copy`` copies deeply, and every link of a page would pay for it."""
    copied = QueryDict(mutable=True)
    for name, found in query.lists():
        copied.setlist(name, list(found))
    return copied
