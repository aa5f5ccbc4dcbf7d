"""Who may book: whose mail domain says enough, and what the secretariat decides about the others."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from stemportal.outbox.models import Mail
from stemportal.schools.models import OwnerDomain, School, Teacher
from stemportal.schools.queries.schools import find_schools
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services.teachers import (
    add_teacher,
    decline_teacher,
    domain_owns,
    settle_teacher,
    verify_teacher,
)
from stemportal.schools.tests.conftest import client_of, words
from stemportal.testing.factories import (
    CountyFactory,
    MunicipalityFactory,
    OwnerDomainFactory,
    SchoolFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/en/admin/schools/teacher/"


@pytest.fixture
def pending() -> Teacher:
    return TeacherFactory(
        status="pending", verified_how="", verified_at=None, user__full_name="Jonas Vik", user__language="en"
    )


@pytest.fixture
def staff_client():
    return client_of(StaffFactory())


# --- The owner's domain


def test_domain_of_the_municipality_owns_its_lower_secondary_schools():
    alta = OwnerDomainFactory(domain="alta.example.no").municipality
    elsewhere = MunicipalityFactory(number="5501", name="Tromsø")

    assert domain_owns("alta.example.no", SchoolFactory(municipality=alta))
    assert domain_owns("ALTA.example.no", SchoolFactory(municipality=alta))
    assert domain_owns("skole.alta.example.no", SchoolFactory(municipality=alta))
    assert not domain_owns("notalta.example.no", SchoolFactory(municipality=alta))
    assert not domain_owns("alta.example.no.evil.example.org", SchoolFactory(municipality=alta))
    assert not domain_owns("example.no", SchoolFactory(municipality=alta))
    assert not domain_owns("alta.example.no", SchoolFactory(municipality=elsewhere))
    assert not domain_owns("alta.example.no", SchoolFactory(municipality=None, latitude=78.2, longitude=15.6))


def test_domain_of_the_county_owns_its_upper_secondary_schools():
    finnmark = CountyFactory()
    OwnerDomain.objects.create(domain="finnmark-fylke.example.no", county=finnmark)
    alta = OwnerDomainFactory(domain="alta.example.no").municipality
    upper = SchoolFactory(municipality=alta, grade_from=11, grade_to=13)

    assert domain_owns("finnmark-fylke.example.no", upper)
    assert not domain_owns("alta.example.no", upper)
    assert not domain_owns("finnmark-fylke.example.no", SchoolFactory(municipality=alta))


def test_domain_of_a_private_school_is_its_own():
    alta = OwnerDomainFactory(domain="alta.example.no").municipality
    private = SchoolFactory(municipality=alta, ownership=School.Ownership.PRIVATE)
    OwnerDomain.objects.create(domain="montessori.example.no", school=private)

    assert domain_owns("montessori.example.no", private)
    assert not domain_owns("alta.example.no", private)
    assert not domain_owns("montessori.example.no", SchoolFactory(municipality=alta))


@pytest.mark.parametrize("domain", ["", "no", ".", "..", "'; --", "xn--lta-zla.example.no"])
def test_domain_that_is_none_owns_nothing(domain):
    OwnerDomainFactory()

    assert not domain_owns(domain, SchoolFactory())


# --- Settling


def test_settle_verifies_under_the_owners_domain_without_a_mail():
    school = SchoolFactory(municipality=OwnerDomainFactory().municipality)
    teacher = add_teacher(user=UserFactory(email="mari@alta.example.no"), school=school)

    settled = settle_teacher(teacher=teacher)

    assert settled.is_verified
    assert settled.verified_how == Teacher.VerifiedHow.DOMAIN
    assert settled.verified_at is not None
    assert not Mail.objects.exists()


def test_settle_believes_confirmed_addresses_only():
    school = SchoolFactory(municipality=OwnerDomainFactory().municipality)
    user = UserFactory(email="mari@example.org")
    second = user.emailaddress_set.create(email="mari@alta.example.no", verified=False)
    teacher = add_teacher(user=user, school=school)

    assert not settle_teacher(teacher=teacher).is_verified
    second.verified = True
    second.save()
    assert settle_teacher(teacher=teacher).is_verified


def test_settle_asks_the_secretariat_once(pending, settings):
    settle_teacher(teacher=pending)
    settle_teacher(teacher=pending)

    mail = Mail.objects.get()
    assert mail.to_email == settings.SECRETARIAT_EMAIL
    assert f"/admin/schools/teacher/{pending.pk}/change/" in mail.text


def test_verify_tells_the_teacher_once_in_their_language(pending):
    verify_teacher(teacher=pending, how=Teacher.VerifiedHow.STAFF)
    verify_teacher(teacher=pending, how=Teacher.VerifiedHow.STAFF)

    mail = Mail.objects.get()
    assert (mail.to_email, mail.language, mail.subject) == (pending.user.email, "en", "You can book visits now")


def test_decline_does_not_take_back_what_was_given():
    teacher = TeacherFactory()

    decline_teacher(teacher=teacher)

    teacher.refresh_from_db()
    assert teacher.is_verified
    assert not Mail.objects.exists()


def test_record_prefers_the_school_where_one_is_verified():
    user = UserFactory()
    TeacherFactory(user=user, status="pending")
    verified = TeacherFactory(user=user)
    TeacherFactory(user=user, status="declined")

    assert teacher_record(user) == verified


def test_find_puts_what_begins_so_first():
    SchoolFactory(name="Nye Alta skole")
    first = SchoolFactory(name="Alta ungdomsskole")

    assert find_schools("alta")[0] == first


# --- The secretariat's desk


def do(client, action, *chosen):
    return client.post(LIST, {"action": action, "_selected_action": [t.pk for t in chosen]}, follow=True)


def test_admin_queue_shows_who_waits(staff_client, pending):
    TeacherFactory(user__full_name="Alt i orden")

    text = words(staff_client.get(LIST, {"status__exact": "pending"}))

    assert pending.user.email in text or "Jonas Vik" in text
    assert "Alt i orden" not in text


def test_admin_approve_lets_the_teacher_book_and_tells_them(staff_client, pending):
    page = do(staff_client, "approve", pending)

    assert "1 teacher can book now." in words(page)
    pending.refresh_from_db()
    assert (pending.status, pending.verified_how) == (Teacher.Status.VERIFIED, Teacher.VerifiedHow.STAFF)
    assert Mail.objects.get(to_email=pending.user.email).subject == "You can book visits now"


def test_admin_approve_twice_mails_once(staff_client, pending):
    do(staff_client, "approve", pending)

    page = do(staff_client, "approve", pending)

    assert "0 teachers can book now." in words(page)
    assert Mail.objects.count() == 1


def test_admin_decline_says_whom_to_write_to(staff_client, pending, settings):
    page = do(staff_client, "decline", pending)

    assert "1 teacher was declined and told." in words(page)
    pending.refresh_from_db()
    assert pending.status == Teacher.Status.DECLINED
    assert settings.SECRETARIAT_EMAIL in Mail.objects.get(to_email=pending.user.email).text


def test_admin_can_take_a_no_back(staff_client, pending):
    do(staff_client, "decline", pending)

    do(staff_client, "approve", pending)

    pending.refresh_from_db()
    assert pending.is_verified


def test_admin_actions_are_not_for_those_who_may_only_look(pending):
    auditor = UserFactory(is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_teacher"))
    client = client_of(auditor)
    assert client.get(LIST).status_code == 200

    do(client, "approve", pending)

    pending.refresh_from_db()
    assert pending.status == Teacher.Status.PENDING


def test_admin_status_cannot_be_typed_past_the_actions(staff_client, pending):
    staff_client.post(f"{LIST}{pending.pk}/change/", {"school": pending.school_id, "status": "verified"})

    pending.refresh_from_db()
    assert pending.status == Teacher.Status.PENDING
    assert staff_client.get(f"{LIST}add/").status_code == 403
