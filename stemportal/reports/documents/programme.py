"""The words of the programme's report, for the PDF and the page alike. The active language decides the language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.lib.markdown_blocks import blocks_of
from stemportal.lib.money import kroner_words
from stemportal.lib.periods import Period
from stemportal.lib.qr import qr_code
from stemportal.places.centrality import Centrality
from stemportal.reports.documents import charts, norway, tables, words
from stemportal.reports.documents.partner import KeyFigure, girls
from stemportal.reports.documents.programme_material import ProgrammeMaterial, Section
from stemportal.reports.documents.tables import Table
from stemportal.reports.documents.words import number, percent
from stemportal.reports.figures.equality import Chances
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import ProgrammeSection
from stemportal.reports.queries.targets import TargetLine

Place = ProgrammeSection.Place
NBSP = "\N{NO-BREAK SPACE}"
# What is set beside the year before: (field of Figures, decimals).
COMPARED = (
    ("pupils", 0),
    ("visits", 0),
    ("schools", 0),
    ("municipalities", 0),
    ("partners", 0),
    ("companies", 0),
    ("hours", 1),
    ("girls_share", 0),
)


@dataclass(frozen=True)
class TargetCard:
    """A target as a reader meets it. ``done`` is a whole percentage or None, ``way`` says the same in words."""

    title: str
    value: str
    when: str
    goal: str
    start: str
    done: int | None
    way: str
    notes: list[str]


def title(material: ProgrammeMaterial) -> str:
    """Return what the report is called."""
    return _("Programme report %(year)s") % {"year": material.period.label}


def headline(figures: Figures) -> str:
    """Return the year in one sentence."""
    when = {"when": words.in_year(figures.period)}
    if not figures.visits:
        return _("%(when)s, no visit was held.") % when
    return _("%(when)s, %(pupils)s from %(schools)s in %(municipalities)s met working life.") % {
        **when,
        "pupils": words.pupils(figures.pupils),
        "schools": words.schools(figures.schools),
        "municipalities": words.municipalities(figures.municipalities),
    }


def key_figures(figures: Figures) -> list[KeyFigure]:
    """Return the six figures the report begins with."""
    where = _("in %(municipalities)s and %(counties)s") % {
        "municipalities": words.municipalities(figures.municipalities),
        "counties": words.counties(figures.counties),
    }
    companies = _("%(count)s of them companies") % {"count": number(figures.companies)}
    return [
        KeyFigure(number(figures.pupils), _("pupils reached")),
        girls(figures),
        KeyFigure(number(figures.schools), _("schools"), where if figures.schools else ""),
        KeyFigure(number(figures.visits), _("visits held")),
        KeyFigure(number(figures.partners), _("partners engaged"), companies if figures.partners else ""),
        KeyFigure(number(figures.hours, 1), _("hours given"), _("each session counted once")),
    ]


def target_card(line: TargetLine, *, so_far: bool = False) -> TargetCard:
    """Return a target in words; ``so_far``: the year goes on, and the bar shows how much of the goal there is."""
    value = _value(line, line.value)
    done = of_goal(line) if so_far else line.done
    notes = []
    if line.source:
        notes.append(_("Source: %(source)s") % {"source": line.source})
    if line.before is not None:
        before = {"year": line.period.previous.label, "value": _value(line, line.before)}
        notes.append(_("%(year)s: %(value)s") % before)
    if line.goal_source and not so_far:
        notes.append(_("The goal is set in: %(source)s") % {"source": line.goal_source})
    return TargetCard(
        title=words.localized(line.title),
        value=value,
        when=_("%(year)s so far") % {"year": line.period.label} if so_far else line.period.label,
        goal=_("Goal: %(value)s by %(year)s")
        % {"value": _value(line, line.goal), "year": Period(line.period_kind, line.due_year).label},
        start=_start(line),
        done=done,
        way=_way(line, done, so_far),
        notes=notes,
    )


def of_goal(line: TargetLine) -> int | None:
    """Return how much of the goal the value is, whole percent up to 100; None without a value or a goal."""
    if line.value is None or line.goal <= 0:
        return None
    return min(int(100 * line.value // line.goal), 100)


def _value(line: TargetLine, value: float | None) -> str:
    if value is None:
        return number(None) if line.measure == "pupils" else words.NOTHING
    if line.is_share:
        return percent(value)
    text = number(value, 1 if value == round(value, 1) else 2)
    if line.unit == "%":
        return percent(value) if value == int(value) else f"{text}{percent(0)[1:]}"
    return f"{text}{NBSP}{line.unit}" if line.unit else text


def _start(line: TargetLine) -> str:
    if line.baseline is None or line.baseline_year is None:
        return ""
    year = Period(line.period_kind, line.baseline_year).label
    return _("Start: %(value)s in %(year)s") % {"value": _value(line, line.baseline), "year": year}


def _way(line: TargetLine, done: int | None, so_far: bool) -> str:
    if done is None:
        return _("No value yet") if line.is_entered else ""
    if so_far or line.baseline is None:
        return _("%(share)s of the goal") % {"share": percent(done)}
    if done == 100:
        return _("The goal is reached")
    return _("%(share)s of the way from the start to the goal") % {"share": percent(done)}


def comparison(material: ProgrammeMaterial) -> Table | None:
    """Return this year beside the year before; None without one."""
    now, before = material.figures, material.before
    if before is None:
        return None
    rows = []
    for key, decimals in COMPARED:
        value, was = getattr(now, key), getattr(before, key)
        if not value and not was:
            continue
        if key == "girls_share":
            difference = "" if value is None or was is None else words.signed(number(value - was))
            changed = _("%(number)s points") % {"number": difference} if difference else words.NOTHING
            rows.append([tables.name_of(key), percent(value), percent(was), changed])
        else:
            rows.append([tables.name_of(key), number(value, decimals), number(was, decimals), words.change(value, was)])
    headers = [_("Figure"), now.period.label, before.period.label, _("Difference")]
    return Table("comparison", _("Compared with the year before"), headers, rows) if rows else None


def chances_table(chances: Iterable[Chances]) -> Table:
    """Return how many of the schools and municipalities of each group were reached, the bar is the share of schools."""
    rows, bars = [], []
    for line in chances:
        if not line.schools:
            continue
        label = str(Centrality(line.group).label)
        rows.append(
            [
                label,
                percent(line.share),
                _part(line.schools_reached, line.schools),
                _part(line.municipalities_reached, line.municipalities),
                number(line.visits),
            ]
        )
        bars.append(words.length(line.share, 100))
    headers = [
        _("Where the school is"),
        _("Share of schools reached"),
        _("Schools"),
        _("Municipalities"),
        _("Visits"),
    ]
    return Table("chances", _("Central and remote"), headers, rows, note=chances_source(), bars=bars)


def _part(reached: int, whole: int) -> str:
    """ "12 of 40", on one line."""
    return (_("%(reached)s of %(all)s") % {"reached": number(reached), "all": number(whole)}).replace(" ", NBSP)


def chances_source() -> str:
    """Return what central and remote mean, and whose measure it is."""
    return _(
        "Central are municipalities of the classes 1 and 2 of Statistics Norway's centrality index, remote those of "
        "the classes 5 and 6. Source: Statistics Norway (Statistisk sentralbyrå), CC BY 4.0."
    )


def engagement(figures: Figures) -> Table:
    """Return who took part and what they gave."""
    rows = [
        [_("Partners that held a visit"), number(figures.partners)],
        [_("Of whom companies"), number(figures.companies)],
        [_("Classes and groups"), number(figures.groups)],
        [_("Sessions"), number(figures.sessions)],
        [_("Hours times people"), number(figures.people_hours, 1)],
        [_("Hours times pupils"), number(figures.pupil_hours)],
    ]
    if figures.role_models:
        rows.append([_("Role models named with the offers"), number(figures.role_models)])
    if figures.homework_places:
        rows.append([_("Places for homework help"), number(figures.homework_places)])
    if figures.film_plays:
        rows.append([_("Films played"), number(figures.film_plays)])
    if figures.travel_ore:
        rows.append([_("Paid for pupils' journeys"), kroner_words(figures.travel_ore)])
    return Table("engagement", _("Who took part"), [_("What"), _("Number")], rows)


def own_word(figures: Figures) -> Table:
    """Return what partners told of themselves; no school has confirmed it."""
    made = tables.own_word(figures)
    note = _("Told by the partners themselves. No school has confirmed it, and no other figure counts it.")
    return Table(made.key, _("By the partners' own word"), made.headers, made.rows, note if made.rows else "")


def all_tables(material: ProgrammeMaterial) -> list[Table]:
    """Return the tables that have something in them, in the order in which a reader meets them."""
    figures = material.figures
    if not figures.visits:
        return []
    made = [
        tables.regions(figures),
        tables.kinds(figures),
        tables.grades(figures),
        chances_table(material.chances),
        engagement(figures),
        tables.answers(figures),
        tables.opinions(figures),
        own_word(figures),
    ]
    return [table for table in made if table.rows]


def method() -> list[str]:
    """Return how the figures are made, in sentences."""
    return [
        _("A visit counts when it began in the year and the teacher has told how many came."),
        _("A pupil who came twice counts twice: nobody's name is kept."),
        _("Hours are the length of the sessions. A session with several classes counts once."),
        _("Girls are counted only where the school told it, and the share is that of those visits."),
        _("A count of pupils under five is not shown, and nothing from which it could be worked out."),
        _("A partner or company is engaged when it held a visit in the year."),
        _("Targets are measured by the portal, or entered by the secretariat with their source."),
        chances_source(),
    ]


def texts(material: ProgrammeMaterial) -> dict[str, list[dict[str, str]]]:
    """Return the secretariat's texts by where they stand, in the active language: title and Markdown."""
    return {str(place): [_text(section) for section in material.sections_at(place)] for place in Place.values}


