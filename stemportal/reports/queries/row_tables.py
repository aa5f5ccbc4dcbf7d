"""The rows behind a figure as a table of texts with links, for its partner or for the secretariat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.activities.models import FilmPlays, OwnWord, Pledge, RoleModel, Session
from stemportal.activities.pledging import quantity_words
from stemportal.lib.money import kroner_words
from stemportal.lib.periods import Period
from stemportal.lib.school_year import label
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import Rsvp
from stemportal.reports.documents.words import NOTHING, day, grade, number
from stemportal.reports.figures.lines import hidden_of
from stemportal.schools.models import Booking, LedgerEntry, Visit


@dataclass(frozen=True)
class Cell:
    """One text of a row; numbers stand to the right."""

    text: str
    url: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class RowTable:
    """A table: headers are texts, too, so that they know their side. ``hides`` says that some numbers are not shown."""

    headers: list[Cell]
    rows: list[list[Cell]]
    hides: bool = False


@dataclass(frozen=True)
class Reader:
    """For whom the rows are written: links lead to the secretariat's pages or to the partner's."""

    is_staff: bool

    def booking(self, pk: int) -> str:
        """Address of a booking."""
        return reverse("admin:schools_booking_change" if self.is_staff else "schools:booking", args=[pk])


def table_of(found: Sequence[Any], model: type[Model], *, period: Period, reader: Reader) -> RowTable:
    """Return these rows of a figure (``rows``) as texts. Counts of pupils are hidden as in the partner's report."""
    if model is Visit:
        return _visits(found, period, reader)
    headers, row = TABLES[model](reader)
    return RowTable(headers, [row(each) for each in found])


def _visits(found: Sequence[Visit], period: Period, reader: Reader) -> RowTable:
    hidden = hidden_of(period, {visit.partner_id for visit in found})
    away = {booking for each in hidden.values() for booking in each.lines}
    rows = [
        [
            Cell(day(visit.starts_at)),
            *([Cell(visit.activity.partner.display_name)] if reader.is_staff else []),
            Cell(visit.activity.title, reader.booking(visit.pk)),
            Cell(f"{visit.school.name}, {visit.school.place_name}"),
            Cell(localized(visit.kind, "name")),
            Cell(grade(visit.grade)),
            _number(None if visit.pk in away else visit.pupils),
            _number(visit.hours, 1),
        ]
        for visit in found
    ]
    words = [_("Date"), *([_("Partner")] if reader.is_staff else []), _("Activity"), _("School"), _("Kind"), _("Grade")]
    headers = _headers(words, _("Pupils"), _("Hours"))
    return RowTable(headers, rows, hides=any(visit.pk in away for visit in found))


def _headers(words: Iterable[str], *numbers: str) -> list[Cell]:
    return [*(Cell(word) for word in words), *(Cell(word, is_number=True) for word in numbers)]


def _number(value: float | None, decimals: int = 0) -> Cell:
    return Cell(number(value, decimals), is_number=True)


Table = tuple[list[Cell], Callable[[Any], list[Cell]]]


def _bookings(reader: Reader) -> Table:
    def row(booking: Booking) -> list[Cell]:
        answered = day(booking.answered_at) if booking.answered_at else NOTHING
        held = booking.starts_at or booking.proposed_at
        return [
            Cell(day(booking.created_at)),
            Cell(booking.activity.title, reader.booking(booking.pk)),
            Cell(f"{booking.school.name}, {booking.school.place_name}"),
            Cell(day(held) if held else NOTHING),
            Cell(answered),
            Cell(booking.get_status_display()),
        ]

    words = [_("Asked"), _("Activity"), _("School"), _("Date of the visit"), _("Answered"), _("Status")]
    return _headers(words), row


def _sessions(reader: Reader) -> Table:
    def row(session: Session) -> list[Cell]:
        unit = session.activity.kind.get_unit_display()
        return [
            Cell(day(session.starts_at)),
            Cell(session.activity.title, session.activity.get_absolute_url()),
            Cell(unit),
            _number(session.capacity),
        ]

    return _headers([_("Date"), _("Activity"), _("Places are counted in")], _("Places")), row


def _role_models(reader: Reader) -> Table:
    def row(person: RoleModel) -> list[Cell]:
        return [Cell(person.full_name, person.get_absolute_url()), Cell(person.job_title)]

    return _headers([_("Role model"), _("What the person does")]), row


def _payments(reader: Reader) -> Table:
    def row(entry: LedgerEntry) -> list[Cell]:
        booking = entry.grant.booking
        return [
            Cell(day(entry.at)),
            Cell(booking.activity.title, reader.booking(booking.pk)),
            Cell(booking.school.name),
            Cell(entry.pot.name),
            Cell(kroner_words(entry.ore), is_number=True),
        ]

    return _headers([_("Paid"), _("Activity"), _("School"), _("Pot")], _("Amount")), row


def _pledges(reader: Reader) -> Table:
    def row(pledge: Pledge) -> list[Cell]:
        amount = quantity_words(pledge.kind.pledge_unit, pledge.quantity)
        return [Cell(label(pledge.school_year)), Cell(localized(pledge.kind, "name")), Cell(amount, is_number=True)]

    return _headers([_("Programme year"), _("Kind")], _("Pledged")), row


def _film_plays(reader: Reader) -> Table:
    def row(plays: FilmPlays) -> list[Cell]:
        film = plays.activity
        return [Cell(day(plays.day)), Cell(film.title, film.get_absolute_url()), _number(plays.number)]

    return _headers([_("Date"), _("Film")], _("Started")), row


def _own_words(reader: Reader) -> Table:
    """The secretariat sees no numbers of pupils here: one under five could be worked out from the sum."""

    def row(own_word: OwnWord) -> list[Cell]:
        url = "" if reader.is_staff else reverse("activities:own_words", args=[own_word.partner_id])
        pupils = [] if reader.is_staff else [_number(own_word.pupils)]
        return [
            Cell(day(own_word.held_on)),
            Cell(own_word.title, url),
            Cell(localized(own_word.kind, "name")),
            *pupils,
            _number(float(own_word.hours), 1),
        ]

    numbers = [_("Hours")] if reader.is_staff else [_("Pupils"), _("Hours")]
    return _headers([_("Date"), _("What it was"), _("Kind")], *numbers), row


def _meetings(reader: Reader) -> Table:
    def row(rsvp: Rsvp) -> list[Cell]:
        meeting = rsvp.meeting
        return [
            Cell(day(meeting.starts_at)),
            Cell(localized(meeting, "title"), meeting.get_absolute_url()),
            _number(rsvp.came),
        ]

    return _headers([_("Date"), _("Meeting")], _("People")), row


TABLES: dict[type[Model], Callable[[Reader], Table]] = {
    Booking: _bookings,
    Session: _sessions,
    RoleModel: _role_models,
    LedgerEntry: _payments,
    Pledge: _pledges,
    FilmPlays: _film_plays,
    OwnWord: _own_words,
    Rsvp: _meetings,
}
