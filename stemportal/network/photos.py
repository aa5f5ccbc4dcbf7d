"""Where pictures of stories are kept, and how they are named in the storage and in addresses.

As with pictures of offers the size stands in the name, so that pages leave room for a picture without opening it.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from stemportal.lib.images import NAME
from stemportal.network.models import StoryPhoto

FOLDER = "stories"
# As wide as a page shows them, on a screen with two points for each.
LONGEST = 1600
MAX_BYTES = 10 * 1024 * 1024


def url_of(photo: StoryPhoto) -> str:
    """Return the picture's address without the host: one in all languages, so that a browser fetches it once."""
    name = str(photo.file.name).removeprefix(f"{FOLDER}/")
    if not NAME.fullmatch(name):
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse("network:story_photo", args=[name])
