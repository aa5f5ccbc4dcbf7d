"""The registration pages as a visitor meets them, with and without htmx, with good and with bad input."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.tests.fake_register import number
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.partners.services import registration
from stemportal.partners.tests.helpers import NUMBER, form_data, mails_to
from stemportal.testing.factories import PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/en/partners/register/"
DONE = "/en/partners/register/done/"


def errors(response) -> dict[str, list[str]]:
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def value(response, name: str) -> str:
    return response.context["form"][name].value()


# The page


def test_form_shows_the_declaration_and_asks_nothing_of_the_register(client, programme, register):
    response = client.get(URL)
    assert response.status_code == 200
    assert "We answer within five working days." in response.text
    assert "Send the application" in response.text
    assert register.asked == []


def test_form_without_a_declaration_says_that_registration_is_not_open(client, db):
    response = client.get(URL)
    assert response.status_code == 200
    assert "We can not take applications just now" in response.text
    assert '<fieldset class="ds-fieldset p-section"' not in response.text


# Sending it


def test_registration_with_proof_goes_to_the_secretariat_and_says_by_when(client, programme, register):
    response = client.post(URL, form_data())
    assert (response.status_code, response.url) == (302, DONE)
    partner = Partner.objects.get()
    assert partner.status == Partner.Status.APPLIED
    assert partner.municipality == programme["alta"]
    assert partner.postal_place == "Alta"
    assert partner.website == "https://solvind.example.no"
    assert partner.contact_role == "Daglig leder"
    page = client.get(DONE)
    assert "Thank you for applying" in page.text
    assert str(registration.answer_by(partner.applied_at).day) in page.text
    assert partner.contact_email in page.text


def test_registration_without_script_waits_for_the_mailed_link(client, programme, register):
    client.post(URL, form_data(proof=False))
    partner = Partner.objects.get()
    assert partner.status == Partner.Status.UNCONFIRMED
    assert "look in your inbox" in client.get(DONE).text


def test_registered_page_of_another_browser_shows_no_names(client, programme, register):
    client.post(URL, form_data())
    page = Client().get(DONE)
    assert page.status_code == 200
    assert "Solvind" not in page.text
    assert "ingrid@" not in page.text


def test_registration_takes_sector_and_size_from_the_register(client, programme, register):
    client.post(URL, form_data(organisation_number=number("unit"), legal_name="Mitt navn AS"))
    partner = Partner.objects.get()
    assert (partner.sector_code, partner.employees, partner.register_status) == ("26.510", 38, "found")
    assert partner.legal_name == "Mitt navn AS"


@pytest.mark.parametrize(("name", "status"), [("deleted", "deleted"), ("removed", "deleted"), ("bankrupt", "bankrupt")])
def test_registration_of_an_organisation_in_trouble_goes_on_and_is_flagged(client, programme, register, name, status):
    response = client.post(URL, form_data(organisation_number=number(name)))
    assert response.status_code == 302
    assert Partner.objects.get().register_status == status


def test_registration_goes_on_when_the_register_is_down(client, programme):
    assert client.post(URL, form_data()).status_code == 302
    assert Partner.objects.get().register_status == "unavailable"


def test_registration_does_not_reveal_whether_the_address_has_an_account(client, programme, register):
    UserFactory(email="kjent@example.no")
    known = client.post(URL, form_data(contact_email="kjent@example.no"))
    known_page = client.get(DONE).text.replace("kjent", "X")
    other = Client()
    unknown = other.post(URL, form_data(contact_email="ukjent@example.no", organisation_number=synthetic(78)))
    unknown_page = other.get(DONE).text.replace("ukjent", "X")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    main = slice(known_page.index("<main"), known_page.index("</main"))
    other_main = slice(unknown_page.index("<main"), unknown_page.index("</main"))
    assert known_page[main] == unknown_page[other_main]


def test_new_account_gets_the_language_of_the_page(client, programme, register):
    client.post("/nn/partners/register/", form_data())
    assert User.objects.get(email="ingrid@solvind.example.no").language == "nn"


# Sending it twice


def test_form_sent_twice_makes_one_application(client, programme, register):
    data = form_data()
    first, second = client.post(URL, data), client.post(URL, data)
    assert first.url == second.url == DONE
    assert Partner.objects.count() == 1
    assert Mail.objects.filter(template="partner_application_received").count() == 1


def test_form_without_script_sent_twice_makes_one_application_and_one_mail(client, programme, register):
    data = form_data(proof=False)
    client.post(URL, data)
    assert client.post(URL, data).url == DONE
    assert Partner.objects.count() == 1
    assert Mail.objects.count() == 1


def test_mistyped_address_can_be_mended_by_going_back(client, programme, register):
    client.post(URL, form_data(proof=False, contact_email="feil@example.no"))
    client.post(URL, form_data(proof=False, contact_email="rett@example.no"))
    assert len(mails_to("rett@example.no")) == 1


def test_form_opened_again_for_a_number_that_applied_says_so_and_keeps_the_text(client, programme, register):
    client.post(URL, form_data())
    response = client.post(URL, form_data(form_key="another-form", contact_email="kollega@solvind.example.no"))
    assert response.status_code == 200
    assert "already have an application with this number" in errors(response)["organisation_number"][0]
    assert "Vi måler vind." in response.text
    assert Partner.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_application_and_shows_no_error(transactional_programme, register):
    data = form_data()

    def send(_: int):
        try:
            return Client().post(URL, data)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert [answer.status_code for answer in answers] == [302, 302, 302, 302]
    assert Partner.objects.count() == 1
    assert Mail.objects.filter(template="partner_application_received").count() == 1


# The look-up


def test_look_up_fills_empty_fields_and_keeps_what_was_typed(client, programme, register):
    typed = {
        "organisation_number": number("unit"),
        "display_name": "Polarkyst",
        "about": "Vi bygger.",
        "look_up": "yes",
    }
    response = client.post(URL, typed)
    assert response.status_code == 200
    assert value(response, "legal_name") == "POLARKYST SENSOR OG ROBOT AS"
    assert value(response, "display_name") == "Polarkyst"
    assert value(response, "about") == "Vi bygger."
    assert value(response, "address") == "Løkkeveien 41"
    assert value(response, "kind") == "company"
    assert value(response, "municipality") == str(programme["alta"].pk)
    assert value(response, "website") == "https://www.polarkyst-sensor.example.no"
    assert "filled in what the register knows" in response.text
    assert errors(response) == {}
    assert Partner.objects.count() == 0


def test_look_up_with_htmx_answers_with_the_fields_only(client, programme, register):
    typed = form_data(organisation_number=number("unit"), legal_name="", look_up="yes")
    response = client.post(URL, typed, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "POLARKYST SENSOR OG ROBOT AS" in response.text
    assert 'hx-swap-oob="innerHTML:#register-answer"' in response.text
    assert "<html" not in response.text
    assert "contact_email" not in response.text


def test_look_up_does_not_use_up_the_proof_of_work(client, programme, register):
    data = form_data(organisation_number=number("unit"))
    client.post(URL, {**data, "look_up": "yes"})
    client.post(URL, data)
    assert Partner.objects.get().status == Partner.Status.APPLIED


@pytest.mark.parametrize(
    ("name", "words"),
    [("deleted", "has been deleted"), ("removed", "has been deleted"), ("bankrupt", "bankrupt or being closed down")],
)
def test_look_up_of_an_organisation_in_trouble_says_so_kindly(client, programme, register, name, words):
    response = client.post(URL, {"organisation_number": number(name), "look_up": "yes"})
    assert words in response.text
    assert "You can still apply" in response.text


def test_look_up_of_an_unknown_number_goes_on_by_hand(client, programme, register):
    response = client.post(URL, {"organisation_number": NUMBER, "legal_name": "Ny AS", "look_up": "yes"})
    assert "does not know this number" in response.text
    assert value(response, "legal_name") == "Ny AS"


def test_look_up_when_the_register_is_down_goes_on_by_hand(client, programme):
    response = client.post(URL, {"organisation_number": NUMBER, "look_up": "yes"})
    assert response.status_code == 200
    assert "does not answer just now" in response.text


@pytest.mark.parametrize("typed", ["", "123", "123456789", "abc", "٣٠٠٠١٨٠٠٩", "<script>alert(1)</script>"])
def test_look_up_of_a_bad_number_says_what_to_do_and_asks_nobody(client, programme, register, typed):
    response = client.post(URL, {"organisation_number": typed, "legal_name": "Ny AS", "look_up": "yes"})
    assert list(errors(response)) == ["organisation_number"]
    assert value(response, "legal_name") == "Ny AS"
    assert register.asked == []
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Partner.Status.APPROVED, "already a partner"),
        (Partner.Status.PAUSED, "already a partner"),
        (Partner.Status.APPLIED, "already have an application"),
        (Partner.Status.ENDED, "has been a partner before"),
    ],
)
def test_look_up_of_a_registered_number_says_whom_to_ask(client, programme, register, status, words):
    PartnerFactory(organisation_number=NUMBER, status=status)
    response = client.post(URL, {"organisation_number": NUMBER, "look_up": "yes"})
    assert words in errors(response)["organisation_number"][0]
    assert "@" in errors(response)["organisation_number"][0]


@pytest.mark.parametrize("status", [Partner.Status.DECLINED, Partner.Status.UNCONFIRMED])
def test_number_of_a_declined_or_unconfirmed_application_is_free(client, programme, register, status):
    PartnerFactory(organisation_number=NUMBER, status=status)
    assert client.post(URL, form_data()).status_code == 302


# Personal numbers


@pytest.mark.parametrize("typed", ["01016050012", "010160 50012", "01 01 60-50012", "41016050012", "12345678901"])
@pytest.mark.parametrize("look_up", [True, False])
def test_personal_number_is_refused_and_forgotten(client, programme, register, caplog, typed, look_up):
    data = form_data(organisation_number=typed) | ({"look_up": "yes"} if look_up else {})
    response = client.post(URL, data)
    assert "thrown it away" in errors(response)["organisation_number"][0]
    digits = "".join(c for c in typed if c.isdigit())
    assert typed not in response.text
    assert digits not in response.text
    assert digits not in caplog.text
    assert Partner.objects.count() == 0
    assert register.asked == []
    assert value(response, "legal_name") == "SOLVIND MÅLETEKNIKK AS"


# Bad input


@pytest.mark.parametrize(
    "typed",
    ["{n}", " {n} ", "{a} {b} {c}", "{a}.{b}.{c}", "NO {n} MVA", "no{a} {b} {c}mva", "{a}-{b}-{c}", "NO{n}", "{wide}"],
)
def test_number_may_be_typed_as_people_write_it(client, programme, register, typed):
    n = NUMBER
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in n)  # as East Asian keyboards write digits
    typed = typed.format(n=n, a=n[:3], b=n[3:6], c=n[6:], wide=wide)
    client.post(URL, form_data(organisation_number=typed))
    assert Partner.objects.get().organisation_number == NUMBER


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("legal_name", "x" * 201),
        ("display_name", "x" * 121),
        ("kind", "bank"),
        ("address", "x" * 161),
        ("postal_code", "95100"),
        ("postal_code", "abcd"),
        ("postal_code", "９５１０"),
        ("municipality", "999999"),
        ("municipality", "'; DROP TABLE partners_partner; --"),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://solvind.example.no"),
        ("website", "ikke en adresse"),
        ("about", "x" * 3001),
        ("contact_name", ""),
        ("contact_name", "   "),
        ("contact_email", "ikke-en-adresse"),
        ("contact_email", "a@b"),
        ("contact_email", f"{'x' * 250}@example.no"),
        ("signed_name", ""),
        ("signed", None),
        ("legal_name", "Null\x00tegn"),
        ("nickname", "Bot Botsen"),
    ],
)
def test_bad_field_is_named_and_nothing_typed_is_lost(client, programme, register, name, typed):
    response = client.post(URL, form_data(**{name: typed}))
    assert response.status_code == 200
    assert list(errors(response)) == [name]
    assert "data-error-summary" in response.text
    assert value(response, "contact_role") == "Daglig leder"
    assert Partner.objects.count() == 0
    assert Mail.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE partners_partner; --",
        "Æøå 北京 🤖 é\u0301 \u202eradnelak",
        "{{ 7|add:7 }} {% url 'home' %} %(name)s %s {0}",
    ],
)
def test_strange_text_is_kept_as_text(client, programme, register, text):
    response = client.post(URL, form_data(display_name=text, legal_name=text, about=text, contact_name=text))
    assert response.status_code == 302
    partner = Partner.objects.get()
    assert (partner.display_name, partner.about) == (text, text)
    page = client.get(DONE).text
    assert "<script>alert" not in page
    for mail in Mail.objects.all():
        assert text in mail.text
        assert "<script>alert" not in mail.html


def test_several_mistakes_are_all_listed_at_once(client, programme, register):
    response = client.post(URL, form_data(contact_email="x", signed=None, kind=""))
    assert set(errors(response)) == {"contact_email", "signed", "kind"}


def test_proof_of_work_used_twice_is_refused_kindly(client, programme, register):
    data = form_data()
    client.post(URL, data)
    response = client.post(URL, {**data, "organisation_number": synthetic(79), "form_key": "another"})
    assert "Please send the form once more." in errors(response)["altcha"][0]


@pytest.mark.parametrize("payload", ["x", "e30=", "W10=", "æøå", "A" * 50_000])
def test_forged_proof_of_work_is_refused_kindly(client, programme, register, payload):
    response = client.post(URL, form_data(altcha=payload))
    assert list(errors(response)) == ["altcha"]
    assert Partner.objects.count() == 0


# Limits


def test_too_many_applications_get_a_kind_message_and_keep_the_text(client, programme, register, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "register": (1, 3600)}
    client.post(URL, form_data())
    response = client.post(URL, form_data(organisation_number=synthetic(80), form_key="another"))
    assert response.status_code == 429
    assert "Nothing is lost" in response.text
    assert value(response, "about") == "Vi måler vind."
    assert Partner.objects.count() == 1


def test_applications_without_proof_have_a_stricter_limit(client, programme, register, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "register_without_proof": (1, 3600)}
    for n in (81, 82):
        response = client.post(URL, form_data(proof=False, organisation_number=synthetic(n), form_key=str(n)))
    assert response.status_code == 429
    assert Partner.objects.count() == 1
    assert client.post(URL, form_data(organisation_number=synthetic(83), form_key="83")).status_code == 302


def test_too_many_look_ups_get_a_kind_message(client, programme, register, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "register_lookup": (1, 3600)}
    typed = {"organisation_number": number("unit"), "about": "Vi bygger.", "look_up": "yes"}
    client.post(URL, typed)
    response = client.post(URL, typed)
    assert response.status_code == 429
    assert "fill in the facts by hand" in response.text
    assert value(response, "about") == "Vi bygger."
    with_htmx = client.post(URL, typed, headers={"HX-Request": "true"})
    assert with_htmx.status_code == 422  # what the page's script shows in place
    assert "fill in the facts by hand" in with_htmx.text


# The mailed link


def confirm_url(partner: Partner) -> str:
    return f"/en/partners/register/confirm/{partner.confirm_token}/"


@pytest.fixture
def unconfirmed(client, programme, register) -> Partner:
    client.post(URL, form_data(proof=False))
    return Partner.objects.get()


def test_opening_the_mailed_link_changes_nothing(client, unconfirmed):
    for _ in range(2):
        page = client.get(confirm_url(unconfirmed))
        assert page.status_code == 200
        assert "Confirm the application" in page.text
    unconfirmed.refresh_from_db()
    assert unconfirmed.status == Partner.Status.UNCONFIRMED


def test_pressing_the_button_sends_the_application(client, unconfirmed):
    response = Client().post(confirm_url(unconfirmed))
    assert (response.status_code, response.url) == (302, DONE)
    unconfirmed.refresh_from_db()
    assert unconfirmed.status == Partner.Status.APPLIED


def test_pressing_the_button_twice_tells_that_it_is_confirmed(client, unconfirmed):
    client.post(confirm_url(unconfirmed))
    assert "This application is confirmed" in client.post(confirm_url(unconfirmed)).text
    assert "This application is confirmed" in client.get(confirm_url(unconfirmed)).text
    assert Mail.objects.filter(template="partner_application_new").count() == 1


def test_link_for_a_number_that_was_taken_meanwhile_says_so_kindly(client, unconfirmed):
    PartnerFactory(organisation_number=NUMBER)
    response = client.post(confirm_url(unconfirmed))
    assert response.status_code == 409
    assert "Somebody was a little faster" in response.text
    unconfirmed.refresh_from_db()
    assert unconfirmed.status == Partner.Status.UNCONFIRMED


def test_old_link_says_what_to_do_and_does_nothing(client, unconfirmed):
    Partner.objects.update(applied_at=timezone.now() - timedelta(days=registration.CONFIRM_DAYS + 1))
    for response in (client.get(confirm_url(unconfirmed)), client.post(confirm_url(unconfirmed))):
        assert "This link has run out" in response.text
    unconfirmed.refresh_from_db()
    assert unconfirmed.status == Partner.Status.UNCONFIRMED


def test_foreign_link_is_not_found(client, programme):
    assert client.get("/en/partners/register/confirm/guess/").status_code == 404
    assert client.post("/en/partners/register/confirm/guess/").status_code == 404


# The challenge


def test_challenge_is_fresh_and_never_stored(client, db):
    first, second = client.get("/partners/challenge/"), client.get("/partners/challenge/")
    assert first.status_code == 200
    assert first["Content-Type"] == "application/json"
    assert "no-store" in first["Cache-Control"]
    assert first.json()["signature"] != second.json()["signature"]
    assert client.post("/partners/challenge/").status_code == 405
