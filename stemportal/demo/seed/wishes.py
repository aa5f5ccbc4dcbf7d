"""Wishes of the demo world: one with an offer to answer, one that waits, one that nobody answers; who coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Subject
from stemportal.demo.seed import world
from stemportal.demo.seed.offers import school_days
from stemportal.partners.models import Partner
from stemportal.schools.models import Offer, RegionalCoordinator, Teacher, Wish, WishMatch
from stemportal.schools.services import matching


@dataclass(frozen=True)
class Wished:
    """A wish in the demo world, made so many days ago, for weeks so many weeks ahead."""

    text: str
    kind: str
    subject: str
    days_ago: int
    weeks: tuple[int, int]
    where: str = Wish.Where.ANY
    pupils: int = 24


WISHES = (
    Wished(
        "Vi jobber med programmering av roboter og vil gjerne se dem i bruk. Finnes det noen som kan vise oss hvordan "
        "en robot blir til, fra tegning til ferdig maskin?",
        "company_visit", "NAT", 4, (5, 8),
    ),
    Wished(
        "Elevene spør hva man kan bli når man liker matte. Vi vil møte noen som bruker matte på jobben hver dag, "
        "gjerne på skjerm.",
        "role_model_online", "MAT", 1, (6, 10), Wish.Where.VIDEO, 28,
    ),
    Wished(
        "Kan noen ta imot oss ute, på et oppdrettsanlegg eller en båt? Vi har om havet og vil måle, ikke bare lese.",
        "company_visit", "NAT", 20, (9, 12), Wish.Where.PARTNER, 19,
    ),
)  # fmt: skip
OFFER_NOTE = "Så fin idé! Dere kan få se verkstedet og snakke med dem som tegner robotene. Ta på gode sko."


def seed_wishes() -> None:
    """Coordinators, wishes, who was asked, and an offer; safe to run again. No mails: nobody is really asked."""
    staff = User.objects.get(email=world.STAFF_EMAIL)
    record = (
        Teacher.objects.select_related("school__municipality__county", "user")
        .filter(user__email=world.TEACHER_EMAIL)
        .order_by("-is_main", "pk")[0]
    )
    if record.school.municipality is not None:
        RegionalCoordinator.objects.get_or_create(county=record.school.municipality.county, person=staff)
    made = [_seed(wished, record) for wished in WISHES]
    partner = Partner.objects.get(memberships__user__email=world.PARTNER_EMAIL)
    for wish in made[:2]:
        WishMatch.objects.get_or_create(
            wish=wish, partner=partner, defaults={"rank": wish.matches.count() + 1, "told_at": wish.created_at}
        )
    _seed_offer(made[0], partner)


def _seed(wished: Wished, record: Teacher) -> Wish:
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    created = timezone.now() - timedelta(days=wished.days_ago)
    late = wished.days_ago > 15
    wish, is_new = Wish.objects.get_or_create(
        teacher=record.user,
        text=wished.text,
        defaults={
            "school": record.school,
            "kind": Kind.objects.get(code=wished.kind),
            "subject": Subject.objects.filter(code=wished.subject).first(),
            "group_name": "9A",
            "grade": 9,
            "pupils": wished.pupils,
            "first_week": monday + timedelta(weeks=wished.weeks[0]),
            "last_week": monday + timedelta(weeks=wished.weeks[1]),
            "where": wished.where,
            "created_at": created,
            "rounds": 2 if late else 1,
            "handed_on_at": timezone.now() - timedelta(days=5) if late else None,
        },
    )
    if is_new:
        chosen = matching.best_partners(wish, limit=5)
        WishMatch.objects.bulk_create(
            WishMatch(
                wish=wish,
                partner=item.partner,
                role_model_id=item.role_model_id,
                rank=rank,
                told_at=created,
                not_now_at=created + timedelta(days=2) if late else None,
            )
            for rank, item in enumerate(chosen, start=1)
        )
    return wish


def _seed_offer(wish: Wish, partner: Partner) -> None:
    """The demo partner offers a morning in the first week with a school day."""
    if Offer.objects.filter(wish=wish).exists():
        return
    fitting = Activity.objects.filter(
        partner=partner,
        status=Activity.Status.PUBLISHED,
        grade_from__lte=wish.grade,
        grade_to__gte=wish.grade,
        group_max__gte=wish.pupils,
    )
    activity = fitting.filter(kind=wish.kind).order_by("pk").first() or fitting.order_by("pk").first()
    days = school_days(wish.first_week + timedelta(days=1), wish.last_week + timedelta(days=4))
    if activity is None or not days:
        return
    start = datetime.combine(days[0], time(10), tzinfo=timezone.get_default_timezone())
    Offer.objects.create(
        wish=wish,
        activity=activity,
        starts_at=start,
        ends_at=activity.end_after(start),
        note=OFFER_NOTE,
        offered_by=User.objects.get(email=world.PARTNER_EMAIL),
        offered_at=wish.created_at + timedelta(days=2),
    )
