"""A registration that is left and gone on with from the mailed link."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone

from stemportal.lib.organisation_numbers import synthetic
from stemportal.outbox.models import Mail
from stemportal.partners.models import DRAFT_DAYS, Partner, RegistrationDraft
from stemportal.partners.services import drafts
from stemportal.partners.tests.helpers import form_data, mails_to
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db

URL = "/en/partners/register/"
SAVED = "/en/partners/register/saved/"
EMAIL = "ingrid@solvind.example.no"


def begun(**changes) -> dict[str, str]:
    """Half a form, and the button for later."""
    typed = {"form_key": "key", "legal_name": "SOLVIND AS", "about": "Vi måler", "contact_email": EMAIL, "save": "yes"}
    return {**typed, **changes}


def link_in(mail: Mail) -> str:
    found = re.search(r"http://\S+(/partners/register/resume/\S+)", mail.text)
    assert found
    return "/en" + found.group(1).removeprefix("/en")


def save(client: Client, **changes) -> str:
    """Save half a form and return the mailed link."""
    assert client.post(URL, begun(**changes)).status_code == 302
    return link_in(mails_to(changes.get("contact_email", EMAIL))[-1])


def value(response, name: str) -> str:
    return response.context["form"][name].value()


# Saving


def test_saving_keeps_everything_typed_and_mails_a_link(client, programme):
    response = client.post(URL, begun(organisation_number="300 01", kind="company", answer_meet="En robot"))
    assert (response.status_code, response.url) == (302, SAVED)
    draft = RegistrationDraft.objects.get()
    assert draft.data == {
        "country": "NO",
        "organisation_number": "300 01",
        "legal_name": "SOLVIND AS",
        "kind": "company",
        "answer_meet": "En robot",
        "about": "Vi måler",
        "contact_email": EMAIL,
    }
    assert Partner.objects.count() == 0
    page = client.get(SAVED)
    assert EMAIL in page.text
    assert "Nothing has been sent to us yet" in page.text


def test_link_opens_the_form_filled_in_without_an_account_and_in_another_browser(client, programme):
    link = save(client, kind="university", answer_departments="Fysikk", postal_code="95")
    page = Client().get(link)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for name, text in [("legal_name", "SOLVIND AS"), ("answer_departments", "Fysikk"), ("postal_code", "95")]:
        assert value(page, name) == text
    assert "Kept until" in page.text
    assert "Delete what I typed" in page.text
    assert page.context["form"].errors == {}


def test_database_does_not_know_the_link(client, programme):
    token = save(client).rstrip("/").rsplit("/", 1)[1]
    draft = RegistrationDraft.objects.get()
    assert token not in draft.token_hash
    assert token not in str(draft.data)
    assert drafts.open_draft(draft.token_hash) is None


def test_signature_proof_and_honeypot_are_not_kept(client, programme):
    client.post(URL, begun(signed="on", signed_name="Ola Sjef", altcha="e30=", nickname="Bot", is_another="on"))
    kept = RegistrationDraft.objects.get().data
    assert kept["signed_name"] == "Ola Sjef"
    assert not {"signed", "altcha", "nickname", "is_another", "form_key", "save"} & set(kept)


@pytest.mark.parametrize("typed", ["", "ikke-en-adresse"])
def test_saving_needs_an_address_and_says_nothing_about_the_rest(client, programme, typed):
    response = client.post(URL, begun(contact_email=typed))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["contact_email"]
    assert value(response, "about") == "Vi måler"
    assert RegistrationDraft.objects.count() == Mail.objects.count() == 0


def test_too_long_text_is_kept_for_shortening_but_not_without_end(client, programme):
    client.post(URL, begun(about="x" * 4000))
    assert len(RegistrationDraft.objects.get().data["about"]) == 4000
    response = client.post(URL, begun(about="x" * 10_001))
    assert list(response.context["form"].errors) == ["about"]
    response = client.post(URL, begun(kind="union", answer_meet="x" * 10_001))
    assert "too long to be kept" in response.context["form"].non_field_errors()[0]


def test_null_characters_do_not_stop_the_saving(client, programme):
    client.post(URL, begun(about="Vi\x00 måler"))
    assert RegistrationDraft.objects.get().data["about"] == "Vi måler"


def test_mail_holds_nothing_that_was_typed(client, programme):
    client.post(URL, begun(legal_name="Kjøp billige klokker", about="http://spam.example.org"))
    (mail,) = mails_to(EMAIL)
    assert "klokker" not in mail.text
    assert "spam" not in mail.text
    assert "You get this mail because" in mail.text


def test_mail_is_in_the_language_of_the_page(client, programme):
    client.post("/nn/partners/register/", begun())
    assert mails_to(EMAIL)[0].language == "nn"


# Once more


def test_saving_again_from_the_link_keeps_one_draft_and_sends_no_second_mail(client, programme):
    with time_machine.travel(timezone.now(), tick=False) as now:
        link = save(client)
        now.shift(timedelta(days=19))
        response = Client().post(link, begun(form_key="another", about="Vi måler vind"))
        assert response.url == SAVED
        draft = RegistrationDraft.objects.get()
        assert draft.data["about"] == "Vi måler vind"
        assert draft.expires_at == timezone.now() + timedelta(days=DRAFT_DAYS)
        assert len(mails_to(EMAIL)) == 1
        now.shift(timedelta(days=29))
        assert client.get(link).status_code == 200


def test_saved_page_says_whether_a_mail_was_sent(client, programme):
    link = save(client)
    assert "We have sent a mail to" in client.get(SAVED).text
    client.post(link, begun())
    assert "is still the right one" in client.get(SAVED).text


def test_changed_address_gets_the_same_link(client, programme):
    link = save(client)
    client.post(link, begun(contact_email="rett@example.no"))
    assert link_in(mails_to("rett@example.no")[0]) == link
    assert RegistrationDraft.objects.get().email == "rett@example.no"


def test_going_back_to_mend_the_address_keeps_one_draft(client, programme):
    client.post(URL, begun(contact_email="feil@example.no"))
    client.post(URL, begun(contact_email="rett@example.no"))
    assert RegistrationDraft.objects.get().email == "rett@example.no"
    assert len(mails_to("rett@example.no")) == 1


@pytest.mark.django_db(transaction=True)
def test_double_click_keeps_one_draft_and_sends_one_mail(transactional_programme):
    def send(_: int):
        try:
            return Client().post(URL, begun())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert RegistrationDraft.objects.count() == 1
    assert len(mails_to(EMAIL)) == 1


# The end of a draft


def test_sent_application_deletes_its_draft(client, programme, register):
    link = save(client)
    other = Client()
    assert other.post(link, form_data()).status_code == 302
    assert Partner.objects.get().status == Partner.Status.APPLIED
    assert RegistrationDraft.objects.count() == 0
    assert Mail.objects.filter(template="partner_draft_saved").count() == 0
    assert client.get(link).status_code == 404


def test_form_that_was_saved_and_then_sent_leaves_no_draft(client, programme, register):
    client.post(URL, begun(form_key="one-form"))
    client.post(URL, form_data(form_key="one-form"))
    assert Partner.objects.count() == 1
    assert RegistrationDraft.objects.count() == 0


def test_refused_application_keeps_its_draft(client, programme, register):
    link = save(client)
    assert client.post(link, form_data(signed=None)).status_code == 200
    assert RegistrationDraft.objects.count() == 1


def test_delete_button_deletes_at_once(client, programme):
    link = save(client)
    response = client.post(link, {"delete": "yes"}, follow=True)
    assert "What you typed has been deleted." in response.text
    assert RegistrationDraft.objects.count() == Mail.objects.count() == 0
    gone = client.get(link)
    assert gone.status_code == 404
    assert "Begin again" in gone.text


def test_opening_the_link_changes_nothing(client, programme):
    link = save(client)
    before = RegistrationDraft.objects.values().get()
    client.get(link)
    client.head(link)
    assert RegistrationDraft.objects.values().get() == before


@pytest.mark.parametrize("token", ["guess", "0" * 40])
def test_unknown_link_gets_a_kind_page(client, programme, token):
    response = client.get(f"{URL}resume/{token}/")
    assert response.status_code == 404
    assert "This link has run out" in response.text
    assert "Begin again" in response.text


def test_link_runs_out_after_thirty_days(client, programme):
    with time_machine.travel(timezone.now(), tick=False) as now:
        link = save(client)
        now.shift(timedelta(days=30, seconds=-1))
        assert client.get(link).status_code == 200
        now.shift(timedelta(seconds=1))
        assert client.get(link).status_code == 404


def test_form_open_while_its_draft_ran_out_can_still_be_sent_or_saved(client, programme, register):
    with time_machine.travel(timezone.now(), tick=False) as now:
        link = save(client)
        now.shift(timedelta(days=31))
        drafts.delete_expired_drafts()
        assert client.post(link, begun(form_key="late")).url == SAVED
        assert RegistrationDraft.objects.count() == 1
        assert client.post(link, form_data(form_key="later")).status_code == 302
    assert Partner.objects.count() == 1


# The other buttons on a resumed form


def test_look_up_and_questions_stay_on_the_resumed_form(client, programme, register):
    link = save(client)
    for button in ({"look_up": "yes", "organisation_number": synthetic(77)}, {"show": "questions", "kind": "union"}):
        response = client.post(link, {**form_data(), **button})
        assert response.status_code == 200
        assert f'action="{link}"' in response.text
        assert "Kept until" in response.text


# Limits


def test_one_visitor_can_not_save_without_end(client, programme, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "register_draft": (1, 3600)}
    client.post(URL, begun())
    response = client.post(URL, begun(form_key="b", contact_email="b@example.no"))
    assert response.status_code == 429
    assert value(response, "about") == "Vi måler"
    assert RegistrationDraft.objects.count() == 1


def test_one_address_does_not_get_mail_without_end(client, programme, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "register_draft_address": (2, 3600)}
    link = save(client, form_key="a")
    save(client, form_key="b")
    response = client.post(URL, begun(form_key="c"))
    assert response.status_code == 429
    assert "try again tomorrow" in response.text
    assert len(mails_to(EMAIL)) == 2
    # What mails nothing is still saved.
    assert client.post(link, begun(about="Nytt")).status_code == 302


def test_saved_page_of_another_browser_shows_no_address(client, programme):
    client.post(URL, begun())
    page = Client().get(SAVED)
    assert page.status_code == 200
    assert EMAIL not in page.text


# Beside the form


def test_page_says_what_is_asked_why_and_how_long_it_is_kept(client, programme, settings):
    settings.PARTNER_RETENTION_DAYS = 200
    page = client.get(URL).text
    for words in (
        "What we ask for, and why",
        "Who sees it",
        "How long we keep it",
        "30 days after",
        "14 days.",
        "200 days",
    ):
        assert words in page
    assert "/en/privacy/" in page


def test_registered_number_is_told_when_a_draft_is_sent_too_late(client, programme, register):
    link = save(client)
    PartnerFactory(organisation_number=synthetic(77))
    response = client.post(link, form_data())
    assert "already a partner" in response.context["form"].errors["organisation_number"][0]
    assert RegistrationDraft.objects.count() == 1
