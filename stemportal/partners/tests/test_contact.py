"""Writing to a partner: the mail arrives, the address stays with us, and nobody is flooded."""

from __future__ import annotations

from email.utils import parseaddr

import pytest
from django.apps import apps
from django.urls import reverse

from stemportal.outbox.models import Mail
from stemportal.outbox.services import to_message
from stemportal.partners.models import Partner
from stemportal.partners.tests.helpers import mails_to, solved_payload
from stemportal.testing.factories import MembershipFactory, PartnerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Status = Partner.Status
# Made up: nobody has it.
PERSONAL_NUMBER = "01016050012"


@pytest.fixture
def partner():
    return PartnerFactory(
        display_name="Nordlys",
        slug="nordlys",
        contact_name="Ingrid Hemmelig",
        contact_email="ingrid@hemmelig.example.no",
    )


def typed(*, proof: bool = True, **changes: str) -> dict[str, str]:
    data = {
        "name": "Kari Lærer",
        "email": "kari@skole.example.no",
        "school": "Alta ungdomsskole",
        "message": "Hei!\n\nKan vi komme i mai? Vi er 28 elever.",
        "altcha": solved_payload() if proof else "",
    }
    return data | changes


def write(client, partner, **options):
    return client.post(reverse("partners:write", args=[partner.slug]), typed(**options))


def limits(settings, **changed: int) -> None:
    settings.PORTAL_RATE_LIMITS = settings.PORTAL_RATE_LIMITS | {name: (n, 3600) for name, n in changed.items()}


# --- What arrives, and what does not


def test_message_reaches_the_contact_person_and_answers_go_to_the_writer(client, partner):
    response = client.post(reverse("partners:write", args=["nordlys"]), typed(), follow=True)
    assert "Your message is on its way to Nordlys." in response.text
    assert "kari@skole.example.no" in response.text

    (mail,) = mails_to(partner.contact_email)
    message = to_message(mail).message()
    assert parseaddr(str(message["Reply-To"]))[1] == "kari@skole.example.no"
    assert message["From"] != message["Reply-To"]
    for words in ("Kan vi komme i mai?", "Kari Lærer", "kari@skole.example.no", "Alta ungdomsskole"):
        assert words in mail.text
        assert words in mail.html


def test_words_of_the_writer_are_marked_as_such(client, partner):
    """Nobody takes "log in here" in a message for words of the portal."""
    write(client, partner, message="Hei!\r\n\r\nLogg inn her:\r\nhttps://falsk.example.no")
    for mail in Mail.objects.all():
        assert "> Hei!\n\n> Logg inn her:\n> https://falsk.example.no" in mail.text


def test_writer_gets_a_copy(client, partner):
    write(client, partner)
    (copy,) = mails_to("kari@skole.example.no")
    assert "Kan vi komme i mai?" in copy.text
    assert "Nordlys" in copy.subject
    assert "Reply-To" not in copy.headers


def test_address_and_name_of_the_contact_are_nowhere_to_be_seen(client, partner):
    form = client.get(reverse("partners:write", args=["nordlys"]))
    sent = client.post(reverse("partners:write", args=["nordlys"]), typed(), follow=True)
    (copy,) = mails_to("kari@skole.example.no")
    raw = to_message(copy).message().as_string()
    for seen in (form.text, sent.text, client.get(partner.get_absolute_url()).text, copy.text, copy.html, raw):
        assert "hemmelig" not in seen.lower()


def test_page_says_that_the_partner_sees_the_address(client, partner):
    page = client.get(reverse("partners:write", args=["nordlys"])).text
    assert "The partner sees your name and e-mail address and answers you there" in page


def test_nothing_is_kept_but_the_two_mails(client, partner):
    def rows() -> dict[str, int]:
        own = [model for model in apps.get_models() if model.__module__.startswith("stemportal.")]
        return {model._meta.label: model._base_manager.count() for model in own}

    before = rows()
    write(client, partner)
    after = rows()
    assert {label: after[label] - before[label] for label in after if after[label] != before[label]} == {
        "outbox.Mail": 2
    }


def test_person_who_is_logged_in_need_not_type_name_and_address(client, partner):
    teacher = UserFactory(full_name="Tore Prøve", email="tore@skole.example.no")
    client.force_login(teacher)
    page = client.get(reverse("partners:write", args=["nordlys"])).text
    assert 'value="Tore Prøve"' in page
    assert 'value="tore@skole.example.no"' in page


def test_partner_is_told_whether_we_know_the_writer(client, partner):
    write(client, partner)
    client.force_login(UserFactory(email="tore@skole.example.no"))
    write(client, partner, email="tore@skole.example.no")
    write(client, partner, email="en.annen@example.no")
    told = ["Vi har ikke sjekket hvem det er." in mail.text for mail in mails_to(partner.contact_email)]
    assert told == [True, False, True]


