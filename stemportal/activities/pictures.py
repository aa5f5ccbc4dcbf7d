"""Where pictures and files of offers are kept, and how they are named in the storage.

As with logos the size stands in the name, so that pages leave room for a picture without opening it.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from stemportal.activities.models import ActivityImage
from stemportal.lib.images import NAME

FOLDER = "offers"
FILE_FOLDER = "offer_files"


def url_of(image: ActivityImage) -> str:
    """Return the picture's address: one in all languages, so that a browser fetches it once."""
    name = str(image.file.name).removeprefix(f"{FOLDER}/")
    if not NAME.fullmatch(name):
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("activities:image", args=[name])
