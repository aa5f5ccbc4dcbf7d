"""A booking's journey: whether the class travels at all, where to, how far, and when its receipt is due."""

from __future__ import annotations

import math
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.lib.geo import Point, kilometres_between
from stemportal.schools.models import Booking, School


def travels(booking: Booking) -> bool:
    """Say whether the class goes somewhere: not to a video link, and not where it is already."""
    takes_place = booking.session.where if booking.session else ""
    takes_place = takes_place or WHERE_OF_FORMAT.get(booking.activity.format, "")
    return takes_place not in {Session.Where.VIDEO, Session.Where.SCHOOL}


def destination(booking: Booking) -> Point | None:
    """Return where the visit is: the offer's point, else that of its municipality, else of its partner's; else None."""
    activity = booking.activity
    if activity.latitude is not None and activity.longitude is not None:
        return Point(activity.latitude, activity.longitude)
    place = activity.municipality or activity.partner.municipality
    return Point(place.latitude, place.longitude) if place else None


def home(school: School) -> Point:
    """Return where a school is, or its municipality's point where nobody knows better."""
    return Point(school.latitude, school.longitude)


def road_km(here: Point, there: Point) -> int:
    """Return about how long the road is, in whole kilometres, at least 1.

    The straight line and TRANSPORT_ROAD_PERCENT of it: roads around fjords and mountains wind more than elsewhere.
    """
    return max(1, math.ceil(kilometres_between(here, there) * settings.TRANSPORT_ROAD_PERCENT / 100))


def distance(booking: Booking) -> int | None:
    """Return the way from the school to the visit in kilometres, one way; None where nobody knows the place."""
    there = destination(booking)
    return None if there is None else road_km(home(booking.school), there)


def is_walk(km: int) -> bool:
    """Say whether a class is expected to walk or cycle."""
    return km <= settings.TRANSPORT_WALK_KM


def visit_day(booking: Booking) -> date:
    """Return the day of the visit in Norwegian time."""
    return timezone.localtime(booking.starts_at).date()


def has_begun(booking: Booking) -> bool:
    """Say whether the visit has begun."""
    return bool(booking.starts_at <= timezone.now())


def receipt_deadline(booking: Booking) -> date:
    """Return the last day on which the receipt can come."""
    end = booking.session.ends_at if booking.session else booking.starts_at
    return timezone.localtime(end).date() + timedelta(days=settings.TRANSPORT_RECEIPT_DAYS)
