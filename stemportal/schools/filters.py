"""Narrowing the list of a partner's bookings, by plain links and a form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from stemportal.activities.models import Kind
from stemportal.lib.school_year import current_school_year, label
from stemportal.lib.templatetags.portal import localized
from stemportal.schools.models import Booking, BookingQuerySet, Feedback
from stemportal.schools.progress import in_school_year
from stemportal.schools.queries.afterwards import without_feedback
from stemportal.schools.queries.messages import unread_lines_of_schools

BOOKED, UNTOLD, UNREAD, UNSAID = "booked", "untold", "unread", "unsaid"
EARLIEST, LATEST = 2000, 2200
YEARS_BACK = 4


class BookingFilter:
    """What was asked for in the address. Nonsense counts as not asked. Choices are (value, label, chosen)."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        asked = str(data.get("status", ""))
        self.status = asked if asked in {*Booking.Status.values, BOOKED, UNTOLD, UNREAD, UNSAID} else ""
        year = str(data.get("year", ""))[:6]
        self.year = int(year) if year.isascii() and year.isdigit() and EARLIEST <= int(year) <= LATEST else None
        code = str(data.get("kind", ""))
        self.kind = next((kind for kind in self._kinds if kind.code == code), None)

    @cached_property
    def _kinds(self) -> list[Kind]:
        return list(Kind.objects.all())

    def narrow(self, bookings: BookingQuerySet) -> BookingQuerySet:
        """Return the bookings that were asked for."""
        if self.status == BOOKED:
            # What figures call booked: a class that did not come holds its place, but counts for nothing.
            bookings = bookings.holding_places().exclude(status=Booking.Status.NO_SHOW)
        elif self.status == UNTOLD:
            bookings = bookings.missing_attendance()
        elif self.status == UNSAID:
            bookings = without_feedback(bookings, Feedback.Side.PARTNER)
        elif self.status == UNREAD:
            bookings = bookings.filter(pk__in=unread_lines_of_schools().values("booking"))
        elif self.status:
            bookings = bookings.filter(status=self.status)
        if self.kind:
            bookings = bookings.filter(activity__kind=self.kind)
        return in_school_year(bookings, self.year) if self.year else bookings

    @property
    def is_narrow(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.status or self.kind or self.year)

    def statuses(self) -> list[tuple[str, Any, bool]]:
        """Every status, and three that put some together."""
        choices = [
            *Booking.Status.choices,
            (BOOKED, _("Waiting, confirmed or completed")),
            (UNTOLD, _("Held, but nobody told how many came")),
            (UNSAID, _("Held, but you have not told how it was")),
            (UNREAD, _("With a new message")),
        ]
        return [(value, name, value == self.status) for value, name in choices]

    def kinds(self) -> list[tuple[str, Any, bool]]:
        """Every kind of activity."""
        return [(kind.code, localized(kind, "name"), kind == self.kind) for kind in self._kinds]

    def years(self) -> list[tuple[int, str, bool]]:
        """The next school year and those back to some years ago, and the one asked for."""
        this = current_school_year()
        years = {*range(this - YEARS_BACK, this + 2)} | ({self.year} if self.year else set())
        return [(year, label(year), year == self.year) for year in sorted(years, reverse=True)]
