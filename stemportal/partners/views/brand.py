"""Logos and texts of the programme, for partners that are in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.templatetags.portal import LANGUAGE_NAMES
from stemportal.partners.access import READ_ONLY, membership_of
from stemportal.partners.models import BrandMaterial
from stemportal.partners.services.brand import extension_of, is_picture


@dataclass(frozen=True)
class Text:
    """A text to copy in one language."""

    code: str
    language: str
    text: str


@dataclass(frozen=True)
class Download:
    """A file to fetch: its kind in capitals, its size in bytes, whether a browser shows it as a picture."""

    material: BrandMaterial
    kind: str
    size: int
    is_picture: bool


@require_safe
def brand(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """What to download and what to copy. Who is not in yet reads when it will be."""
    partner = membership_of(request.user, partner_pk).partner
    material = list(BrandMaterial.objects.filter(is_active=True)) if partner.is_approved else []
    downloads = [_download(item) for item in material if item.file]
    context = {
        "partner": partner,
        "room": "brand",
        "is_over": partner.status in READ_ONLY,
        "downloads": [download for download in downloads if download is not None],
        "texts": [(item, texts) for item in material if not item.file and (texts := _texts(item))],
    }
    return render(request, "partners/brand.html", context)


def _download(item: BrandMaterial) -> Download | None:
    """None when the file has been lost: nobody is shown a button that leads nowhere."""
    try:
        size = default_storage.size(str(item.file.name))
    except FileNotFoundError:
        return None
    return Download(item, extension_of(item.file_name).upper(), size, is_picture(item.file_name))


def _texts(item: BrandMaterial) -> list[Text]:
    """The text in every language there is, the reader's own first."""
    codes = [code for code, _name in settings.LANGUAGES]
    codes.sort(key=lambda code: code != translation.get_language())
    return [
        Text(code, LANGUAGE_NAMES[code], text) for code in codes if (text := str(getattr(item, f"text_{code}")).strip())
    ]
