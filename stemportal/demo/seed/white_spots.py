"""Invitations of the demo world: schools that somebody writes to by hand, and a partner that was asked to go online."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.reports.models import Nudge
from stemportal.reports.white_spots.choosing import partners_to_ask, unmet_schools
from stemportal.reports.white_spots.spots import find_place

COUNTY = "55"
TEXT = "Vi hjelper gjerne med å finne en dag som passer, og med bussen."


def seed_white_spots() -> None:
    """Note three invitations and one question of last week, where there are none."""
    if Nudge.objects.exists():
        return
    staff = User.objects.filter(is_staff=True).order_by("pk").first()
    facts = {"sent_by": staff, "sent_at": timezone.now() - timedelta(days=6)}
    schools = unmet_schools(find_place(COUNTY)).filter(teachers=None)[:3]
    nudges = [Nudge(kind=Nudge.Kind.INVITE_SCHOOL, school=school, text=TEXT, **facts) for school in schools]
    nudges += [
        Nudge(kind=Nudge.Kind.OFFER_ONLINE, partner=row.partner, mails=1, **facts) for row in partners_to_ask(count=1)
    ]
    Nudge.objects.bulk_create(nudges)
