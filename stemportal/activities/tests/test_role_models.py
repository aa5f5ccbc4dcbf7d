"""Profiles of role models: written in the partner's room, kept in step with what classes book, hidden and deleted."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from stemportal.activities.models import Activity, RoleModel, Subject
from stemportal.activities.rules import missing_for_publishing
from stemportal.activities.services import activities, consents
from stemportal.activities.services import role_models as services
from stemportal.activities.services.consent_links import find_consent, link_token
from stemportal.activities.services.role_model_offers import shortened
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.role_models import asked, said_yes
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.testing.factories import CountyFactory, MunicipalityFactory, PartnerFactory, RoleModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (40, 40), "red").save(target, "PNG")
    return target.getvalue()


def typed(**changes: Any) -> dict[str, Any]:
    """What an editor sends."""
    return {
        "full_name": "Kari  Modell",
        "email": "kari@nordlys.example.no",
        "language": "nb",
        "job_title": "Robotingeniør",
        "intro": "Bygger roboter.",
        "path": "Strøk i matte først.",
        "step_year_0": "2014",
        "step_text_0": "Fagbrev",
        "step_text_3": "Ingeniør",
        "subjects": [Subject.objects.get(code="TEK").pk],
        "languages": ["nb", "se"],
        "grade_from": "8",
        "grade_to": "10",
        "visits_schools": "on",
        "counties": [CountyFactory().pk],
        **changes,
    }


# --- Writing


def test_profile_is_written_as_a_draft_that_only_the_partner_sees(member, partner, client):
    response = member.post(at("role_model_add", partner.pk), typed())

    role_model = RoleModel.objects.get()
    assert response.status_code == 302
    assert (role_model.full_name, role_model.status) == ("Kari Modell", "draft")
    assert role_model.steps == [{"year": "2014", "text": "Fagbrev"}, {"year": "", "text": "Ingeniør"}]
    assert list(role_model.subjects.values_list("code", flat=True)) == ["TEK"]
    page = member.get(role_model.get_absolute_url())
    assert b"Only you and your colleagues see it" in page.content
    assert b'name="robots" content="noindex"' in page.content
    assert client.get(role_model.get_absolute_url()).status_code == 404
    assert b"Kari Modell" in member.get(at("partner_role_models", partner.pk)).content
    assert not Activity.objects.exists()
    assert not Mail.objects.exists()


def test_reader_sees_profiles_and_changes_none(reader, partner, kinds):
    role_model = RoleModelFactory(partner=partner)

    assert role_model.full_name.encode() in reader.get(at("partner_role_models", partner.pk)).content
    assert at("role_model_ask", role_model.pk).encode() not in reader.get(role_model.get_absolute_url()).content
    for address in (
        at("role_model_add", partner.pk),
        *(at(f"role_model_{verb}", role_model.pk) for verb in ("edit", "ask", "hide", "show", "delete")),
    ):
        assert reader.post(address, typed()).status_code == 403
    role_model.refresh_from_db()
    assert role_model.status == "draft"


def test_stranger_finds_no_profile_of_another_partner(stranger, partner):
    role_model = RoleModelFactory(partner=partner)

    assert stranger.get(at("partner_role_models", partner.pk)).status_code == 404
    assert stranger.post(at("role_model_ask", role_model.pk)).status_code == 404
    assert stranger.get(at("role_model_edit", role_model.pk)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"full_name": ""}, "This field is required"),
        ({"email": "kari"}, "Enter a valid email address"),
        ({"grade_from": "11"}, "below the first one"),
        ({"step_year_1": "i fjor", "step_text_1": "Sluttet"}, "Write a year such as 2014"),
        ({"step_year_1": "2015"}, "leave the year empty too"),
        ({"film_link": "https://film.example.com/w/1"}, "Films can be shown from"),
        ({"film_link": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"path": "x" * 4001}, "at most 4000 characters"),
        ({"photo": SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "SVG drawing"),
        ({"photo": SimpleUploadedFile("a.png", png())}, "Say what the photo shows"),
        ({"subjects": ["999999"]}, "999999"),
    ],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(member, partner, wrong, words):
    for file in wrong.values():
        if hasattr(file, "seek"):
            file.seek(0)

    response = member.post(at("role_model_add", partner.pk), typed(**wrong))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert "Ingeniør" in response.content.decode()
    assert not RoleModel.objects.exists()


def test_personal_identity_number_is_thrown_away(member, partner):
    response = member.post(at("role_model_add", partner.pk), typed(path="Jeg er 01017000027 og glad i matte."))

    assert response.status_code == 422
    assert b"01017000027" not in response.content
    assert not RoleModel.objects.exists()


def test_profiles_of_a_partner_have_a_ceiling(member, partner, monkeypatch):
    monkeypatch.setattr(services, "MOST_A_PARTNER", 1)
    RoleModelFactory(partner=partner, email="")
    member.post(at("role_model_add", partner.pk), typed())

    response = member.post(at("role_model_add", partner.pk), typed(email="to@nordlys.example.no"))

    assert b"which is as many as fit" in response.content
    assert RoleModel.objects.exclude(email="").count() == 1


def test_photo_is_drawn_anew_shown_to_members_and_replaced(member, partner, client):
    upload = {"photo": SimpleUploadedFile("kari.png", png()), "photo_alt": "Kari ved en robot"}
    member.post(at("role_model_add", partner.pk), typed(**upload))
    role_model = RoleModel.objects.get()
    first = role_model.photo.name

    assert member.get(role_model.portrait.url)["Content-Type"] == "image/png"
    assert client.get(role_model.portrait.url).status_code == 404
    again = {"photo": SimpleUploadedFile("kari.png", png()), "photo_alt": "Kari"}
    with_commit(lambda: member.post(at("role_model_edit", role_model.pk), typed(**again)))
    role_model.refresh_from_db()
    assert role_model.photo.name != first
    assert not default_storage.exists(first)
    with_commit(lambda: member.post(at("role_model_edit", role_model.pk), typed(without_photo="on")))
    role_model.refresh_from_db()
    assert (role_model.photo.name, role_model.photo_alt) == ("", "")
    assert not list(default_storage.listdir("role_models")[1])


def with_commit(act: Any) -> Any:
    """Run what waits for the commit as well."""
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        return act()


# --- What classes book


def test_database_shows_nobody_without_a_consent():
    role_model = RoleModelFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleModel.objects.filter(pk=role_model.pk).update(status=RoleModel.Status.PUBLISHED)


def test_service_shows_nobody_without_a_consent(partner):
    role_model = RoleModelFactory(partner=partner, status=RoleModel.Status.HIDDEN)
    consent = asked(role_model)

    assert services.show_role_model(role_model=role_model) is False
    with pytest.raises(ValueError, match="without a consent"):
        services.publish(role_model, consent)


@pytest.mark.parametrize(
    ("school", "online", "kind", "where", "reach", "counties"),
    [
        (True, False, "role_model_visit", "at_school", "county", 1),
        (True, True, "role_model_visit", "hybrid", "county", 1),
        (False, True, "role_model_online", "digital", "national", 0),
    ],
)
def test_offer_is_made_as_the_profile_says(partner, school, online, kind, where, reach, counties):
    role_model = said_yes(partner, visits_schools=school, meets_online=online, full_name="Kari Modell")

    offer = role_model.offer
    assert (offer.kind.code, offer.format, offer.reach) == (kind, where, reach)
    assert offer.is_published
    assert offer.title == "Møt Kari Modell, robotingeniør"
    assert offer.summary == role_model.intro
    assert "Jeg strøk i matte først." in offer.description
    assert "**2014:** Fagbrev" in offer.description
    assert (offer.policy, offer.group_max, offer.duration_minutes) == ("on_request", 30, 45)
    assert offer.serves.count() == counties
    assert (offer.municipality == partner.municipality) is school
    assert list(offer.subjects.values_list("code", flat=True)) == ["TEK"]
    assert missing_for_publishing(offer) == []


def test_offer_follows_the_profile_and_the_person_is_told(member, partner):
    role_model = said_yes(partner)
    Mail.objects.all().delete()

    data = typed(full_name=role_model.full_name, email=role_model.email, language="en", job_title="IT-arkitekt")
    response = member.post(at("role_model_edit", role_model.pk), data, follow=True)

    assert b"We have written to the person what is new." in response.content
    role_model.refresh_from_db()
    assert role_model.is_published
    assert role_model.offer.title == f"Møt {role_model.full_name}, IT-arkitekt"
    assert role_model.offer.grade_to == 10
    mail = Mail.objects.get()
    assert mail.to_email == role_model.email
    assert "What the person does" in mail.text
    assert "Which choices took me here" in mail.text
    assert "Name" not in mail.text.split("Changed:")[1].split("\n")[0]
    assert find_consent(mail.text.split("/consent/")[1].split("/")[0]).role_model == role_model


def test_same_facts_again_tell_nobody(member, partner):
    member.post(at("role_model_add", partner.pk), typed())
    role_model = RoleModel.objects.get()
    consent = asked(role_model)
    consents.give_consent(consent=consent, seen=consents.fingerprint(role_model, text(role_model)), language="en")
    Mail.objects.all().delete()

    member.post(at("role_model_edit", role_model.pk), typed())

    assert not Mail.objects.exists()


def text(role_model: RoleModel) -> str:
    return consents.consent_text(role_model.partner, "en")


def test_shown_profile_must_stay_complete(member, partner):
    role_model = said_yes(partner)

    data = typed(full_name=role_model.full_name, email=role_model.email, subjects=[])
    response = member.post(at("role_model_edit", role_model.pk), data)

    assert response.status_code == 422
    assert b"Choose at least one subject" in response.content
    assert role_model.subjects.exists()


@pytest.mark.parametrize("new", [{"full_name": "En Annen"}, {"email": "en.annen@nordlys.example.no"}])
def test_another_name_or_address_needs_a_new_yes(member, partner, client, new):
    role_model = said_yes(partner)
    old_link = at("role_model_consent", link_token(role_model.consents.get()))
    Mail.objects.all().delete()

    data = typed(**{"full_name": role_model.full_name, "email": role_model.email, **new})
    member.post(at("role_model_edit", role_model.pk), data)

    current = RoleModel.objects.get()
    assert (current.status, current.consented_at, current.offer.status) == ("draft", None, "archived")
    assert client.get(old_link).status_code == 404
    assert [mail.to_email for mail in Mail.objects.all()] == [role_model.email]
    assert "yours has ended" in Mail.objects.get().text
    assert b"Draft" in member.get(at("partner_role_models", partner.pk)).content
    assert services.show_role_model(role_model=current) is False


def test_offer_of_a_role_model_is_changed_in_the_profile_and_not_copied(member, partner):
    offer = said_yes(partner).offer

    assert member.get(at("edit", offer.pk)).url == at("role_model_edit", offer.role_model.pk)
    member.post(at("copy", offer.pk))
    assert Activity.objects.get() == offer


def test_offer_is_not_published_while_its_profile_is_not_shown(member, partner):
    role_model = said_yes(partner)
    services.hide_role_model(role_model=role_model)
    offer = Activity.objects.get()
    activities.restore_activity(activity=offer)

    with pytest.raises(activities.CannotPublish, match="Ask the role model"):
        activities.publish_activity(activity=offer)


def test_long_names_fit_the_offer():
    assert len(shortened(f"Møt {'Kari ' * 30}", 90)) <= 90
    assert shortened("kort", 90) == "kort"
    assert shortened("x" * 100, 90) == "x" * 89 + "…"
    assert shortened("Møt Kari Nordmann, ingeniør", 20) == "Møt Kari Nordmann…"


# --- Hiding and showing again


def test_hidden_profile_is_gone_until_it_is_shown_again(member, partner, client):
    role_model = said_yes(partner)

    member.post(at("role_model_hide", role_model.pk))
    assert client.get(role_model.get_absolute_url()).status_code == 404
    assert RoleModel.objects.get().offer.status == "archived"
    assert b"consent still stands" in member.get(role_model.get_absolute_url()).content

    member.post(at("role_model_show", role_model.pk))
    assert client.get(role_model.get_absolute_url()).status_code == 200
    assert RoleModel.objects.get().offer.is_published


def test_foreign_partner_is_told_to_meet_classes_by_video():
    partner = PartnerFactory(country="DK", municipality=None)
    role_model = RoleModelFactory(partner=partner)

    words = [str(item.what) for item in services.missing_for_showing(role_model)]

    assert any("meetings by video" in text for text in words)


def test_page_says_what_is_missing_before_asking(member, partner, kinds):
    role_model = RoleModelFactory(partner=partner, intro="", languages=[], path="", steps=[])

    page = member.get(role_model.get_absolute_url()).content.decode()

    for words in ("Say in one or two sentences", "at least one language", "Tell which choices", "one subject"):
        assert words in page
    response = member.post(at("role_model_ask", role_model.pk), follow=True)
    assert "The person was not asked yet" in response.content.decode()
    assert not Mail.objects.exists()


def test_partner_that_is_not_approved_prepares_but_does_not_ask(partner):
    Partner.objects.update(status=Partner.Status.APPLIED)
    role_model = RoleModelFactory(partner=Partner.objects.get())

    with pytest.raises(services.NotComplete, match="Wait until"):
        consents.ask_for_consent(role_model=role_model)


# --- Deleting


def test_draft_that_nobody_was_asked_about_is_deleted_whole(member, partner):
    role_model = RoleModelFactory(partner=partner)

    member.post(at("role_model_delete", role_model.pk))

    assert not RoleModel.objects.exists()
    assert not history(role_model).exists()
    assert not Mail.objects.exists()


def test_profile_with_a_yes_is_emptied_and_the_person_told(member, partner):
    role_model = said_yes(partner, photo=default_storage.save("role_models/a.png", BytesIO(b"x")), photo_alt="Kari")
    Mail.objects.all().delete()
    image = default_storage.save("offers/b.png", BytesIO(b"x"))
    role_model.offer.images.create(file=image, alt_text="Kari ved en robot")

    with_commit(lambda: member.post(at("role_model_delete", role_model.pk)))

    assert not default_storage.exists(image)
    assert not Activity.objects.get().images.exists()

    left = RoleModel.objects.get()
    assert (left.full_name, left.email, left.path, left.steps, left.photo.name) == ("", "", "", [], "")
    assert not default_storage.exists("role_models/a.png")
    assert left.consents.get().given_at
    assert left.consents.get().withdrawn_at
    assert left.consents.get().text
    assert set(history(role_model).values_list("full_name", "email", "path")) == {("", "", "")}
    offer = Activity.objects.get()
    assert (offer.title, offer.description, offer.status) == ("Møt en rollemodell", "", "archived")
    mail = Mail.objects.get()
    assert mail.to_email == role_model.email
    assert "has deleted your profile" in mail.text
    page = member.get(at("partner_role_models", partner.pk)).content.decode()
    assert "Deleted profile" in page
    assert role_model.full_name not in page
    assert member.get(role_model.get_absolute_url()).status_code == 404
    assert member.get(at("role_model_edit", role_model.pk)).status_code == 404


def history(role_model: RoleModel) -> Any:
    return apps.get_model("activities", "RoleModelChange").objects.filter(pgh_obj_id=role_model.pk)


def test_municipality_of_the_partner_is_where_visits_start(partner):
    MunicipalityFactory(number="0301", name="Oslo")

    assert said_yes(partner).offer.municipality == partner.municipality
