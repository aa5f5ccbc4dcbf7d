"""Logos and brand material of the demo world: drawn, whole, and made once."""

from __future__ import annotations

from collections import Counter
from io import BytesIO

import pytest
from PIL import Image

from stemportal.demo.seed import brand, pictures, world
from stemportal.partners.logos import logo_of
from stemportal.partners.models import BrandMaterial, Partner
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db


def test_most_approved_partners_get_a_logo_and_some_have_none():
    for number in range(20):
        PartnerFactory(slug=f"partner-{number}")
    PartnerFactory(status=Partner.Status.APPLIED)
    pictures.seed_logos()
    shown = Counter(logo_of(partner) is not None for partner in Partner.objects.all())
    assert shown[True] > 10
    assert shown[False] > 1
    assert not Partner.objects.filter(status=Partner.Status.APPLIED).exclude(logo="").exists()


def test_logo_of_a_name_is_always_the_same_and_fits_its_plate():
    for name in ("Nordlys Robotikk", "Åkerbotikk", "Teknisk universitet Strinda"):
        one, again = (pictures.drawn(name, world.dice(name)) for _ in range(2))
        assert one == again
        assert 150 < one.width <= 800
        assert 150 < one.height <= 800


def test_brand_material_is_laid_out_once():
    for _time in range(2):
        brand.seed_brand()
    names = list(BrandMaterial.objects.values_list("file_name", flat=True))
    assert names == ["stemportal-logo-1600.png", "stemportal-logo-400.png", "stemportal-mark.svg", ""]
    text = BrandMaterial.objects.get(file="")
    assert all([text.text_nb, text.text_nn, text.text_en])


@pytest.mark.parametrize("width", [1600, 400])
def test_logo_of_the_portal_is_not_cut(width):
    logo = Image.open(BytesIO(brand.png(brand.logo(width))))
    assert logo.size == (width, width // 4)
    left, top, right, bottom = logo.getchannel("A").getbbox()
    assert right < width, "the last letter ends inside the picture"
    assert bottom <= width // 4
