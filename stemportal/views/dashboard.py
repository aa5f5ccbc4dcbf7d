"""The secretariat's first page: queues with their age, each number a link to the list behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.activities.models import Activity
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, Teacher


@dataclass(frozen=True)
class Queue:
    """One queue: what waits, how many, since when, and where the list is."""

    label: str
    count: int
    oldest: datetime | None
    url: str


def queues() -> list[Queue]:
    """Return what waits for the secretariat, in the order it should be worked on."""
    today = timezone.localdate()
    partners = Partner.objects.waiting().aggregate(n=Count("pk"), oldest=Min("applied_at"))
    teachers = Teacher.objects.filter(status=Teacher.Status.PENDING).aggregate(n=Count("pk"), oldest=Min("created_at"))
    late = Booking.objects.filter(status=Booking.Status.REQUESTED, reply_by__lt=today).aggregate(
        n=Count("pk"), oldest=Min("created_at")
    )
    mails = Mail.objects.filter(status=Mail.Status.FAILED).aggregate(n=Count("pk"), oldest=Min("created_at"))
    unseen = Activity.objects.filter(Q(status=Activity.Status.PUBLISHED), views_count=0).aggregate(
        n=Count("pk"), oldest=Min("published_at")
    )
    return [
        Queue(
            _("Applications from partners"),
            partners["n"],
            partners["oldest"],
            reverse("admin:partners_partner_changelist") + "?status__exact=applied",
        ),
        Queue(
            _("Teachers to approve"),
            teachers["n"],
            teachers["oldest"],
            reverse("admin:schools_teacher_changelist") + "?status__exact=pending",
        ),
        Queue(
            _("Requests past their deadline"),
            late["n"],
            late["oldest"],
            reverse("admin:schools_booking_changelist") + "?overdue=yes",
        ),
        Queue(
            _("Mails that could not be sent"),
            mails["n"],
            mails["oldest"],
            reverse("admin:outbox_mail_changelist") + "?status__exact=failed",
        ),
        Queue(
            _("Offers nobody has opened"),
            unseen["n"],
            unseen["oldest"],
            reverse("admin:activities_activity_changelist") + "?status__exact=published&views_count__exact=0",
        ),
    ]
