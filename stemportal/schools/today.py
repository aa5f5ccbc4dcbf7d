"""What a partner should do about its bookings and pledges, for the tasks of its room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import Session
from stemportal.activities.pledging import quantity_words
from stemportal.lib.templatetags.portal import localized, weekdate
from stemportal.partners.extensions import Task
from stemportal.partners.models import Membership
from stemportal.schools.models import Booking
from stemportal.schools.progress import PledgeLine
from stemportal.schools.queries.bookings import bookings_of_partner

# The school is reminded on the day; after so long the partner may want to ask.
UNTOLD_DAYS = 3
MOST_LINES = 3


def visit_tasks(membership: Membership) -> Iterator[Task]:
    """Say which visits do not count yet, because the school has not told how many came. One query."""
    before = timezone.now() - timedelta(days=UNTOLD_DAYS)
    partner = membership.partner
    untold = bookings_of_partner(partner).missing_attendance().filter(session__ends_at__lt=before).count()
    if untold:
        title = ngettext(
            "%(count)s visit is held, but does not count yet",
            "%(count)s visits are held, but do not count yet",
            untold,
        )
        yield Task(
            title=title % {"count": untold},
            text=_("A visit counts when the teacher has told how many came. A kind word may help."),
            url=f"{reverse('schools:partner_bookings', args=[partner.pk])}?status=untold",
            action=_("See which"),
            order=40,
            icon="PersonGroup",
        )


def line_tasks(membership: Membership) -> Iterator[Task]:
    """Say for which dates groups stand in line: another date, or more places, helps them. One query."""
    waiting = Session.objects.open().filter(
        activity__partner=membership.partner_id, bookings__status=Booking.Status.WAITLISTED
    )
    for session in waiting.annotate(groups=Count("pk")).select_related("activity").order_by("starts_at")[:MOST_LINES]:
        title = ngettext(
            "%(count)s group waits for a place: %(title)s",
            "%(count)s groups wait for a place: %(title)s",
            session.groups,
        )
        yield Task(
            title=title % {"count": session.groups, "title": session.activity.title},
            text=_("%(day)s is full. With more places, or one more date, they could come.")
            % {"day": capfirst(weekdate(timezone.localtime(session.starts_at)))},
            url=reverse("schools:session_change", args=[session.pk]),
            action=_("Change the date or its places"),
            order=20,
            icon="PersonGroup",
        )


def pledge_tasks(membership: Membership, lines: Iterable[PledgeLine]) -> Iterator[Task]:
    """Say which of this year's pledges are behind plan, as one task. Asks the database nothing."""
    behind = [line for line in lines if line.is_behind]
    if not behind:
        return
    title = ngettext("%(count)s pledge is behind plan", "%(count)s pledges are behind plan", len(behind))
    yield Task(
        title=title % {"count": len(behind)},
        text=" ".join([*(_how_far(line) for line in behind[:3]), _("New dates help most.")]),
        url=reverse("schools:engagement", args=[membership.partner_id]),
        action=_("See how it stands"),
        order=30,
        icon="TrendDown",
    )


def _how_far(line: PledgeLine) -> str:
    return _("%(kind)s: %(done)s of %(pledged)s are held or agreed.") % {
        "kind": localized(line.kind, "name"),
        "done": line.delivered + line.agreed,
        "pledged": quantity_words(line.unit, line.pledged),
    }
