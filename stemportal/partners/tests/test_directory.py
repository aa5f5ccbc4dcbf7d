"""The public pages: directory, partner page, signatories, why become a partner."""

from __future__ import annotations

import pytest

from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Engagement, Level, Partner, Signature
from stemportal.testing.factories import (
    ActivityFactory,
    CountyFactory,
    DeclarationFactory,
    MunicipalityFactory,
    PartnerFactory,
)

pytestmark = pytest.mark.django_db
URL = "/en/partners/"
Status = Partner.Status


def names(response) -> list[str]:
    return [partner.display_name for partner in response.context["page_obj"]]


def picks(name: str, year: int, code: str) -> None:
    """The partner with this name picks a level of that year."""
    level, _made = Level.objects.get_or_create(
        school_year=year, code=code, defaults={f"name_{language}": f"Level {code}" for language in ("nb", "nn", "en")}
    )
    Engagement.objects.create(partner=Partner.objects.get(display_name=name), school_year=year, level=level)


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


def test_directory_finds_by_sector_and_by_this_years_level(client):
    year = current_school_year()
    for name, code in (("Robot", "28.990"), ("Kraft", "35.111"), ("Ukjent", "")):
        PartnerFactory(display_name=name, legal_name=name, sector_code=code)
    PartnerFactory(display_name="Ny standard", sector_code="28.990", sector_revision="SN2025")
    picks("Robot", year, "driving_force")
    picks("Kraft", year - 1, "driving_force")
    picks("Kraft", year, "open_door")
    assert names(client.get(URL, {"sector": "C"})) == ["Robot"]
    assert names(client.get(URL, {"sector": ["C", "D"]})) == ["Kraft", "Robot"]
    assert names(client.get(URL, {"level": "driving_force"})) == ["Robot"]
    assert names(client.get(URL, {"level": ["driving_force", "open_door"], "sector": "D"})) == ["Kraft"]


def test_filters_say_how_many_each_choice_would_show(client):
    year = current_school_year()
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    PartnerFactory(display_name="Robot", sector_code="28.990")
    PartnerFactory(display_name="Robotskolen", kind="university", sector_code="85.421", municipality=oslo)
    PartnerFactory(display_name="Kraft", kind="university", municipality=oslo)
    PartnerFactory(display_name="Skjult", status=Status.PAUSED)
    picks("Robot", year, "open_door")

    def counts(**query) -> dict[str, dict[str, int]]:
        facets = client.get(URL, query).context["facets"]
        return {facet["name"]: {option.value: option.count for option in facet["options"]} for facet in facets}

    assert counts() == {
        "level": {"open_door": 1},
        "kind": {"company": 1, "university": 2},
        "county": {"56": 1, "03": 2},
        "sector": {"C": 1, "P": 1},
    }
    # What is chosen limits the numbers of the others, not its own.
    assert counts(kind="university") == {
        "level": {},
        "kind": {"company": 1, "university": 2},
        "county": {"03": 2},
        "sector": {"P": 1},
    }
    assert counts(q="robot", county="03")["kind"] == {"university": 1}
    assert counts(kind="company", county="03")["kind"] == {"university": 2, "company": 0}, "a chosen one stays"
    for facet, options in counts().items():
        for value, count in options.items():
            assert len(names(client.get(URL, {facet: value}))) == count


def test_chosen_filters_can_be_removed_one_by_one(client):
    PartnerFactory(display_name="Robot", sector_code="28.990")
    response = client.get(URL, {"q": "rob", "kind": ["company", "union"], "sector": "C", "page": "1", "level": "x"})
    chips = {chip.label: chip.url for chip in response.context["chips"]}
    assert set(chips) == {"“rob”", "Company", "Trade union", "Manufacturing"}
    assert chips["Company"] == "?q=rob&kind=union&sector=C&level=x"
    assert chips["“rob”"] == "?kind=company&kind=union&sector=C&level=x"
    assert "Remove the filter Manufacturing" in response.text


def test_next_page_keeps_the_filters(client):
    for _ in range(26):
        PartnerFactory()
    page = client.get(URL, {"kind": "company", "q": "nordlys"}).text
    assert 'href="?kind=company&amp;q=nordlys&amp;page=2"' in page
    assert len(names(client.get(f"{URL}?kind=company&q=nordlys&page=2"))) == 1


def test_card_shows_level_and_number_of_offers(client):
    ActivityFactory(partner=PartnerFactory(display_name="Nordlys"))
    ActivityFactory(partner=Partner.objects.get())
    ActivityFactory(partner=Partner.objects.get(), status="draft")
    PartnerFactory(display_name="Ny")
    picks("Nordlys", current_school_year(), "driving_force")
    page = client.get(URL).text
    assert "2 offers" in page
    assert "No offers right now" in page
    assert page.count("Level driving_force") == 2  # on its card and in the filter


def test_with_script_only_what_changes_is_sent(client):
    PartnerFactory(display_name="Nordlys")
    response = client.get(URL, {"q": "nord", "kind": "", "page": ""}, headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert "1 partner fits your search." in response.text
    assert response["HX-Push-Url"] == f"{URL}?q=nord"
    assert "HX-Request" in response["Vary"]


def test_double_a_is_sorted_as_aa_with_a_ring(client):
    for name in ["Aasen", "Abel", "Zeta", "Åsheim", "Øyer"]:
        PartnerFactory(display_name=name)
    assert names(client.get(URL)) == ["Abel", "Zeta", "Øyer", "Aasen", "Åsheim"]


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
        {"sector": "Å"},
        {"sector": ["C", "C", "'"]},
        {"level": "x" * 300},
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
        ActivityFactory(partner=PartnerFactory(municipality=municipality))
    with django_assert_num_queries(6):  # counties, levels, numbers of the filters, count, page, offers
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
