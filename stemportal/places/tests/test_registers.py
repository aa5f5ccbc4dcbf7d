"""Counties, municipalities and postal codes as the project carries them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from stemportal.places.models import County, Municipality, PostalCode
from stemportal.places.services import load_places
from stemportal.testing.factories import CountyFactory

pytestmark = pytest.mark.django_db


def test_places_are_all_of_norway():
    load_places()

    assert County.objects.count() == 15
    assert Municipality.objects.count() == 357
    assert PostalCode.objects.count() == 5121
    assert Municipality.objects.filter(county__number="03").get().name == "Oslo"
    assert not County.objects.filter(municipalities=None).exists()
    assert not Municipality.objects.exclude(latitude__range=(57.5, 71.5), longitude__range=(4, 32)).exists()
    assert set(Municipality.objects.values_list("language_form", flat=True)) == {"nb", "nn", "neutral"}


def test_places_load_again_without_doubles_and_bring_names_up_to_date():
    load_places()
    alta = Municipality.objects.get(number="5601")
    Municipality.objects.filter(pk=alta.pk).update(name="Et gammelt navn")

    load_places()

    assert Municipality.objects.get(number="5601") == alta
    alta.refresh_from_db()
    assert alta.name == "Alta"
    assert (County.objects.count(), Municipality.objects.count(), PostalCode.objects.count()) == (15, 357, 5121)


def test_postal_codes_know_their_municipality_but_on_svalbard():
    load_places()

    assert str(PostalCode.objects.select_related("municipality").get(code="9510").municipality) == "Alta"
    assert PostalCode.objects.get(code="0150").municipality.county.name == "Oslo"
    homeless = PostalCode.objects.filter(municipality=None)
    assert set(homeless.values_list("place", flat=True)) <= {
        "LONGYEARBYEN",
        "BARENTSBURG",
        "NY-ÅLESUND",
        "SVEAGRUVA",
        "HOPEN",
        "BJØRNØYA",
        "JAN MAYEN",
    }


def test_county_stands_once_also_without_years():
    CountyFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        County.objects.create(number="56", name="Finnmark")
