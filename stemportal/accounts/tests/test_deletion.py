from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from stemportal.accounts.deletion import delete_unused_account, has_nothing_left
from stemportal.accounts.models import User
from stemportal.partners.models import PartnerEvent, Signature
from stemportal.testing.factories import (
    AttendanceFactory,
    BookingFactory,
    DeclarationFactory,
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory(email="kari@firma.example.no", full_name="Kari Nordmann")


def test_account_goes_with_its_addresses_and_logins(person):
    Client().force_login(person)
    key = Session.objects.get().session_key
    UserSession.objects.create(user=person, session_key=key, ip="127.0.0.1", user_agent="", created_at=timezone.now())

    assert delete_unused_account(user_pk=person.pk) == "kari@firma.example.no"

    for model in (User, EmailAddress, UserSession, Session):
        assert not model.objects.exists()


def test_account_is_deleted_once(person):
    assert delete_unused_account(user_pk=person.pk)
    assert delete_unused_account(user_pk=person.pk) == ""


HAS_SOMETHING = {
    "a membership": lambda person: MembershipFactory(user=person),
    "a teacher record": lambda person: TeacherFactory(user=person, status="declined"),
    "a booking": lambda person: BookingFactory(teacher=person),
    "a signature": lambda person: Signature.objects.create(
        partner=PartnerFactory(), declaration=DeclarationFactory(), signed_by=person, signed_name="Kari"
    ),
    "a partner to look after": lambda person: PartnerFactory(responsible=person),
    "a group": lambda person: person.groups.add(Group.objects.create(name="Revisor")),
}


@pytest.mark.parametrize("give", HAS_SOMETHING.values(), ids=list(HAS_SOMETHING))
def test_person_who_has_something_keeps_the_account(person, give):
    give(person)

    assert not has_nothing_left(person)
    assert delete_unused_account(user_pk=person.pk) == ""
    assert User.objects.filter(pk=person.pk).exists()


def test_secretariat_keeps_its_accounts():
    assert not has_nothing_left(StaffFactory())
    assert not has_nothing_left(UserFactory(is_superuser=True))


def test_traces_of_what_somebody_did_stay_without_the_person(person):
    event = PartnerEvent.objects.create(partner=PartnerFactory(), by=person, to_status="approved")
    attendance = AttendanceFactory(confirmed_by=person)

    assert delete_unused_account(user_pk=person.pk)

    event.refresh_from_db()
    attendance.refresh_from_db()
    assert (event.by, attendance.confirmed_by) == (None, None)


def test_name_goes_from_the_log_of_the_admin(person):
    log = LogEntry.objects.create(
        user=StaffFactory(),
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=str(person),
        action_flag=CHANGE,
        change_message="Kari Nordmann",
    )

    delete_unused_account(user_pk=person.pk)

    log.refresh_from_db()
    assert "Kari" not in log.object_repr + log.change_message
