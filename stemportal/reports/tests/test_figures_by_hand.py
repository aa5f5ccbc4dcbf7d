"""All figures against a slow computation in plain Python that knows nothing of the database, on random years."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stemportal.activities.models import Activity, FilmPlays, OwnWord, Pledge, Session
from stemportal.lib.periods import Period
from stemportal.lib.school_year import school_year_of
from stemportal.reports.figures.counting import PROGRAMME, _count, count_partners, figures_of, nothing
from stemportal.reports.figures.figures import SHOWN, Figures
from stemportal.reports.figures.protection import protect
from stemportal.schools.models import Attendance, Booking, Feedback, LedgerEntry, Pulse, PulseCount, TransportGrant
from stemportal.testing.factories import (
    ActivityFactory,
    CountyFactory,
    GrantPotFactory,
    KindFactory,
    MunicipalityFactory,
    PartnerFactory,
    RoleModelFactory,
    SchoolFactory,
)

pytestmark = pytest.mark.django_db

OSLO = ZoneInfo("Europe/Oslo")
# code, unit of places, unit of pledges
KINDS = (("company_visit", "groups", "visits"), ("homework_help", "pupils", "places"), ("bus", "groups", "kroner"))
GRANT = 700
COUNTIES = ("Finnmark", "Oslo", None)
# How many role models are named with each partner's offers.
NAMED = (2, 0)
PERIODS = (Period("school", 2024), Period("calendar", 2025))
# Both ends of both years, and the two halves of them.
STARTS = (
    *((2024, 7, 31, 23, 30), (2024, 8, 1, 0, 0), (2024, 10, 3, 9, 0), (2024, 12, 31, 23, 30), (2025, 1, 1, 0, 0)),
    *((2025, 3, 4, 12, 15), (2025, 7, 31, 23, 59), (2025, 8, 1, 0, 0), (2025, 12, 31, 23, 59), (2026, 1, 1, 0, 0)),
)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class S:
    """A session."""

    partner: int
    kind: int
    start: datetime
    minutes: int
    capacity: int
    is_open: bool


@dataclass(frozen=True)
class B:
    """A booking and all that belongs to it."""

    session: int
    school: int
    group: str
    grade: int
    status: str
    places: int
    pupils: int | None
    girls: int | None
    rating: int | None
    pulse: tuple[tuple[int, ...], tuple[int, ...]] | None
    paid: tuple[int, int | None] | None
    asked_before: timedelta
    answered_after: timedelta | None
    had_to_answer: bool
    is_proposal: bool


@dataclass(frozen=True)
class Own:
    """A partner's own word."""

    partner: int
    day: date
    pupils: int
    girls: int | None
    tenths: int


STATUSES = ("completed",) * 14 + ("confirmed", "partner_cancel", "school_cancel", "no_show", "withdrawn", "declined")
moments = st.sampled_from(STARTS).map(lambda parts: datetime(*parts, tzinfo=OSLO))
sessions = st.builds(
    S,
    partner=st.integers(0, 1),
    kind=st.integers(0, 2),
    start=moments,
    minutes=st.sampled_from((45, 50, 100, 360, 4 * 24 * 60 + 360)),
    capacity=st.integers(40, 60),
    is_open=st.sampled_from((True, True, True, False)),
)
# Of four, five and more pupils.
answers = st.sampled_from(((0, 0, 4, 0, 0), (1, 0, 2, 1, 1), (0, 3, 0, 0, 2), (4, 1, 0, 3, 2), (0, 0, 1, 2, 7)))


@st.composite
def bookings(draw: st.DrawFn, count: int) -> B:
    pupils = draw(st.sampled_from((None, 0, 1, 3, 4, 5, 6, 17, 25, 28)))
    return B(
        session=draw(st.integers(0, count - 1)),
        school=draw(st.sampled_from((0, 0, 1, 2))),
        group=draw(st.sampled_from(("9A", "9a", " 9A ", "elektro"))),
        grade=draw(st.integers(8, 9)),
        status=draw(st.sampled_from(STATUSES)),
        places=draw(st.integers(1, 3)),
        pupils=pupils,
        girls=draw(st.none() | st.integers(0, pupils)) if pupils is not None else None,
        rating=draw(st.none() | st.integers(1, 5)),
        pulse=draw(st.none() | st.tuples(answers, answers)),
        paid=draw(st.none() | st.tuples(st.integers(1, 500_000), st.none() | st.integers(0, 1))),
        asked_before=draw(st.sampled_from((timedelta(hours=7), timedelta(days=9, hours=1), timedelta(days=40)))),
        answered_after=draw(st.none() | st.sampled_from((timedelta(0), 5 * HOUR, timedelta(days=2, minutes=1)))),
        had_to_answer=draw(st.booleans()),
        is_proposal=draw(st.sampled_from((False, False, False, True))),
    )


