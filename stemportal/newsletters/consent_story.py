"""What an address said yes and no to, in words, for its owner and for the secretariat."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from stemportal.newsletters.models import ConsentEvent, Subscriber
from stemportal.newsletters.services.consents import source_words


def story_of(subscriber: Subscriber) -> list[dict[str, Any]]:
    """Return the steps, the first one first, as items of components/timeline.html: title, time, text."""
    return [
        {
            "title": event.get_kind_display(),
            "time": formats.date_format(timezone.localtime(event.at), "DATETIME_FORMAT"),
            "text": _details(event),
        }
        for event in subscriber.consents.all()
    ]


def _details(event: ConsentEvent) -> str:
    where = _("Where: %(place)s.") % {"place": source_words(event.source)}
    if not event.text:
        return where
    words = _("The words, version %(version)s: “%(text)s”") % {"version": event.version, "text": event.text}
    return f"{where} {words}"
