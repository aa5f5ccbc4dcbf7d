"""Money for journeys in the demo world: pots of the programme and of partners, and schools in every step of the way."""

from __future__ import annotations

import secrets
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone
from PIL import Image, ImageDraw

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.search_index import refresh_availability
from stemportal.demo.seed import world
from stemportal.demo.seed.proposals import write_history
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools import journeys
from stemportal.schools.models import Booking, GrantPot, Teacher, TransportGrant
from stemportal.schools.services import pots, rates
from stemportal.schools.services.grants import FOLDER, MAY_ASK

Status = TransportGrant.Status
KRONER = 100
# Name, slug of the partner, number of the county, kroner, whether the secretariat has opened it.
POTS = (
    ("Programmets skysspott", "", "", 500_000, True),
    ("Skyss i Finnmark", "", "56", 120_000, True),
    ("Nordlysbussen", "nordlys-robotikk", "", 60_000, True),
    ("Havskyss", "sulahav-oppdrett", "50", 80_000, False),
)
COMING = (Status.APPLIED, Status.APPLIED, Status.APPROVED, Status.APPLIED, Status.DECLINED, Status.APPROVED)
HELD = (Status.SETTLED, Status.SETTLED, Status.CLAIMED, Status.SETTLED)
SHORTEST_KM = 8
LONGEST_KM = 250
# Smaller groups are pupils at work, each by themselves.
A_CLASS = 10
# The demo partner's guests from far away: grade and pupils of each class.
GUESTS = ((9, 18), (10, 16))


def seed_transport() -> None:
    """Pots for this school year, and applications for visits to come and visits that were held. Runs once."""
    if GrantPot.objects.exists():
        return
    year = current_school_year()
    counties = {county.number: county for county in County.objects.all()}
    partners = Partner.objects.approved().in_bulk(field_name="slug")
    now = timezone.now()
    for name, slug, county, kroner, is_open in POTS:
        GrantPot.objects.create(
            name=name,
            partner=partners[slug] if slug else None,
            county=counties[county] if county else None,
            school_year=year,
            amount_ore=kroner * KRONER,
            is_open=is_open,
            opened_at=now if is_open else None,
        )
    _invite_from_afar(partners["nordlys-robotikk"])
    staff = User.objects.get(email=world.STAFF_EMAIL)
    start, end = bounds(year)
    of_year = Booking.objects.with_facts().filter(session__starts_at__gte=start, session__starts_at__lt=end)
    coming = of_year.filter(status=Booking.Status.CONFIRMED, session__starts_at__gt=now)
    held = of_year.filter(status=Booking.Status.COMPLETED).order_by("-session__starts_at", "pk")
    # The demo teacher's and the demo partner's own come first, so that both have something to look at.
    mine = coming.filter(teacher__email=world.TEACHER_EMAIL)
    theirs = coming.filter(activity__partner__slug="nordlys-robotikk").exclude(teacher=None)
    for bookings, steps in (
        (mine.order_by("pk"), COMING[1:3]),
        (theirs.order_by("pk"), COMING[:3]),
        (coming.exclude(teacher=None).order_by("pk"), COMING),
        (held.exclude(teacher=None), HELD),
    ):
        _seed_grants(bookings, steps, staff)


def _invite_from_afar(partner: Partner) -> None:
    """Confirmed visits of classes that need a bus: the schools nearest to the demo partner walk there."""
    sessions = (
        Session.objects.filter(
            activity__partner=partner,
            activity__kind__unit=Kind.Unit.GROUPS,
            activity__format=Activity.Format.ON_SITE,
            starts_at__gt=timezone.now() + timedelta(days=14),
            places_taken=0,
        )
        .select_related("activity__municipality", "activity__partner__municipality")
        .order_by("starts_at", "pk")
    )
    teachers = Teacher.objects.exclude(user__email=world.TEACHER_EMAIL).select_related("user", "school").order_by("pk")
    for (grade, pupils), session in zip(GUESTS, sessions, strict=False):
        booking = Booking(
            activity=session.activity,
            session=session,
            group_name=f"{grade}A",
            grade=grade,
            pupils=pupils,
            adults=2,
            status=Booking.Status.CONFIRMED,
            created_at=timezone.now() - timedelta(days=3),
        )
        teacher = next((each for each in teachers if _comes_by_bus(booking, each)), None)
        if teacher is None:
            return
        teachers = teachers.exclude(school=teacher.school)
        booking.school, booking.teacher = teacher.school, teacher.user
        booking.save()
        write_history(
            booking,
            ("request", "", Booking.Status.REQUESTED),
            ("confirm", Booking.Status.REQUESTED, Booking.Status.CONFIRMED),
        )
        Session.objects.filter(pk=session.pk).update(places_taken=1, pupils_taken=pupils)
        refresh_availability([session.activity_id])


