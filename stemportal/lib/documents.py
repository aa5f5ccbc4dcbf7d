"""Files that people send to each other, checked: PDF and Office documents as they are, pictures drawn anew.

    document = documents.prepare(upload, max_bytes=...)     # raises DocumentRefused with words for the person

What a file is, is decided by its content; its name and the type that a browser claims count for nothing. The portal
never opens a document: it is kept, and handed out to be saved (lib.stored_files). Office documents with programs in
them (macros), old ones and locked ones are refused: nobody can say what is in them.
"""

from __future__ import annotations

import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

from stemportal.lib import images

MEGABYTE = images.MEGABYTE
# As large as a page of writing needs to be read on a screen.
LONGEST_PICTURE = 2000
PDF_SIGNATURE = b"%PDF-"
ZIP_SIGNATURE = b"PK\x03\x04"
# Office documents before 2007, and newer ones with a password.
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
# The part that makes a ZIP one of these documents (ECMA-376).
OFFICE_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
CONTENT_TYPES_PART = "[Content_Types].xml"
MOST_PARTS = 5_000
# For the file dialog; what counts is the content.
ACCEPT = ".pdf,.docx,.xlsx,.pptx,image/png,image/jpeg,image/webp"
LONGEST_NAME = 80
# Letters that turn the direction of writing, so that a name seems to end otherwise than it does.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class DocumentRefused(ValueError):
    """A file is not taken; ``str()`` says why and what to do, in the language of the page."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A checked file: what is kept of it, the ending it deserves, and a name to show with that ending."""

    name: str
    content: bytes
    extension: str

    def random_name(self) -> str:
        """Return a name for the storage that cannot be guessed."""
        return f"{secrets.token_hex(11)}.{self.extension}"


def prepare(file: IO[bytes] | Any, *, max_bytes: int) -> Document:
    """Return an uploaded file as it is kept. ``file`` has ``read`` and ``name``, as Django's UploadedFile.

    Never reads more than ``max_bytes`` + 1. Raises DocumentRefused.
    """
    given = _plain_name(str(getattr(file, "name", "") or ""))
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise DocumentRefused(str(images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=max_bytes)))
    if content.startswith(PDF_SIGNATURE):
        extension = "pdf"
    elif content.startswith(ZIP_SIGNATURE):
        extension = _office_kind(content)
    elif content.startswith(OLE_SIGNATURE):
        raise DocumentRefused(_("This is an old or locked document. Save it as PDF, or as .docx, .xlsx or .pptx."))
    else:
        content, extension = _picture(content, max_bytes)
    return Document(name=f"{given}.{extension}", content=content, extension=extension)


def _office_kind(content: bytes) -> str:
    """Read the list of the parts, never the parts themselves: nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = {part.filename for part in packed.infolist()[: MOST_PARTS + 1]}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise DocumentRefused(_unknown()) from error
    kinds = [extension for part, extension in OFFICE_PARTS.items() if part in parts]
    if len(kinds) != 1 or CONTENT_TYPES_PART not in parts or len(parts) > MOST_PARTS:
        raise DocumentRefused(_unknown())
    if any(part.lower().endswith(("vbaproject.bin", "vbadata.xml")) for part in parts):
        raise DocumentRefused(_("This document carries programs (macros). Save it without them, or as PDF."))
    return kinds[0]


def _picture(content: bytes, max_bytes: int) -> tuple[bytes, str]:
    try:
        picture = images.prepare(BytesIO(content), longest=LONGEST_PICTURE, max_bytes=max_bytes)
    except images.ImageRefused as refused:
        if refused.reason in {images.Reason.OTHER_KIND, images.Reason.DRAWING}:
            raise DocumentRefused(_unknown()) from refused
        raise DocumentRefused(str(refused)) from refused
    return picture.content, picture.extension


def _unknown() -> str:
    return _("We take PDF, Word, Excel and PowerPoint files, and PNG, JPEG or WebP pictures. Please save it as PDF.")


def _plain_name(name: str) -> str:
    """The name without folders, ending and letters that are not seen; never empty."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    seen = "".join(letter for letter in stem if unicodedata.category(letter) not in INVISIBLE)
    return " ".join(seen.replace('"', "").split()).strip(" .")[:LONGEST_NAME] or _("file")
