"""From typed text to a place."""

import pytest

from stemportal.activities.finding import places
from stemportal.activities.finding.places import Place, resolve_place
from stemportal.lib.geo import Point
from stemportal.testing.factories import CountyFactory, MunicipalityFactory, PostalCodeFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["Alta", "alta", "  ALTA ", "Alta kommune", "alt"])
def test_municipality_is_found_by_name_or_its_beginning(alta, text):
    place = resolve_place(text)
    assert (place.label, place.point) == ("Alta", Point(alta.latitude, alta.longitude))


@pytest.mark.parametrize("text", ["9510", "9510 Alta", "9510, Alta"])
def test_postal_code_is_found(text):
    PostalCodeFactory()
    assert resolve_place(text).label == "9510 Alta"


def test_exact_name_wins_over_a_longer_one():
    MunicipalityFactory(number="5000", name="Osen", latitude=64.3, longitude=10.5)
    MunicipalityFactory(number="5001", name="Os", latitude=62.4, longitude=11.2)
    assert resolve_place("os").label == "Os"
    assert resolve_place("osen").label == "Osen"


def test_county_is_an_area_without_a_point():
    county = CountyFactory(number="18", name="Nordland")
    assert resolve_place("nordland") == Place("Nordland", None, county.pk)


def test_letters_of_norwegian_are_folded():
    MunicipalityFactory(number="1520", name="Ørsta")
    assert resolve_place("ØRSTA").label == resolve_place("ørsta").label == "Ørsta"


@pytest.mark.parametrize(
    "text", ["", " ", "xyz", "x", "%", "_", "'; DROP TABLE places_county; --", "\x00", "9" * 5000, "🤖"]
)
def test_unknown_text_is_no_place(alta, text):
    assert resolve_place(text) is None


def test_other_apps_may_know_more_places(alta, monkeypatch):
    monkeypatch.setattr(places, "_resolvers", [])
    school = Place("Alta ungdomsskole", Point(69.97, 23.3))
    places.register(lambda text: school if text == "alta ungdomsskole" else None)
    assert resolve_place("alta ungdomsskole") == school
    assert resolve_place("alta").label == "Alta"
