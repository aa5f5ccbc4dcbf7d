"""Pledged, published, booked, delivered: how far a partner has come with what it pledged for a programme year.

Every figure is in the unit of its kind (``Kind.PledgeUnit``):

- visits: bookings; published are the groups that sessions have room for (where places are pupils: the sessions).
- places: the places that bookings take; published is what sessions have room for.
- kroner: places times what the offer names at most for a class, as it names it now.
- published offers: an offer is delivered by being published; nothing of it is booked.

A booking belongs to the programme year in which its session begins, or its proposed time while it has no session. It is
*booked* while it waits, is confirmed or is completed, *agreed* when confirmed, *delivered* when completed: when the
school has told how many came. Declined, withdrawn and cancelled ones count nowhere.

Places of pupils may be counts under five. They are the partner's own bookings, which it sees one by one anyway, so its
room shows them; they must not be shown to anybody else.

The plan goes in a straight line from nothing on 1 August to the whole pledge on 20 June, when the schools' summer
holidays begin. A pledge is behind plan when delivered and agreed together are short of that line, and that by at least
half a unit and a tenth of the pledge: nobody is behind in the first days of August.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.pledging import kinds_with_pledges
from stemportal.lib.school_year import FIRST_MONTH, bounds
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingQuerySet

Unit = Kind.PledgeUnit
Status = Booking.Status
SLACK = 0.1
LAST_DAY = (6, 20)


@dataclass(frozen=True, kw_only=True)
class Month:
    """Where a pledge stands at the end of a month: everything since August, in the pledge's unit."""

    first_day: date
    delivered: int
    agreed: int


@dataclass(frozen=True, kw_only=True)
class PledgeLine:
    """One kind of activity in a partner's programme year. ``pledged`` is 0 for what is done without a pledge.

    Offers on request without a date have no places: they are not in ``published``, but counted in ``on_request``.
    ``planned`` is where the plan is today, and ``is_over`` whether it has come to its end. ``months`` are the twelve
    from August to July.
    """

    kind: Kind
    pledged: int
    published: int
    on_request: int
    waiting: int
    agreed: int
    delivered: int
    planned: float
    is_over: bool
    months: tuple[Month, ...]

    @property
    def unit(self) -> str:
        return self.kind.pledge_unit

    @property
    def is_bookable(self) -> bool:
        """Whether it is bookings that deliver it."""
        return self.unit != Unit.PUBLISHED

    @property
    def booked(self) -> int:
        """Asked for, agreed and delivered together."""
        return self.waiting + self.agreed + self.delivered

    @property
    def is_behind(self) -> bool:
        """Whether it is behind plan; see the head of this file."""
        short = self.planned - self.delivered - self.agreed
        return self.pledged > 0 and short >= max(0.5, SLACK * self.pledged)

    @property
    def is_done(self) -> bool:
        """Whether the whole pledge is delivered."""
        return 0 < self.pledged <= self.delivered


def share_gone(school_year: int, today: date) -> float:
    """Return how much of the programme year is gone, from 0 before 1 August to 1 from 20 June on."""
    first, last = date(school_year, FIRST_MONTH, 1), date(school_year + 1, *LAST_DAY)
    return min(max((today - first) / (last - first), 0.0), 1.0)


def in_school_year(bookings: BookingQuerySet, school_year: int) -> BookingQuerySet:
    """Limit to bookings that take place in the school year: by their session's start, else by the proposed time."""
    start, end = bounds(school_year)
    takes_place = Coalesce("session__starts_at", "proposed_at")
    return bookings.alias(takes_place=takes_place).filter(takes_place__gte=start, takes_place__lt=end)


def sessions_in_year(partner: Partner, school_year: int) -> QuerySet[Session]:
    """Return the sessions whose places count as published, each with ``counted``: how many of its places.

    All places of what teachers can find; of an offer that is taken down, those that are taken.
    """
    start, end = bounds(school_year)
    shown = Q(activity__status=Activity.Status.PUBLISHED)
    return Session.objects.filter(
        shown | Q(places_taken__gt=0),
        activity__partner=partner,
        status=Session.Status.OPEN,
        starts_at__gte=start,
        starts_at__lt=end,
    ).annotate(counted=Case(When(shown, then=F("capacity")), default=F("places_taken"), output_field=IntegerField()))


def offers_in_year(partner: Partner, school_year: int) -> QuerySet[Any]:
    """Return the partner's published offers, each with ``has_dates``: whether it has sessions in the school year.

    What was published after the year is left out. When an offer was taken down in between is not remembered.
    """
    start, end = bounds(school_year)
    dates = Session.objects.filter(
        activity=OuterRef("pk"), status=Session.Status.OPEN, starts_at__gte=start, starts_at__lt=end
    )
    offers = Activity.objects.filter(partner=partner, status=Activity.Status.PUBLISHED)
    return offers.exclude(published_at__gte=end).annotate(has_dates=Exists(dates))


def pledge_progress(partner: Partner, school_year: int, *, today: date | None = None) -> list[PledgeLine]:
    """Return a line for each kind that the partner pledges, publishes or has bookings of in the programme year.

    In the order of the kinds. Four queries, whatever there is: kinds with pledges, sessions, offers, bookings.
    """
    kinds = kinds_with_pledges(partner, school_year)
    share = share_gone(school_year, today or timezone.localdate())
    published = _published(partner, school_year)
    offers = _offers(partner, school_year)
    booked = _booked(partner, school_year)
    lines = [
        _line(kind, school_year, share, published.get(kind.pk, {}), offers[kind.pk], booked[kind.pk]) for kind in kinds
    ]
    return [line for line in lines if line.pledged or line.published or line.on_request or line.booked]


