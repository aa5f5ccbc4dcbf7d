"""A partner's public page: what it says to people, to search engines and to other sites."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
import time_machine
from django.urls import reverse

from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Engagement, Level, Partner, Signature
from stemportal.partners.services.organisation import set_logo
from stemportal.partners.structured_data import json_ld
from stemportal.partners.tests.pictures import picture
from stemportal.testing.factories import (
    ActivityFactory,
    CountyFactory,
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Status = Partner.Status


def page_of(client, partner) -> str:
    response = client.get(partner.get_absolute_url())
    assert response.status_code == 200
    return response.text


def data_of(page: str) -> dict:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(block)


def picks(partner, *, year: int, name: str) -> None:
    level = Level.objects.create(
        school_year=year, code=f"l{Level.objects.count()}", name_nb=name, name_nn=name, name_en=name
    )
    Engagement.objects.create(partner=partner, school_year=year, level=level)


# --- For people


def test_page_shows_this_years_level_only(client):
    partner = PartnerFactory()
    picks(partner, year=current_school_year() - 1, name="Open door")
    picks(partner, year=current_school_year(), name="Driving force")
    page = page_of(client, partner)
    assert "Driving force" in page
    assert "Open door" not in page


def test_page_says_when_the_declaration_was_signed(client):
    partner = PartnerFactory()
    assert "Signed the declaration" not in page_of(client, partner)
    for version, day in ((1, "2024-03-01T09:00:00+01:00"), (2, "2026-05-17T09:00:00+02:00")):
        Signature.objects.create(
            partner=partner,
            declaration=DeclarationFactory(version=version),
            signed_name="Ola Sjef",
            signed_at=datetime.fromisoformat(day),
        )
    page = page_of(client, partner)
    assert "Has signed the declaration" in page
    assert "17. May 2026" in page
    assert "Ola Sjef" not in page


def test_role_models_stand_apart_from_other_offers(client):
    partner = PartnerFactory(display_name="Nordlys")
    ActivityFactory(partner=partner, title="Se robotene")
    for code, title in (("role_model_visit", "Siri kommer"), ("role_model_online", "Siri på skjerm")):
        ActivityFactory(partner=partner, kind=KindFactory(code=code), title=title)
    ActivityFactory(partner=partner, title="Utkast", status="draft")
    page = page_of(client, partner)
    offers, people = page.split("Meet somebody from Nordlys")
    assert "Se robotene" in offers
    assert "Siri" not in offers
    assert "Siri kommer" in people
    assert "Siri på skjerm" in people
    assert "Utkast" not in page


def test_partner_with_role_models_only_is_not_said_to_offer_nothing(client):
    partner = PartnerFactory(display_name="Nordlys")
    ActivityFactory(partner=partner, kind=KindFactory(code="role_model_visit"), title="Siri kommer")
    page = page_of(client, partner)
    assert "no offers right now" not in page
    assert "Siri kommer" in page


def test_sector_is_named_by_its_section_when_the_register_gave_no_name(client):
    assert "Manufacturing" in page_of(client, PartnerFactory(sector_code="28.990"))
    assert "Roboter" in page_of(client, PartnerFactory(sector_code="28.990", sector_name="Roboter"))


# --- Addresses


def test_old_address_of_a_merged_partner_leads_to_the_one_that_stays(client):
    kept = PartnerFactory(slug="nordlys")
    PartnerFactory(slug="nordlys-2", status=Status.ENDED, merged_into=kept)
    PartnerFactory(slug="nordlys-3", status=Status.ENDED, merged_into=Partner.objects.get(slug="nordlys-2"))
    for slug in ("nordlys-2", "nordlys-3"):
        response = client.get(reverse("partners:detail", args=[slug]))
        assert response.status_code == 301
        assert response["Location"] == "/en/partners/nordlys/"


def test_address_that_leads_to_a_hidden_partner_tells_strangers_nothing(client):
    kept = PartnerFactory(slug="nordlys", status=Status.PAUSED)
    PartnerFactory(slug="gammel", status=Status.ENDED, merged_into=kept)
    assert client.get("/en/partners/gammel/").status_code == 404
    client.force_login(MembershipFactory(partner=kept).user)
    assert client.get("/en/partners/gammel/").status_code == 301


def test_two_partners_merged_into_each_other_are_not_found(client):
    one = PartnerFactory(slug="en", status=Status.ENDED)
    other = PartnerFactory(slug="to", status=Status.ENDED, merged_into=one)
    Partner.objects.filter(pk=one.pk).update(merged_into=other)
    assert client.get("/en/partners/en/").status_code == 404


def test_page_names_its_own_address_in_each_language(client, settings):
    settings.PORTAL_BASE_URL = "https://portal.example.no"
    partner = PartnerFactory(slug="nordlys")
    for language in ("", "nn/", "en/"):
        page = client.get(f"/{language}partners/nordlys/?utm_source=x").text
        assert f'<link rel="canonical" href="https://portal.example.no/{language}partners/nordlys/">' in page
    assert partner.slug == "nordlys"


def test_hidden_page_gives_search_engines_nothing(client):
    membership = MembershipFactory(partner__status=Status.APPLIED)
    client.force_login(membership.user)
    page = page_of(client, membership.partner)
    assert 'name="robots" content="noindex"' in page
    assert "application/ld+json" not in page
    assert "canonical" not in page


# --- For programs


@pytest.fixture
def whole(settings):
    """A partner about which everything is known."""
    settings.PORTAL_BASE_URL = "https://portal.example.no"
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    partner = PartnerFactory(
        slug="nordlys",
        display_name="Nordlys Robotikk",
        legal_name="NORDLYS ROBOTIKK AS",
        website="https://nordlys.example.no",
        about="Vi **bygger** [roboter](https://x.no) & drømmer.",
        address="Havnegata 4",
        postal_code="0150",
        postal_place="Oslo",
        municipality=oslo,
        contact_email="ingrid@hemmelig.example.no",
    )
    set_logo(partner_id=partner.pk, picture=picture())
    return partner


def test_structured_data_is_an_organisation_of_schema_org(client, whole):
    data = data_of(page_of(client, whole))
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == "Organization"
    assert data["name"] == "Nordlys Robotikk"
    assert data["legalName"] == "NORDLYS ROBOTIKK AS"
    assert data["url"] == "https://nordlys.example.no"
    assert data["mainEntityOfPage"] == "https://portal.example.no/en/partners/nordlys/"
    assert data["description"] == "Vi bygger roboter & drømmer."
    assert data["logo"].startswith("https://portal.example.no/partners/logo/")
    assert data["iso6523Code"] == f"0192:{whole.organisation_number}"
    assert data["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "Havnegata 4",
        "postalCode": "0150",
        "addressLocality": "Oslo",
        "addressRegion": "Oslo",
        "addressCountry": "NO",
    }
    assert "hemmelig" not in json.dumps(data)


def test_structured_data_leaves_out_what_is_not_known(client):
    partner = PartnerFactory(municipality=None)
    data = data_of(page_of(client, partner))
    assert set(data) == {
        "@context", "@type", "@id", "name", "legalName", "url", "mainEntityOfPage", "identifier", "iso6523Code"
    }  # fmt: skip
    assert data["url"] == data["mainEntityOfPage"]


@pytest.mark.parametrize(
    "evil", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", '"}</SCRIPT >', "\u2028</script\t>", "&lt;"]
)
def test_names_cannot_break_out_of_the_data(client, evil):
    partner = PartnerFactory(display_name=f"A{evil}B", legal_name=f"C{evil}D", about=f"Vi {evil} bygger")
    page = page_of(client, partner)
    data = data_of(page)
    assert data["name"] == f"A{evil}B"
    assert data["legalName"] == f"C{evil}D"
    assert "<script>alert" not in page
    block = json_ld({"x": evil})
    assert not set("<>&") & set(block)
    assert json.loads(block) == {"x": evil}


def test_page_has_no_other_script_inside_it(client, whole):
    response = client.get(whole.get_absolute_url())
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", response.text)
    assert inline == [' type="application/ld+json"']
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_page_tells_other_sites_title_description_and_logo(client, whole):
    page = page_of(client, whole)
    tags = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)">', page))
    assert tags["og:title"] == "Nordlys Robotikk"
    assert tags["og:description"] == "Vi bygger roboter &amp; drømmer."
    assert tags["og:url"] == "https://portal.example.no/en/partners/nordlys/"
    assert tags["og:image"].startswith("https://portal.example.no/partners/logo/")
    assert (tags["og:image:width"], tags["og:image:height"]) == ("300", "150")


def test_long_description_ends_at_a_word(client):
    partner = PartnerFactory(about="Roboter, " * 100)
    description = data_of(page_of(client, partner))["description"]
    assert len(description) <= 303
    assert description.endswith("Roboter …")


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_number_of_questions(client, django_assert_num_queries, count):
    partner = PartnerFactory()
    for n in range(count):
        ActivityFactory(partner=partner, kind=KindFactory(code=f"kind-{n}"))
        ActivityFactory(partner=partner, kind=KindFactory(code="role_model_visit"))
    client.get(partner.get_absolute_url())
    # Partner, level, signature, how soon it answers, its ecosystem and stories, offers: which, and their cards.
    with django_assert_num_queries(8):
        client.get(partner.get_absolute_url())


def test_level_changes_with_the_programme_year(client):
    partner = PartnerFactory()
    picks(partner, year=2026, name="Driving force")
    with time_machine.travel("2026-08-01T08:00:00+02:00", tick=False):
        assert "Driving force" in page_of(client, partner)
    with time_machine.travel("2027-08-01T08:00:00+02:00", tick=False):
        assert "Driving force" not in page_of(client, partner)
