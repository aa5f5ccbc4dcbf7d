"""The tables of a partner's report in words of the active language: the same in the PDF and on the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stemportal.lib.money import kroner_words
from stemportal.reports.documents import words
from stemportal.reports.documents.material import Material
from stemportal.reports.documents.words import number, percent
from stemportal.reports.figures.definitions import FIGURES
from stemportal.reports.figures.figures import Figures

# Figures that are set beside the year before and the median of the level: (field of Figures, decimals).
COMPARED = (
    ("pupils", 0),
    ("visits", 0),
    ("schools", 0),
    ("municipalities", 0),
    ("hours", 1),
    ("people_hours", 1),
    ("girls_share", 0),
    ("rating", 1),
    ("median_days", 1),
)
# Of these the change is a difference and no share.
DIFFERENCES = {"girls_share", "rating", "median_days"}


@dataclass(frozen=True)
class Table:
    """A table of texts: the first columns name the row, the others are numbers. ``note`` explains what needs it,
    ``hidden`` why some numbers are not shown.

    The first ``texts`` columns are words. ``bars`` are lengths beside the names, in thousandths of the longest: of
    visits, which are never hidden.
    """

    key: str
    title: str
    headers: list[str]
    rows: list[list[str]]
    note: str = ""
    hidden: str = ""
    bars: list[int] = field(default_factory=list)
    texts: int = 1


def hidden_note(rows: Iterable[dict[str, Any]]) -> str:
    """Return why some counts of the rows are not shown, or nothing when all are."""
    if all(row["pupils"] is not None for row in rows):
        return ""
    return _("A number is not shown when it is under five, or when one under five could be worked out from it.")


def _broken_down(
    key: str, title: str, headers: list[str], rows: list[list[str]], counted: list[dict[str, Any]]
) -> Table:
    """A table of visits and pupils, with a bar of the visits each."""
    most = max((row["visits"] for row in counted), default=0)
    bars = [words.length(row["visits"], most) for row in counted]
    return Table(key, title, headers, rows, hidden=hidden_note(counted), bars=bars)


def name_of(key: str) -> str:
    """Return what a figure is called: one name in documents, on pages and in docs/figures.md."""
    return str(FIGURES[key].name)


def comparison(material: Material) -> Table | None:
    """Return this year beside the year before and the median of the level; None where there is neither."""
    if material.before is None and material.medians is None:
        return None
    now, before, medians = material.figures, material.before, material.medians
    headers = [_("Figure"), now.period.label]
    if before:
        headers += [before.period.label, _("Difference")]
    if medians:
        headers.append(_("Median of the level"))
    rows = []
    for key, decimals in COMPARED:
        value = getattr(now, key)
        was = getattr(before, key) if before else None
        middle = medians.get(key) if medians else None
        if not value and not was and not middle:
            continue
        row = [name_of(key), _as_text(key, value, decimals)]
        if before:
            row += [_as_text(key, was, decimals), _difference(key, value, was, decimals)]
        if medians:
            row.append(_as_text(key, middle, max(decimals, 1)) if middle is not None else words.NOTHING)
        rows.append(row)
    return Table("comparison", _("Compared"), headers, rows, _note_of_comparison(material)) if rows else None


def _note_of_comparison(material: Material) -> str:
    notes = []
    if material.before:
        notes.append(_("The year before is counted as it is known now; its own report may say a little else."))
    if material.medians and material.level:
        note = _("The median is that of the %(count)s partners on the level %(level)s.")
        count = number(material.medians["partners"])
        notes.append(note % {"count": count, "level": words.localized(material.level)})
    return " ".join(notes)


def _as_text(key: str, value: float | None, decimals: int) -> str:
    if value is None:
        return number(None) if key == "pupils" else words.NOTHING
    return percent(value) if key == "girls_share" else number(value, decimals)


def _difference(key: str, value: float | None, was: float | None, decimals: int) -> str:
    if key not in DIFFERENCES:
        return words.change(value, was)
    if value is None or was is None:
        return words.NOTHING
    difference = words.signed(number(value - was, decimals))
    return _("%(number)s points") % {"number": difference} if key == "girls_share" else difference


def kinds(figures: Figures) -> Table:
    """Return what was done, by kind of activity."""
    rows = [[words.localized(row), number(row["visits"]), number(row["pupils"])] for row in figures.kinds]
    return _broken_down("kinds", _("Kinds of activity"), [_("Kind"), _("Visits"), _("Pupils")], rows, figures.kinds)


def regions(figures: Figures) -> Table:
    """Return where the schools are, by county."""
    headers = [_("County"), _("Schools"), _("Visits"), _("Pupils")]
    rows = [
        [words.county(row["name"]), number(row["schools"]), number(row["visits"]), number(row["pupils"])]
        for row in figures.regions
    ]
    return _broken_down("regions", _("Where the pupils came from"), headers, rows, figures.regions)


def grades(figures: Figures) -> Table:
    """Return how old the pupils were."""
    rows = [[words.grade(row["grade"]), number(row["visits"]), number(row["pupils"])] for row in figures.grades]
    headers = [_("Grade"), _("Visits"), _("Pupils")]
    return _broken_down("grades", _("Which grades"), headers, rows, figures.grades)


def months(figures: Figures) -> Table:
    """Return the twelve months, also the quiet ones."""
    rows = [
        [words.month_names(row["month"])[1], number(row["visits"]), number(row["pupils"])] for row in figures.months
    ]
    headers = [_("Month"), _("Visits"), _("Pupils")]
    return _broken_down("months", _("Pupils by month"), headers, rows, figures.months)


def gave(figures: Figures) -> Table:
    """Return what the partner put in, besides the visits themselves."""
    facts = [
        ("sessions", number(figures.sessions)),
        ("hours", number(figures.hours, 1)),
        ("people_hours", number(figures.people_hours, 1)),
        ("pupil_hours", number(figures.pupil_hours)),
        ("role_models", number(figures.role_models)),
        ("groups", number(figures.groups)),
        ("homework_places", number(figures.homework_places)),
        ("film_plays", number(figures.film_plays)),
    ]
    rows = [[name_of(key), text] for key, text in facts if getattr(figures, key) != 0]
    return Table("gave", _("What was given"), [_("What"), _("Number")], rows)


def place_units() -> dict[str, str]:
    """Return what places are counted in, by its code."""
    return {"groups": _("Places for groups"), "pupils": _("Places for pupils")}


def places(figures: Figures) -> Table:
    """Return what there was room for, and how much of it was used."""
    units = place_units()
    rows = [
        [units[row["unit"]], number(row["offered"]), number(row["booked"]), number(row["used"])]
        for row in figures.places
        if row["offered"] or row["booked"] or row["used"]
    ]
    return Table("places", _("Room and use"), [_("Places"), _("Offered"), _("Booked"), _("Used")], rows)


def pledges(figures: Figures) -> Table:
    """Return what was pledged for the year, and what became of it."""
    rows = []
    for row in figures.pledges:
        pledged, delivered = row["pledged"], row["delivered"]
        share = percent(round(100 * delivered / pledged)) if pledged and delivered is not None else words.NOTHING
        name = f"{words.localized(row)} ({words.pledge_unit(row['unit'])})"
        rows.append([name, number(pledged) if pledged else words.NOTHING, number(delivered), share])
    headers = [_("Kind"), _("Pledged"), _("Delivered"), _("Share")]
    return Table("pledges", _("Pledged and delivered"), headers, rows)


def answers(figures: Figures) -> Table:
    """Return how the schools were met: answers and what was called off."""
    rows = []
    if figures.enquiries:
        rows = [
            [name_of("enquiries"), number(figures.enquiries)],
            [name_of("answered"), number(figures.answered)],
            [_("Median time to answer"), words.days(figures.median_days)],
        ]
    called_off = ("cancelled_by_partner", "cancelled_by_school", "no_shows")
    if rows or any(getattr(figures, key) for key in called_off):
        rows += [[name_of(key), number(getattr(figures, key))] for key in called_off]
    return Table("answers", _("Requests and answers"), [_("What"), _("Number")], rows)


def opinions(figures: Figures) -> Table:
    """Return what schools and pupils thought of it."""
    rows, notes = [], [_("On a scale from 1 to 5.")]
    if figures.rating is not None:
        rows.append([name_of("rating"), number(figures.rating, 1), number(figures.ratings)])
    if figures.pulse_before is not None and figures.pulse_after is not None:
        told = number(figures.pulse_visits)
        rows += [
            [name_of("pulse_before"), number(figures.pulse_before, 1), told],
            [name_of("pulse_after"), number(figures.pulse_after, 1), told],
        ]
        if figures.pulse_change is not None:
            rows.append([name_of("pulse_change"), words.signed(number(figures.pulse_change, 1)), told])
        notes.append(_("The pupils answer without a name, and only visits with at least five answers count."))
    headers = [_("What"), _("Mean"), _("Visits")]
    return Table("opinions", _("What schools and pupils said"), headers, rows, " ".join(notes) if rows else "")


def transport(figures: Figures) -> Table:
    """Return what was paid for journeys."""
    rows = []
    if figures.paid_ore:
        rows.append([name_of("paid_ore"), kroner_words(figures.paid_ore)])
    if figures.travel_ore:
        rows.append([name_of("travel_ore"), kroner_words(figures.travel_ore)])
    return Table("transport", _("Journeys"), [_("What"), _("Amount")], rows)


def meetings(figures: Figures) -> Table:
    """Return the meetings of the network that the partner's people came to."""
    headers = [_("Date"), _("Meeting"), _("People")]
    return Table("meetings", _("Meetings of the network"), headers, meeting_rows(figures), texts=2)


def meeting_rows(figures: Figures) -> list[list[str]]:
    """Return these meetings as text: date, title, how many people."""
    return [[words.day(row["starts_at"]), words.localized(row), number(row["people"])] for row in figures.meetings]


def own_word(figures: Figures) -> Table:
    """Return what the partner told of itself; no school has confirmed it."""
    rows = []
    if figures.own_visits:
        rows = [
            [name_of("own_visits"), number(figures.own_visits)],
            [name_of("own_pupils"), number(figures.own_pupils)],
        ]
        if figures.own_girls is not None:
            rows.append([name_of("own_girls"), number(figures.own_girls)])
        rows.append([name_of("own_hours"), number(figures.own_hours, 1)])
    note = _("Told by the partner itself. No school has confirmed it, and no other figure counts it.") if rows else ""
    return Table("own_word", _("By the partner's own word"), [_("What"), _("Number")], rows, note)


def tables(figures: Figures) -> list[Table]:
    """Return all tables of a year that have something in them, in the order in which a reader meets them."""
    made = (kinds, regions, grades, gave, places, pledges, answers, opinions, transport, meetings, own_word)
    return [table for make in made if (table := make(figures)).rows]
