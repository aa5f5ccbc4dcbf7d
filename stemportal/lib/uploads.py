"""A ceiling for every uploaded file: what is larger is thrown away while it arrives, and the page can say so.

Django limits the text of a form, not its files: without this, anybody could fill the disk. The rest of the form still
arrives (the token against forged forms with it), so the answer is a page with words and not a broken connection.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MARK = "_upload_was_too_large"


class CappedUploadHandler(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: lets a file through up to ``settings.UPLOAD_MAX_BYTES`` and drops it beyond."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            setattr(self.request, MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""


def upload_was_too_large(request: HttpRequest) -> bool:
    """Say whether a file of this request was dropped; ask after ``request.POST`` or ``request.FILES`` was read."""
    return bool(getattr(request, MARK, False))
