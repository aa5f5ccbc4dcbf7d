"""Signing up as a teacher, from the empty form to the first page; saying where one teaches; finding a school."""

from __future__ import annotations

import pytest
from django.test import Client

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.places.models import LanguageForm
from stemportal.schools.models import Teacher
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    CountyFactory,
    MunicipalityFactory,
    OwnerDomainFactory,
    SchoolFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SIGNUP = "/en/account/signup/"
CONFIRM = "/en/account/confirm-email/"


@pytest.fixture
def school():
    return SchoolFactory(name="Alta ungdomsskole")


@pytest.fixture
def domain(school):
    """Addresses under alta.example.no belong to the owner of Alta's schools."""
    return OwnerDomainFactory(domain="alta.example.no", municipality=school.municipality)


def sign_up(client: Client, chosen=None, *, email="mari@alta.example.no", address=SIGNUP, **changes):
    data = {
        "full_name": "Mari Prøve",
        "email": email,
        "school_text": "alta",
        "school": chosen.pk if chosen else "",
        "fax_number": "",
    }
    return client.post(address, {**data, **changes})


def code_sent_to(email: str) -> str:
    return Mail.objects.filter(to_email=email).latest("id").subject.rpartition(": ")[2]


def confirm(client: Client, email="mari@alta.example.no", *, address=CONFIRM):
    return client.post(address, {"code": code_sent_to(email)}, follow=True)


# --- Sign-up


def test_signup_under_the_owners_domain_can_book_at_once(client, school, domain):
    response = sign_up(client, school)
    assert (response.status_code, response["Location"]) == (302, CONFIRM)
    assert "mari@alta.example.no" in words(client.get(CONFIRM))

    page = confirm(client)

    assert page.redirect_chain[-1][0] == at("my_page")
    assert "Alta ungdomsskole" in words(page)
    assert "The secretariat is confirming" not in words(page)
    teacher = Teacher.objects.get()
    assert (teacher.user.email, teacher.user.full_name, teacher.school) == (
        "mari@alta.example.no",
        "Mari Prøve",
        school,
    )
    assert (teacher.status, teacher.verified_how) == (Teacher.Status.VERIFIED, Teacher.VerifiedHow.DOMAIN)
    assert not Mail.objects.filter(template="teacher_waits").exists()


def test_signup_with_another_address_waits_for_the_secretariat(client, school, domain, settings):
    sign_up(client, school, email="mari@example.org")

    page = confirm(client, "mari@example.org")

    assert "The secretariat is confirming that you teach here" in words(page)
    assert Teacher.objects.get().status == Teacher.Status.PENDING
    mail = Mail.objects.get(template="teacher_waits")
    assert mail.to_email == settings.SECRETARIAT_EMAIL
    assert "Alta ungdomsskole" in mail.text


