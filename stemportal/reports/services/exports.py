"""Exports that the secretariat asks for: built by a worker, kept a few days.

An export moves waiting → building → ready or failed by compare-and-set, then expired. Its claim is the name of its
file and tells claims apart; whoever claims next removes what a dead worker left behind. A worker that takes over begins
anew: what an export holds is of one moment, and half of it from before would not fit the rest.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import monotonic
from typing import IO

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.outbox.services import hand_over
from stemportal.reports.exports.packing import write_tables
from stemportal.reports.exports.writing import BLOCK, Hashed, write_installation
from stemportal.reports.models import Export

logger = structlog.get_logger(__name__)

What, Format, Status = Export.What, Export.Format, Export.Status
RUNNING = (Status.WAITING, Status.BUILDING)
ONE_INSTALLATION = "reports_export_one_installation"
FOLDER = "exports/portal"
# A worker says every few seconds that it is still there; one that is silent for so long is gone.
CLAIM = timedelta(minutes=5)
BEAT_SECONDS = 5
MAX_ATTEMPTS = 3
# How many exports one person may have waiting.
OPEN_AT_MOST = 5


class ExportError(Exception):
    """The export cannot be made; ``str()`` says why, for the person who asks."""


class LostClaim(Exception):
    """Another worker has taken the export over."""


def request_tables(*, codes: Sequence[str], file_format: str, by: User) -> Export:
    """Order these tables (all when there are none named). Raises ExportError when the person has many waiting."""
    if Export.objects.filter(asked_by=by, status__in=RUNNING).count() >= OPEN_AT_MOST:
        raise ExportError(_("You have several exports waiting. Please wait until they are ready."))
    with transaction.atomic():
        export = Export.objects.create(what=What.TABLES, format=file_format, tables=list(codes), asked_by=by)
        transaction.on_commit(lambda: _announce([export.pk]))
    return export


def request_installation(*, by: User) -> Export:
    """Order an archive of everything. While one is being made it is that one."""
    try:
        with transaction.atomic():
            export = Export.objects.create(what=What.INSTALLATION, format=Format.ARCHIVE, asked_by=by)
            transaction.on_commit(lambda: _announce([export.pk]))
    except IntegrityError as error:
        if violated(error) != ONE_INSTALLATION:
            raise
        return Export.objects.get(what=What.INSTALLATION, status__in=RUNNING)
    return export


def _announce(export_ids: Sequence[int]) -> None:
    from stemportal.reports.tasks import build_export as task

    for export_id in export_ids:
        if not hand_over(lambda pk=export_id: task.delay(pk), export=export_id):  # type: ignore[misc]
            return  # the sweep finds the rest once the broker is back


def build_export(export_id: int) -> bool:
    """Write the file and store it. False when there was nothing to do or it failed."""
    export = _claim(export_id)
    if export is None:
        return False
    try:
        size, fingerprint = _write(export)
    except LostClaim:
        default_storage.delete(_name(export.claim))
        return False
    except Exception as error:  # whatever went wrong must be seen on the page
        logger.exception("export_failed", export=export_id)
        default_storage.delete(_name(export.claim))
        _failed(export, f"{type(error).__name__}: {error}")
        return False
    return _finish(export, size, fingerprint)


def _claim(export_id: int) -> Export | None:
    """Take a waiting export, or None when somebody else did. Removes the file of a claim that came to nothing."""
    waiting = Export.objects.filter(pk=export_id, status=Status.WAITING)
    left_behind = waiting.values_list("claim", flat=True).first()
    claim = secrets.token_hex(16)
    taken = waiting.update(
        status=Status.BUILDING,
        claimed_at=timezone.now(),
        attempts=F("attempts") + 1,
        claim=claim,
        total=0,
        done=0,
        error="",
    )
    if not taken:
        return None
    if left_behind:
        default_storage.delete(_name(left_behind))
    return Export.objects.select_related("asked_by").get(pk=export_id)


def _name(claim: str) -> str:
    return f"{FOLDER}/{claim}.zip"


def _mine(export: Export) -> QuerySet[Export]:
    """The export as long as this claim holds."""
    return Export.objects.filter(pk=export.pk, status=Status.BUILDING, claim=export.claim)


class _Progress:
    """Writes down how far the export is, every few seconds and at the end. Raises LostClaim."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.done = self.total = 0
        self.last = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        is_end = done == total and self.done != done
        self.done, self.total = done, total
        if is_end or monotonic() - self.last >= BEAT_SECONDS:
            if not _mine(self.export).update(done=done, total=total, claimed_at=timezone.now()):
                raise LostClaim
            self.last = monotonic()

    def beat(self) -> None:
        """Tell that it goes on."""
        self(self.done, self.total)