own_words = st.builds(
    lambda partner, moment, pupils, girls, tenths: Own(
        partner, moment.date(), pupils, min(girls, pupils) if girls is not None else None, tenths
    ),
    st.integers(0, 1),
    moments,
    st.integers(1, 40),
    st.none() | st.integers(0, 40),
    st.integers(0, 95),
)


@dataclass(frozen=True)
class Year:
    """Everything that happened."""

    sessions: list[S]
    bookings: list[B]
    own: list[Own]
    plays: list[tuple[int, date, int]]
    pledges: dict[tuple[int, int], int]


@st.composite
def years(draw: st.DrawFn) -> Year:
    held = draw(st.lists(sessions, min_size=1, max_size=6))
    booked = draw(st.lists(bookings(len(held)), min_size=4, max_size=16))
    # The same group holds a place in a session once.
    once = {(b.session, b.school, b.group): b for b in booked}
    plays = draw(st.lists(st.tuples(st.integers(0, 1), moments, st.integers(1, 9)), max_size=3))
    return Year(
        held,
        list(once.values()),
        draw(st.lists(own_words, max_size=3)),
        [(partner, moment.date(), number) for partner, moment, number in {p[:2]: p for p in plays}.values()],
        draw(st.dictionaries(st.tuples(st.integers(0, 1), st.integers(0, 2)), st.integers(1, 50), max_size=3)),
    )


@dataclass
class Stage:
    """What stays the same in all years."""

    partners: list[Any]
    activities: dict[tuple[int, int], Activity]
    schools: list[Any]
    pots: dict[int | None, Any]


@pytest.fixture
def stage() -> Stage:
    north = MunicipalityFactory(number="5603", name="Hammerfest", county=CountyFactory(number="56", name="Finnmark"))
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    schools = [SchoolFactory(municipality=north), SchoolFactory(municipality=oslo), SchoolFactory(municipality=north)]
    schools[2].municipality = None
    schools[2].save()
    partners = [PartnerFactory(kind="company"), PartnerFactory(kind="university")]
    kinds = [
        KindFactory(code=code, unit=unit, pledge_unit=pledge_unit, name_nb=code, name_nn=code, name_en=code, order=n)
        for n, (code, unit, pledge_unit) in enumerate(KINDS)
    ]
    activities = {
        (partner, kind): ActivityFactory(
            partner=partners[partner],
            kind=kinds[kind],
            grant_amount=GRANT,
            published_at=datetime(2023, 1, 1, tzinfo=OSLO),
        )
        for partner in range(2)
        for kind in range(3)
    }
    for partner, number in enumerate(NAMED):
        people = [RoleModelFactory(partner=partners[partner]) for _n in range(number)]
        for kind in range(3):
            activities[partner, kind].role_models.set(people)
    pots = {n: GrantPotFactory(partner=None if n is None else partners[n]) for n in (None, 0, 1)}
    return Stage(partners, activities, schools, pots)


