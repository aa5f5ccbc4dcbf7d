"""Registering from Norway, Denmark and Sweden: numbers, postal codes, and no personal number anywhere."""

from __future__ import annotations

import json
import logging

import pytest
from django.core import serializers
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from stemportal.lib.tests.fake_register import number
from stemportal.outbox.models import Mail
from stemportal.partners.emails.applications import new_application
from stemportal.partners.models import Partner, RegistrationDraft
from stemportal.partners.tests.helpers import form_data
from stemportal.partners.views import registration as views
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db

URL = "/en/partners/register/"
CVR = "25313763"
SWEDISH = "5560160680"
# Made up, with right check digits; test_identity_numbers.py tells what they are.
PERSONAL = ["01016050012", "010160 50012", "010160-1234", "600101-1235", "19600101-1235"]


def danish(**changes) -> dict[str, str]:
    facts = {"country": "DK", "organisation_number": CVR, "postal_code": "2100", "postal_place": "København Ø"}
    return form_data(**{**facts, **changes})


def swedish(**changes) -> dict[str, str]:
    facts = {"country": "SE", "organisation_number": SWEDISH, "postal_code": "123 45", "postal_place": "Kiruna"}
    return form_data(**{**facts, **changes})


def errors(response) -> dict[str, list[str]]:
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# Countries


def test_norway_is_chosen_from_the_beginning(client, programme):
    assert '<option value="NO" selected>Norway</option>' in client.get(URL).text


@pytest.mark.parametrize(
    ("typed", "country", "digits", "code"),
    [
        (danish(organisation_number="DK 25 31 37 63", postal_code="DK-2100"), "DK", CVR, "2100"),
        (swedish(organisation_number="SE556016068001", postal_code="12345"), "SE", SWEDISH, "123 45"),
        (swedish(organisation_number="556016-0680", postal_code="S-123\u00a045"), "SE", SWEDISH, "123 45"),
    ],
)
def test_neighbours_register_by_hand(client, programme, register, typed, country, digits, code):
    assert client.post(URL, typed).status_code == 302
    partner = Partner.objects.get()
    assert (partner.country, partner.organisation_number, partner.postal_code) == (country, digits, code)
    assert (partner.municipality, partner.register_status, partner.register_checked_at) == (None, "", None)
    assert register.asked == []


def test_secretariat_is_told_the_country(db, settings):
    settings.LANGUAGE_CODE = "en"
    assert "Country: Denmark" in new_application(partner=PartnerFactory(country="DK", organisation_number=CVR)).text


def test_municipality_is_norwegian_only(client, programme, register):
    client.post(URL, danish(municipality=str(programme["alta"].pk), postal_code="9510"))
    assert Partner.objects.get().municipality is None


@pytest.mark.parametrize(("typed", "words"), [(danish(), "The number is right."), (swedish(), "The number is right.")])
def test_look_up_abroad_says_that_facts_are_filled_in_by_hand(client, programme, register, typed, words):
    response = client.post(URL, {**typed, "look_up": "yes"})
    assert words in response.text
    assert "by hand" in response.text
    assert register.asked == []


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        (danish(organisation_number="25313764"), "organisation_number", "CVR number. It has eight digits"),
        (danish(organisation_number=number("unit")), "organisation_number", "eight digits"),
        (swedish(organisation_number="5560160681"), "organisation_number", "ten digits"),
        (form_data(organisation_number=CVR, proof=False), "organisation_number", "nine digits"),
        (form_data(organisation_number="3OOO18OO9", proof=False), "organisation_number", "letters or signs"),
        (danish(organisation_number="2531376\u0437"), "organisation_number", "letters or signs"),
        (danish(postal_code="21000"), "postal_code", "Danish postal code has four digits"),
        (swedish(postal_code="1234"), "postal_code", "Swedish postal code has five digits"),
        (form_data(postal_code="123 45", proof=False), "postal_code", "four digits"),
        (form_data(country="FI", proof=False), "country", "not one of the available choices"),
    ],
)
def test_mistake_is_told_in_the_words_of_the_country(client, programme, register, typed, name, words):
    response = client.post(URL, typed)
    assert list(errors(response)) == [name]
    assert words in errors(response)[name][0]
    assert Partner.objects.count() == 0