def test_signup_means_nothing_before_the_address_is_confirmed(client, school, domain):
    sign_up(client, school)

    assert Teacher.objects.get().status == Teacher.Status.PENDING
    assert not Mail.objects.filter(template="teacher_waits").exists()
    assert client.get(at("my_page")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_signup_with_a_wrong_code_stays_outside(client, school, domain):
    sign_up(client, school)

    for wrong in ("000000", "", "<script>", "x" * 5000):
        response = client.post(CONFIRM, {"code": wrong})
        assert response.status_code in {200, 302}

    assert "_auth_user_id" not in client.session
    assert Teacher.objects.get().status == Teacher.Status.PENDING


def test_signup_code_works_only_in_the_browser_that_asked(client, school, domain):
    sign_up(client, school)

    confirm(Client())

    assert Teacher.objects.get().status == Teacher.Status.PENDING


@pytest.mark.parametrize(
    ("language_form", "page", "expected"),
    [
        (LanguageForm.NYNORSK, "/account/", "nn"),
        (LanguageForm.BOKMAAL, "/account/", "nb"),
        (LanguageForm.NEUTRAL, "/account/", "nb"),
        (LanguageForm.NYNORSK, "/en/account/", "en"),
        (LanguageForm.BOKMAAL, "/nn/account/", "nn"),
    ],
)
def test_signup_language_follows_the_school_unless_the_page_says_more(client, language_form, page, expected):
    school = SchoolFactory(language_form=language_form)

    sign_up(client, school, address=f"{page}signup/")

    user = User.objects.get()
    assert user.language == expected
    assert Mail.objects.get(to_email=user.email).language == expected


def test_signup_by_typing_the_whole_name_needs_no_choosing(client, school):
    """Without JavaScript there is nothing to choose from before the form is sent."""
    sign_up(client, school_text="  alta UNGDOMSSKOLE ")

    assert Teacher.objects.get().school == school


def test_signup_with_a_part_of_the_name_offers_the_choice_and_keeps_what_was_typed(client, school):
    SchoolFactory(name="Alta videregående skole", grade_from=11, grade_to=13)

    response = sign_up(client, school_text="Alta")

    text = words(response)
    assert response.status_code == 200
    assert "Choose your school in the list below." in text
    assert f'value="{school.pk}"' in text
    assert "Alta videregående skole" in text
    assert 'value="Mari Prøve"' in text
    assert 'value="mari@alta.example.no"' in text
    assert sign_up(client, school).status_code == 302


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"full_name": ""}, "This field is required."),
        ({"full_name": "x" * 121}, "at most 120 characters"),
        ({"email": "mari"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"email": "x" * 250 + "@example.org"}, "at most 254 characters"),
        ({"school": "", "school_text": ""}, "Type the name of your school."),
        ({"school": "", "school_text": "Hogwarts"}, "We found no such school."),
        ({"school": "", "school_text": "x" * 121}, "at most 120 characters"),
        ({"school": "", "school_text": "'; DROP TABLE schools_school; --"}, "We found no such school."),
        ({"school": "999999999"}, "Select a valid choice."),
        ({"school": "9" * 40}, "Select a valid choice."),
        ({"school": "<script>"}, "Select a valid choice."),
    ],
)
def test_signup_bad_input_is_told(client, school, changes, message):
    response = sign_up(client, school, **changes)

    assert response.status_code == 200
    assert message in words(response)
    assert "<script>" not in response.content.decode().replace('<script src="', "").replace("<script defer", "")
    assert not User.objects.exists()


def test_signup_at_a_closed_school_is_refused(client):
    closed = SchoolFactory(name="Nedlagt skole", is_active=False)

    response = sign_up(client, closed)

    assert response.status_code == 200
    assert not User.objects.exists()


def test_signup_of_a_robot_makes_nothing(client, school):
    """The honeypot: whoever fills it in is shown success."""
    response = sign_up(client, school, fax_number="555-1234")

    assert response.status_code in {200, 302}
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_signup_with_a_known_address_looks_the_same_and_tells_its_owner(client, school):
    known = UserFactory(email="mari@alta.example.no", full_name="Mari som har konto")
    stranger = Client()

    new, old = sign_up(stranger, school, email="ny@alta.example.no"), sign_up(client, school)

    assert (old.status_code, old["Location"]) == (new.status_code, new["Location"])
    new_page, old_page = words(stranger.get(CONFIRM)), words(client.get(CONFIRM))
    assert "already" not in old_page.lower()
    assert len(old_page) - len(new_page) < 200
    assert User.objects.count() == 2
    mail = Mail.objects.get(to_email=known.email)
    assert mail.subject == "Du har allerede en konto" or mail.subject == "You already have an account"
    assert not Teacher.objects.filter(user=known).exists()
    known.refresh_from_db()
    assert known.full_name == "Mari som har konto"


def test_signup_with_a_known_address_in_other_letters_is_the_same(client, school):
    UserFactory(email="mari@alta.example.no")

    sign_up(client, school, email="MARI@Alta.Example.NO")

    assert User.objects.count() == 1


def test_signup_page_in_every_language(client):
    for path in ("/account/signup/", "/nn/account/signup/", SIGNUP):
        assert client.get(path).status_code == 200


def test_signup_goes_on_where_one_came_from(client, school, domain):
    here = "/en/activities/"
    response = sign_up(client, school, address=f"{SIGNUP}?next={here}", next=here)
    assert response.status_code == 302

    assert confirm(client, address=response["Location"]).redirect_chain[-1][0] == here


