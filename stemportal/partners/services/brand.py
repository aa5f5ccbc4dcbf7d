"""Keeping the files that partners may use. Staff upload them; they are only ever handed out as downloads."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import PurePath

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import get_valid_filename

from stemportal.lib.images import ImageRefused, looks_like_svg, read_header
from stemportal.partners.models import BrandMaterial

FOLDER = "brand"
MAX_BYTES = 20 * 1024 * 1024
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
# First bytes of what is no picture.
SIGNATURES = {"pdf": b"%PDF-", "zip": b"PK\x03\x04"}
PICTURES = {"png", "jpg", "jpeg", "webp", "svg"}


def extension_of(name: str) -> str:
    """Return a file name's extension in small letters, without the dot."""
    return PurePath(name).suffix.lower().removeprefix(".")


def type_of(name: str) -> str:
    """Return the content type by a file's name; what is not known is bytes to save and nothing else."""
    return TYPES.get(extension_of(name), "application/octet-stream")


def is_picture(name: str) -> bool:
    """Say whether a browser can show the file as a picture."""
    return extension_of(name) in PICTURES


def is_what_it_says(name: str, content: bytes) -> bool:
    """Say whether the first bytes are those of the file type in the name. ``content`` needs no more than 64 kB."""
    extension = extension_of(name)
    if extension in SIGNATURES:
        return content.startswith(SIGNATURES[extension])
    if extension == "svg":
        return looks_like_svg(content) and not content.startswith(b"\x1f\x8b")
    try:
        header = read_header(content)
    except ImageRefused:
        return False
    return header.format == {"jpg": "JPEG", "jpeg": "JPEG"}.get(extension, extension.upper())


def keep_material(*, material: BrandMaterial, upload: UploadedFile | None = None, drop_file: bool = False) -> None:
    """Save material with a new file, without one, or with the one it has. An old file goes after the commit.

    The file is stored under a name that cannot be guessed; people download it under the name it was uploaded with.
    """
    old = BrandMaterial.objects.filter(pk=material.pk).values_list("file", flat=True).first() or ""
    new = ""
    if upload is not None:
        extension = extension_of(str(upload.name))
        new = default_storage.save(f"{FOLDER}/{secrets.token_hex(11)}.{extension}", upload)
        material.file, material.file_name = new, _readable(str(upload.name))
    elif drop_file:
        material.file, material.file_name = "", ""
    else:
        material.file = old
    material.updated_at = timezone.now()
    try:
        with transaction.atomic():
            material.save()
            if old and old != material.file.name:
                transaction.on_commit(partial(default_storage.delete, old))
    except BaseException:
        if new:
            default_storage.delete(new)
        raise


def delete_material(*, material: BrandMaterial) -> None:
    """Delete material, and its file after the commit."""
    name = material.file.name
    with transaction.atomic():
        material.delete()
        if name:
            transaction.on_commit(partial(default_storage.delete, name))


def _readable(name: str) -> str:
    """A name to save the file by on any machine, with its extension and at most 100 characters."""
    stem, extension = PurePath(name).stem, extension_of(name)
    return f"{get_valid_filename(stem)[:90]}.{extension}"
