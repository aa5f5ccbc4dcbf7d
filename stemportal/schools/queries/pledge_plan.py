"""Pledges of all partners that are behind plan, in one statement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Pledge
from stemportal.lib.school_year import bounds
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking
from stemportal.schools.progress import SLACK, in_school_year, share_gone

Unit = Kind.PledgeUnit


def pledges_behind(school_year: int, *, today: date | None = None) -> QuerySet[Pledge]:
    """Return the pledges of approved partners that ``schools.progress`` calls behind plan.

    First those that lack the greatest part of what they pledged: visits, places and kroner cannot be compared.
    Adds ``done`` (delivered and agreed, in the kind's unit), ``planned`` (where the plan is today) and ``short`` (the
    difference). The definitions are those of ``PledgeLine.is_behind``; a test holds the two together.
    """
    share = share_gone(school_year, today or timezone.localdate())
    pledges = Pledge.objects.filter(school_year=school_year, partner__status=Partner.Status.APPROVED)
    return (
        pledges.annotate(done=_done(school_year))
        .annotate(planned=F("quantity") * Value(share, FloatField()))
        .annotate(short=F("planned") - F("done"))
        .filter(short__gte=Greatest(Value(0.5, FloatField()), F("quantity") * Value(SLACK, FloatField())))
        .select_related("partner", "kind")
        .order_by((F("short") / F("quantity")).desc(), "pk")
    )


def _done(school_year: int) -> Case:
    """Delivered and agreed in the unit of the pledge's kind; see ``progress.amount``."""
    kroner = Sum(F("places") * Coalesce(F("activity__grant_amount"), 0))
    by_visits = Q(kind__pledge_unit=Unit.VISITS, kind__unit=Kind.Unit.PUPILS)
    return Case(
        When(kind__pledge_unit=Unit.PUBLISHED, then=_published(bounds(school_year)[1])),
        When(kind__pledge_unit=Unit.KRONER, then=_booked(school_year, kroner)),
        When(by_visits, then=_booked(school_year, Count("pk"))),
        default=_booked(school_year, Sum("places")),
        output_field=IntegerField(),
    )


def _booked(school_year: int, counted: Any) -> Coalesce:
    bookings = Booking.objects.filter(
        activity__partner=OuterRef("partner"),
        activity__kind=OuterRef("kind"),
        status__in=[Booking.Status.CONFIRMED, Booking.Status.COMPLETED],
    )
    rows = in_school_year(bookings, school_year).order_by().values("activity__partner").annotate(n=counted).values("n")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def _published(end: datetime) -> Coalesce:
    offers = Activity.objects.filter(
        partner=OuterRef("partner"), kind=OuterRef("kind"), status=Activity.Status.PUBLISHED
    ).exclude(published_at__gte=end)
    rows = offers.order_by().values("partner").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)