def store(year: Year, stage: Stage) -> None:
    """Write the year into the database."""
    held = Session.objects.bulk_create(
        Session(
            activity=stage.activities[s.partner, s.kind],
            starts_at=s.start,
            ends_at=s.start + timedelta(minutes=s.minutes),
            capacity=s.capacity,
            status="open" if s.is_open else "cancelled",
        )
        for s in year.sessions
    )
    booked = Booking.objects.bulk_create(
        Booking(
            activity=held[b.session].activity,
            session=None if proposed(b) else held[b.session],
            proposed_at=held[b.session].starts_at if proposed(b) else None,
            school=stage.schools[b.school],
            group_name=b.group,
            grade=b.grade,
            pupils=b.pupils or 20,
            places=b.places,
            status=b.status,
            created_at=asked_at(year, b),
            answered_at=answered_at(year, b),
            reply_by=asked_at(year, b).date() if b.had_to_answer else None,
            request_key=uuid.uuid4(),
        )
        for b in year.bookings
    )
    told = [(booking, b) for booking, b in zip(booked, year.bookings, strict=True) if b.pupils is not None]
    Attendance.objects.bulk_create(Attendance(booking=row, pupils=b.pupils, girls=b.girls) for row, b in told)
    both = list(zip(booked, year.bookings, strict=True))
    Feedback.objects.bulk_create(
        Feedback(booking=row, side=side, rating=rating)
        for row, b in both
        if b.rating
        for side, rating in (("school", b.rating), ("partner", 1))
    )
    pulses = Pulse.objects.bulk_create(
        Pulse(booking=row, closes_at=year.sessions[b.session].start) for row, b in both if b.pulse
    )
    parts = [b.pulse for b in year.bookings if b.pulse]
    PulseCount.objects.bulk_create(
        PulseCount(pulse=pulse, moment=moment, question=question, answer=answer, number=number)
        for pulse, counts in zip(pulses, parts, strict=True)
        for moment, numbers in zip(("before", "after"), counts, strict=True)
        for question in (1, 2, 3)
        for answer, number in enumerate(numbers, start=1)
    )
    for row, b in both:
        if b.paid:
            grant = TransportGrant.objects.create(
                booking=row, km=9, people=9, mode="public", reasonable_ore=9, applied_ore=9
            )
            facts = {"grant": grant, "pot": stage.pots[b.paid[1]], "at": year.sessions[b.session].start}
            LedgerEntry.objects.create(kind="pay", ore=b.paid[0], **facts)
            LedgerEntry.objects.create(kind="reserve", ore=77, **facts)
    OwnWord.objects.bulk_create(
        OwnWord(
            partner=stage.partners[o.partner],
            kind=stage.activities[0, 0].kind,
            title="Stand",
            held_on=o.day,
            pupils=o.pupils,
            girls=o.girls,
            hours=Decimal(o.tenths) / 10,
        )
        for o in year.own
    )
    for partner, day, number in year.plays:
        FilmPlays.objects.create(activity=stage.activities[partner, 0], day=day, number=number)
    for (partner, kind), quantity in year.pledges.items():
        facts = {"partner": stage.partners[partner], "kind": stage.activities[partner, kind].kind}
        Pledge.objects.create(school_year=2024, quantity=quantity, **facts)
        Pledge.objects.create(school_year=2025, quantity=99, **facts)


def proposed(b: B) -> bool:
    """Whether there is only a proposed time: never of what took place."""
    return b.is_proposal and b.status in {"partner_cancel", "school_cancel", "withdrawn", "declined"}


def asked_at(year: Year, b: B) -> datetime:
    return year.sessions[b.session].start - b.asked_before


def answered_at(year: Year, b: B) -> datetime | None:
    return asked_at(year, b) + b.answered_after if b.answered_after is not None else None


