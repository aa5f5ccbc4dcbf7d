"""Words for staff who type names of fields: what is unknown, and what there is."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def names_in_words(unknown: Iterable[object], known: Iterable[str]) -> str:
    """Say which names nobody knows, and which there are."""
    words = {"unknown": ", ".join(sorted(map(str, unknown))), "known": ", ".join(known)}
    return _("Nobody knows “%(unknown)s”. There are: %(known)s.") % words
