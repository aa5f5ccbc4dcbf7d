"""The weekly mail of the radar: on Monday morning, once a reader, to those in the secretariat who want it."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from stemportal.accounts.models import User
from stemportal.reports.models import RadarReader
from stemportal.reports.radar import letters
from stemportal.reports.radar.days import readings

MORNING = 6


def readers() -> QuerySet[User]:
    """Return those in the secretariat who may see the radar and have not said no to its mail."""
    may = Permission.objects.filter(content_type__app_label="reports", codename="view_radarday")
    allowed = Q(is_superuser=True) | Q(user_permissions__in=may) | Q(groups__permissions__in=may)
    people = User.objects.filter(allowed, is_active=True, is_staff=True)
    return people.exclude(radar_reader__wants_mail=False).distinct().order_by("pk")


def mail_radar() -> int:
    """Queue the mail of this week for everybody who has not had it. Returns how many. A missed Monday is made up."""
    now = timezone.localtime()
    monday = now.date() - timedelta(days=now.weekday())
    if now.date() == monday and now.hour < MORNING:
        return 0
    return sum(_mail(reader, monday) for reader in readers().exclude(radar_reader__mailed_week__gte=monday))


@transaction.atomic
def _mail(reader: User, monday: date) -> bool:
    RadarReader.objects.get_or_create(person=reader)
    unmailed = RadarReader.objects.filter(
        Q(mailed_week=None) | Q(mailed_week__lt=monday), person=reader, wants_mail=True
    )
    if not unmailed.update(mailed_week=monday):  # another worker was first, or it was switched off meanwhile
        return False
    with translation.override(reader.language):
        letters.weekly(reader=reader, readings=readings(reader))
    return True


def switch_mail(*, person: User, wants_mail: bool) -> None:
    """Have the weekly mail sent to somebody, or not."""
    RadarReader.objects.update_or_create(person=person, defaults={"wants_mail": wants_mail})


def wants_mail(person: User) -> bool:
    """Say whether somebody gets it: everybody does who has not said no."""
    return not RadarReader.objects.filter(person=person, wants_mail=False).exists()
