"""Role models for everybody: the directory and its search, a profile, its offer in the search and on offers' pages."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from stemportal.activities.models import Activity
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services.role_models import hide_role_model
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.role_models import complete, said_yes
from stemportal.partners.models import Partner
from stemportal.testing.factories import CountyFactory, RoleModelFactory, SubjectFactory

pytestmark = pytest.mark.django_db


def found(client, **asked: str) -> str:
    """The part of the directory that lists."""
    response = client.get(f"{at('role_models')}?{urlencode(asked)}")
    assert response.status_code == 200
    return response.content.decode().split('id="found"')[1].split("</main>")[0]


@pytest.fixture
def kari(partner):
    """Visits schools in Finnmark, for lower secondary, in bokmål and Sámi."""
    return said_yes(partner, full_name="Kari Fjell", grade_to=10, languages=["nb", "se"])


@pytest.fixture
def ola(partner):
    """Meets everybody by video, in English, upper secondary, chemistry."""
    role_model = said_yes(
        partner,
        full_name="Ola Vik",
        job_title="Kjemiker",
        visits_schools=False,
        meets_online=True,
        grade_from=11,
        languages=["en"],
    )
    role_model.subjects.set([SubjectFactory(code="KJE", name_en="Chemistry")])
    return role_model


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, {"Kari Fjell", "Ola Vik"}),
        ({"q": "fjell"}, {"Kari Fjell"}),
        ({"q": "kjemiker nordlys"}, {"Ola Vik"}),
        ({"q": "kjemiker fjell"}, set()),
        ({"q": "matte"}, {"Kari Fjell", "Ola Vik"}),
        ({"subject": "KJE"}, {"Ola Vik"}),
        ({"county": "56"}, {"Kari Fjell", "Ola Vik"}),
        ({"county": "03"}, {"Ola Vik"}),
        ({"county": "03", "way": "school"}, set()),
        ({"way": "school"}, {"Kari Fjell"}),
        ({"way": "online"}, {"Ola Vik"}),
        ({"grade": "9"}, {"Kari Fjell"}),
        ({"grade": "13"}, {"Ola Vik"}),
        ({"language": "se"}, {"Kari Fjell"}),
        ({"language": "se", "subject": "KJE"}, set()),
    ],
)
def test_directory_finds_what_was_asked_for(client, kari, ola, asked, names):
    CountyFactory(number="03", name="Oslo")

    page = found(client, **asked)

    assert {name for name in ("Kari Fjell", "Ola Vik") if name in page} == names
    if not names:
        assert "No role model fits your search" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "x" * 5000},
        {"q": "' OR 1=1 --"},
        {"q": "%_\\"},
        {"q": "(((["},
        {"q": "\x00"},
        {"subject": "nix", "county": "99", "grade": "0", "language": "xx", "way": "?"},
        {"grade": "1e9"},
        {"page": "999999"},
        {"page": "-1"},
        {"page": "x"},
    ],
)
def test_directory_takes_any_address(client, kari, asked):
    found(client, **asked)


def test_directory_shows_only_who_is_shown(client, partner, kari):
    complete(partner, full_name="Utkast Usett")
    hidden = said_yes(partner, full_name="Gjemt Bort")
    hide_role_model(role_model=hidden)

    page = found(client)

    assert "Kari Fjell" in page
    assert "Utkast Usett" not in page
    assert "Gjemt Bort" not in page


def test_nobody_is_shown_whose_partner_is_not_approved(client, partner, kari):
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.PAUSED)

    assert "Kari Fjell" not in found(client)
    assert client.get(kari.get_absolute_url()).status_code == 404
    assert client.get(kari.offer.get_absolute_url()).status_code == 404


def test_empty_directory_says_what_to_do(client, kinds):
    page = found(client)

    assert "No role models yet" in page
    assert reverse("activities:search") in page


def test_directory_puts_those_with_few_enquiries_first(client, kari, ola):
    Activity.objects.filter(pk=ola.offer_id).update(enquiries_count=0)
    Activity.objects.filter(pk=kari.offer_id).update(enquiries_count=3)
    assert found(client).index("Ola Vik") < found(client).index("Kari Fjell")

    Activity.objects.filter(pk=ola.offer_id).update(enquiries_count=5)
    assert found(client).index("Kari Fjell") < found(client).index("Ola Vik")


def test_directory_comes_in_pages_of_24(client, partner):
    for _n in range(25):
        RoleModelFactory(partner=partner, shown=True)

    assert found(client).count("<article") == 24
    assert found(client, page="2").count("<article") == 1


def test_page_tells_the_way_and_how_to_book(client, kari):
    page = client.get(kari.get_absolute_url()).content.decode()

    for words in ("Kari Fjell", "Robotingeniør", "Jeg strøk i matte først.", "2014", "Fagbrev", "Northern Sámi"):
        assert words in page
    assert reverse("schools:propose", args=[kari.offer_id]) in page
    assert 'rel="canonical"' in page
    assert kari.email not in page


def test_page_leads_to_the_right_address(client, kari):
    response = client.get(at("role_model", kari.pk, "noe-annet"))

    assert (response.status_code, response.url) == (301, kari.get_absolute_url())


def test_text_of_a_profile_is_made_harmless(client, partner):
    kari = said_yes(partner, path="<script>alert(1)</script> [her](javascript:alert(1))", intro="<b>hei</b>")

    page = client.get(kari.get_absolute_url()).content.decode()

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<b>hei" not in page


def test_role_model_without_an_offer_can_be_written_to(client, partner, kinds):
    kinds["role_model_visit"].delete()
    kari = said_yes(partner)

    assert kari.is_published
    assert reverse("partners:write", args=[partner.slug]) in client.get(kari.get_absolute_url()).content.decode()


def test_offer_is_found_by_the_search(client, kari):
    page = client.get(f"{reverse('activities:search')}?q=Kari+Fjell").content.decode()

    assert "Møt Kari Fjell, robotingeniør" in page


def test_offer_and_profile_lead_to_each_other(client, kari):
    assert kari.offer.get_absolute_url() in client.get(kari.get_absolute_url()).content.decode()
    assert kari.get_absolute_url() in client.get(kari.offer.get_absolute_url()).content.decode()


def test_who_takes_part_stands_on_the_offer_while_shown(client, kari, offer, partner):
    visit = offer("Se robotene", partner=partner, days=10)
    visit.role_models.add(kari, complete(partner, full_name="Utkast Usett"))

    page = client.get(visit.get_absolute_url()).content.decode()
    assert "Kari Fjell" in page
    assert "Utkast Usett" not in page
    assert "Se robotene" in client.get(kari.get_absolute_url()).content.decode()

    search = f"{reverse('activities:search')}?q=Kari+Fjell"
    refresh_search([visit.pk])
    assert "Se robotene" in client.get(search).content.decode()

    hide_role_model(role_model=kari)
    assert "Se robotene" not in client.get(search).content.decode()
    assert "Kari Fjell" not in client.get(visit.get_absolute_url()).content.decode()


def test_offer_that_is_not_published_does_not_stand_on_the_profile(client, kari, offer, partner):
    visit = offer("Se robotene", partner=partner, status="draft")
    visit.role_models.add(kari)

    assert "Se robotene" not in client.get(kari.get_absolute_url()).content.decode()


def test_footer_leads_to_the_directory(client, kinds):
    assert at("role_models") in client.get(reverse("home")).content.decode()
