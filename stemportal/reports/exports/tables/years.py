"""Sums by year: the figures of partners and of the programme, what schools thought, what pupils answered.

The figures are those of the reports (``reports.figures``), hidden as there. Here all partners stand side by side, and
the programme's own sum is public, so their totals are hidden together once more: no partner's follows from the others'.
Figures that are pupils in other words (girls, hours times pupils, places) stand in the programme's table only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from django.db.models import Avg, Count, F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.periods import Period, PeriodKind
from stemportal.reports.exports.tables.columns import Column, Row, Table
from stemportal.reports.exports.tables.visits import years_with_visits
from stemportal.reports.figures.counting import count_partners, partner_figures
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.hiding import hide
from stemportal.reports.figures.lines import hidden_of
from stemportal.reports.figures.protection import protect
from stemportal.schools.models import SMALLEST_SUM, Feedback, Moment, PulseCount

TOTAL = "total"
ORE = _("øre")
FIGURES = "reports.figures"
# Fields of Figures: type, what they are called on the portal's pages and in its reports, unit.
OF_ALL: list[tuple[str, str, Any, Any]] = [
    ("visits", "integer", _("Visits held"), _("visits")),
    ("pupils", "integer", _("Pupils reached"), _("pupils")),
    ("groups", "integer", _("Classes and groups"), _("groups")),
    ("schools", "integer", _("Schools"), ""),
    ("municipalities", "integer", _("Municipalities"), ""),
    ("counties", "integer", _("Counties"), ""),
    ("sessions", "integer", _("Sessions held"), ""),
    ("hours", "number", _("Hours, each session once"), _("hours")),
    ("people_hours", "number", _("Hours times the people who gave them"), _("hours")),
    ("role_models", "integer", _("Role models"), ""),
    ("homework_places", "integer", _("Places for homework help"), ""),
    ("film_plays", "integer", _("Times a film was played"), ""),
    ("enquiries", "integer", _("Requests from schools"), ""),
    ("answered", "integer", _("Answered"), ""),
    ("median_days", "number", _("Median time to answer"), _("days")),
    ("cancelled_by_partner", "integer", _("Called off by the partner"), ""),
    ("cancelled_by_school", "integer", _("Called off by the school"), ""),
    ("no_shows", "integer", _("Groups that did not come"), ""),
    ("rating", "number", _("Rating by the schools, 1 to 5"), ""),
    ("ratings", "integer", _("Visits that told"), _("visits")),
    ("pulse_before", "number", _("The pupils' interest before, 1 to 5"), ""),
    ("pulse_after", "number", _("The pupils' interest after, 1 to 5"), ""),
    ("pulse_visits", "integer", _("Visits that told"), _("visits")),
    ("paid_ore", "integer", _("Paid by the partner for pupils' journeys"), ORE),
    ("travel_ore", "integer", _("Granted by all for journeys to the partner"), ORE),
    ("own_visits", "integer", _("Events by the partner's own word; no school has confirmed them."), ""),
    ("own_hours", "number", _("Hours of those events."), _("hours")),
]
OF_PROGRAMME: list[tuple[str, str, Any, Any]] = [
    ("girls", "integer", _("Of whom girls"), _("pupils")),
    ("girls_share", "integer", _("Share of girls"), "%"),
    ("pupil_hours", "integer", _("Hours times the pupils who came"), _("hours")),
    ("partners", "integer", _("Partners engaged"), ""),
    ("companies", "integer", _("Companies engaged"), ""),
    ("own_pupils", "integer", _("Pupils at those events."), _("pupils")),
]


def _figures(found: list[tuple[str, str, Any, Any]]) -> list[Column]:
    return [
        Column(name=name, type=kind, meaning=meaning, unit=unit, source=f"{FIGURES}: {name}")
        for name, kind, meaning, unit in found
    ]


PERIOD = [
    Column(name="period_kind", type="string", meaning=_("kind of year"), source="", codes=tuple(PeriodKind.choices)),
    Column(name="year", type="integer", meaning=_("year in which it begins"), source=""),
]
KIND = Column(name="kind_code", type="string", meaning=_("kind"), source="activities.Kind.code")
SCHOOL_YEAR = Column(
    name="school_year", type="integer", meaning=_("school year starts in"), source="activities.Session.starts_at"
)


def _periods() -> list[Period]:
    """Return the years of both kinds in which there were visits."""
    years = years_with_visits()
    calendar = [Period(PeriodKind.CALENDAR, year) for year in range(years[0], years[-1] + 2)] if years else []
    found = [*(Period(PeriodKind.SCHOOL, year) for year in years), *calendar]
    return [period for period in found if period.first_day <= timezone.localdate()]


def _partner_years() -> Iterator[Row]:
    """School years only: with calendar years beside them, half-years would follow."""
    for year in years_with_visits():
        yield from _partners_of(Period(PeriodKind.SCHOOL, year))


def _partners_of(period: Period) -> Iterator[Row]:
    counts = count_partners(period)
    hidden = hidden_of(period, counts)
    figures = {pk: protect(period, counted, hidden.get(pk)) for pk, counted in counts.items()}
    secret = hidden_totals(
        {pk: counted["pupils"] for pk, counted in counts.items()},
        hidden={pk for pk, found in figures.items() if found.pupils is None},
    )
    for pk in sorted(figures):
        values = _values(figures[pk], OF_ALL)
        values["pupils"] = None if pk in secret else values["pupils"]
        yield [pk, period.kind, period.year, *values.values()]


def hidden_totals(pupils: Mapping[int, int], *, hidden: set[int]) -> set[int]:
    """Return the partners whose total must not stand in a list of all: those hidden already, and what protects them.

    pupils: totals by partner; their sum is known from the programme's report.
    """
    cells: dict[Hashable, int] = dict(pupils.items())
    cells[TOTAL] = sum(pupils.values())
    found = hide(cells, [(TOTAL, list(pupils))], hidden=hidden, known=[TOTAL])
    return {pk for pk in pupils if pk in found}


def _values(figures: Figures, columns: list[tuple[str, str, Any, Any]]) -> dict[str, Any]:
    return {name: getattr(figures, name) for name, *_words in columns}


def _programme_years() -> Iterator[Row]:
    for period in _periods():
        figures = partner_figures(period=period)
        if figures.visits:
            yield [period.kind, period.year, *_values(figures, [*OF_ALL, *OF_PROGRAMME]).values()]


def _by_kind(rows_of: Callable[[Period], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """Give the rows of each school year, with the year in front."""

    def rows() -> Iterator[Row]:
        for year in years_with_visits():
            for row in rows_of(Period(PeriodKind.SCHOOL, year)):
                yield [year, *row]

    return rows


def _feedback(period: Period) -> Iterator[Row]:
    told = Feedback.objects.filter(
        side=Feedback.Side.SCHOOL,
        booking__visit__starts_at__gte=period.start,
        booking__visit__starts_at__lt=period.end,
    )
    found = told.order_by("booking__visit__kind__code").values_list("booking__visit__kind__code")
    counted = found.annotate(Count("pk"), Avg("rating"), Count("learned"), Avg("learned"))
    for kind, ratings, rating, fits, fit in counted:
        yield [kind, ratings, _mean(rating, ratings), fits, _mean(fit, fits)]


def _pulses(period: Period) -> Iterator[Row]:
    """Only questions that at least five of a class answered, of classes that are done with them."""
    counts = PulseCount.objects.filter(
        pulse__closes_at__lt=timezone.now(),
        pulse__booking__visit__starts_at__gte=period.start,
        pulse__booking__visit__starts_at__lt=period.end,
    )
    enough = counts.order_by().values("pulse", "moment", "question").annotate(answers=Sum("number"))
    enough = enough.filter(answers__gte=SMALLEST_SUM).annotate(
        points=Sum(F("number") * F("answer")), kind=F("pulse__booking__visit__kind__code")
    )
    sums: dict[tuple[str, str, int], list[int]] = {}
    for row in enough.iterator(chunk_size=2000):
        found = sums.setdefault((row["kind"], row["moment"], row["question"]), [0, 0, 0])
        for place, number in enumerate((1, row["answers"], row["points"])):
            found[place] += number
    for (kind, moment, question), (classes, answers, points) in sorted(sums.items()):
        yield [kind, moment, question, classes, answers, round(points / answers, 2)]


def _mean(value: float | None, count: int) -> float | None:
    return None if value is None or count < SMALLEST_SUM else round(value, 2)


def _number(name: str, meaning: Any, source: str, *, kind: str = "integer", unit: Any = "") -> Column:
    return Column(name=name, type=kind, meaning=meaning, source=source, unit=unit)


TABLES: list[Table] = [
    Table(
        code="partner_years",
        title=_("Figures of partners by year"),
        meaning=_("The figures of the yearly reports for school years, as they are counted now."),
        key=("partner_id", "period_kind", "year"),
        columns=[
            Column(name="partner_id", type="integer", meaning=_("partner"), source="partners.Partner.id"),
            *PERIOD,
            *_figures(OF_ALL),
        ],
        make_rows=_partner_years,
    ),
    Table(
        code="programme_years",
        title=_("Figures of the programme by year"),
        meaning=_("The same figures for all partners together, for school years and calendar years."),
        key=("period_kind", "year"),
        columns=[*PERIOD, *_figures([*OF_ALL, *OF_PROGRAMME])],
        make_rows=_programme_years,
    ),
    Table(
        code="feedback",
        title=_("Feedback"),
        meaning=_("What schools thought of visits, by school year and kind; a mean is of five answers or more."),
        key=("school_year", "kind_code"),
        columns=[
            SCHOOL_YEAR,
            KIND,
            _number("ratings", _("Visits that told"), "schools.Feedback.rating", unit=_("visits")),
            _number("rating", _("Rating by the schools, 1 to 5"), "schools.Feedback.rating", kind="number"),
            _number("fits", _("Visits that told"), "schools.Feedback.learned", unit=_("visits")),
            _number("fit", _("fitted what the class learns, 1 to 5"), "schools.Feedback.learned", kind="number"),
        ],
        make_rows=_by_kind(_feedback),
    ),
    Table(
        code="pulses",
        title=_("Class pulses"),
        meaning=_("What pupils answered before and after visits, of questions that at least five of a class answered."),
        key=("school_year", "kind_code", "moment", "question"),
        columns=[
            SCHOOL_YEAR,
            KIND,
            Column(
                name="moment",
                type="string",
                meaning=_("moment"),
                source="schools.PulseCount.moment",
                codes=tuple(Moment.choices),
            ),
            _number("question", _("question"), "schools.PulseCount.question"),
            _number("visits", _("Visits that told"), "schools.PulseCount", unit=_("visits")),
            _number("answers", _("how many"), "schools.PulseCount.number", unit=_("pupils")),
            _number("mean", _("Mean"), "schools.PulseCount.answer", kind="number"),
        ],
        make_rows=_by_kind(_pulses),
    ),
]
