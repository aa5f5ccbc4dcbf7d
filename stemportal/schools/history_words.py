"""The history of a booking in words: what happened, as both sides read it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.schools.emails.facts import group_words
from stemportal.schools.emails.proposals import moment_words
from stemportal.schools.models import BookingEvent

# What is missing here is called by the status it led to.
WORDS = {
    "request": gettext_lazy("The school asked for this visit"),
    "book": gettext_lazy("The school booked this visit"),
    "wait": gettext_lazy("The school joined the waiting list"),
    "confirm": gettext_lazy("The partner confirmed"),
    "offer": gettext_lazy("The partner offered another time"),
    "decline": gettext_lazy("The partner declined"),
    "accept": gettext_lazy("The school accepted"),
    "take_place": gettext_lazy("The school took the free place, and asked the partner to confirm it"),
    "propose": gettext_lazy("The school proposed another time"),
    "withdraw": gettext_lazy("The school withdrew"),
    "complete": gettext_lazy("The visit took place"),
    "no_show": gettext_lazy("The partner noted that the class did not come"),
    "came_after_all": gettext_lazy("The school told how many came, so the visit took place after all"),
    "offer_place": gettext_lazy("A place became free and was offered to the school"),
    "move_session": gettext_lazy("The partner changed the time or the place"),
    "change_group": gettext_lazy("The school changed the group"),
    "hand_over": gettext_lazy("The school handed the booking over to a colleague"),
}


def event_words(event: BookingEvent) -> str:
    """Return what happened, with the time or the group before it where that changed."""
    words = str(WORDS.get(event.move) or event.get_to_status_display())
    before, after = event.facts.get("before"), event.facts.get("after")
    if event.move in {"offer", "propose"} and before and after:
        return _("%(what)s: %(new)s instead of %(old)s") % {
            "what": words,
            "new": moment_words(after),
            "old": moment_words(before),
        }
    if event.move == "change_group" and before:
        return _("%(what)s; it was %(old)s") % {"what": words, "old": group_words(**before)}
    return words
