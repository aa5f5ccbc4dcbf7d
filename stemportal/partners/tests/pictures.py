"""Pictures for tests, and what an upload form is sent."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from stemportal.lib import images
from stemportal.lib.images import Picture


def png(size: tuple[int, int] = (300, 150), colour: str = "#005a70") -> bytes:
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


def picture(size: tuple[int, int] = (300, 150)) -> Picture:
    return images.prepare(BytesIO(png(size)))


def upload(content: bytes | None = None, name: str = "logo.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png() if content is None else content, content_type=kind)