def amount(kind: Kind, sums: Mapping[str, Any]) -> int:
    """Return what sums come to in the kind's unit; 0 for published offers, which are not made of bookings.

    ``sums`` holds ``rows`` (how many bookings or sessions), ``sum_places`` and ``sum_kroner``.
    """
    match kind.pledge_unit:
        case Unit.KRONER:
            return sums.get("sum_kroner") or 0
        case Unit.VISITS if kind.unit == Kind.Unit.PUPILS:
            return sums.get("rows") or 0
        case Unit.PUBLISHED:
            return 0
    return sums.get("sum_places") or 0


def booked_sums() -> dict[str, Any]:
    """Return the aggregates of bookings that ``amount`` reads."""
    kroner = Sum(F("places") * Coalesce(F("activity__grant_amount"), 0))
    return {"rows": Count("pk"), "sum_places": Sum("places"), "sum_kroner": kroner}


def _published(partner: Partner, school_year: int) -> dict[int, Mapping[str, Any]]:
    """Sums of session places, by kind. One statement."""
    kroner = Sum(F("counted") * Coalesce(F("activity__grant_amount"), 0))
    rows = (
        sessions_in_year(partner, school_year)
        .order_by()
        .values("activity__kind_id")
        .annotate(rows=Count("pk"), sum_places=Sum("counted"), sum_kroner=kroner)
    )
    return {row["activity__kind_id"]: row for row in rows}


@dataclass
class _Offers:
    on_request: int = 0
    by_month: dict[date, int] | None = None


def _offers(partner: Partner, school_year: int) -> defaultdict[int, _Offers]:
    """Published offers by kind: how many are on request without a date, and how many came in each month."""
    rows = (
        offers_in_year(partner, school_year)
        .order_by()
        .values("kind_id", month=TruncMonth("published_at", tzinfo=timezone.get_default_timezone()))
        .annotate(
            offers=Count("pk"),
            on_request=Count("pk", filter=Q(policy=Activity.Policy.ON_REQUEST, has_dates=False)),
        )
    )
    found: defaultdict[int, _Offers] = defaultdict(_Offers)
    first = date(school_year, FIRST_MONTH, 1)
    for row in rows:
        offers = found[row["kind_id"]]
        offers.on_request += row["on_request"]
        # What was published in earlier years is there from the first month on.
        month = max(row["month"].date(), first) if row["month"] else first
        offers.by_month = offers.by_month or {}
        offers.by_month[month] = offers.by_month.get(month, 0) + row["offers"]
    return found


def _booked(partner: Partner, school_year: int) -> defaultdict[int, list[Mapping[str, Any]]]:
    """Sums of the bookings that count, by kind, status and month. One statement."""
    counting = Booking.objects.filter(activity__partner=partner, status__in=Booking.HOLDING)
    zone = timezone.get_default_timezone()
    rows = (
        in_school_year(counting, school_year)
        .order_by()
        .values("status", kind=F("activity__kind_id"), month=TruncMonth(F("takes_place"), tzinfo=zone))
        .annotate(**booked_sums())
    )
    found: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["kind"]].append(row)
    return found


def _line(
    kind: Any,
    school_year: int,
    share: float,
    published: Mapping[str, Any],
    offers: _Offers,
    booked: Iterable[Mapping[str, Any]],
) -> PledgeLine:
    totals: dict[str, int] = dict.fromkeys(Booking.HOLDING, 0)
    by_month: dict[str, dict[date, int]] = {status: {} for status in Booking.HOLDING}
    for row in booked:
        number, month = amount(kind, row), _first_day(row["month"])
        totals[row["status"]] += number
        by_month[row["status"]][month] = by_month[row["status"]].get(month, 0) + number
    if kind.pledge_unit == Unit.PUBLISHED:
        by_month[Status.COMPLETED] = offers.by_month or {}
        totals = {**dict.fromkeys(totals, 0), Status.COMPLETED: sum(by_month[Status.COMPLETED].values())}
    return PledgeLine(
        kind=kind,
        pledged=kind.pledged,
        published=totals[Status.COMPLETED] if kind.pledge_unit == Unit.PUBLISHED else amount(kind, published),
        on_request=0 if kind.pledge_unit == Unit.PUBLISHED else offers.on_request,
        waiting=totals[Status.REQUESTED] + totals[Status.OFFERED],
        agreed=totals[Status.CONFIRMED],
        delivered=totals[Status.COMPLETED],
        planned=kind.pledged * share,
        is_over=share == 1,
        months=_cumulated(school_year, by_month[Status.COMPLETED], by_month[Status.CONFIRMED]),
    )


def _first_day(month: datetime) -> date:
    return timezone.localdate(month, timezone.get_default_timezone())


def _cumulated(school_year: int, delivered: Mapping[date, int], agreed: Mapping[date, int]) -> tuple[Month, ...]:
    """The twelve months of the school year, each with everything up to its end."""
    months: list[Month] = []
    so_far, to_come = 0, 0
    for number in range(FIRST_MONTH, FIRST_MONTH + 12):
        first = date(school_year + (number > 12), (number - 1) % 12 + 1, 1)
        so_far += delivered.get(first, 0)
        to_come += agreed.get(first, 0)
        months.append(Month(first_day=first, delivered=so_far, agreed=to_come))
    return tuple(months)
