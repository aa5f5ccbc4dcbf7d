"""People as rows: one account for one address, whatever its case, and what staff may change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.accounts.services import choose_language, find_or_create_person
from stemportal.accounts.tasks import clear_sessions
from stemportal.accounts.tests.conftest import code_sent_to, is_logged_in
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = "/en/admin/accounts/user/"


def test_address_is_one_account_whatever_its_case():
    user = User.objects.create_user("Kari@Example.ORG")

    assert user.email == "kari@example.org"
    assert User.objects.get_by_natural_key("KARI@example.org") == user
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="KARI@EXAMPLE.ORG")])


def test_person_without_an_address_is_refused():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_person_without_a_password_cannot_use_one():
    assert not User.objects.create_user("kari@example.org").has_usable_password()


def test_person_is_called_by_name_or_address():
    assert str(UserFactory(full_name="Kari Prøve")) == "Kari Prøve"
    assert UserFactory(full_name="Kari Prøve").get_short_name() == "Kari"
    assert str(UserFactory(full_name="", email="kari@example.org")) == "kari@example.org"


def test_find_or_create_never_changes_an_account_that_is_there():
    user = UserFactory(email="kari@example.org", full_name="Kari", language="nn")

    found, is_new = find_or_create_person(email="KARI@example.org", full_name="En annen", language="en")

    assert (found, is_new) == (user, False)
    user.refresh_from_db()
    assert (user.full_name, user.language) == ("Kari", "nn")


def test_choose_language_writes_only_what_changed(django_assert_num_queries):
    user = UserFactory(language="nb")

    with django_assert_num_queries(0):
        choose_language(user=user, language="nb")
    with django_assert_num_queries(1):
        choose_language(user=user, language="nn")


def test_sessions_that_have_run_out_are_cleared():
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=timezone.now() + timedelta(days=1))

    clear_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


# --- In the admin


def facts(user, **changes) -> dict:
    data = {"email": user.email, "full_name": user.full_name, "language": user.language, "is_active": "on"}
    return {**data, **changes}


def test_staff_who_may_change_people_cannot_give_rights(client):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(clerk)
    page = client.get(f"{PEOPLE}{clerk.pk}/change/")
    assert page.status_code == 200

    client.post(f"{PEOPLE}{clerk.pk}/change/", facts(clerk, full_name="Nytt navn", is_staff="on", is_superuser="on"))

    clerk.refresh_from_db()
    assert clerk.full_name == "Nytt navn"
    assert not clerk.is_superuser


def test_secretariat_can_give_rights(client):
    client.force_login(StaffFactory())
    user = UserFactory()

    client.post(f"{PEOPLE}{user.pk}/change/", facts(user, is_staff="on"))

    user.refresh_from_db()
    assert user.is_staff


def test_person_added_by_the_secretariat_logs_in_with_a_code(client):
    client.force_login(StaffFactory())
    client.post(
        f"{PEOPLE}add/", {"email": "Ny@Example.org", "full_name": "Ny Prøve", "language": "en", "is_active": "on"}
    )
    user = User.objects.get(full_name="Ny Prøve")
    assert not user.has_usable_password()
    client.logout()

    client.post("/en/account/login/code/", {"email": "ny@example.org"}, follow=True)
    client.post("/en/account/login/code/confirm/", {"code": code_sent_to(user.email)}, follow=True)

    assert is_logged_in(client)


def test_person_whose_address_the_secretariat_changes_logs_in_with_the_new_one(client):
    user = UserFactory(email="gammel@example.org")
    client.force_login(StaffFactory())
    client.post(f"{PEOPLE}{user.pk}/change/", facts(user, email="ny@example.org"))
    client.logout()

    Client().post("/en/account/login/code/", {"email": "gammel@example.org"})
    assert Mail.objects.get().template == "unknown_account"
    client.post("/en/account/login/code/", {"email": "ny@example.org"}, follow=True)
    client.post("/en/account/login/code/confirm/", {"code": code_sent_to("ny@example.org")}, follow=True)

    assert is_logged_in(client)


def test_person_with_a_taken_address_is_refused_kindly(client):
    client.force_login(StaffFactory())
    UserFactory(email="kari@example.org")

    page = client.post(f"{PEOPLE}add/", {"email": "KARI@example.org", "full_name": "x", "language": "nb"})

    assert page.status_code == 200
    assert "There is already an account with this e-mail address." in page.content.decode()
    assert User.objects.filter(email__iexact="kari@example.org").count() == 1


def test_person_who_is_shut_out_is_out_at_once(client):
    user = UserFactory()
    client.force_login(user)
    assert client.get("/en/me/school/").status_code == 200

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get("/en/me/school/").status_code == 302