def test_mail_is_in_the_language_of_each(client, partner):
    partner.contact_email = UserFactory(email="kontakt@hemmelig.example.no", language="nb").email
    partner.save()
    write(client, partner)
    assert [mail.language for mail in Mail.objects.order_by("pk")] == ["nb", "en"]


def test_signs_in_a_name_cannot_write_headers(client, partner):
    write(client, partner, name='Kari\r\nBcc: alle@example.no, "Ola" <x@y.no>')
    (mail,) = mails_to(partner.contact_email)
    message = to_message(mail).message()
    assert message["Bcc"] is None
    assert parseaddr(str(message["Reply-To"]))[1] == "kari@skole.example.no"


def test_markup_in_a_message_is_text(client, partner):
    write(client, partner, message="<script>alert(1)</script> og <b>mer</b>")
    (mail,) = mails_to(partner.contact_email)
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html


# --- Who can be written to


@pytest.mark.parametrize("status", [s for s in Status if s != Status.APPROVED])
def test_partner_that_is_not_in_cannot_be_written_to(client, status):
    membership = MembershipFactory(partner__status=status)
    for user in (None, membership.user):
        if user:
            client.force_login(user)
        assert client.get(reverse("partners:write", args=[membership.partner.slug])).status_code == 404
        assert write(client, membership.partner).status_code == 404
    assert not Mail.objects.exists()


def test_partner_without_an_address_has_no_button(client, partner):
    button = reverse("partners:write", args=["nordlys"])
    assert button in client.get(partner.get_absolute_url()).text
    Partner.objects.update(contact_email="")
    assert button not in client.get(partner.get_absolute_url()).text
    assert client.get(button).status_code == 404


# --- Bad input


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Your name"),
        ({"email": "kari"}, "Your e-mail address"),
        ({"email": "kari@x.no\r\nBcc: a@b.no"}, "Your e-mail address"),
        ({"message": ""}, "Message"),
        ({"message": "Hei"}, "Please write a little more."),
        ({"message": "x" * 3001}, "3000"),
        ({"nickname": "Robot"}, "Leave this field empty."),
    ],
)
def test_bad_form_is_explained_and_sends_nothing(client, partner, changes, words):
    response = write(client, partner, **changes)
    assert response.status_code == 200
    assert words in response.text
    assert not Mail.objects.exists()


@pytest.mark.parametrize("field", ["message", "name", "school"])
def test_identity_number_is_refused_and_not_shown_again(client, partner, field):
    response = write(client, partner, **{field: f"Elev {PERSONAL_NUMBER} trenger heis"})
    assert response.status_code == 200
    assert "looked like a personal identity number" in response.text
    assert PERSONAL_NUMBER not in response.text
    assert not Mail.objects.exists()


# --- Limits


def test_visitor_has_a_limit(client, partner, settings):
    limits(settings, partner_message=2)
    assert [write(client, partner).status_code for _ in range(3)] == [302, 302, 429]
    assert Mail.objects.count() == 4


def test_text_stays_in_the_form_when_the_limit_is_reached(client, partner, settings):
    limits(settings, partner_message=0)
    write(client, partner)
    response = write(client, partner)
    assert response.status_code == 429
    assert "Nothing is lost" in response.text
    assert "Kan vi komme i mai?" in response.text


def test_browser_without_script_may_write_less_often(client, partner, settings):
    limits(settings, partner_message_without_proof=1)
    assert [write(client, partner, proof=False).status_code for _ in range(2)] == [302, 429]
    assert write(client, partner).status_code == 302


def test_person_who_is_logged_in_needs_no_proof(client, partner, settings):
    limits(settings, partner_message_without_proof=0)
    client.force_login(UserFactory())
    assert write(client, partner, proof=False).status_code == 302


def test_one_address_gets_few_copies_from_wherever_they_are_asked_for(client, partner, settings):
    limits(settings, partner_message_address=1)
    first = client.post(reverse("partners:write", args=["nordlys"]), typed(), REMOTE_ADDR="10.0.0.1")
    second = client.post(
        reverse("partners:write", args=["nordlys"]), typed(email="KARI@skole.example.no"), REMOTE_ADDR="10.0.0.2"
    )
    assert [first.status_code, second.status_code] == [302, 429]


def test_one_partner_is_not_flooded_from_many_places(client, partner, settings):
    limits(settings, partner_message_partner=2)
    codes = [
        client.post(
            reverse("partners:write", args=["nordlys"]), typed(email=f"k{n}@example.no"), REMOTE_ADDR=f"10.0.0.{n}"
        ).status_code
        for n in range(1, 4)
    ]
    assert codes == [302, 302, 429]
    assert write(client, PartnerFactory(), email="ny@example.no").status_code == 302