class _Stored(File):
    """A file that says how it goes on while the storage takes it: a large one takes minutes."""

    def __init__(self, file: IO[bytes], progress: _Progress) -> None:
        super().__init__(file)
        self.progress = progress

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for block in super().chunks(chunk_size or BLOCK):
            self.progress.beat()
            yield block


def _write(export: Export) -> tuple[int, str]:
    """Write the file to a temporary one without a name, and from there to the storage; return size and SHA-256."""
    progress = _Progress(export)
    language = export.asked_by.language if export.asked_by else settings.LANGUAGE_CODE
    with tempfile.TemporaryFile() as temporary, translation.override(language):
        if export.what == What.INSTALLATION:
            write_installation(temporary, progress=progress)
        else:
            write_tables(temporary, codes=export.tables, file_format=export.format, progress=progress)
        temporary.seek(0)
        hashed = Hashed()
        while block := temporary.read(BLOCK):
            hashed.write(block)
            progress.beat()
        temporary.seek(0)
        default_storage.save(_name(export.claim), _Stored(temporary, progress))
    return hashed.size, hashed.digest.hexdigest()


def _finish(export: Export, size: int, fingerprint: str) -> bool:
    now = timezone.now()
    days = settings.ARCHIVE_DAYS if export.what == What.INSTALLATION else settings.EXPORT_DAYS
    done = _mine(export).update(
        status=Status.READY,
        done=F("total"),
        file=_name(export.claim),
        size=size,
        sha256=fingerprint,
        built_at=now,
        expires_at=now + timedelta(days=days),
    )
    if not done:  # another worker took over
        default_storage.delete(_name(export.claim))
    return bool(done)


def _failed(export: Export, error: str) -> None:
    final = export.attempts >= MAX_ATTEMPTS
    _mine(export).update(status=Status.FAILED if final else Status.WAITING, error=error[:2000])


def sweep() -> int:
    """Take exports back from dead workers, give up on those that failed too often, and hand out what waits."""
    stale = Export.objects.filter(status=Status.BUILDING, claimed_at__lt=timezone.now() - CLAIM)
    stale.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=Status.FAILED, error="The worker stopped while it built this export."
    )
    stale.update(status=Status.WAITING)
    waiting = list(Export.objects.filter(status=Status.WAITING).order_by("pk").values_list("pk", flat=True)[:200])
    _announce(waiting)
    return len(waiting)


def delete_export(*, export: Export) -> bool:
    """Delete the file of a finished export before its days are over. False when there was none."""
    deleted = Export.objects.filter(pk=export.pk, status=Status.READY).update(expires_at=timezone.now())
    expire_exports()
    return bool(deleted)


def expire_exports() -> int:
    """Delete the files of exports whose days are over, and what failed ones left behind. Returns how many."""
    over = Export.objects.filter(status=Status.READY, expires_at__lte=timezone.now())
    left_behind = Export.objects.filter(status=Status.FAILED).exclude(claim="")
    count = 0
    for pk, claim in [*over.values_list("pk", "claim"), *left_behind.values_list("pk", "claim")]:
        # The row last: should this stop half-way, the next run deletes a file that is gone, which does no harm.
        default_storage.delete(_name(claim))
        Export.objects.filter(pk=pk, status=Status.READY).update(status=Status.EXPIRED)
        Export.objects.filter(pk=pk, claim=claim).update(claim="", file="")
        count += 1
    return count
