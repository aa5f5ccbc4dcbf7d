"""A partner's copy of all its data: one ZIP, built by a worker, kept a few days.

A copy moves waiting → building → ready or failed by compare-and-set, then expired. As with reports the name of the file
is chosen with the claim: it tells claims apart, and whoever claims next removes what a dead worker left behind.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.outbox.services import hand_over
from stemportal.partners.data_copy import write_copy
from stemportal.partners.emails import leaving as emails
from stemportal.partners.models import DataExport, Membership, Partner

logger = structlog.get_logger(__name__)

Status = DataExport.Status
RUNNING = (Status.WAITING, Status.BUILDING)
ONE_AT_A_TIME = "partners_dataexport_one_at_a_time"
# A worker says after each part that it is still there; one that is silent for so long is gone.
CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 3


class LostClaim(Exception):
    """Another worker has taken the copy over, or it is not wanted any more."""


def request_copy(*, partner: Partner, by: User) -> DataExport:
    """Order a copy of the partner's data. While one is being made it is that one: two presses make one copy."""
    try:
        with transaction.atomic():
            export = DataExport.objects.create(partner=partner, requested_by=by)
            transaction.on_commit(lambda: _announce([export.pk]))
    except IntegrityError as error:
        if violated(error) != ONE_AT_A_TIME:
            raise
        return DataExport.objects.get(partner=partner, status__in=RUNNING)
    return export


def _announce(export_ids: Sequence[int]) -> None:
    from stemportal.partners.tasks import build_copy as task

    for export_id in export_ids:
        if not hand_over(lambda pk=export_id: task.delay(pk), data_export=export_id):  # type: ignore[misc]
            return  # the sweep finds the rest once the broker is back


def build_copy(export_id: int) -> bool:
    """Gather the data, store the ZIP and tell who asked for it. False when there was nothing to do or it failed."""
    export = _claim(export_id)
    if export is None:
        return False
    try:
        size = _write(export)
    except LostClaim:
        return False
    except Exception as error:  # whatever went wrong must be seen on the page and in the admin
        logger.exception("data_copy_failed", data_export=export_id)
        _failed(export, f"{type(error).__name__}: {error}")
        return False
    return _finish(export, size)


def _claim(export_id: int) -> DataExport | None:
    """Take a waiting copy, or None when somebody else did. Removes the file of a claim that came to nothing."""
    waiting = DataExport.objects.filter(pk=export_id, status=Status.WAITING)
    left_behind = waiting.values_list("file", flat=True).first()
    taken = waiting.update(
        status=Status.BUILDING,
        claimed_at=timezone.now(),
        attempts=F("attempts") + 1,
        file=f"exports/{secrets.token_hex(16)}.zip",
        total=0,
        done=0,
        error="",
    )
    if not taken:
        return None
    if left_behind:
        default_storage.delete(left_behind)
    return DataExport.objects.select_related("partner__municipality", "requested_by").get(pk=export_id)


def _mine(export: DataExport) -> QuerySet[DataExport]:
    """The copy as long as this claim holds."""
    return DataExport.objects.filter(pk=export.pk, status=Status.BUILDING, file=export.file.name)


def _write(export: DataExport) -> int:
    """Write the ZIP to a temporary file and from there to the storage; return its size in bytes."""

    def progress(done: int, total: int) -> None:
        if not _mine(export).update(done=done, total=total, claimed_at=timezone.now()):
            raise LostClaim

    language = export.requested_by.language if export.requested_by else settings.LANGUAGE_CODE
    with tempfile.TemporaryFile() as temporary, translation.override(language):
        write_copy(export.partner, temporary, progress=progress)
        size = temporary.seek(0, os.SEEK_END)
        temporary.seek(0)
        default_storage.save(export.file.name, File(temporary))
    return size


def _finish(export: DataExport, size: int) -> bool:
    now = timezone.now()
    with transaction.atomic():
        expires_at = now + timedelta(days=settings.DATA_EXPORT_DAYS)
        done = _mine(export).update(
            status=Status.READY, done=F("total"), size=size, built_at=now, expires_at=expires_at
        )
        if done and (person := _asker(export)):
            export.expires_at = expires_at
            emails.copy_ready(export=export, person=person)
    if not done:  # another worker took over, or the partner's data was deleted meanwhile
        default_storage.delete(export.file.name or "")
    return bool(done)


def _asker(export: DataExport) -> User | None:
    """Who asked for the copy, if that person still may fetch it."""
    membership = Membership.objects.filter(
        partner=export.partner_id, user=export.requested_by_id, role=Membership.Role.OWNER, user__is_active=True
    )
    found = membership.select_related("user").first()
    return found.user if found else None


def _failed(export: DataExport, error: str) -> None:
    final = export.attempts >= MAX_ATTEMPTS
    _mine(export).update(status=Status.FAILED if final else Status.WAITING, error=error[:2000])


def sweep() -> int:
    """Take copies back from dead workers, give up on those that failed too often, and hand out what waits."""
    stale = DataExport.objects.filter(status=Status.BUILDING, claimed_at__lt=timezone.now() - CLAIM)
    stale.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=Status.FAILED, error="The worker stopped while it built this copy."
    )
    stale.update(status=Status.WAITING)
    waiting = list(DataExport.objects.filter(status=Status.WAITING).order_by("pk").values_list("pk", flat=True)[:200])
    _announce(waiting)
    return len(waiting)


def expire_copies() -> int:
    """Delete the files of copies whose days are over, and what failed ones left behind. Returns how many."""
    over = DataExport.objects.filter(status=Status.READY, expires_at__lt=timezone.now())
    left_behind = DataExport.objects.filter(status=Status.FAILED).exclude(file="")
    count = 0
    for pk, name in [*over.values_list("pk", "file"), *left_behind.values_list("pk", "file")]:
        # The row last: should this stop half-way, the next run deletes a file that is gone, which does no harm.
        default_storage.delete(name)
        DataExport.objects.filter(pk=pk, status=Status.READY).update(status=Status.EXPIRED)
        DataExport.objects.filter(pk=pk, file=name).update(file="")
        count += 1
    return count
