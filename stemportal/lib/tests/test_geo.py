"""Distances in the database."""

import pytest

from stemportal.lib.geo import Point, distance_km, within_box
from stemportal.places.models import Municipality
from stemportal.testing.factories import MunicipalityFactory

ALTA = Point(69.9689, 23.2716)


@pytest.mark.django_db
def test_distance_is_what_a_map_says():
    MunicipalityFactory(number="5603", name="Hammerfest", latitude=70.6634, longitude=23.6821)

    km = Municipality.objects.annotate(km=distance_km(ALTA)).get(number="5603").km

    assert km == pytest.approx(78.8, abs=0.5)


@pytest.mark.django_db
def test_distance_to_the_same_point_is_zero():
    MunicipalityFactory(number="5601", latitude=ALTA.latitude, longitude=ALTA.longitude)

    assert Municipality.objects.annotate(km=distance_km(ALTA)).get(number="5601").km == pytest.approx(0, abs=0.1)


@pytest.mark.django_db
def test_box_holds_everything_within_the_distance():
    MunicipalityFactory(number="5603", latitude=70.6634, longitude=23.6821)

    assert Municipality.objects.filter(within_box(ALTA, 80)).exists()
    assert not Municipality.objects.filter(within_box(ALTA, 70)).exists()
