"""The words and formatted numbers of a report, for the PDF and the page alike. Active language decides the language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stemportal.activities.models import GRADES
from stemportal.partners.models import Partner
from stemportal.reports.figures.figures import FEW, FEWEST, MOST, SHOWN, Figures
from stemportal.schools.models import Booking

# Text shrinks on the cover so that a name of 200 characters still fits.
COVER_SIZES = ((28, 40), (60, 30), (110, 24), (10_000, 18))


@dataclass(frozen=True)
class KeyFigure:
    """One number as a reader meets it: formatted value, label, and a note that explains it."""

    value: str
    label: str
    note: str = ""


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number as people write it in the active language; None is a count that is hidden."""
    if value is None:
        return _("Fewer than %(count)s") % {"count": FEWEST}
    if decimals and value == int(value):
        decimals = 0
    return formats.number_format(round(value, decimals), decimals, force_grouping=True)


def day(moment: date | datetime) -> str:
    """Return a date in figures, short enough for a table: 12.03.2026, in English 12 Mar 2026."""
    moment = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return formats.date_format(moment, "j M Y" if get_language() == "en" else "d.m.Y")


def key_figures(figures: Figures) -> list[KeyFigure]:
    """Return the figures a report begins with, the most important first."""
    answered = ""
    if figures.enquiries:
        answered = _("%(answered)s of %(all)s answered") % {
            "answered": number(figures.answered),
            "all": number(figures.enquiries),
        }
    return [
        KeyFigure(number(figures.pupils), _("pupils reached")),
        girls(figures),
        KeyFigure(number(figures.visits), _("visits held")),
        KeyFigure(number(figures.hours, 1), _("hours given"), _("each session counted once")),
        KeyFigure(
            number(figures.schools),
            _("schools"),
            _("in %(municipalities)s and %(counties)s")
            % {
                "municipalities": _municipalities(figures),
                "counties": _counties(figures),
            }
            if figures.schools
            else "",
        ),
        KeyFigure(_answer_time(figures), _("median time to answer"), answered),
    ]


def girls(figures: Figures) -> KeyFigure:
    """Return the share of girls, or why it is not shown. Counts only visits that told."""
    words = _("girls")
    if figures.girls_state == SHOWN:
        share = _("%(share)s%% of the pupils") % {"share": number(figures.girls_share)}
        return KeyFigure(number(figures.girls), words, f"{share} ({_visits_that_told(figures)})")
    if figures.girls_state == FEW:
        return KeyFigure(number(None), words, _("a count under five is not shown"))
    if figures.girls_state == MOST:
        return KeyFigure(_("Not shown"), words, _("fewer than five were not girls"))
    return KeyFigure("–", words, _("no school told how many"))


def headline(figures: Figures, partner: Partner) -> str:
    """Return the year in one sentence."""
    if not figures.visits:
        return _("No class visited %(partner)s in the school year %(year)s.") % {
            "partner": partner.display_name,
            "year": figures.period.label,
        }
    return _("In the school year %(year)s, %(pupils)s from %(schools)s in %(counties)s met %(partner)s.") % {
        "year": figures.period.label,
        "pupils": _pupils(figures),
        "schools": _schools(figures),
        "counties": _counties(figures),
        "partner": partner.display_name,
    }


def _pupils(figures: Figures) -> str:
    if figures.pupils is None:
        return _("fewer than five pupils")
    return ngettext("%(count)s pupil", "%(count)s pupils", figures.pupils) % {"count": number(figures.pupils)}


def _schools(figures: Figures) -> str:
    return ngettext("%(count)s school", "%(count)s schools", figures.schools) % {"count": number(figures.schools)}


def _municipalities(figures: Figures) -> str:
    text = ngettext("%(count)s municipality", "%(count)s municipalities", figures.municipalities)
    return text % {"count": number(figures.municipalities)}


def _counties(figures: Figures) -> str:
    return ngettext("%(count)s county", "%(count)s counties", figures.counties) % {"count": number(figures.counties)}


def _hours(figures: Figures) -> str:
    text = ngettext("%(count)s hour", "%(count)s hours", 1 if figures.hours == 1 else 2)
    return text % {"count": number(figures.hours, 1)}


def _visits_that_told(figures: Figures) -> str:
    text = ngettext("from %(count)s visit that told", "from %(count)s visits that told", figures.girls_visits)
    return text % {"count": number(figures.girls_visits)}


def _answer_time(figures: Figures) -> str:
    if figures.median_days is None:
        return "–"
    if figures.median_days < 1:
        return _("under a day")
    days = round(figures.median_days, 1)
    return ngettext("%(count)s day", "%(count)s days", 1 if days == 1 else 2) % {"count": number(days, 1)}


def esg_text(figures: Figures, partner: Partner) -> str:
    """Return sentences a partner can put into its own sustainability report; they say only what the figures say."""
    if not figures.visits:
        return _("In the school year %(year)s %(partner)s took part in the programme, but held no visits.") % {
            "partner": partner.display_name,
            "year": figures.period.label,
        }
    sentences = [
        _("In the school year %(year)s %(partner)s gave %(hours)s to young people's interest in science.")
        % {"year": figures.period.label, "partner": partner.display_name, "hours": _hours(figures)},
        _("Through %(portal)s we met %(pupils)s from %(schools)s in %(municipalities)s.")
        % {
            "portal": settings.PORTAL_NAME,
            "pupils": _pupils(figures),
            "schools": _schools(figures),
            "municipalities": _municipalities(figures),
        },
    ]
    if figures.girls_share is not None:
        sentences.append(
            _("Of the pupils whose school told it, %(share)s%% were girls.") % {"share": number(figures.girls_share)}
        )
    sentences.append(_("The visits were free for the pupils, and the number who came was confirmed by their teachers."))
    return " ".join(sentences)


