"""Logos of partners: where a file is, how large it is, and how it is named in the storage.

The size stands in the name (``lib.images.Picture.random_name``), so that pages can leave room for the picture without
opening the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from stemportal.lib.images import NAME
from stemportal.partners.models import Partner

FOLDER = "logos"


@dataclass(frozen=True)
class Logo:
    """A logo as pages show it: address within the portal, size in pixels."""

    url: str
    width: int
    height: int


def logo_of(partner: Partner) -> Logo | None:
    """Return the partner's logo, or None. Asks the database nothing and opens no file."""
    name = (partner.logo.name or "").removeprefix(f"{FOLDER}/")
    found = NAME.fullmatch(name)
    if found is None:
        return None
    # One address in all languages, so that a browser fetches the file once.
    with translation.override(settings.LANGUAGE_CODE):
        url = reverse("partners:logo", args=[name])
    return Logo(url=url, width=int(found["width"]), height=int(found["height"]))
