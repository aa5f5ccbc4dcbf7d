"""What time does to grants: reminders of receipts, the end of waiting for them, and receipts that are old."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.schools import journeys
from stemportal.schools.emails import transport as mails
from stemportal.schools.models import Booking, TransportGrant
from stemportal.schools.services.grants import Status, release_grant

# The school is reminded so long after the visit, and once more so long before the last day.
REMIND_AFTER = timedelta(days=7)
LAST_CALL = timedelta(days=7)
AT_ONCE = 500


def remind_of_receipts() -> int:
    """Write to schools whose visit is over and whose receipt has not come, twice at most. Returns how many."""
    now = timezone.now()
    last_call = timedelta(days=settings.TRANSPORT_RECEIPT_DAYS) - LAST_CALL
    ended = F("booking__session__ends_at")
    first = Q(reminded_at=None, booking__session__ends_at__lte=now - REMIND_AFTER)
    last = Q(reminded_at__lt=ended + last_call, booking__session__ends_at__lte=now - last_call)
    waiting = TransportGrant.objects.filter(
        first | last,
        status=Status.APPROVED,
        booking__status__in=[Booking.Status.CONFIRMED, Booking.Status.COMPLETED],
        booking__session__ends_at__gt=now - timedelta(days=settings.TRANSPORT_RECEIPT_DAYS),
    )
    return sum(_remind(pk, now) for pk in list(waiting.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]))


def _remind(pk: int, now: datetime) -> bool:
    """Send one reminder, unless another worker or a receipt was faster."""
    with transaction.atomic():
        rows = TransportGrant.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        grant = rows.with_facts().filter(pk=pk, status=Status.APPROVED).first()
        if grant is None or (grant.reminded_at is not None and grant.reminded_at > now - LAST_CALL):
            return False
        grant.reminded_at = now
        grant.save(update_fields=["reminded_at"])
        mails.receipt_reminder(grant)
        return True


def end_waiting() -> int:
    """Give back the money of journeys whose receipt never came. Returns how many grants ended."""
    over = timezone.now() - timedelta(days=settings.TRANSPORT_RECEIPT_DAYS)
    late = TransportGrant.objects.filter(status=Status.APPROVED, booking__session__ends_at__lt=over)
    ended = 0
    for grant in late.select_related("booking__session").order_by("pk")[:AT_ONCE]:
        if timezone.localdate() > journeys.receipt_deadline(grant.booking):
            ended += release_grant(grant_id=grant.pk, by=None, why=_why_late, origins={Status.APPROVED}) is not None
    return ended


def _why_late() -> str:
    return _("No receipt came in time. Write to us if there were costs after all.")


def delete_old_receipts() -> int:
    """Delete receipts when the years for which accounts are kept have passed. Returns how many."""
    oldest = timezone.localtime().year - settings.TRANSPORT_RECEIPT_YEARS
    old = TransportGrant.objects.filter(settled_at__year__lt=oldest).exclude(receipt="")
    deleted = 0
    for grant in old.order_by("pk")[:AT_ONCE]:
        name = str(grant.receipt.name)
        if TransportGrant.objects.filter(pk=grant.pk, receipt=name).update(receipt=""):
            default_storage.delete(name)
            deleted += 1
    return deleted


def run() -> None:
    """Do all that time asks for; beat calls it every day."""
    end_waiting()
    remind_of_receipts()
    delete_old_receipts()
