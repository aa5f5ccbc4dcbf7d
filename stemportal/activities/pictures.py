"""Where pictures and files of offers are kept, and how they are named in the storage.

As with logos the size stands in the name, so that pages leave room for a picture without opening it.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from stemportal.activities.models import ActivityImage

FOLDER = "offers"
FILE_FOLDER = "offer_files"
NAME = re.compile(r"(?P<random>[0-9a-f]{22})-(?P<width>\d{1,4})x(?P<height>\d{1,4})\.(?P<extension>png|webp)")
CONTENT_TYPES = {"png": "image/png", "webp": "image/webp", "pdf": "application/pdf"}


def url_of(image: ActivityImage) -> str:
    """Return the picture's address: one in all languages, so that a browser fetches it once."""
    name = str(image.file.name).removeprefix(f"{FOLDER}/")
    if not NAME.fullmatch(name):
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("activities:image", args=[name])


def content_type(name: str) -> str:
    """Return the type by a stored name, which ends as the portal chose; anything else is bytes to save."""
    return CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
