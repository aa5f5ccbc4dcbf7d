"""The secretariat's first page: queues with their age, each number a link to the list behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, UnmetSearch
from stemportal.activities.queries.exposure import unseen
from stemportal.network.models import Hearing, Input, Meeting, Story
from stemportal.network.queries.groups import applications_for_secretariat
from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.outbox.models import Mail
from stemportal.partners.models import Note, Partner, RegisterProposal
from stemportal.partners.queries.members import departed_contacts
from stemportal.partners.queries.register import in_trouble
from stemportal.places.school_calendar import counties_without_calendar, unchecked_holidays
from stemportal.reports.models import PartnerReport
from stemportal.schools.models import Booking, GrantPot, Teacher, TransportGrant
from stemportal.schools.queries.transport import for_secretariat
from stemportal.schools.services.wishes import waiting_in_vain


@dataclass(frozen=True)
class Queue:
    """One queue: what waits, how many, since when, and where the list is."""

    label: str
    count: int
    oldest: date | datetime | None
    url: str


@dataclass(frozen=True)
class Kind:
    """What makes a queue: the rows that wait, the field that says since when (may be empty), and the list's filter."""

    label: Any
    waiting: Callable[[], QuerySet[Any]]
    since: str
    query: str


# In the order in which they should be worked on.
KINDS = (
    Kind(_("Applications from partners"), Partner.objects.waiting, "applied_at", "status__exact=applied"),
    Kind(
        _("Teachers to approve"),
        lambda: Teacher.objects.filter(status=Teacher.Status.PENDING),
        "created_at",
        "status__exact=pending",
    ),
    Kind(
        _("Teachers who would like to be coordinator"),
        Teacher.objects.wanting_to_coordinate,
        "coordinator_asked_at",
        "asks=coordinator",
    ),
    Kind(
        _("Bookings that nobody at the school has any more"),
        Booking.objects.without_teacher,
        "created_at",
        "teacher__isnull=True&status__in=requested,offered,waitlisted,confirmed",
    ),
    Kind(
        _("Partners whose contact person seems to have left"),
        departed_contacts,
        "departed_since",
        "status__exact=all&contact=departed",
    ),
    Kind(
        _("Partners the register calls deleted or bankrupt"),
        in_trouble,
        "trouble_since",
        "status__exact=all&register=trouble",
    ),
    Kind(
        _("Changes that the register proposes"),
        RegisterProposal.objects.waiting,
        "found_at",
        "status__exact=waiting",
    ),
    Kind(_("Notes to come back to"), Note.objects.due, "follow_up_on", "due=yes"),
    Kind(
        _("Requests past their deadline"),
        lambda: Booking.objects.filter(status=Booking.Status.REQUESTED, reply_by__lt=timezone.localdate()),
        "created_at",
        "overdue=yes",
    ),
    Kind(
        _("Applications for money for journeys"),
        lambda: for_secretariat(TransportGrant.Status.APPLIED),
        "applied_at",
        "queue=applied",
    ),
    Kind(
        _("Receipts to settle"),
        lambda: for_secretariat(TransportGrant.Status.CLAIMED),
        "claimed_at",
        "queue=claimed",
    ),
    # Nothing says since when a pledge waits but its history, which is not asked here.
    Kind(_("Pots that partners have pledged"), GrantPot.objects.pledged, "", "is_open__exact=0&opened_at__isempty=1"),
    Kind(
        _("Wishes that nobody has offered anything for"),
        lambda: waiting_in_vain().exclude(handed_on_at=None),
        "created_at",
        "offers=handed_on",
    ),
    Kind(_("Stories to read"), Story.objects.waiting, "submitted_at", "status__exact=submitted"),
    Kind(_("Input to answer"), Input.objects.waiting, "at", "status__exact=received"),
    Kind(_("Hearings that are over, without a summary"), Hearing.objects.without_summary, "closes_at", "stage=unsaid"),
    Kind(
        _("Meetings that are over, and nobody noted who came"),
        Meeting.objects.without_attendance,
        "ends_at",
        "attendance=missing",
    ),
    Kind(
        _("Who would like to join a working group that nobody leads"),
        applications_for_secretariat,
        "asked_at",
        "queue=waiting",
    ),
    Kind(_("Reports to check"), PartnerReport.objects.to_check, "built_at", "status__exact=draft&is_preview__exact=0"),
    Kind(
        _("Newsletters that could not be sent at their time"),
        Newsletter.objects.missed,
        "scheduled_at",
        "status__exact=draft&scheduled_at__isnull=0",
    ),
    Kind(_("Newsletters that are paused"), Newsletter.objects.paused, "started_at", "status__exact=paused"),
    Kind(
        _("Mails of newsletters of which nobody knows whether they arrived"),
        Delivery.objects.unsure,
        "created_at",
        "decide=1",
    ),
    Kind(
        _("Mails that could not be sent"),
        lambda: Mail.objects.filter(status=Mail.Status.FAILED),
        "created_at",
        "status__exact=failed",
    ),
    Kind(
        _("What people looked for and did not find"),
        lambda: UnmetSearch.objects.filter(answered_at__isnull=True),
        "asked_at",
        "answer=waiting",
    ),
    Kind(
        _("Offers nobody has opened in 60 days"),
        lambda: unseen(Activity.objects.published()),
        "published_at",
        "opened=not",
    ),
    # Nothing says since when these wait; the days themselves are still to come.
    Kind(_("School holidays to compare with the counties' calendars"), unchecked_holidays, "", "compare=yes"),
    Kind(
        _("Counties without school holidays for the coming year"),
        counties_without_calendar,
        "",
        "holidays=missing",
    ),
)


def queues(user: User | AnonymousUser) -> list[Queue]:
    """Return what waits for the secretariat and this person may see. One query a queue."""
    found = []
    for kind in KINDS:
        waiting = kind.waiting().order_by()
        meta = waiting.model._meta
        if user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            since = {"oldest": Min(kind.since)} if kind.since else {}
            numbers = waiting.aggregate(count=Count("pk"), **since)
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            found.append(Queue(str(kind.label), numbers["count"], numbers.get("oldest"), f"{url}?{kind.query}"))
    return found
