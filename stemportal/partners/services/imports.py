"""Reading an uploaded table of partners: what each line would do is stored and shown; nothing else is written.

The file is read by a worker in batches. It is deleted once it has been read; the lines stay, without identity numbers,
until the import is thrown away or their days are over.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.identity_numbers import without_personal_numbers
from stemportal.lib.spreadsheets import Line, UnreadableFile, read_lines
from stemportal.outbox.services import hand_over
from stemportal.partners.import_rows import Header, Judge, Raw, read_header, read_raw
from stemportal.partners.models import ImportRow, PartnerImport

Status = PartnerImport.Status
FOLDER = "imports"
BATCH = 500
# A worker that is silent for so long is gone. It says that it is alive after each batch.
CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 3
# Lines hold names and addresses: they are deleted so long after the upload, whatever became of it.
KEPT = timedelta(days=30)


def upload(*, file: File[bytes], name: str, new_status: str, by: User) -> PartnerImport:
    """Store a file under a name that cannot be guessed, and have it read."""
    stored = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}", file)
    with transaction.atomic():
        partner_import = PartnerImport.objects.create(
            file=stored,
            file_name=without_personal_numbers(name)[:200] or "?",
            new_status=new_status,
            language=get_language() or settings.LANGUAGE_CODE,
            uploaded_by=by,
        )
        transaction.on_commit(lambda: announce(partner_import.pk))
    return partner_import


def announce(import_id: int) -> None:
    """Tell a worker that there is something to read or to apply."""
    from stemportal.partners.tasks import work_on_import

    hand_over(lambda: work_on_import.delay(import_id), partner_import=import_id)


def free() -> QuerySet[PartnerImport]:
    """Imports that wait for a worker: new ones, and those whose worker is gone."""
    return PartnerImport.objects.filter(
        Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - CLAIM), status__in=[Status.READING, Status.APPLYING]
    )


def claim(import_id: int, status: PartnerImport.Status) -> PartnerImport | None:
    """Take an import for reading or applying, or None when it is not waiting for that (compare-and-set)."""
    taken = free().filter(pk=import_id, status=status).update(claimed_at=timezone.now(), attempts=F("attempts") + 1)
    return PartnerImport.objects.get(pk=import_id) if taken else None


def mine(partner_import: PartnerImport) -> QuerySet[PartnerImport]:
    """The import as long as this claim holds."""
    return PartnerImport.objects.filter(
        pk=partner_import.pk, status=partner_import.status, claimed_at=partner_import.claimed_at
    )


class Lost(Exception):
    """Another worker has taken the import over, or somebody threw it away."""


def read_import(import_id: int) -> bool:
    """Read the file of an import, or judge its lines again. True when it is ready to be looked at."""
    partner_import = claim(import_id, Status.READING)
    if partner_import is None:
        return False
    with translation.override(partner_import.language):
        if partner_import.attempts > MAX_ATTEMPTS:
            return _fail(partner_import, _("The file could not be read: the worker stopped each time it tried."))
        try:
            notes = _read_file(partner_import) if partner_import.file else _judge_again(partner_import)
        except UnreadableFile as error:
            return _fail(partner_import, str(error.reason))
        except Lost:
            return False
    is_ready = bool(mine(partner_import).update(status=Status.READY, claimed_at=None, attempts=0, error=notes))
    forget_file(partner_import.pk)
    return is_ready


def _read_file(partner_import: PartnerImport) -> str:
    """Store a row for each line; returns what the person should know about the file as a whole."""
    # What an earlier try of a dead worker left.
    partner_import.rows.all().delete()
    try:
        with default_storage.open(partner_import.file.name or "") as file:
            # Once to the end before anything is stored: a file that breaks off in the middle is refused as a whole.
            total = sum(1 for _line in read_lines(file)) - 1
            if total < 1:
                raise UnreadableFile(_("There is nothing in the file below the line with the titles."))
            mine(partner_import).update(total=total, done=0)
            file.seek(0)
            return _store_rows(partner_import, file)
    except FileNotFoundError as error:
        raise UnreadableFile(_("The file is gone. Please upload it once more.")) from error


def _store_rows(partner_import: PartnerImport, file: IO[bytes]) -> str:
    lines = read_lines(file)
    header = read_header(next(lines)[1])
    judge, done = Judge(partner_import), 0
    for batch in _batches(lines, header):
        with transaction.atomic():
            ImportRow.objects.bulk_create(judge.judge(batch))
            done += len(batch)
            _still_mine(partner_import, done)
    if not header.unknown:
        return ""
    return _("Columns that were not used: %(titles)s.") % {"titles": ", ".join(header.unknown)}


def _batches(lines: Iterable[Line], header: Header) -> Iterator[list[Raw]]:
    raws = (read_raw(line, cells, header) for line, cells in lines)
    while batch := list(islice(raws, BATCH)):
        yield batch


def _judge_again(partner_import: PartnerImport) -> str:
    """Judge the good lines once more: partners have changed since. Bad ones cannot have become good by that."""
    judge, last = Judge(partner_import), 0
    good = partner_import.rows.exclude(action=ImportRow.Action.BAD).order_by("line")
    while rows := list(good.filter(line__gt=last)[:BATCH]):
        judged = judge.judge([Raw(line=row.line, values=row.values) for row in rows])
        for row, anew in zip(rows, judged, strict=True):
            anew.pk = row.pk
        last = rows[-1].line
        with transaction.atomic():
            ImportRow.objects.bulk_update(judged, ["action", "partner", "name", "changes", "errors"])
            _still_mine(partner_import, partner_import.total)
    return ""


def _still_mine(partner_import: PartnerImport, done: int) -> None:
    """Write how far it is and that the worker is alive; raises Lost when the import is not this worker's any more."""
    now = timezone.now()
    if not mine(partner_import).update(done=done, claimed_at=now):
        raise Lost
    partner_import.claimed_at = now