def _comes_by_bus(booking: Booking, teacher: Teacher) -> bool:
    """Say whether the teacher's school has the grade and lies far enough, but not too far, from the visit."""
    school = teacher.school
    there = journeys.destination(booking)
    return (
        there is not None
        and school.grade_from <= booking.grade <= school.grade_to
        and SHORTEST_KM <= journeys.road_km(journeys.home(school), there) <= LONGEST_KM
    )


def _seed_grants(bookings: QuerySet[Booking], steps: tuple[str, ...], staff: User) -> None:
    """One application for each step, for the first bookings that travel far enough and have none."""
    left = list(steps)
    for booking in bookings.filter(grant=None)[:200]:
        if not left:
            return
        km = journeys.distance(booking) if journeys.travels(booking) else None
        if km is None or not SHORTEST_KM <= km <= LONGEST_KM or booking.pupils < A_CLASS:
            continue
        people = booking.pupils + booking.adults
        found = rates.quotes(km=km, people=people, on=journeys.visit_day(booking))
        pot = pots.suggest_pot(booking, found[0].ore) if found else None
        if pot is not None and (booking.status in MAY_ASK or left[0] in HELD):
            _seed_grant(booking, pot, found[0], km=km, people=people, status=left.pop(0), staff=staff)


def _seed_grant(
    booking: Booking, pot: GrantPot, quote: rates.Quote, *, km: int, people: int, status: str, staff: User
) -> None:
    now = timezone.now()
    ore = quote.ore
    decided = status != Status.APPLIED
    grant = TransportGrant.objects.create(
        booking=booking,
        pot=pot,
        km=km,
        people=people,
        mode=quote.mode,
        vehicles=quote.vehicles,
        reasonable_ore=ore,
        applied_ore=ore,
        status=status,
        applied_at=booking.created_at,
        applied_by=booking.teacher,
        decided_at=now if decided else None,
        decided_by=staff if decided else None,
        reply="Det går en rutebuss rett til døra." if status == Status.DECLINED else "",
    )
    if status in {Status.APPLIED, Status.DECLINED}:
        return
    pot = pots.lock_pot(pot.pk)
    pots.reserve(pot, grant, ore, by=staff)
    grant.approved_ore = ore
    if status in {Status.CLAIMED, Status.SETTLED}:
        grant.claimed_ore = ore - ore % (100 * KRONER)
        grant.claimed_at = now
        grant.receipt.name = _receipt(grant.claimed_ore)
    if status == Status.SETTLED and grant.claimed_ore:
        pots.pay(pot, grant, grant.claimed_ore, by=staff)
        pots.release(pot, grant, ore - grant.claimed_ore, by=staff)
        grant.settled_ore, grant.settled_at = grant.claimed_ore, now
    grant.save(update_fields=["approved_ore", "claimed_ore", "claimed_at", "receipt", "settled_ore", "settled_at"])


def _receipt(ore: int) -> str:
    """Draw a receipt that nobody takes for a real one; return its name in the storage."""
    picture = Image.new("RGB", (420, 200), "white")
    pen = ImageDraw.Draw(picture)
    for line, text in enumerate(("KVITTERING (oppdiktet)", "Fjordbuss Eksempel AS", f"Sum kr {ore // KRONER},-")):
        pen.text((30, 30 + 40 * line), text, fill="black")
    target = BytesIO()
    picture.save(target, "PNG")
    return default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.png", ContentFile(target.getvalue()))
