"""What a partner should do about its offers, for the tasks of its room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import Activity
from stemportal.activities.queries import exposure
from stemportal.activities.queries.curriculum import offers_with_expired_goals
from stemportal.partners.extensions import Task
from stemportal.partners.models import Membership

# A new offer is given this long to be found; a draft this long to be finished.
UNSEEN_DAYS = 7
DRAFT_DAYS = 14
# So many sentences of advice fit in a task; the list of offers has them all.
MOST_ADVICE = 2
# More of the same would hide the rest; the list of offers shows all.
AT_MOST = 3


def offer_tasks(membership: Membership) -> Iterator[Task]:
    """Ask those who may edit to publish, to finish what lies, and to mend what nobody opens. Two queries, or three."""
    partner = membership.partner
    if not membership.may_edit or not partner.is_approved:
        return
    now = timezone.now()
    published, draft = Q(status=Activity.Status.PUBLISHED), Q(status=Activity.Status.DRAFT)
    unseen = published & Q(views_count=0, published_at__lt=now - timedelta(days=UNSEEN_DAYS))
    forgotten = Q(pk__in=exposure.unseen(partner.activities.all()).order_by().values("pk"))
    lying = draft & Q(updated_at__lt=now - timedelta(days=DRAFT_DAYS))
    if not partner.activities.filter(published).exists():
        yield Task(
            title=_("Publish an offer"),
            text=_("Teachers do not find you yet. A company visit with one date is the easiest start."),
            url=reverse("activities:listings", args=[partner.pk]),
            action=_("Look at your offers"),
            order=20,
            icon="HandShakeHeart",
        )
    found = list(
        partner.activities.filter(unseen | forgotten | lying).select_related("kind").order_by("updated_at", "pk")
    )
    for activity in [offer for offer in found if offer.status == Activity.Status.DRAFT][:AT_MOST]:
        yield _offer_task(
            activity,
            title=_("Finish “%(title)s”"),
            text=_("It has been a draft for more than two weeks. Publish it, or put it away."),
            action=_("Finish it"),
            icon="PencilLine",
        )
    seldom = [offer for offer in found if exposure.is_unseen(offer)][:AT_MOST]
    for activity in exposure.advise(seldom):
        yield _offer_task(
            activity,
            title=_("Nobody has opened “%(title)s” in 60 days"),
            text=" ".join(activity.advice[:MOST_ADVICE]),  # type: ignore[attr-defined]
            action=_("Improve it"),
            icon="EyeClosed",
        )
    new = [offer for offer in found if offer.is_published and not exposure.is_unseen(offer)]
    for activity in new[: AT_MOST - len(seldom)]:
        yield _offer_task(
            activity,
            title=_("Nobody has opened “%(title)s” yet"),
            text=_("A date in the next weeks, a concrete title and a few subjects help teachers find it."),
            action=_("Improve it"),
            icon="Eye",
        )


def goal_tasks(membership: Membership) -> Iterator[Task]:
    """Ask those who may edit to look at offers whose competence goals are no longer in force. One query."""
    partner = membership.partner
    if not membership.may_edit or not partner.is_approved:
        return
    offers = offers_with_expired_goals(partner.pk)
    if offers:
        number = len(offers)
        yield Task(
            title=ngettext(
                "Competence goals of %(number)s offer have expired",
                "Competence goals of %(number)s offers have expired",
                number,
            )
            % {"number": number},
            text=_(
                "The curriculum has changed. Choose what came after them, so that teachers find you by their plans."
            ),
            url=f"{reverse('activities:edit', args=[offers[0]])}#div_id_goals",
            action=_("Choose new goals"),
            order=50,
            icon="Book",
        )


def _offer_task(activity: Activity, *, title: str, text: str, action: str, icon: str) -> Task:
    return Task(
        title=title % {"title": activity.title},
        text=text,
        url=reverse("activities:edit", args=[activity.pk]),
        action=action,
        order=50,
        icon=icon,
    )