def rounded(number: Fraction | int, places: int) -> float:
    exact = Decimal(Fraction(number).numerator) / Decimal(Fraction(number).denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def hours_of(s: S) -> Fraction:
    """The hours of each day together: the session of several days lasts six hours a day."""
    return Fraction(5 * 6) if s.minutes > 24 * 60 else Fraction(s.minutes, 60)


def by_hand(year: Year, period: Period, partner: int | None) -> dict[str, Any]:  # noqa: C901  # one figure after another
    """Return all figures of one partner, or of both, with nothing hidden."""

    def mine(number: int) -> bool:
        return partner is None or number == partner

    def inside(moment: datetime) -> bool:
        local = moment.astimezone(OSLO).date()
        if period.kind == "calendar":
            return local.year == period.year
        return date(period.year, 8, 1) <= local <= date(period.year + 1, 7, 31)

    def on_day(day: date) -> bool:
        return inside(datetime(day.year, day.month, day.day, 12, tzinfo=OSLO))

    session = year.sessions
    of_mine = [b for b in year.bookings if mine(session[b.session].partner)]
    came = [b for b in of_mine if b.status == "completed" and b.pupils is not None and inside(session[b.session].start)]
    told = [b for b in came if b.girls is not None]
    held = sorted({b.session for b in came})
    partners = {session[b.session].partner for b in came}
    found: dict[str, Any] = {"visits": len(came), "pupils": sum(b.pupils for b in came)}
    found["girls"] = sum(b.girls for b in told)
    of_told = sum(b.pupils for b in told)
    found["girls_share"] = int(rounded(Fraction(100 * found["girls"], of_told), 0)) if of_told else None
    found["girls_visits"] = len(told)
    found["groups"] = len(
        {(b.school, b.group.strip().upper(), b.grade, school_year_of(session[b.session].start.date())) for b in came}
    )
    found["schools"] = len({b.school for b in came})
    found["municipalities"] = found["counties"] = len({b.school for b in came} - {2})
    found["partners"], found["companies"] = len(partners), len(partners & {0})
    found["sessions"] = len(held)
    found["hours"] = rounded(sum((hours_of(session[n]) for n in held), Fraction(0)), 1)
    people = {0: 2, 1: 1}
    found["people_hours"] = rounded(
        sum((hours_of(session[n]) * people[session[n].partner] for n in held), Fraction(0)), 1
    )
    hours = sum((hours_of(session[b.session]) * b.pupils for b in came), Fraction(0))
    found["pupil_hours"] = int(rounded(hours, 0))
    found["role_models"] = 2 if 0 in partners else 0

    open_now = [s for s in session if mine(s.partner) and s.is_open and inside(s.start)]
    holding = {"requested", "offered", "confirmed", "completed", "no_show"}
    places = []
    for unit in ("groups", "pupils"):
        kinds = {n for n, kind in enumerate(KINDS) if kind[1] == unit}
        offered = sum(s.capacity for s in open_now if s.kind in kinds)
        booked = sum(
            b.places
            for b in of_mine
            if b.status in holding and session[b.session] in open_now and session[b.session].kind in kinds
        )
        used = sum(b.pupils if unit == "pupils" else b.places for b in came if session[b.session].kind in kinds)
        is_there = offered or booked or any(session[b.session].kind in kinds for b in came)
        if is_there:
            places.append({"unit": unit, "offered": offered, "booked": booked, "used": used})
    found["places"] = places
    found["homework_places"] = sum(s.capacity for s in open_now if s.kind == 1)
    found["film_plays"] = sum(number for owner, day, number in year.plays if mine(owner) and on_day(day))

    asked = [
        b
        for b in of_mine
        if inside(asked_at(year, b))
        and (b.had_to_answer or b.answered_after is not None)
        and not (b.status == "withdrawn" and b.answered_after is None)
    ]
    waits = [b.answered_after.total_seconds() for b in asked if b.answered_after is not None]
    found["enquiries"], found["answered"] = len(asked), len(waits)
    found["median_days"] = rounded(Fraction(median(waits)) / 86400, 1) if waits else None
    for key, status in (
        ("cancelled_by_partner", "partner_cancel"),
        ("cancelled_by_school", "school_cancel"),
        ("no_shows", "no_show"),
    ):
        found[key] = sum(b.status == status and inside(session[b.session].start) for b in of_mine)

    ratings = [b.rating for b in came if b.rating]
    found["ratings"] = len(ratings)
    found["rating"] = rounded(Fraction(sum(ratings), len(ratings)), 1) if len(ratings) >= 5 else None
    pulses = [b.pulse for b in came if b.pulse and min(sum(part) for part in b.pulse) >= 5]
    found["pulse_visits"] = len(pulses)
    means = []
    for part in (0, 1):
        points = [answer for pulse in pulses for answer, number in enumerate(pulse[part], 1) for _n in range(number)]
        means.append(rounded(Fraction(sum(points), len(points)), 1) if points else None)
    found["pulse_before"], found["pulse_after"] = means
    found["pulse_change"] = None if None in means else float(Decimal(str(means[1])) - Decimal(str(means[0])))

    paid = [(b.paid, session[b.session].partner) for b in year.bookings if b.paid and inside(session[b.session].start)]
    found["paid_ore"] = sum(ore for (ore, payer), _to in paid if payer is not None and mine(payer))
    found["travel_ore"] = sum(ore for (ore, _payer), to in paid if mine(to))

    own = [o for o in year.own if mine(o.partner) and on_day(o.day)]
    found["own_visits"], found["own_pupils"] = len(own), sum(o.pupils for o in own)
    found["own_hours"] = sum(o.tenths for o in own) / 10

    found["pledges"] = []
    for kind, (code, _unit, unit) in enumerate(KINDS):
        pledged = {owner: n for (owner, of_kind), n in year.pledges.items() if of_kind == kind and mine(owner)}
        if pledged and period.kind == "school":
            rows = [b for b in came if session[b.session].kind == kind and session[b.session].partner in pledged]
            delivered = sum(b.places for b in rows) * (GRANT if unit == "kroner" else 1)
            line = {"unit": unit, "pledged": sum(pledged.values()), "delivered": delivered}
            found["pledges"].append({"nb": code, "nn": code, "en": code, **line})

    found["kinds"] = table(came, lambda b: KINDS[session[b.session].kind][0])
    found["months"] = table(came, lambda b: f"{session[b.session].start:%Y-%m}")
    found["regions"] = table(came, lambda b: COUNTIES[b.school])
    found["grades"] = table(came, lambda b: b.grade)
    found["points"] = sorted(table(came, lambda b: b.school)[n][0] for n in {b.school for b in came})
    return found


def table(came: list[B], name: Any) -> dict[Any, tuple[int, int]]:
    """Visits and pupils by name."""
    rows: dict[Any, tuple[int, int]] = {}
    for b in came:
        visits, pupils = rows.get(name(b), (0, 0))
        rows[name(b)] = (visits + 1, pupils + (b.pupils or 0))
    return rows


NAMES = {"kinds": "nb", "months": "month", "regions": "name", "grades": "grade"}


def as_counted(figures: Figures) -> dict[str, Any]:
    """Return figures in the shape of ``by_hand``."""
    found = asdict(figures)
    for key, name in NAMES.items():
        found[key] = {row[name]: (row["visits"], row["pupils"]) for row in found[key] if row["visits"]}
    found["points"] = sorted(point["visits"] for point in found["points"])
    return found


def compare(figures: Figures, expected: dict[str, Any], *, may_hide: bool) -> None:
    """Every figure is what was computed; with ``may_hide``, or it is hidden."""
    found = as_counted(figures)
    for field in fields(Figures):
        if (key := field.name) in {"period_kind", "year", "girls_state", "meetings", "own_girls"}:
            continue
        if key in {"girls", "girls_share"} and figures.girls_state != SHOWN:
            assert found[key] is None
        elif key == "own_pupils":
            assert found[key] == (expected[key] if expected[key] >= 5 or not expected[key] else None)
        elif key in {"places", "pledges"}:
            same = [{name: value for name, value in row.items() if value is not None} for row in found[key]]
            assert [row | seen for row, seen in zip(expected[key], same, strict=True)] == expected[key], key
        elif may_hide and key in NAMES:
            visits = {name: row[0] for name, row in expected[key].items()}
            assert {name: row[0] for name, row in found[key].items()} == visits, key
            assert all(row[1] in (None, expected[key][name][1]) for name, row in found[key].items()), key
        elif may_hide and key in {"pupils", "pupil_hours"}:
            is_exact = key == "pupils" or not any(None in row for name in NAMES for row in found[name].values())
            assert found[key] is None or not is_exact or found[key] == expected[key], key
        else:
            assert found[key] == expected[key], key


@settings(
    max_examples=20,
    # What fails is written to the database so often that making it smaller would take minutes.
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(year=years())
def test_figures_are_what_plain_python_computes(stage, year):
    ids = [partner.pk for partner in stage.partners]
    with transaction.atomic():
        store(year, stage)
        for period in PERIODS:
            together, shown = count_partners(period), figures_of(period, ids)
            for number, pk in enumerate(ids):
                expected = by_hand(year, period, number)
                counted = {**together.get(pk, nothing()), "points": shown[pk].as_json()["points"]}
                compare(protect(period, counted), expected, may_hide=False)
                compare(shown[pk], expected, may_hide=True)
            whole = protect(period, _count(period, None, whole=True).get(PROGRAMME, nothing()))
            compare(whole, by_hand(year, period, None), may_hide=False)
        transaction.set_rollback(True)
