"""Branches, the organisations they belong to, and who of the family is a partner already."""

from __future__ import annotations

import pytest
from django.utils import timezone

from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.tests.fake_register import fixture, number
from stemportal.partners.models import Partner
from stemportal.partners.tests.helpers import form_data
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db

URL = "/en/partners/register/"
HTMX = {"HX-Request": "true"}
BRANCH, PARENT = number("branch"), fixture("branch")["overordnetEnhet"]
PARENT_NAME = "POLARKYST SENSOR OG ROBOT AS"


def value(response, name: str) -> str:
    return response.context["form"][name].value()


def look_up(client, **typed):
    return client.post(URL, {"organisation_number": BRANCH, "look_up": "yes", **typed})


def test_fixtures_are_a_branch_and_its_parent():
    assert number("unit") == PARENT


def test_look_up_says_that_the_number_is_a_branch_and_offers_its_parent(client, programme, register):
    response = look_up(client)
    assert f"It is a branch (underenhet) of {PARENT_NAME}, number {PARENT}." in response.text
    assert f'name="use_parent" value="{PARENT}"' in response.text
    assert value(response, "legal_name") == "POLARKYST SENSOR OG ROBOT AVD BRØNNØYSUND"
    assert value(response, "kind") == "company", "a branch is of its parent's kind"


def test_ordinary_organisation_is_offered_nothing(client, programme, register):
    assert "use_parent" not in look_up(client, organisation_number=PARENT).text


def test_parent_takes_the_place_of_the_branch_and_leaves_what_the_person_wrote(client, programme, register):
    typed = {"organisation_number": BRANCH, "about": "Vi bygger."}
    found = look_up(client, **typed)
    shown = {name: value(found, name) for name in ("legal_name", "address", "postal_code", "postal_place", "kind")}
    response = client.post(URL, {**typed, **shown, "display_name": "Polarkyst", "use_parent": PARENT})
    assert value(response, "organisation_number") == PARENT
    assert value(response, "legal_name") == PARENT_NAME
    assert value(response, "address") == "Løkkeveien 41"
    assert (value(response, "display_name"), value(response, "about")) == ("Polarkyst", "Vi bygger.")
    assert response.context["form"].errors == {}


def test_parent_takes_the_place_with_htmx_too(client, programme, register):
    data = {"organisation_number": BRANCH, "use_parent": PARENT}
    response = client.post(URL, data, headers=HTMX)
    assert f'value="{PARENT}"' in response.text
    assert PARENT_NAME in response.text
    assert "<html" not in response.text


@pytest.mark.parametrize("typed", ["abc", "010160 50012", "<b>", ""])
def test_forged_parent_number_is_refused_like_any_other(client, programme, register, typed):
    response = client.post(URL, {"organisation_number": "", "use_parent": typed})
    assert list(response.context["form"].errors) == ["organisation_number"]
    assert register.asked == []


def test_application_of_a_branch_keeps_the_parent(client, programme, register):
    client.post(URL, form_data(organisation_number=BRANCH))
    partner = Partner.objects.get()
    assert (partner.parent_number, partner.parent_name) == (PARENT, PARENT_NAME)
    assert partner.register_status == "found"
    assert timezone.now() - partner.register_checked_at < timezone.timedelta(minutes=1)


def test_parent_that_the_register_does_not_tell_is_kept_by_its_number(client, programme, register):
    register.answers.pop(f"/enheter/{PARENT}")
    response = look_up(client)
    assert "It is a branch (underenhet) of another organisation." in response.text
    assert "use_parent" not in response.text
    client.post(URL, form_data(organisation_number=BRANCH))
    partner = Partner.objects.get()
    assert (partner.parent_number, partner.parent_name) == (PARENT, "")


def test_register_that_is_down_is_no_check(client, programme):
    client.post(URL, form_data())
    partner = Partner.objects.get()
    assert (partner.register_status, partner.register_checked_at) == ("unavailable", None)


def test_bankrupt_parent_is_named_but_not_offered(client, programme, register):
    register.answers[f"/enheter/{PARENT}"] = (200, {**fixture("unit"), "konkurs": True})
    response = look_up(client)
    assert PARENT_NAME in response.text
    assert "use_parent" not in response.text


@pytest.mark.parametrize(
    "relative",
    [{"organisation_number": PARENT}, {"organisation_number": synthetic(5), "parent_number": PARENT}],
)
def test_person_is_told_when_the_parent_or_a_sister_is_a_partner(client, programme, register, relative):
    partner = PartnerFactory(display_name="Polarkyst Tromsø", **relative)
    response = look_up(client)
    assert "Already partners from the same organisation:" in response.text
    assert "Polarkyst Tromsø" in response.text
    assert partner.get_absolute_url() in response.text


def test_person_is_told_when_a_branch_of_the_organisation_is_a_partner(client, programme, register):
    PartnerFactory(display_name="Polarkyst Tromsø", organisation_number=synthetic(5), parent_number=PARENT)
    assert "Polarkyst Tromsø" in look_up(client, organisation_number=PARENT).text


@pytest.mark.parametrize("status", [status for status in Partner.Status if status != Partner.Status.APPROVED])
def test_names_of_those_who_are_not_partners_are_not_told(client, programme, register, status):
    PartnerFactory(
        display_name="Polarkyst Tromsø", organisation_number=synthetic(5), parent_number=PARENT, status=status
    )
    assert "Polarkyst Tromsø" not in look_up(client).text


def test_family_is_norwegian(client, programme, register):
    PartnerFactory(display_name="Polarkyst DK", country="DK", organisation_number="25313763", parent_number=PARENT)
    assert "Polarkyst DK" not in look_up(client).text


def test_parent_is_asked_for_once_and_remembered(client, programme, register):
    for _ in range(2):
        look_up(client)
    assert register.asked == [f"/enheter/{BRANCH}", f"/underenheter/{BRANCH}", f"/enheter/{PARENT}"]
