"""What a partner should do about its bookings and pledges, for the tasks of its room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.pledging import quantity_words
from stemportal.lib.templatetags.portal import localized
from stemportal.partners.extensions import Task
from stemportal.partners.models import Membership
from stemportal.schools.progress import PledgeLine
from stemportal.schools.queries.bookings import bookings_of_partner

# The school is reminded on the day; after so long the partner may want to ask.
UNTOLD_DAYS = 3


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
