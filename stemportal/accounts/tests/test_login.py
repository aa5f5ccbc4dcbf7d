"""Logging in with a mailed code or a password, a forgotten password, and what strangers learn."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from stemportal.accounts.models import User
from stemportal.accounts.services import find_or_create_person
from stemportal.accounts.tests.conftest import code_sent_to, is_logged_in, words
from stemportal.outbox.models import Mail
from stemportal.testing.factories import MembershipFactory, StaffFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/en/account/login/"
ASK = "/en/account/login/code/"
TYPE = "/en/account/login/code/confirm/"
PASSWORD = "a-long-password-1"


def ask_code(client, email, *, address=ASK):
    return client.post(address, {"email": email}, follow=True)


def type_code(client, code):
    return client.post(TYPE, {"code": code}, follow=True)


def log_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


# --- With a mailed code


def test_code_logs_in_and_leads_to_ones_room(client):
    membership = MembershipFactory()
    email = membership.user.email

    page = ask_code(client, email)
    assert "code" in words(page).lower()
    assert not is_logged_in(client)
    page = type_code(client, code_sent_to(email))

    assert is_logged_in(client)
    assert page.redirect_chain[-1][0] == f"/en/partner/{membership.partner_id}/"


@pytest.mark.parametrize("typed", ["kari.prove@example.org", "KARI.PROVE@EXAMPLE.ORG", "  kari.prove@example.org "])
def test_code_goes_to_the_address_however_it_is_typed(client, typed):
    UserFactory(email="kari.prove@example.org")

    ask_code(client, typed)

    assert Mail.objects.get().to_email == "kari.prove@example.org"


@pytest.mark.parametrize(
    ("language", "subject"), [("nb", "innloggingskode"), ("nn", "innloggingskode"), ("en", "Your login code")]
)
def test_code_is_mailed_in_the_persons_language(client, language, subject):
    user = UserFactory(language=language)

    ask_code(client, user.email)

    mail = Mail.objects.get()
    assert mail.language == language
    assert code_sent_to(user.email) in mail.text
    if language == "en":
        assert mail.subject.startswith(subject)


def test_code_that_is_wrong_opens_nothing_and_runs_out_of_tries(client):
    user = UserFactory()
    ask_code(client, user.email)
    code = code_sent_to(user.email)

    for wrong in ("AAAA-AAAA", "", "<script>alert(1)</script>", "x" * 10_000, "0"):
        page = type_code(client, wrong)
        assert "<script>alert" not in page.content.decode()
        assert not is_logged_in(client)
    type_code(client, code)

    assert not is_logged_in(client), "after so many wrong ones the right one is too late"


def test_code_works_once(client):
    user = UserFactory()
    ask_code(client, user.email)
    code = code_sent_to(user.email)
    type_code(client, code)
    client.logout()

    type_code(client, code)

    assert not is_logged_in(client)


def test_code_is_of_no_use_in_another_browser(client):
    user = UserFactory()
    ask_code(client, user.email)

    other = Client()
    type_code(other, code_sent_to(user.email))

    assert not is_logged_in(other)


def test_code_for_an_unknown_address_looks_the_same_and_says_so_in_the_mail(client):
    known = UserFactory()
    stranger = Client()

    first, second = ask_code(client, known.email), ask_code(stranger, "ukjent@example.org")

    assert first.redirect_chain == second.redirect_chain
    assert words(second).replace("ukjent@example.org", known.email)[:200] == words(first)[:200]
    assert Mail.objects.get(to_email="ukjent@example.org").template == "unknown_account"
    assert not User.objects.filter(email="ukjent@example.org").exists()


def test_code_is_not_mailed_to_somebody_who_is_shut_out(client):
    user = UserFactory(is_active=False)

    ask_code(client, user.email)

    assert not Mail.objects.filter(template="login_code").exists()
    assert not is_logged_in(client)


def test_code_confirms_the_address_that_somebody_else_wrote_down(client):
    """The contact of a new partner never signed up: the first mailed code is what proves the address."""
    user, is_new = find_or_create_person(email="ingrid@nordlys.example.no", full_name="Ingrid", language="en")
    assert is_new
    assert not EmailAddress.objects.get(user=user).verified

    ask_code(client, user.email)
    type_code(client, code_sent_to(user.email))

    assert is_logged_in(client)
    assert EmailAddress.objects.get(user=user).verified


def test_code_of_a_teacher_who_never_finished_signing_up_settles_the_school(client):
    user, _is_new = find_or_create_person(email="mari@example.org", full_name="Mari", language="en")
    teacher = TeacherFactory(user=user, status="pending")

    ask_code(client, user.email)
    type_code(client, code_sent_to(user.email))

    assert Mail.objects.filter(template="teacher_waits", about=f"teacher:{teacher.pk}").count() == 1


def test_codes_cannot_be_asked_for_without_end():
    user = UserFactory()

    for _ in range(8):
        page = Client().post(ASK, {"email": user.email}, follow=True)

    assert Mail.objects.count() == 3
    assert "Too many" in words(page)


# --- With a password


def test_password_logs_in_and_goes_where_one_wanted(client):
    user = UserFactory(password=PASSWORD)

    response = log_in(client, user.email.upper(), next="/en/activities/")

    assert (response.status_code, response["Location"]) == (302, "/en/activities/")
    assert is_logged_in(client)


@pytest.mark.parametrize("there", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"])
def test_password_login_does_not_lead_to_other_sites(client, there):
    user = UserFactory(password=PASSWORD)

    response = log_in(client, user.email, next=there)

    assert is_logged_in(client)
    assert response["Location"] == "/en/start/"


def test_password_that_is_wrong_says_the_same_as_an_unknown_address(client):
    user = UserFactory(password=PASSWORD)

    wrong = log_in(client, user.email, "not-the-password")
    unknown = log_in(Client(), "ukjent@example.org", PASSWORD)

    said = "The email address and/or password you specified are not correct."
    assert said in words(wrong)
    assert said in words(unknown)
    assert f'value="{user.email}"' in words(wrong), "the address is not typed again"
    assert not is_logged_in(client)


def test_password_of_somebody_without_one_is_not_the_empty_one(client):
    user = UserFactory()

    log_in(client, user.email, "")

    assert not is_logged_in(client)


def test_password_guessing_is_stopped(client):
    user = UserFactory(password=PASSWORD)

    for _ in range(15):
        log_in(client, user.email, "wrong-password")
    log_in(client, user.email)

    assert not is_logged_in(client)


def test_password_of_somebody_with_a_second_factor_is_not_enough(client):
    user = StaffFactory(password=PASSWORD)
    TOTP.activate(user, generate_totp_secret())

    response = log_in(client, user.email)

    assert response["Location"].startswith("/en/account/2fa/authenticate/")
    assert not is_logged_in(client)
    assert client.get("/en/admin/").status_code == 302


def test_password_that_was_forgotten_is_chosen_anew_with_a_code(client):
    user = UserFactory(password=PASSWORD, language="en")
    client.post("/en/account/password/reset/", {"email": user.email})
    mail = Mail.objects.get()
    assert mail.subject.startswith("Code for a new password: ")

    client.post("/en/account/password/reset/confirm/", {"code": code_sent_to(user.email)}, follow=True)
    new = {"password1": "another-long-password-2", "password2": "another-long-password-2"}
    client.post("/en/account/password/reset/complete/", new, follow=True)

    user.refresh_from_db()
    assert user.check_password("another-long-password-2")
    assert not user.check_password(PASSWORD)
    assert Mail.objects.filter(to_email=user.email).count() == 2, "a note that the password was changed"


@pytest.mark.parametrize("weak", ["short-1", "1234567890123", "password123"])
def test_password_that_is_too_weak_is_refused(client, weak):
    user = UserFactory()
    client.force_login(user)

    page = client.post("/en/account/password/set/", {"password1": weak, "password2": weak})

    user.refresh_from_db()
    assert not user.has_usable_password()
    assert page.status_code in {200, 302}


# --- Out again


def test_logout_asks_first_and_needs_a_post(client):
    client.force_login(UserFactory())

    assert client.get("/en/account/logout/").status_code == 200
    assert is_logged_in(client)
    response = client.post("/en/account/logout/")

    assert not is_logged_in(client)
    assert response["Location"] == "/en/"


def test_start_leads_everybody_to_their_room(client):
    def start(user) -> str:
        client.force_login(user)
        return client.get("/en/start/")["Location"]

    assert start(UserFactory()) == "/en/me/school/"
    assert start(TeacherFactory().user) == "/en/me/"
    assert start(StaffFactory()) == "/en/admin/"


def test_start_of_somebody_with_several_rooms_lets_them_choose(client):
    user = UserFactory()
    names = [MembershipFactory(user=user).partner.display_name for _ in range(2)]
    client.force_login(user)

    page = client.get("/en/start/")

    assert page.status_code == 200
    assert all(name in words(page) for name in names)
