"""The rows behind every figure: what a reader sees who asks what it counts.

The same conditions as in ``statements``, said once more in the ORM; ``tests/test_rows.py`` holds both together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from stemportal.activities.models import FilmPlays, OwnWord, Pledge, RoleModel, Session
from stemportal.lib.periods import Period
from stemportal.network.models import Meeting, Rsvp
from stemportal.partners.models import Partner
from stemportal.reports.figures.lines import VisitLine, hidden_of, visit_lines
from stemportal.schools.models import SMALLEST_SUM, Booking, LedgerEntry, Visit

__all__ = ["ROWS", "VisitLine", "hidden_of", "narrowed", "rows", "visit_lines"]

HOMEWORK = "homework_help"
# What is counted on the day of the visit that was agreed, or proposed.
VISIT_DAY = Coalesce("session__starts_at", "proposed_at")


def rows(key: str, *, period: Period, partner: Partner | None = None) -> QuerySet[Any]:
    """Return what stands behind a figure (a field of Figures), in order of time: of a partner's, or the programme's.

    Which model it is of depends on the figure: most often visits. Nothing is hidden here; pages ask ``hidden_of``.
    Raises KeyError for what is no figure.
    """
    return ROWS[key](period, partner)


def narrowed(key: str, found: QuerySet[Any], part: str) -> QuerySet[Any]:
    """Return those of one row of a table of Figures: a kind's bokmål name, "2025-03", a county's name, a grade.

    Nothing of it when there is no such part.
    """
    match key:
        case "kinds":
            return found.filter(kind__name_nb=part)
        case "regions":
            return found.filter(county__name=part) if part else found.filter(county=None)
        case "months" if part.count("-") == 1 and part.replace("-", "").isdecimal() and len(part) == 7:
            year, month = part.split("-")
            return found.filter(starts_at__year=int(year), starts_at__month=int(month))
        case "grades" if part.isdecimal() and len(part) < 4:
            return found.filter(grade=int(part))
    return found.none()


def _visits(period: Period, partner: Partner | None) -> QuerySet[Visit]:
    visits = Visit.objects.in_period(period).select_related("school__municipality", "activity__partner", "kind")
    visits = visits.order_by("starts_at", "pk")
    return visits.filter(partner=partner) if partner else visits


def _visits_that_told(period: Period, partner: Partner | None) -> QuerySet[Visit]:
    return _visits(period, partner).filter(girls__isnull=False)


def _rated(period: Period, partner: Partner | None) -> QuerySet[Visit]:
    # One condition: a visit has two feedbacks, and it is the school's that counts.
    return _visits(period, partner).filter(booking__feedback__side="school", booking__feedback__rating__isnull=False)


def _with_pulse(period: Period, partner: Partner | None) -> QuerySet[Visit]:
    """Visits before and after which at least five pupils answered."""
    counts = "booking__pulse__counts"
    first = Q(**{f"{counts}__question": 1})
    asked = _visits(period, partner).annotate(
        before=Sum(f"{counts}__number", filter=first & Q(**{f"{counts}__moment": "before"})),
        after=Sum(f"{counts}__number", filter=first & Q(**{f"{counts}__moment": "after"})),
    )
    return asked.filter(before__gte=SMALLEST_SUM, after__gte=SMALLEST_SUM)


def _role_models(period: Period, partner: Partner | None) -> QuerySet[RoleModel]:
    """Those named with an offer of which a visit took place."""
    visited = _visits(period, partner).order_by().values("activity")
    people = RoleModel.objects.filter(Q(activities__in=visited) | Q(offer__in=visited)).distinct()
    return people.select_related("partner").order_by("full_name", "pk")


def _sessions(period: Period, partner: Partner | None) -> QuerySet[Session]:
    """Dates that were open, of offers that have been published."""
    dates = Session.objects.filter(starts_at__gte=period.start, starts_at__lt=period.end, status=Session.Status.OPEN)
    dates = dates.filter(activity__published_at__isnull=False).select_related("activity__kind")
    return _of(dates.order_by("starts_at", "pk"), "activity__partner", partner)


def _homework(period: Period, partner: Partner | None) -> QuerySet[Session]:
    return _sessions(period, partner).filter(activity__kind__code=HOMEWORK)


def _bookings(partner: Partner | None) -> QuerySet[Booking]:
    found = Booking.objects.select_related("school__municipality", "activity", "session")
    return _of(found, "activity__partner", partner)


def _enquiries(period: Period, partner: Partner | None) -> QuerySet[Booking]:
    asked = _bookings(partner).filter(created_at__gte=period.start, created_at__lt=period.end)
    asked = asked.filter(Q(reply_by__isnull=False) | Q(answered_at__isnull=False))
    withdrawn = Q(status=Booking.Status.WITHDRAWN, answered_at__isnull=True)
    return asked.exclude(withdrawn).order_by("created_at", "pk")


def _answered(period: Period, partner: Partner | None) -> QuerySet[Booking]:
    return _enquiries(period, partner).filter(answered_at__isnull=False)


def _ended_as(status: str) -> Callable[[Period, Partner | None], QuerySet[Booking]]:
    def found(period: Period, partner: Partner | None) -> QuerySet[Booking]:
        on_day = _bookings(partner).annotate(day=VISIT_DAY).filter(day__gte=period.start, day__lt=period.end)
        return on_day.filter(status=status).order_by("day", "pk")

    return found


def _payments(period: Period) -> QuerySet[LedgerEntry]:
    paid = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.PAY, at__gte=period.start, at__lt=period.end)
    return paid.select_related("grant__booking__school", "grant__booking__activity", "pot").order_by("at", "pk")


def _paid(period: Period, partner: Partner | None) -> QuerySet[LedgerEntry]:
    return _of(_payments(period).filter(pot__partner__isnull=False), "pot__partner", partner)


def _travelled(period: Period, partner: Partner | None) -> QuerySet[LedgerEntry]:
    return _of(_payments(period), "grant__booking__activity__partner", partner)


def _pledges(period: Period, partner: Partner | None) -> QuerySet[Pledge]:
    if not period.is_school_year:
        return Pledge.objects.none()
    found = Pledge.objects.filter(school_year=period.year).select_related("kind", "partner")
    return _of(found.order_by("kind__order", "partner", "pk"), "partner", partner)


def _film_plays(period: Period, partner: Partner | None) -> QuerySet[FilmPlays]:
    found = FilmPlays.objects.filter(day__range=(period.first_day, period.last_day)).select_related("activity")
    return _of(found.order_by("day", "activity"), "activity__partner", partner)


def _own_words(period: Period, partner: Partner | None) -> QuerySet[OwnWord]:
    found = OwnWord.objects.filter(held_on__range=(period.first_day, period.last_day)).select_related("kind", "partner")
    return _of(found.order_by("held_on", "pk"), "partner", partner)


def _meetings(period: Period, partner: Partner | None) -> QuerySet[Rsvp]:
    """Answers of a partner's people who came; nobody's for the whole programme."""
    if partner is None:
        return Rsvp.objects.none()
    came = partner.rsvps.filter(came__gt=0, meeting__status=Meeting.Status.PUBLISHED)
    came = came.filter(meeting__starts_at__gte=period.start, meeting__starts_at__lt=period.end)
    return came.select_related("meeting").order_by(F("meeting__starts_at"), "pk")


def _of(found: QuerySet[Any], path: str, partner: Partner | None) -> QuerySet[Any]:
    return found.filter(**{path: partner}) if partner else found


ROWS: dict[str, Callable[[Period, Partner | None], QuerySet[Any]]] = {
    **dict.fromkeys(("visits", "pupils", "groups", "schools", "municipalities", "counties"), _visits),
    **dict.fromkeys(("partners", "companies", "sessions", "hours", "pupil_hours", "people_hours"), _visits),
    **dict.fromkeys(("kinds", "months", "regions", "grades", "points"), _visits),
    **dict.fromkeys(("girls", "girls_share", "girls_visits"), _visits_that_told),
    "role_models": _role_models,
    "places": _sessions,
    "homework_places": _homework,
    "enquiries": _enquiries,
    **dict.fromkeys(("answered", "median_days"), _answered),
    "cancelled_by_partner": _ended_as(Booking.Status.CANCELLED_BY_PARTNER),
    "cancelled_by_school": _ended_as(Booking.Status.CANCELLED_BY_SCHOOL),
    "no_shows": _ended_as(Booking.Status.NO_SHOW),
    **dict.fromkeys(("rating", "ratings"), _rated),
    **dict.fromkeys(("pulse_before", "pulse_after", "pulse_change", "pulse_visits"), _with_pulse),
    "paid_ore": _paid,
    "travel_ore": _travelled,
    "pledges": _pledges,
    "film_plays": _film_plays,
    **dict.fromkeys(("own_visits", "own_pupils", "own_girls", "own_hours"), _own_words),
    "meetings": _meetings,
}
