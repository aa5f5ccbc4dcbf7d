"""Photos of role models: where a file is, how large it is, and how it is named in the storage.

As with logos (``partners.logos``) the size stands in the name, so that pages can leave room without opening the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from stemportal.lib.images import NAME

FOLDER = "role_models"


@dataclass(frozen=True)
class Portrait:
    """A photo as pages show it: address within the portal, size in pixels."""

    url: str
    width: int
    height: int


def portrait_of(stored: str) -> Portrait | None:
    """Return the photo with this name in the storage, None when there is none."""
    name = stored.removeprefix(f"{FOLDER}/")
    found = NAME.fullmatch(name)
    if found is None:
        return None
    # One address in all languages, so that a browser fetches the file once.
    with translation.override(settings.LANGUAGE_CODE):
        url = reverse("activities:role_model_photo", args=[name])
    return Portrait(url=url, width=int(found["width"]), height=int(found["height"]))