def _fail(partner_import: PartnerImport, reason: str) -> bool:
    with transaction.atomic():
        if mine(partner_import).update(status=Status.FAILED, claimed_at=None, error=reason):
            partner_import.rows.all().delete()
    forget_file(partner_import.pk)
    return False


def forget_file(import_id: int) -> None:
    """Delete the file of an import that is not being read any more. The name goes last, so that none is left."""
    done = PartnerImport.objects.filter(pk=import_id).exclude(status=Status.READING).exclude(file="")
    for name in done.values_list("file", flat=True):
        default_storage.delete(name)
        done.update(file="")


def judge_again(*, partner_import: PartnerImport) -> bool:
    """Have the lines judged once more. False when the import is not waiting to be applied."""
    moved = PartnerImport.objects.filter(pk=partner_import.pk, status=Status.READY).update(
        status=Status.READING, claimed_at=None, attempts=0, error=""
    )
    if moved:
        transaction.on_commit(lambda: announce(partner_import.pk))
    return bool(moved)


def discard(*, partner_import: PartnerImport) -> bool:
    """Throw an import away with its lines. False when it was applied or is being applied."""
    with transaction.atomic():
        thrown = PartnerImport.objects.filter(
            pk=partner_import.pk, status__in=[Status.READING, Status.READY, Status.FAILED]
        ).update(status=Status.DISCARDED, claimed_at=None)
        if not thrown:
            return False
        partner_import.rows.all().delete()
        transaction.on_commit(lambda: forget_file(partner_import.pk))
    return True


def sweep() -> int:
    """Hand over what waits for a worker, delete files that were left and lines whose days are over."""
    waiting = list(free().values_list("pk", flat=True))
    for import_id in waiting:
        announce(import_id)
    for import_id in PartnerImport.objects.exclude(status=Status.READING).exclude(file="").values_list("pk", flat=True):
        forget_file(import_id)
    old = PartnerImport.objects.filter(uploaded_at__lt=timezone.now() - KEPT)
    old.filter(status__in=[Status.READY, Status.FAILED]).update(status=Status.DISCARDED)
    ImportRow.objects.filter(partner_import__in=old.filter(status__in=[Status.APPLIED, Status.DISCARDED])).delete()
    return len(waiting)
