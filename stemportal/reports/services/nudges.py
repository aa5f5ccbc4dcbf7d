"""Asking partners and schools to act, and remembering it, so that nobody is asked twice in a short time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.partners.queries.members import owners_of
from stemportal.reports.models import Nudge
from stemportal.reports.radar import letters
from stemportal.reports.white_spots import letters as white_spot_letters
from stemportal.reports.white_spots.reach import offers_for
from stemportal.schools.models import School, Teacher

# Nobody is asked for the same thing twice in so long a time.
QUIET = timedelta(days=60)
# An invitation to everybody at a school would be a circular; its coordinators come first.
TEACHERS_AT_MOST = 3
OFFERS_NAMED = 3


def wake_partner(*, partner: Partner, text: str, by: User) -> Nudge | None:
    """Write to a silent partner's owners. None when it was written to in the last 60 days, or has nobody to read it."""

    def write(owner: User) -> Mail:
        return letters.wake(partner=partner, owner=owner, text=text, sender=by)

    return _ask_owners(Nudge.Kind.WAKE_PARTNER, partner, write, text=text, by=by)


def ask_to_offer_online(*, offer: Activity, text: str, by: User) -> Nudge | None:
    """Ask a partner's owners to hold an offer on screen too. None when they were asked not 60 days ago, or are gone."""

    def write(owner: User) -> Mail:
        return white_spot_letters.send_ask_online(partner=offer.partner, offer=offer, owner=owner, text=text, sender=by)

    return _ask_owners(Nudge.Kind.OFFER_ONLINE, offer.partner, write, text=text, by=by)


@transaction.atomic
def _ask_owners(
    kind: Nudge.Kind, partner: Partner, write: Callable[[User], Mail], *, text: str, by: User
) -> Nudge | None:
    """Two who press at once ask once: the partner's row is locked while it is looked at."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    owners = owners_of(partner)
    if not owners or _asked_lately(kind, partner=partner):
        return None
    for owner in owners:
        write(owner)
    return Nudge.objects.create(kind=kind, partner=partner, text=text, mails=len(owners), sent_by=by)


def _asked_lately(kind: Nudge.Kind, **receiver: Partner | School) -> bool:
    return Nudge.objects.since(timezone.now() - QUIET).filter(kind=kind, **receiver).exists()


def teachers_of(school: School) -> list[Teacher]:
    """Return the teachers who are written to: coordinators first, then those who have been there longest."""
    known = Teacher.objects.verified().filter(school=school).select_related("user")
    # "coordinator" comes before "teacher" in the alphabet, too.
    return list(known.order_by("role", "created_at", "pk")[:TEACHERS_AT_MOST])


@transaction.atomic
def invite_school(*, school: School, text: str, by: User) -> Nudge | None:
    """Invite a school. None when it was invited in the last 60 days, or is closed.

    A school at which the portal knows nobody is noted with no mails: somebody writes to it by hand. Two who press at
    once invite once: the school's row is locked while it is looked at.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    if not school.is_active or _asked_lately(Nudge.Kind.INVITE_SCHOOL, school=school):
        return None
    teachers, offers = teachers_of(school), offers_for(school, OFFERS_NAMED)
    for teacher in teachers:
        white_spot_letters.send_invitation(teacher=teacher, school=school, offers=offers, text=text, sender=by)
    return Nudge.objects.create(
        kind=Nudge.Kind.INVITE_SCHOOL, school=school, text=text, mails=len(teachers), sent_by=by
    )
