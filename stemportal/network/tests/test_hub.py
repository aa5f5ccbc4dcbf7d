"""The hub: what a person can take part in, by whom the person acts for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stemportal.network.models import GroupMember, Hearing, Meeting, WorkingGroup
from stemportal.testing.factories import (
    CountyFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    SchoolFactory,
    TeacherFactory,
)
from stemportal.testing.network_factories import EcosystemFactory, StoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return MunicipalityFactory(number="5601", name="Alta", county=CountyFactory(number="56", name="Finnmark"))


@pytest.fixture
def network(place):
    """One of everything."""
    now = timezone.now()
    EcosystemFactory(name_nb="STEM Nord", counties=[place.county])
    days = {"starts_at": now + timedelta(days=9), "ends_at": now + timedelta(days=9, hours=2)}
    Meeting.objects.create(title_nb="Nettverksmøtet", status="published", **days)
    Meeting.objects.create(title_nb="Lukket møte", status="published", is_public=False, **days)
    WorkingGroup.objects.create(name_nb="Gruppe om droner", slug="droner")
    Hearing.objects.create(title_nb="Hva mener dere om buss?", closes_at=now + timedelta(days=5))
    StoryFactory(title="Da fisken glapp")


@pytest.mark.usefixtures("network")
def test_person_of_a_partner_finds_everything(client_of, place):
    partner = PartnerFactory(municipality=place)
    user = MembershipFactory(partner=partner, role="editor").user
    GroupMember.objects.create(
        group=WorkingGroup.objects.create(name_nb="Gruppe om vind", slug="vind"), user=user, status="invited",
        partner=partner,
    )  # fmt: skip
    for address in (reverse("network:hub"), reverse("network:partner_network", args=[partner.pk])):
        text = client_of(user).get(address).text
        for words in ("STEM Nord", "Nettverksmøtet", "Gruppe om droner", "Hva mener dere om buss?", "Da fisken glapp"):
            assert words in text
        assert "You are invited to the working group Gruppe om vind" in text
        assert "Lukket møte" not in text
        assert reverse("network:story_write") in text


@pytest.mark.usefixtures("network")
def test_teacher_finds_what_is_for_everybody(client_of, place):
    teacher = TeacherFactory(school=SchoolFactory(municipality=place))
    text = client_of(teacher.user).get(reverse("network:hub")).text
    assert "STEM Nord" in text
    assert "Nettverksmøtet" in text
    assert "Gruppe om droner" not in text
    assert "Hva mener dere om buss?" not in text
    assert "for the people of partners" in text


@pytest.mark.usefixtures("network")
def test_partner_that_waits_is_told_when_the_rest_opens(client_of, place):
    partner = PartnerFactory(municipality=place, status="applied")
    user = MembershipFactory(partner=partner).user
    text = client_of(user).get(reverse("network:partner_network", args=[partner.pk])).text
    assert "open when your organisation is approved" in text
    assert "Gruppe om droner" not in text
    assert "STEM Nord" not in text, "it belongs to the region from approval on"
    assert f"{reverse('network:story_write')}?for=" not in text


def test_empty_network_says_so(client_of):
    text = client_of(MembershipFactory().user).get(reverse("network:hub")).text
    for words in ("No meetings are announced now", "There are no working groups yet", "Nothing is published yet"):
        assert words in text
