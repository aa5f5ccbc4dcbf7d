"""Engagement levels of three programme years, what partners picked and pledged, and the amounts of transport grants."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Pledge
from stemportal.demo.seed import world
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.partners.models import Engagement, Level, Partner
from stemportal.schools.models import Booking

PARTNERS_WITHOUT = 0.12
KINDS_WITHOUT = 0.25
# What the partner of the demo account has pledged for this year.
DEMO_PARTNER = "nordlys-robotikk"
DEMO_PLEDGES = {"company_visit": 4, "role_model_visit": 3, "job_shadow": 10, "film": 1}
AMOUNTS = [4_000, 5_000, 6_000, 8_000]
LANGUAGES = ("nb", "nn", "en")
FIELDS = ("name", "description", "expects", "offers")


def _seed_levels() -> None:
    """The three levels, for last, this and next year."""
    year = current_school_year()
    texts = world.read("pages")["levels"]
    Level.objects.bulk_create(
        [
            Level(
                school_year=each,
                code=row["code"],
                order=10 * number,
                **{f"{field}_{language}": row[language][field] for field in FIELDS for language in LANGUAGES},
            )
            for each in (year - 1, year, year + 1)
            for number, row in enumerate(texts, start=1)
        ],
        ignore_conflicts=True,
    )


def seed_engagement() -> None:
    """What partners picked and pledged for last year and this one: some are behind, some ahead, a few did neither.

    Runs once.
    """
    _seed_levels()
    _seed_amounts()
    if Engagement.objects.exists():
        return
    dice, taste = world.dice("engagement"), world.dice("levels")
    year = current_school_year()
    levels = {(level.school_year, level.code): level for level in Level.objects.all()}
    codes = [row["code"] for row in world.read("pages")["levels"]]
    kinds = {kind.pk: kind for kind in Kind.objects.all()}
    offers = _offers()
    engagements, pledges = [], []
    for partner in Partner.objects.approved().order_by("pk"):
        own = offers.get(partner.pk, {})
        if not own or (dice.random() < PARTNERS_WITHOUT and partner.slug != DEMO_PARTNER):
            continue
        level = codes[-1] if partner.slug == DEMO_PARTNER else taste.choices(codes, weights=[4, 4, len(own) // 2])[0]
        for each in (year - 1, year):
            at = bounds(each)[0] + timedelta(days=dice.randint(10, 40))
            at = min(at, timezone.now() - timedelta(hours=1))
            engagements.append(Engagement(partner=partner, school_year=each, level=levels[each, level], chosen_at=at))
            for kind, sums in sorted(own.items()):
                quantity = _pledge(kinds[kind], sums.get(each, 0), dice)
                if partner.slug == DEMO_PARTNER and each == year:
                    quantity = DEMO_PLEDGES.get(kinds[kind].code, 0)
                elif dice.random() < KINDS_WITHOUT:
                    continue
                if quantity:
                    pledge = Pledge(partner=partner, school_year=each, kind=kinds[kind], quantity=quantity)
                    pledge.pledged_at = at
                    pledges.append(pledge)
    Engagement.objects.bulk_create(engagements)
    Pledge.objects.bulk_create(pledges, batch_size=1000)


def _seed_amounts() -> None:
    """Transport grants say how much a class can get."""
    dice = world.dice("amounts")
    grants = list(Activity.objects.filter(kind__code="transport_grant", grant_amount=None).order_by("pk"))
    for grant in grants:
        grant.grant_amount = dice.choice(AMOUNTS)
    Activity.objects.bulk_update(grants, ["grant_amount"])


def _offers() -> dict[int, dict[int, Mapping[int, int]]]:
    """For each partner and kind it offers: places held or agreed, by school year."""
    found: dict[int, dict[int, Any]] = {}
    published = Activity.objects.published().order_by()
    for partner, kind in (
        published.values_list("partner_id", "kind_id").annotate(n=Count("pk")).values_list("partner_id", "kind_id")
    ):
        found.setdefault(partner, {})[kind] = {}
    year = current_school_year()
    for each in (year - 1, year):
        start, end = bounds(each)
        held = Booking.objects.filter(
            status__in=[Booking.Status.COMPLETED, Booking.Status.CONFIRMED],
            session__starts_at__gte=start,
            session__starts_at__lt=end,
        )
        rows = held.order_by().values_list(F("activity__partner_id"), F("activity__kind_id")).annotate(n=Sum("places"))
        for partner, kind, number in rows:
            if kind in found.get(partner, {}):
                found[partner][kind][each] = number
    return found


def _pledge(kind: Kind, done: int, dice: random.Random) -> int:
    """A round number around what was done, so that some are ahead of it and some behind."""
    match kind.pledge_unit:
        case Kind.PledgeUnit.KRONER:
            return dice.choice([20_000, 30_000, 50_000, 80_000])
        case Kind.PledgeUnit.PUBLISHED:
            return dice.randint(1, 2)
    return max(round((done or 2) * dice.choice([0.8, 1, 1.2, 1.5, 2])), 1)
