"""The mark for partners: one drawing as SVG and PNG, for the years in which they were approved."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
import time_machine
from PIL import Image

from stemportal.partners.models import Partner
from stemportal.reports.documents.logo import logo, logo_years
from stemportal.reports.tests.visits import moment
from stemportal.testing.factories import PartnerFactory


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mark_is_a_drawing_that_says_its_name(scheme):
    drawn = ET.fromstring(logo(year=2026, scheme=scheme, format="svg"))

    assert drawn.attrib["role"] == "img"
    assert drawn[0].text == "STEM-partner 2026"
    # Letters are outlines: it looks the same where the font is not.
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize(("scheme", "is_light"), [("light", False), ("dark", True)])
def test_picture_is_large_and_open_to_its_ground(scheme, is_light):
    picture = Image.open(io.BytesIO(logo(year=2026, scheme=scheme, format="png")))

    assert picture.mode == "RGBA"
    assert picture.width >= 1200
    assert picture.getpixel((0, 0))[3] == 0
    # The letters stand in the right half; those for dark ground are white.
    colours = picture.crop((picture.width // 2, 0, *picture.size)).getcolors(maxcolors=100_000)
    assert ((255, 255, 255, 255) in {colour for _count, colour in colours}) is is_light


def test_years_differ_and_unknown_kinds_are_refused():
    assert logo(year=2026, scheme="light", format="svg") != logo(year=2025, scheme="light", format="svg")
    with pytest.raises(ValueError, match="gif"):
        logo(year=2026, scheme="light", format="gif")


@time_machine.travel("2026-11-20 10:00+00:00", tick=False)
@pytest.mark.django_db
def test_marks_are_for_the_years_in_which_the_partner_was_approved():
    approved = PartnerFactory(decided_at=moment("2024-12-31 23:30"))
    waiting = PartnerFactory(status=Partner.Status.APPLIED, decided_at=None)
    declined = PartnerFactory(status=Partner.Status.DECLINED, decided_at=moment("2024-05-01 10:00"))
    ended = PartnerFactory(
        status=Partner.Status.ENDED, decided_at=moment("2023-05-01 10:00"), ended_at=moment("2025-02-01 10:00")
    )

    assert logo_years(approved) == [2026, 2025, 2024]
    assert logo_years(ended) == [2025, 2024, 2023]
    assert logo_years(waiting) == logo_years(declined) == []
