"""Whom to ask: schools that nobody has met and that can have something, and partners that could offer it on screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.lib.geo import Point, kilometres_between
from stemportal.partners.models import Membership, Partner
from stemportal.reports.models import Nudge
from stemportal.reports.radar.matters import unseen_schools
from stemportal.reports.services.nudges import QUIET
from stemportal.reports.white_spots.reach import Reach, Within
from stemportal.reports.white_spots.spots import Place, last_met
from stemportal.schools.models import Booking, School, Teacher

# As many as somebody can follow up afterwards.
AT_ONCE = 12
# What is on its way for a school: it needs no invitation.
COMING = (Booking.Status.REQUESTED, Booking.Status.OFFERED, Booking.Status.WAITLISTED, Booking.Status.CONFIRMED)


@dataclass(frozen=True)
class Unmet:
    """A school nobody has met for two years, what it can have, and when somebody was there last, if ever."""

    school: School
    within: Within
    last_met: datetime | None
    # Teachers who can be written to; how many.
    teachers: int


def nudged(kind: str) -> QuerySet[Nudge]:
    """Return who was asked for this not long ago."""
    return Nudge.objects.since(timezone.now() - QUIET).filter(kind=kind)


def unmet_schools(place: Place | None) -> QuerySet[School]:
    """Return the schools that the radar calls unseen, of a place or of the whole country."""
    schools = unseen_schools()
    return schools.filter(place.schools()) if place else schools


def with_reach(schools: Iterable[School]) -> list[Unmet]:
    """Return these schools with what they can have. Seven queries."""
    reach = Reach()
    return _with_facts([(school, reach.of(school)) for school in schools])


def _with_facts(found: list[tuple[School, Within]]) -> list[Unmet]:
    """Add when each was met last, and how many teachers are known there. Two queries."""
    keys = [school.pk for school, _within in found]
    last = last_met(keys)
    teachers = Teacher.objects.verified().filter(school__in=keys).order_by().values_list("school_id")
    known = dict(teachers.annotate(number=Count("pk")))
    return [Unmet(school, within, last.get(school.pk), known.get(school.pk, 0)) for school, within in found]


def invitable(place: Place | None = None) -> QuerySet[School]:
    """Return unmet schools that nobody has invited for 60 days and for which no visit is on its way."""
    invited = nudged(Nudge.Kind.INVITE_SCHOOL).filter(school=OuterRef("pk"))
    coming = Booking.objects.filter(school=OuterRef("pk"), status__in=COMING)
    return unmet_schools(place).filter(~Exists(invited), ~Exists(coming))


def schools_to_invite(place: Place | None = None, *, count: int = AT_ONCE) -> list[Unmet]:
    """Return the schools to invite first: of those that can have anything, the ones in kommuner without any school met.

    Then those that can meet somebody in person, the nearest to an offer first. Nine queries, however many there are.
    """
    reach, white = Reach(), _white_municipalities()
    found = [(school, within) for school in invitable(place) if (within := reach.of(school)).anything]

    def order(item: tuple[School, Within]) -> tuple[bool, bool, float, int]:
        school, within = item
        far = within.km if within.km is not None else 20_000.0
        return school.municipality_id not in white, not within.in_person, far, school.pk

    return _with_facts(sorted(found, key=order)[:count])


def _white_municipalities() -> set[int]:
    """Return the kommuner in which every active school is unmet."""
    unmet = Counter(unseen_schools().order_by().values_list("municipality", flat=True))
    schools = School.objects.active().filter(municipality__isnull=False).order_by().values_list("municipality")
    return {place for place, number in schools.annotate(number=Count("pk")) if unmet[place] == number}


@dataclass(frozen=True)
class Askable:
    """A partner whose offer could be held on screen too: the offer, how often it was asked for, how far away it is."""

    partner: Partner
    offer: Activity
    enquiries: int
    km: float | None


def partners_to_ask(place: Place | None = None, *, count: int = AT_ONCE) -> list[Askable]:
    """Return partners that offer something on site only, of a kind that can be held on screen, for grades of the place.

    Only those with an owner to write to, without any digital offer, and not asked for 60 days. In a place the partners
    of its county come first; then the offer that was asked for most, and the nearest. Two queries.
    """
    unmet = list(unmet_schools(place))
    offers = _on_site_only()
    if unmet:
        first, last = min(school.grade_from for school in unmet), max(school.grade_to for school in unmet)
        offers = offers.filter(grade_from__lte=last, grade_to__gte=first)
    best = offers.order_by("partner_id", "-enquiries_count", "pk").distinct("partner_id")
    middle = _middle(unmet) if place else None
    county = place.county.pk if place and place.county else None
    found = [
        Askable(offer.partner, offer, offer.enquiries_count, _distance(middle, offer))
        for offer in best.select_related("partner", "municipality", "kind")
    ]

    def order(item: Askable) -> tuple[bool, int, float, int]:
        home = item.offer.municipality.county_id if item.offer.municipality else None
        far = item.km if item.km is not None else 20_000.0
        return county is not None and home != county, -item.enquiries, far, item.partner.pk

    return sorted(found, key=order)[:count]


def _on_site_only() -> QuerySet[Activity]:
    online = Activity.objects.published().filter(
        partner=OuterRef("partner"), format__in=(Activity.Format.DIGITAL, Activity.Format.HYBRID)
    )
    asked = nudged(Nudge.Kind.OFFER_ONLINE).filter(partner=OuterRef("partner"))
    owners = Membership.objects.filter(partner=OuterRef("partner"), role=Membership.Role.OWNER, user__is_active=True)
    can_be_online = Q(kind__formats=[]) | Q(
        kind__formats__overlap=[Activity.Format.DIGITAL.value, Activity.Format.HYBRID.value]
    )
    offers = Activity.objects.published().filter(can_be_online, format=Activity.Format.ON_SITE)
    return offers.filter(~Exists(online), ~Exists(asked), Exists(owners))


def _middle(schools: list[School]) -> Point | None:
    if not schools:
        return None
    return Point(
        sum(school.latitude for school in schools) / len(schools),
        sum(school.longitude for school in schools) / len(schools),
    )


def _distance(here: Point | None, offer: Activity) -> float | None:
    if here is None or offer.latitude is None or offer.longitude is None:
        return None
    return kilometres_between(here, Point(offer.latitude, offer.longitude))
