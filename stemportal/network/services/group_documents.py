"""Documents of a working group: sharing one, a new version of it, taking it away and putting it back.

A version never replaces another: two who upload at the same time get two versions, and the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.documents import Document
from stemportal.network.group_errors import MovedOn, TooMuch
from stemportal.network.models import DocumentVersion, GroupDocument, WorkingGroup
from stemportal.network.services.groups import locked

FOLDER = "groups"
MOST_DOCUMENTS = 500
MOST_VERSIONS = 100


def share_document(*, group: WorkingGroup, title: str, file: Document, note: str, by: User) -> DocumentVersion:
    """Add a document with its first version. The same form sent twice shares it once. Raises GroupEnded, TooMuch."""
    stored = _store(file)
    try:
        with locked(group) as now:
            for twin in GroupDocument.objects.filter(group=now, title=title, removed_at=None, added_by=by):
                newest = _newest(twin)
                if newest is not None and _is_same(newest, file, by):
                    default_storage.delete(stored)
                    return newest
            if GroupDocument.objects.filter(group=now).count() >= MOST_DOCUMENTS:
                raise TooMuch
            document = GroupDocument.objects.create(group=now, title=title, added_by=by)
            return _write(document, 1, file, stored, note, by)
    except BaseException:
        default_storage.delete(stored)
        raise


def add_version(*, document: GroupDocument, file: Document, note: str, by: User) -> DocumentVersion:
    """Add a version after the newest one. The same file sent twice is one. Raises GroupEnded, MovedOn, TooMuch."""
    stored = _store(file)
    try:
        with locked(document.group):
            if not GroupDocument.objects.filter(pk=document.pk, removed_at=None).exists():
                raise MovedOn
            newest = _newest(document)
            if newest is not None and _is_same(newest, file, by):
                default_storage.delete(stored)
                return newest
            versions = DocumentVersion.objects.filter(document=document)
            if versions.count() >= MOST_VERSIONS:
                raise TooMuch
            last: int = versions.aggregate(last=Max("number"))["last"] or 0
            return _write(document, last + 1, file, stored, note, by)
    except BaseException:
        default_storage.delete(stored)
        raise


def remove_document(*, document: GroupDocument) -> bool:
    """Take a document off the pages; the secretariat can put it back for some days. False when it was gone."""
    return bool(GroupDocument.objects.filter(pk=document.pk, removed_at=None).update(removed_at=timezone.now()))


def restore_document(*, document: GroupDocument) -> bool:
    """Put a document back. False when it stands there."""
    return bool(GroupDocument.objects.filter(pk=document.pk).exclude(removed_at=None).update(removed_at=None))


def delete_removed() -> int:
    """Delete documents with their files that were taken away long ago (GROUP_REMOVED_DAYS). Returns how many."""
    before = timezone.now() - timedelta(days=settings.GROUP_REMOVED_DAYS)
    gone = GroupDocument.objects.filter(removed_at__lt=before)
    # Files first: should the rest fail, the rows still name what is already gone, and the next night goes on.
    delete_files(list(DocumentVersion.objects.filter(document__in=gone).values_list("file", flat=True)))
    with transaction.atomic():
        _rows, kinds = gone.delete()
        return kinds.get(GroupDocument._meta.label, 0)


def delete_files(names: Sequence[str]) -> None:
    """Delete stored files; one that is gone already is no trouble."""
    for name in names:
        default_storage.delete(name)


def _store(file: Document) -> str:
    return default_storage.save(f"{FOLDER}/{file.random_name()}", ContentFile(file.content))


def _newest(document: GroupDocument) -> DocumentVersion | None:
    return DocumentVersion.objects.filter(document=document).select_related("document__group").first()


def _is_same(version: DocumentVersion, file: Document, by: User) -> bool:
    """Whether the person has just sent this very file."""
    if version.by_id != by.pk or version.size != len(file.content):
        return False
    try:
        with default_storage.open(str(version.file.name)) as kept:
            return bool(kept.read() == file.content)
    except FileNotFoundError:
        return False


def _write(document: GroupDocument, number: int, file: Document, stored: str, note: str, by: User) -> DocumentVersion:
    return DocumentVersion.objects.create(
        document=document, number=number, file=stored, name=file.name, size=len(file.content), note=note, by=by
    )
