"""A role model's own yes: asked by mail, said on a page, taken back with the same link, and the profile deleted."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.services import consents, role_models
from stemportal.activities.services.consent_links import find_consent, link_token, token_of
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.role_models import agree, asked, complete, said_yes
from stemportal.lib import images
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner, token_hash
from stemportal.testing.factories import MembershipFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture() -> images.Picture:
    target = BytesIO()
    Image.new("RGB", (40, 40), "red").save(target, "PNG")
    return images.prepare(SimpleUploadedFile("a.png", target.getvalue()))


def with_photo(partner: Partner) -> RoleModel:
    role_model = complete(partner, photo_alt="Kari")
    role_models.update_role_model(role_model=role_model, facts={}, picture=picture())
    return RoleModel.objects.select_related("partner").get(pk=role_model.pk)


def link_in(mail: Mail) -> str:
    found = re.search(r"https?://[^/]+(/\S*/consent/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def seen_on(client: Client, link: str) -> str:
    return re.search(r'name="seen" value="([0-9a-f]{64})"', client.get(link).content.decode())[1]


def answer(client: Client, link: str, name: str, **data: str) -> str:
    """Press a button; return the text of the page that follows."""
    return client.post(link, {"answer": name, **data}, follow=True).content.decode()


# --- Asking


def test_person_is_asked_with_a_link_that_only_the_mail_knows(member, partner):
    role_model = complete(partner, language="nn")

    member.post(at("role_model_ask", role_model.pk))

    mail = Mail.objects.get()
    assert mail.to_email == role_model.email
    assert mail.language == "nn"
    token = link_in(mail).strip("/").rpartition("/")[2]
    consent = RoleModelConsent.objects.get()
    assert len(token) == 64
    assert consent.token_hash == token_hash(token)
    assert find_consent(token) == consent
    assert token not in member.get(role_model.get_absolute_url()).content.decode()
    assert "Waiting for consent" in member.get(at("partner_role_models", partner.pk)).content.decode()


def test_asking_again_replaces_the_link(partner, client):
    role_model = complete(partner)
    first, second = asked(role_model), asked(role_model)

    assert client.get(at("role_model_consent", token_of(first))).status_code == 404
    assert client.get(at("role_model_consent", token_of(second))).status_code == 200
    assert RoleModelConsent.objects.count() == 1


def test_asking_is_limited_for_each_person(member, partner, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "role_model_ask_person": (2, 60)}
    role_model = complete(partner)

    pages = [member.post(at("role_model_ask", role_model.pk), follow=True).content.decode() for _n in range(3)]

    assert ["often enough" in page for page in pages] == [False, False, True]
    assert Mail.objects.count() == 2


def test_who_has_said_yes_is_sent_the_same_link(member, partner):
    role_model = said_yes(partner)
    link = token_of(role_model.consents.get())
    Mail.objects.all().delete()

    member.post(at("role_model_ask", role_model.pk))

    assert link in Mail.objects.get().text
    assert RoleModel.objects.get().is_published


def test_link_goes_on_after_a_new_secret_key(partner, client, settings):
    """The old link still takes the yes back; the next mail brings one that works as well."""
    role_model = said_yes(partner)
    consent = role_model.consents.get()
    old = at("role_model_consent", token_of(consent))
    settings.SECRET_KEY = "another"  # noqa: S105

    assert client.get(old).status_code == 200
    new = at("role_model_consent", link_token(consent))
    assert new != old
    assert client.get(new).status_code == 200


# --- Looking


def test_opening_the_link_changes_nothing(partner, client):
    consent = asked(complete(partner))
    link = at("role_model_consent", token_of(consent))

    for _n in range(3):
        page = client.get(link).content.decode()
        client.head(link)

    assert "May Nordlys Robotikk show you as a role model?" in page
    assert "Jeg strøk i matte først." in page
    assert "My e-mail address is not shown." in page
    assert not RoleModelConsent.objects.filter(given_at__isnull=False).exists()
    assert RoleModel.objects.get().status == "draft"


def test_page_of_the_link_is_for_nobody_else(partner, client):
    """No index, no cache, and the address goes to no other site."""
    role_model = complete(partner, film_link="https://film.example.no/w/1")
    response = client.get(at("role_model_consent", token_of(asked(role_model))))

    assert b'name="robots" content="noindex' in response.content
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    outside = re.findall(r'<a [^>]*href="https?://[^>]*>', main)
    assert outside
    assert all("noreferrer" in link for link in outside)


def test_photo_is_seen_behind_the_link_before_it_is_shown(partner, client):
    role_model = with_photo(partner)
    token = token_of(asked(role_model))

    assert at("role_model_consent_photo", token) in client.get(at("role_model_consent", token)).content.decode()
    assert client.get(at("role_model_consent_photo", token)).status_code == 200
    assert client.get(role_model.portrait.url).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 64, "a-b_c"])
def test_unknown_link_says_what_to_do(partner, client, token):
    response = client.get(at("role_model_consent", token))

    assert response.status_code == 404
    assert b"We do not know this link" in response.content
    assert client.post(at("role_model_consent", token), {"answer": "yes"}).status_code == 404
    assert client.get(at("role_model_consent_photo", token)).status_code == 404


def test_page_is_limited_for_each_visitor(partner, client, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "role_model_consent": (2, 60)}

    codes = [client.get(at("role_model_consent", f"{n:064}")).status_code for n in range(3)]

    assert codes == [404, 404, 429]


# --- Saying yes or no


def test_yes_shows_the_profile_and_keeps_the_words(partner, client):
    role_model = with_photo(partner)
    link = link_in(asked_mail(role_model))

    page = answer(client, link, "yes", seen=seen_on(client, link))

    assert "Your profile is shown from now on." in page
    consent = RoleModelConsent.objects.get()
    assert consent.given_at
    assert "This is what I say yes to (version 1)" in consent.text
    assert "Nordlys Robotikk" in consent.text
    assert client.get(role_model.get_absolute_url()).status_code == 200
    assert client.get(role_model.portrait.url).status_code == 200
    subjects = {mail.to_email: mail.subject for mail in Mail.objects.exclude(template="role_model_asked")}
    assert "Thank you" in subjects[role_model.email]
    assert role_model.full_name in subjects[partner.contact_email]


def asked_mail(role_model: RoleModel) -> Mail:
    asked(role_model)
    return Mail.objects.get(template="role_model_asked")


def test_words_are_kept_in_the_language_they_were_read_in(partner, client):
    token = token_of(asked(complete(partner)))
    link = f"/nn/role-models/consent/{token}/"

    answer(client, link, "yes", seen=seen_on(client, link))

    assert "Dette seier eg ja til" in RoleModelConsent.objects.get().text


def test_yes_to_a_profile_that_was_changed_meanwhile_does_not_count(partner, client):
    role_model = complete(partner)
    link = at("role_model_consent", token_of(asked(role_model)))
    seen = seen_on(client, link)
    role_models.update_role_model(role_model=role_model, facts={"path": "Noe helt annet."})

    page = answer(client, link, "yes", seen=seen)

    assert "Please read it once more" in page
    assert "Noe helt annet." in page
    assert RoleModel.objects.get().status == "draft"
    assert "shown from now on" in answer(client, link, "yes", seen=seen_on(client, link))


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": "yes"}, {"answer": "yes", "seen": "0"}])
def test_answer_without_sense_changes_nothing(partner, client, data):
    link = at("role_model_consent", token_of(asked(complete(partner))))

    assert client.post(link, data).status_code == 302
    assert RoleModel.objects.get().status == "draft"


def test_no_is_respected_and_told(member, partner, client):
    role_model = complete(partner)
    link = at("role_model_consent", token_of(asked(role_model)))

    assert "You said no" in answer(client, link, "no")

    assert RoleModel.objects.get().status == "draft"
    told = Mail.objects.get(template="role_model_said_no")
    assert told.to_email == partner.contact_email
    assert "Said no" in member.get(at("partner_role_models", partner.pk)).content.decode()
    answer(client, link, "yes", seen="0" * 64)
    assert RoleModel.objects.get().status == "draft"


def test_link_runs_out_after_sixty_days(partner, client):
    role_model = complete(partner)
    consent = asked(role_model)
    link = at("role_model_consent", token_of(consent))
    seen = seen_on(client, link)

    with time_machine.travel(timezone.now() + timedelta(days=60, minutes=1), tick=False):
        response = client.get(link)
        assert response.status_code == 410
        assert b"This link has run out" in response.content
        assert role_model.path not in response.content.decode()
        with pytest.raises(consents.ConsentClosed):
            consents.give_consent(consent=consent, seen=seen, language="en")
    with time_machine.travel(timezone.now() + timedelta(days=59), tick=False):
        agree(consent)
    with time_machine.travel(timezone.now() + timedelta(days=900), tick=False):
        assert client.get(link).status_code == 200, "a yes can be taken back for as long as it stands"


def test_yes_waits_while_the_partner_is_not_approved(partner, client):
    consent = asked(complete(partner))
    link = at("role_model_consent", token_of(consent))
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.PAUSED)

    page = answer(client, link, "yes", seen=seen_on(client, link))

    assert "cannot be shown yet" in page
    assert not RoleModelConsent.objects.get().given_at


# --- Taking it back


def test_withdrawal_takes_everything_off_the_pages_at_once(member, partner, client):
    role_model = agree(asked(with_photo(partner)))
    offer, photo = role_model.offer, role_model.portrait.url
    link = at("role_model_consent", token_of(role_model.consents.get()))
    page_of_profile, page_of_offer = role_model.get_absolute_url(), offer.get_absolute_url()
    room, directory, search = at("partner_role_models", partner.pk), at("role_models"), reverse("activities:search")
    # Photos have one address for all languages, and a page there is in bokmål: so the addresses come first.
    tag = client.get(photo)["ETag"]
    assert client.get(photo, headers={"If-None-Match": tag}).status_code == 304

    page = answer(client, link, "withdraw")

    assert "not shown any more" in page
    assert client.get(page_of_profile).status_code == 404
    assert client.get(photo, headers={"If-None-Match": tag}).status_code == 404
    assert client.get(page_of_offer).status_code == 404
    assert role_model.full_name not in client.get(directory).content.decode()
    assert role_model.full_name not in client.get(search, {"q": "modell"}).content.decode()
    current = RoleModel.objects.get()
    assert (current.status, current.consented_at) == ("hidden", None)
    assert "Consent withdrawn" in member.get(room).content.decode()
    member.post(at("role_model_show", role_model.pk))
    assert RoleModel.objects.get().status == "hidden"


def test_withdrawal_tells_the_partner_of_visits_that_stand(partner):
    role_model = said_yes(partner)
    MembershipFactory(partner=partner, user__language="en", user__email=partner.contact_email)
    SessionFactory(activity=role_model.offer, places_taken=1)
    SessionFactory(activity=role_model.offer, places_taken=0)

    consents.withdraw_consent(consent=role_model.consents.get())

    told = Mail.objects.get(template="role_model_withdrew")
    assert told.to_email == partner.contact_email
    assert "1 agreed visit stands" in told.text
    assert role_model.offer.sessions.filter(status="open", places_taken=1).exists()
    assert "taken back" in Mail.objects.get(template="role_model_consent_withdrawn").subject


def test_withdrawal_twice_tells_once(partner):
    role_model = said_yes(partner)
    consent = role_model.consents.get()

    assert consents.withdraw_consent(consent=consent) is True
    assert consents.withdraw_consent(consent=consent) is False
    assert Mail.objects.filter(template="role_model_withdrew").count() == 1


def test_withdrawal_works_when_the_partner_is_paused_or_has_hidden_it(partner):
    role_model = said_yes(partner)
    role_models.hide_role_model(role_model=role_model)
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.PAUSED)

    assert consents.withdraw_consent(consent=role_model.consents.get())
    assert role_models.show_role_model(role_model=role_model) is False


def test_new_yes_after_a_withdrawal_is_a_consent_of_its_own(partner, client):
    role_model = said_yes(partner)
    consents.withdraw_consent(consent=role_model.consents.get())

    again = agree(asked(role_model))

    assert again.is_published
    assert again.offer_id == role_model.offer_id
    assert again.offer.is_published
    assert RoleModelConsent.objects.filter(given_at__isnull=False).count() == 2


# --- Deleting


@pytest.mark.parametrize("before", ["asked", "agreed", "withdrawn", "refused"])
def test_profile_is_deleted_when_its_person_wishes(partner, client, before):
    role_model = with_photo(partner)
    consent = asked(role_model)
    if before in {"agreed", "withdrawn"}:
        agree(consent)
    if before == "withdrawn":
        consents.withdraw_consent(consent=consent)
    if before == "refused":
        consents.refuse_consent(consent=consent)
    link = at("role_model_consent", token_of(consent))

    client.post(link, {"answer": "delete"})

    left = RoleModel.objects.get()
    assert (left.full_name, left.email, left.path, left.photo.name) == ("", "", "", "")
    assert not Mail.objects.filter(to_email=role_model.email).exists(), "no mail keeps the address"
    told = Mail.objects.get(template="role_model_deleted_at_wish")
    assert told.to_email == partner.contact_email
    if before in {"agreed", "withdrawn"}:
        record = RoleModelConsent.objects.get()
        assert record.given_at
        assert record.withdrawn_at
        assert role_model.full_name not in record.text
        assert b"Your profile is deleted" in client.get(link).content
    else:
        assert not RoleModelConsent.objects.exists(), "nothing was agreed to, so there is nothing to show"


def test_file_of_the_photo_is_deleted_too(partner, django_capture_on_commit_callbacks):
    role_model = with_photo(partner)
    name = role_model.photo.name
    consent = asked(role_model)

    with django_capture_on_commit_callbacks(execute=True):
        consents.delete_at_wish(consent=consent)

    assert not default_storage.exists(name)
