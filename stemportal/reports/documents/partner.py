"""The words of a partner's report, for the PDF and the page alike. The active language decides the language."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.lib.markdown_blocks import blocks_of
from stemportal.lib.qr import qr_code
from stemportal.reports.documents import charts, norway, tables, words
from stemportal.reports.documents.material import Material
from stemportal.reports.documents.words import number, percent
from stemportal.reports.figures.definitions import FIGURES
from stemportal.reports.figures.figures import FEW, MOST, SHOWN, Figures
from stemportal.reports.figures.rows import VisitLine

# Text shrinks on the cover so that a name of 200 characters still fits.
COVER_SIZES = ((16, 44), (28, 38), (60, 30), (110, 24), (10_000, 18))
# The PDF lists every visit up to here, about twenty pages; what is longer stands there by municipality, and visit by
# visit in the spreadsheet.
MOST_LINES = 500


@dataclass(frozen=True)
class KeyFigure:
    """One number as a reader meets it: formatted value, label, and a note that explains it."""

    value: str
    label: str
    note: str = ""


def key_figures(figures: Figures) -> list[KeyFigure]:
    """Return the six figures a report begins with, the most important first."""
    where = _("in %(municipalities)s and %(counties)s") % {
        "municipalities": words.municipalities(figures.municipalities),
        "counties": words.counties(figures.counties),
    }
    answered = _("%(answered)s of %(all)s answered") % {
        "answered": number(figures.answered),
        "all": number(figures.enquiries),
    }
    return [
        KeyFigure(number(figures.pupils), _("pupils reached")),
        girls(figures),
        KeyFigure(number(figures.visits), _("visits held")),
        KeyFigure(number(figures.hours, 1), _("hours given"), _("each session counted once")),
        KeyFigure(number(figures.schools), _("schools"), where if figures.schools else ""),
        KeyFigure(words.days(figures.median_days), _("median time to answer"), answered if figures.enquiries else ""),
    ]


def girls(figures: Figures) -> KeyFigure:
    """Return the number and share of girls, or why they are not shown. Counts only visits that told."""
    label = _("girls")
    if figures.girls_state == SHOWN:
        note = _("%(share)s of the pupils, where the school told")
        return KeyFigure(number(figures.girls), label, note % {"share": percent(figures.girls_share)})
    if figures.girls_state == FEW:
        return KeyFigure(number(None), label, _("a count under five is not shown"))
    if figures.girls_state == MOST:
        return KeyFigure(number(None), label, _("fewer than five were not girls"))
    return KeyFigure(words.NOTHING, label, _("no school told how many"))


def headline(figures: Figures, name: str) -> str:
    """Return the year of a partner, named by its display name, in one sentence."""
    facts = {"when": words.in_year(figures.period), "partner": name}
    if not figures.visits:
        return _("%(when)s, no class visited %(partner)s.") % facts
    return _("%(when)s, %(pupils)s from %(schools)s in %(counties)s met %(partner)s.") % {
        **facts,
        "pupils": words.pupils(figures.pupils),
        "schools": words.schools(figures.schools),
        "counties": words.counties(figures.counties),
    }


def esg_text(figures: Figures, name: str, portal: str) -> str:
    """Return sentences a partner can put into its own sustainability report; they say only what the figures say."""
    facts = {"when": words.in_year(figures.period), "partner": name, "portal": portal}
    if not figures.visits:
        return _("%(when)s, %(partner)s took part in %(portal)s, but held no visits.") % facts
    sentences = [
        _("%(when)s, %(partner)s gave %(hours)s to young people's interest in science and technology.")
        % {**facts, "hours": words.hours(figures.hours)},
        _("Through %(portal)s we met %(pupils)s from %(schools)s in %(municipalities)s.")
        % {
            **facts,
            "pupils": words.pupils(figures.pupils),
            "schools": words.schools(figures.schools),
            "municipalities": words.municipalities(figures.municipalities),
        },
    ]
    if figures.girls_share is not None:
        sentences.append(
            _("Of the pupils whose school told it, %(share)s were girls.") % {"share": percent(figures.girls_share)}
        )
    sentences.append(_("The visits were free for the pupils, and the number who came was confirmed by their teachers."))
    return " ".join(sentences)


def method(figures: Figures) -> list[str]:
    """Return how the figures are made: the definitions that this report needs, and the rule for small counts."""
    needed = ["visits", "pupils", "girls_share", "groups", "hours", "people_hours"]
    needed += ["median_days"] if figures.median_days is not None else []
    needed += ["pulse_before"] if figures.pulse_before is not None else []
    needed += ["own_visits"] if figures.own_visits else []
    defined = (FIGURES[key] for key in needed)
    return [
        *(_("%(figure)s: %(formula)s") % {"figure": item.name, "formula": item.formula} for item in defined),
        _("A count of pupils under five is not shown, and nothing from which it could be worked out."),
    ]


def visit_headers() -> list[str]:
    """Return the columns of the list of visits."""
    return [_("Date"), _("School"), _("Activity"), _("Grade"), _("Hours"), _("Pupils")]


def visit_row(line: VisitLine) -> list[str]:
    """Return one visit as text: date, school and municipality, activity, grade, hours, pupils."""
    return [
        words.day(line.day),
        f"{line.school}, {line.municipality}" if line.municipality else line.school,
        line.activity,
        words.grade(line.grade),
        number(line.hours, 1),
        number(line.pupils),
    ]


def place_rows(lines: list[VisitLine]) -> list[list[str]]:
    """Return the visits of a long year by municipality: name, schools, visits. No counts of pupils: those stand with
    each visit in the spreadsheet, hidden one by one."""
    visits = Counter(line.municipality for line in lines)
    schools: dict[str, set[str]] = {}
    for line in lines:
        schools.setdefault(line.municipality, set()).add(line.school)
    return [
        [name, number(len(schools[name])), number(count)]
        for name, count in sorted(visits.items(), key=lambda item: (-item[1], item[0]))
    ]


def report_data(material: Material) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    figures, period = material.figures, material.period
    made = {"day": words.day(material.made_on), "version": number(material.version)}
    made_tables = tables.tables(figures)
    is_long = len(material.lines) > MOST_LINES
    year = _("School year %(year)s") if period.is_school_year else _("Calendar year %(year)s")
    return {
        "lang": get_language() or "nb",
        "portal": material.portal,
        "partner": material.display_name,
        "cover_size": next(size for length, size in COVER_SIZES if len(material.display_name) <= length),
        "title": _("Annual report"),
        "year": year % {"year": period.label},
        "label": period.label,
        "level": words.localized(material.level) if material.level else "",
        "description": f"{material.legal_name}, {material.organisation_number}. {period.label}",
        "date": [material.day.year, material.day.month, material.day.day],
        "legal": _("%(legal_name)s, organisation number %(number)s")
        % {"legal_name": material.legal_name, "number": material.organisation_number},
        "made": _("Version %(version)s, %(day)s") % made,
        "preview": _("The year is not over. The figures are those up to %(day)s.") % made
        if material.is_preview
        else "",
        "reason": material.reason,
        "foreword": blocks_of(material.foreword),
        "headline": headline(figures, material.display_name),
        "tiles": [vars(item) for item in key_figures(figures)],
        "months": charts.plain(charts.month_chart(figures, material.before)),
        "compared": [charts.plain(chart) for chart in charts.compared(material)],
        "map": asdict(drawn) if (drawn := norway.school_map(figures)) else None,
        "hidden": next((table.hidden for table in made_tables if table.hidden), ""),
        "tables": {table.key: asdict(table) for table in made_tables},
        "comparison": asdict(compared) if (compared := tables.comparison(material)) else None,
        "esg_blocks": blocks_of(material.esg_text or esg_text(figures, material.display_name, material.portal)),
        "esg_is_own": bool(material.esg_text),
        "method": method(figures),
        "visit_headers": visit_headers(),
        "visits": [] if is_long else [visit_row(line) for line in material.lines],
        "place_headers": [_("Municipality"), _("Schools"), _("Visits")],
        "places": place_rows(material.lines) if is_long else [],
        "code": material.code,
        "address": material.address,
        "qr": asdict(qr_code(material.address)),
        "fingerprint": material.fingerprint,
        "words": _words(material),
    }


def _words(material: Material) -> dict[str, str]:
    """Headings and fixed sentences."""
    return {
        "foreword": _("Foreword"),
        "in_short": _("The year in short"),
        "new_version": _("Why there is a new version"),
        "by_month": _("Through the year"),
        "compared": _("Compared"),
        "done": _("What was done"),
        "esg": _("On sustainability"),
        "esg_intro": _("You are welcome to use these words. Every figure can be traced in the appendix."),
        "about": _("About this report"),
        "method": _("How we counted"),
        "genuine": _("Is this report genuine?"),
        "genuine_text": _("Read the code with a camera, or open the address: the page shows what %(portal)s published.")
        % {"portal": material.portal},
        "code": _("Code"),
        "fingerprint": _("Fingerprint of the data (SHA-256)"),
        "appendix": _("Appendix: the visits behind the figures"),
        "appendix_intro": _("Every visit that the figures count, in order of time."),
        "appendix_places": _(
            "There are %(visits)s behind the figures, here by municipality. Each of them stands in the spreadsheet "
            "that belongs to this report."
        )
        % {"visits": words.visits(len(material.lines))},
        "page": _("Page"),
    }