def test_htmx_follows_the_country(client, programme):
    response = client.post(URL, form_data(country="SE", show="country"), headers={"HX-Request": "true"})
    assert "Ten digits" in response.text
    assert "Only for organisations in Norway." in response.text
    assert "<html" not in response.text
    assert "contact_email" not in response.text


def test_same_digits_in_another_country_are_another_organisation(client, programme, register):
    PartnerFactory(country="NO", organisation_number=CVR)
    assert client.post(URL, danish()).status_code == 302
    again = client.post(URL, danish(form_key="b", contact_email="b@example.no"))
    assert "already have an application with this number" in errors(again)["organisation_number"][0]


# Personal numbers


def everything_stored() -> str:
    rows = [*Partner.objects.all(), *RegistrationDraft.objects.all(), *Mail.objects.all()]
    return serializers.serialize("json", rows)


def digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


@pytest.mark.parametrize("country", ["NO", "DK", "SE"])
@pytest.mark.parametrize("typed", [*PERSONAL, "SE600101123501"])
@pytest.mark.parametrize("button", ["look_up", "show", "save", ""])
def test_personal_number_in_the_number_field_is_nowhere(client, programme, register, caplog, country, typed, button):
    caplog.set_level(logging.DEBUG)
    response = client.post(URL, form_data(country=country, organisation_number=typed, **{button or "x": "yes"}))
    if button in {"look_up", ""}:
        assert "thrown it away" in errors(response)["organisation_number"][0]
    for text in (response.text, caplog.text, everything_stored(), json.dumps(register.asked)):
        assert typed not in text
        assert digits_of(typed) not in text
    assert Partner.objects.count() == 0


@pytest.mark.parametrize(
    "name",
    ["legal_name", "display_name", "address", "about", "contact_name", "contact_role", "signed_name", "answer_meet"],
)
@pytest.mark.parametrize("typed", ["{n}", "Ingrid {n}", "{n} Prøve"])
def test_personal_number_in_another_field_is_refused_and_only_the_number_goes(client, programme, register, name, typed):
    response = client.post(URL, form_data(**{name: typed.format(n="010160 50012")}))
    assert list(errors(response)) == [name]
    assert "personal identity number" in errors(response)[name][0]
    assert "010160 50012" not in response.text
    assert response.context["form"][name].value() == typed.format(n="").strip()
    assert Partner.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("contact_email", "01016050012@example.no"),
        ("website", "https://example.no/01016050012"),
        ("postal_code", "0101601234"),
    ],
)
def test_personal_number_in_an_address_empties_the_field(client, programme, register, name, typed):
    response = client.post(URL, form_data(**{name: typed}))
    assert "personal identity number" in errors(response)[name][0]
    assert response.context["form"][name].value() == ""
    assert Partner.objects.count() == 0


@pytest.mark.parametrize("typed", PERSONAL)
def test_draft_is_kept_without_the_personal_number_and_the_person_is_told(client, programme, typed):
    about = f"Vi måler. Kontakt: {typed}"
    response = client.post(URL, form_data(about=about, legal_name=typed, answer_meet=typed, save="yes"))
    assert response.status_code == 302
    kept = RegistrationDraft.objects.get().data
    assert kept["about"] == "Vi måler. Kontakt:"
    assert not {"legal_name", "answer_meet"} & set(kept)
    assert digits_of(typed) not in everything_stored()
    assert "thrown it away and kept the rest" in client.get(response.url).text


@pytest.mark.parametrize("report", ["get_traceback_html", "get_traceback_text"])
def test_error_report_has_no_personal_number(programme, monkeypatch, report):
    """The report that Django makes of an error: what was posted, and every variable of the functions on the way."""

    def fail(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(views, "_apply", fail)
    typed = form_data(proof=False, about=f"Kontakt {PERSONAL[0]}", organisation_number=PERSONAL[0])
    request = RequestFactory().post(URL, typed)
    with pytest.raises(RuntimeError) as error:
        views.register(request)
    below_this_test = error.tb.tb_next
    text = getattr(ExceptionReporter(request, error.type, error.value, below_this_test), report)()
    assert "broken" in text
    assert PERSONAL[0] not in text
