"""The public pages: directory, partner page, signatories, why become a partner."""

from __future__ import annotations

import pytest

from stemportal.partners.models import Partner, Signature
from stemportal.testing.factories import CountyFactory, DeclarationFactory, MunicipalityFactory, PartnerFactory

pytestmark = pytest.mark.django_db
URL = "/en/partners/"
Status = Partner.Status


def names(response) -> list[str]:
    return [partner.display_name for partner in response.context["page_obj"]]


def signed(**facts) -> Partner:
    partner = PartnerFactory(**facts)
    Signature.objects.create(partner=partner, declaration=DeclarationFactory(), signed_name="Ola Sjef")
    return partner


def test_directory_shows_approved_partners_in_norwegian_order(client):
    for name in ["Åsheim", "Øyer", "alfa", "Ærlig", "Zeta", "Beta"]:
        PartnerFactory(display_name=name)
    for status in Status:
        if status != Status.APPROVED:
            PartnerFactory(display_name=f"Skjult {status}", status=status)
    response = client.get(URL)
    assert names(response) == ["alfa", "Beta", "Zeta", "Ærlig", "Øyer", "Åsheim"]
    assert "6 partners." in response.text


def test_directory_finds_by_name_kind_and_county(client):
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    PartnerFactory(display_name="Østlandet Måling", legal_name="ANNET AS", municipality=oslo, kind="university")
    PartnerFactory(display_name="Nordlys", legal_name="NORDLYS AS")
    assert names(client.get(URL, {"q": "måling øst"})) == ["Østlandet Måling"]
    assert names(client.get(URL, {"q": "annet"})) == ["Østlandet Måling"]
    assert names(client.get(URL, {"kind": "university"})) == ["Østlandet Måling"]
    assert names(client.get(URL, {"county": "03"})) == ["Østlandet Måling"]
    assert "1 partner fits your search." in client.get(URL, {"county": "03"}).text


def test_directory_without_a_hit_says_what_to_try(client):
    PartnerFactory()
    response = client.get(URL, {"q": "finnes ikke"})
    assert "No partner fits your search" in response.text
    assert "Show all partners" in response.text


def test_empty_directory_invites(client):
    assert "You could be the first." in client.get(URL).text


@pytest.mark.parametrize(
    "query",
    [
        {"q": "%"},
        {"q": "\x00"},
        {"q": "'; DROP TABLE x; --"},
        {"q": "x" * 500},
        {"kind": "bank"},
        {"county": "99"},
        {"county": "abc"},
        {"page": "0"},
        {"page": "99999999999999999999"},
        {"page": "x"},
        {"utm_source": "y"},
    ],
)
def test_directory_stands_strange_addresses(client, query):
    PartnerFactory()
    assert client.get(URL, query).status_code == 200


def test_directory_shows_names_as_text(client):
    PartnerFactory(display_name="<script>alert(1)</script>", about="<b>x</b>")
    assert "<script>alert" not in client.get(URL).text


def test_directory_pages_after_25(client):
    for _ in range(26):
        PartnerFactory()
    assert len(names(client.get(URL))) == 25
    assert len(names(client.get(URL, {"page": 2}))) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_directory_asks_the_same_number_of_questions(client, django_assert_num_queries, count):
    for n in range(count):
        municipality = MunicipalityFactory(number=f"560{n}", county=CountyFactory(number=f"5{n}", name=f"Fylke {n}"))
        PartnerFactory(municipality=municipality)
    with django_assert_num_queries(3):  # count, page, counties
        client.get(URL)


@pytest.mark.parametrize("count", [1, 3])
def test_signatories_ask_the_same_number_of_questions(client, django_assert_num_queries, count):
    for _ in range(count):
        signed()
    with django_assert_num_queries(3):  # count, page, declaration
        client.get("/en/partners/signatories/")


def test_signatories_are_approved_partners_that_signed(client):
    signed(display_name="Nordlys")
    signed(display_name="Skjult", status=Status.PAUSED)
    PartnerFactory(display_name="Ikke signert")
    response = client.get("/en/partners/signatories/")
    assert names(response) == ["Nordlys"]
    assert "1 partner has signed." in response.text
    assert "We answer within five working days." in response.text


def test_partner_page_shows_what_schools_need_and_hides_the_contact(client):
    partner = PartnerFactory(about="Vi **bygger**.<script>x</script>", website="https://nordlys.example.no")
    response = client.get(partner.get_absolute_url())
    assert response.status_code == 200
    assert "<strong>bygger</strong>" in response.text
    assert "<script>x" not in response.text
    assert partner.organisation_number in response.text
    assert "https://nordlys.example.no" in response.text
    assert partner.contact_email not in response.text
    assert partner.contact_name not in response.text


def test_become_a_partner_leads_to_the_form(client):
    DeclarationFactory()
    PartnerFactory(display_name="Nordlys", about="Vi bygger roboter.")
    response = client.get("/en/partners/become/")
    assert "/en/partners/register/" in response.text
    assert "Vi bygger roboter." in response.text


@pytest.mark.parametrize("page", ["", "become/", "signatories/", "register/", "register/done/"])
@pytest.mark.parametrize("language", ["", "nn/", "en/"])
def test_public_pages_open_for_everybody_in_every_language(client, page, language):
    assert client.get(f"/{language}partners/{page}").status_code == 200