def report_data(*, partner: Partner, figures: Figures, visits: Iterable[Booking], made_on: date) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    title = _("Annual report")
    year = figures.period.label
    return {
        "lang": get_language() or "nb",
        "portal": settings.PORTAL_NAME,
        "partner": partner.display_name,
        "cover_size": next(size for length, size in COVER_SIZES if len(partner.display_name) <= length),
        "title": title,
        "school_year": year,
        "description": f"{partner.legal_name}, {partner.organisation_number}. {year}",
        "date": [made_on.year, made_on.month, made_on.day],
        "made": _("%(legal_name)s, organisation number %(number)s. Made on %(day)s.")
        % {
            "legal_name": partner.legal_name,
            "number": partner.organisation_number,
            "day": day(made_on),
        },
        "headline": headline(figures, partner),
        "tiles": [vars(item) for item in key_figures(figures)],
        **_chart(figures),
        "sections": _sections(figures),
        "esg_text": esg_text(figures, partner),
        "method": method(figures),
        "visit_headers": visit_headers(),
        "visits": [visit_row(booking) for booking in visits],
        "words": {
            "in_short": _("The year in short"),
            "by_month": _("Pupils by month"),
            "esg": _("For your sustainability report"),
            "esg_intro": _("You are welcome to use these words. Every figure can be traced in the appendix."),
            "method": _("How we counted"),
            "appendix": _("Appendix: the visits behind the figures"),
            "appendix_intro": _("Every visit that the figures count, in order of time."),
            "page": _("Page"),
        },
    }


def _chart(figures: Figures) -> dict[str, Any]:
    if not figures.visits:
        return {"months": [], "months_alt": ""}
    months = []
    for row in figures.months:
        first = date(*map(int, f"{row['month']}-01".split("-")))
        value = row["pupils"] if row["pupils"] is not None else FEWEST - 1
        shown = number(row["pupils"]) if row["pupils"] else ("" if row["pupils"] == 0 else f"<{FEWEST}")
        months.append(
            {
                "label": formats.date_format(first, "M"),
                "long": formats.date_format(first, "F"),
                "value": value,
                "shown": shown,
            }
        )
    told = ", ".join(f"{month['long']} {month['shown'] or 0}" for month in months)
    return {"months": months, "months_alt": _("Bar chart of pupils by month: %(months)s.") % {"months": told}}


def _sections(figures: Figures) -> list[dict[str, Any]]:
    """The tables: kinds, counties, grades. Empty ones are left out."""
    language = get_language() or "nb"
    grades = dict(GRADES)
    visits, pupils = _("Visits"), _("Pupils")
    sections = [
        (
            _("What you did"),
            [_("Kind"), visits, pupils],
            [[row.get(language) or row["nb"], number(row["visits"]), number(row["pupils"])] for row in figures.kinds],
        ),
        (
            _("Where the pupils came from"),
            [_("County"), _("Schools"), visits, pupils],
            [
                [row["name"] or "Svalbard", number(row["schools"]), number(row["visits"]), number(row["pupils"])]
                for row in figures.regions
            ],
        ),
        (
            _("Which grades"),
            [_("Grade"), visits, pupils],
            [
                [str(grades.get(row["grade"], row["grade"])), number(row["visits"]), number(row["pupils"])]
                for row in figures.grades
            ],
        ),
    ]
    sections.append((_("Meetings you took part in"), [_("Date"), _("Meeting"), _("People")], meeting_rows(figures)))
    return [{"title": title, "headers": headers, "rows": rows, "note": ""} for title, headers, rows in sections if rows]


def meeting_rows(figures: Figures) -> list[list[str]]:
    """Return the meetings of the network that the partner's people came to, as text: date, title, how many."""
    language = get_language() or "nb"
    return [
        [day(datetime.fromisoformat(row["starts_at"])), row.get(language) or row["nb"], number(row["people"])]
        for row in figures.meetings
    ]


def method(figures: Figures) -> list[str]:
    """Return how the figures are made, in sentences."""
    return [
        _("A visit counts when it took place in the school year and the teacher told how many came."),
        _("A pupil who came twice counts twice: nobody's name is kept."),
        _("Hours are the length of the sessions. A session with several classes counts once."),
        _("Girls are counted only where the school told it, and the share is that of those visits."),
        _("A count of pupils under five is not shown, so that nobody can be recognised."),
        _("The time to answer is the median from request to answer, for requests made in the school year."),
    ]


def visit_headers() -> list[str]:
    """Return the columns of the list of visits."""
    return [_("Date"), _("School"), _("Activity"), _("Grade"), _("Pupils")]


def visit_row(booking: Booking) -> list[str]:
    """Return one visit as text: date, school and municipality, activity, grade, pupils (never under five)."""
    starts_at: datetime = booking.session.starts_at  # type: ignore[union-attr]  # a visit has a session
    pupils = booking.attendance.pupils
    return [
        day(starts_at),
        f"{booking.school.name}, {booking.school.place_name}",
        booking.activity.title,
        str(dict(GRADES).get(booking.grade, booking.grade)),
        f"<{FEWEST}" if 0 < pupils < FEWEST else str(pupils),
    ]