def test_signup_does_not_lead_to_other_sites(client, school, domain):
    there = "https://example.com/"
    response = sign_up(client, school, address=f"{SIGNUP}?next={there}", next=there)

    page = confirm(client, address=response["Location"])

    assert all("example.com" not in address for address, _status in page.redirect_chain)


# --- Saying where one teaches


def say(client, chosen=None, **changes):
    data = {"school_text": "alta", "school": chosen.pk if chosen else ""}
    return client.post(at("my_school"), {**data, **changes}, follow=True)


def test_my_school_under_the_owners_domain_can_book_at_once(school, domain):
    client = client_of(UserFactory(email="ola@alta.example.no"))

    page = say(client, school)

    assert "Welcome! You can book visits for your classes now." in words(page)
    assert Teacher.objects.get().is_verified


def test_my_school_with_another_address_waits_and_asks_once(school):
    client = client_of(UserFactory())

    assert "Thank you. The secretariat will confirm your school" in words(say(client, school))
    say(client, school)

    assert Teacher.objects.count() == 1
    assert Mail.objects.filter(template="teacher_waits").count() == 1


def test_my_school_that_the_secretariat_has_declined_says_whom_to_write_to(school, settings):
    user = UserFactory()
    TeacherFactory(user=user, school=school, status=Teacher.Status.DECLINED)

    page = say(client_of(user), school)

    text = words(page)
    assert "Thank you. The secretariat will confirm" not in text
    assert settings.SECRETARIAT_EMAIL in text
    assert Teacher.objects.get().status == Teacher.Status.DECLINED
    assert not Mail.objects.exists()


def test_my_school_of_a_teacher_names_the_present_one(teacher_client):
    assert "You are registered at Alta ungdomsskole." in words(teacher_client.get(at("my_school")))


def test_my_school_bad_input_is_told(school):
    client = client_of(UserFactory())

    assert "We found no such school." in words(say(client, school_text="Hogwarts"))
    assert "Select a valid choice." in words(say(client, school="x"))
    assert not Teacher.objects.exists()


# --- Finding a school while typing


def suggest(text: str, **more) -> str:
    response = Client().get(at("school_suggest"), {"school_text": text, **more})
    assert response.status_code == 200
    return words(response)


def test_suggest_finds_by_name_and_kommune(school):
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    SchoolFactory(name="Bjøråsen skole", municipality=oslo)

    assert "Alta ungdomsskole" in suggest("ungdomsskole alta")
    assert "Bjøråsen skole" in suggest("bjøråsen")
    assert "Bjøråsen skole" in suggest("BJØRÅSEN")
    assert "Bjøråsen skole" in suggest("Oslo")
    assert "Bjøråsen" not in suggest("alta")
    assert "<html" not in suggest("alta")


def test_suggest_keeps_the_choice(school):
    assert f'value="{school.pk}" id="school-{school.pk}" checked' in suggest("alta", school=school.pk)


def test_suggest_of_one_letter_is_empty(school):
    assert "Alta" not in suggest("a")
    assert suggest("") == ""


def test_suggest_that_finds_nothing_says_what_to_try(school):
    assert "No school by that name." in suggest("Hogwarts")


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE schools_school; --",
        "%%",
        "__",
        "\\\\",
        "<script>alert(1)</script>",
        "æøå" * 50,
        "x " * 5000,
        "a\x00b",
    ],
)
def test_suggest_strange_text_finds_nothing_and_breaks_nothing(school, text):
    found = suggest(text)

    assert "Alta" not in found
    assert "<script>alert" not in found


def test_suggest_does_not_offer_closed_schools():
    SchoolFactory(name="Nedlagt skole", is_active=False)

    assert "Nedlagt" not in suggest("nedlagt")


def test_suggest_has_a_limit(settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "school_suggest": (2, 3600)}
    client = Client()

    found = [client.get(at("school_suggest"), {"school_text": "al"}).status_code for _ in range(3)]

    assert found == [200, 200, 429]
