"""Files for those who book: the risk assessment, tasks for the class. PDF, or pictures drawn anew."""

from __future__ import annotations

import secrets
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from stemportal.activities.models import Activity, ActivityFile
from stemportal.activities.pictures import FILE_FOLDER
from stemportal.activities.services.activities import lock_activity
from stemportal.activities.services.pictures import TooMany

MOST_FILES = 10
MAX_BYTES = 10 * 1024 * 1024
PDF_SIGNATURE = b"%PDF-"


def add_file(*, activity: Activity, purpose: str, title: str, content: bytes, extension: str) -> ActivityFile:
    """Keep a file whose content was checked; ``extension`` is pdf, png or webp. Raises TooMany."""
    name = default_storage.save(f"{FILE_FOLDER}/{secrets.token_hex(11)}.{extension}", ContentFile(content))
    try:
        with transaction.atomic():
            lock_activity(activity.pk)
            if ActivityFile.objects.filter(activity=activity).count() >= MOST_FILES:
                raise TooMany
            return ActivityFile.objects.create(
                activity=activity, purpose=purpose, title=title, file=name, size=len(content)
            )
    except BaseException:
        default_storage.delete(name)
        raise


def copy_file(*, file: ActivityFile, to: Activity) -> ActivityFile | None:
    """Copy a file to another offer; None when it is gone from the storage."""
    stored = str(file.file.name)
    if not default_storage.exists(stored):
        return None
    with default_storage.open(stored) as opened:
        content = opened.read()
    extension = stored.rpartition(".")[2]
    return add_file(activity=to, purpose=file.purpose, title=file.title, content=content, extension=extension)


def remove_file(*, file: ActivityFile) -> None:
    """Remove a file; from the storage after the commit."""
    name = str(file.file.name)
    with transaction.atomic():
        file.delete()
        transaction.on_commit(partial(default_storage.delete, name))
