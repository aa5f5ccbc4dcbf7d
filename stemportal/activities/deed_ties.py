"""What partners say they did outside the portal, and plays of their films, in their copy of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import FilmPlays, OwnWord
from stemportal.lib.redact import blank_words
from stemportal.lib.templatetags.portal import localized
from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.partners.own_data import who


def own_words(partner: Partner) -> Iterator[dict[str, Any]]:
    """Everything the partner told itself, with the numbers it wrote."""
    rows = OwnWord.objects.filter(partner=partner).select_related("kind", "said_by")
    for row in rows.order_by("held_on", "pk").iterator():
        yield {
            "held_on": row.held_on,
            "kind": localized(row.kind, "name"),
            "title": row.title,
            "pupils": row.pupils,
            "girls": row.girls,
            "hours": row.hours,
            "note": row.note,
            "told_at": row.said_at,
            "told_by": who(row.said_by),
        }


def film_plays(partner: Partner) -> Iterator[dict[str, Any]]:
    """How often each film was started, by day."""
    rows = FilmPlays.objects.filter(activity__partner=partner).select_related("activity")
    for row in rows.order_by("day", "activity").iterator():
        yield {"listing": row.activity_id, "title": row.activity.title, "day": row.day, "plays": row.number}


def forget(partner: Partner, people: extensions.People) -> None:
    """Take the people out of what was told; that it was done, and for how many, stays."""
    rows = OwnWord.objects.filter(partner=partner)
    rows.filter(said_by__in=people.pks).update(said_by=None)
    blank_words(rows, ["title", "note"], people.words)


def register() -> None:
    """Add both to every partner's copy. Called once, when the app is ready."""
    section = extensions.DataSection
    extensions.forget.append(forget)
    extensions.data_sections += [
        section(name="own_words", about=_("what you told us that you did outside the portal"), rows=own_words),
        section(name="film_plays", about=_("how often your films were started"), rows=film_plays),
    ]