def _text(section: Section) -> dict[str, str]:
    return {"title": words.localized(section.title), "text": words.localized(section.text)}


def report_data(material: ProgrammeMaterial) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    figures, period = material.figures, material.period
    made = {"day": words.day(material.made_on), "version": number(material.version)}
    year = _("School year %(year)s") if period.is_school_year else _("Calendar year %(year)s")
    made_tables = all_tables(material)
    return {
        "lang": get_language() or "nb",
        "portal": material.portal,
        "title": title(material),
        "kind": _("Programme report"),
        "year": year % {"year": period.label},
        "label": period.label,
        "description": headline(figures),
        "date": [material.day.year, material.day.month, material.day.day],
        "made": _("Version %(version)s, %(day)s") % made,
        "reason": material.reason,
        "headline": headline(figures),
        "tiles": [vars(item) for item in key_figures(figures)],
        "months": charts.plain(charts.month_chart(figures, material.before)),
        "comparison": asdict(compared) if (compared := comparison(material)) else None,
        "targets": [asdict(target_card(line)) for line in material.targets],
        "map": asdict(drawn) if (drawn := norway.school_map(figures)) else None,
        "tables": {table.key: asdict(table) for table in made_tables},
        "hidden": next((table.hidden for table in made_tables if table.hidden), ""),
        "texts": {
            place: [{"title": text["title"], "blocks": blocks_of(text["text"])} for text in found]
            for place, found in texts(material).items()
        },
        "stories": [
            {"title": story.title, "lead": story.lead, "voice": story.voice, "lang": story.language}
            for story in material.stories
        ],
        "engaged": material.engaged,
        "method": method(),
        "code": material.code,
        "address": material.address,
        "qr": asdict(qr_code(material.address)),
        "fingerprint": material.fingerprint,
        "words": _words(material),
    }


def _words(material: ProgrammeMaterial) -> dict[str, str]:
    """Headings and fixed sentences."""
    return {
        "in_short": _("The year in short"),
        "new_version": _("Why there is a new version"),
        "targets": _("The targets"),
        "regions": _("In the whole country"),
        "done": _("What was done"),
        "equality": _("The same chances everywhere"),
        "stories": _("Stories from the year"),
        "engaged": _("Partners that held a visit"),
        "about": _("About this report"),
        "method": _("How we counted"),
        "genuine": _("Is this report genuine?"),
        "genuine_text": _("Read the code with a camera, or open the address: the page shows what %(portal)s published.")
        % {"portal": material.portal},
        "code": _("Code"),
        "fingerprint": _("Fingerprint of the data (SHA-256)"),
        "page": _("Page"),
    }
