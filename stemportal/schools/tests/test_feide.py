"""Who comes in with Feide and as what, over real HTTP: a provider and the groups API on loopback."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from stemportal.accounts.models import User
from stemportal.lib.feide import FeideAnswer, FeideSchool
from stemportal.lib.school_year import current_school_year
from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking, SchoolClass, Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services.feide import take_answer
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.schools.tests.feide_flow import (
    FEIDE,
    LISE,
    LOGIN,
    SIGNUP,
    feide,
    is_logged_in,
    log_in,
    prove,
    school,
    servers,
    to_feide,
)
from stemportal.testing.factories import BookingFactory, OwnerDomainFactory, SchoolFactory, TeacherFactory, UserFactory
from stemportal.testing.feide_server import CLIENT_ID, org, teaching_group, unit

__all__ = ["feide", "school", "servers"]

pytestmark = pytest.mark.django_db


# --- The button


@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_button_is_there_only_where_feide_is_set_up(client, page, feide, settings):
    assert "with Feide" in words(client.get(page))

    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert "Feide" not in words(client.get(page))
    assert client.post(FEIDE).status_code == 404


def test_opening_the_address_sends_nobody_anywhere(client, feide):
    assert "Continue" in words(client.get(FEIDE))


def test_button_asks_feide_with_state_and_challenge(client, feide):
    sent = parse_qs(urlsplit(to_feide(client)).query)

    assert sent["client_id"] == [CLIENT_ID]
    assert sent["response_type"] == ["code"]
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["state"][0]
    assert "groups-org" in sent["scope"][0]


# --- A new teacher


def test_new_teacher_proves_the_address_and_can_book_at_once(client, feide, school):
    feide.groups.answer = [org("member", "faculty"), unit(school.number, main=True)]

    log_in(client)
    assert not is_logged_in(client), "the address is not verified by Feide"
    page = prove(client)

    assert page.redirect_chain[-1][0] == at("my_page")
    teacher = Teacher.objects.get()
    assert (teacher.school, teacher.status, teacher.verified_how) == (
        school,
        Teacher.Status.VERIFIED,
        Teacher.VerifiedHow.FEIDE,
    )
    assert teacher.is_main
    assert (teacher.user.full_name, teacher.user.email) == ("Lise Lærer", LISE)
    assert not Mail.objects.filter(template="teacher_waits").exists()


def test_verified_address_needs_no_code(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]

    page = log_in(client, "vera")

    assert page.redirect_chain[-1][0] == at("my_page")
    assert EmailAddress.objects.get(email="vera@eksempel.example.no").verified


def test_new_teacher_gets_mail_in_the_language_of_the_school(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]

    log_in(client, "vera", address="/account/oidc/feide/login/")

    assert User.objects.get().language == "nn"


def test_second_login_finds_the_same_person_by_sub(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client)
    prove(client)
    User.objects.update(email="nytt.navn@example.org")

    log_in(again := Client())

    assert is_logged_in(again)
    assert User.objects.count() == 1


def test_without_an_address_one_is_asked_for(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]

    page = log_in(client, "navn")
    assert "Your e-mail address" in words(page)
    client.post("/en/account/3rdparty/signup/", {"email": "egen@example.org", "fax_number": ""}, follow=True)
    assert not is_logged_in(client)
    prove(client, "egen@example.org")

    assert is_logged_in(client)
    assert Teacher.objects.get().is_verified


def test_address_that_is_none_is_asked_for_again(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]

    assert "Your e-mail address" in words(log_in(client, "rar"))


def test_only_name_and_address_are_kept(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]

    log_in(client, "nin")

    kept = SocialAccount.objects.get()
    assert "01019012345" not in str(kept.extra_data)
    assert set(kept.extra_data["userinfo"]) == {"sub", "name", "email", "email_verified"}
    assert "access" not in str(dict(client.session))


# --- Roles


@pytest.mark.parametrize("affiliation", ["employee", "staff"])
def test_employee_who_does_not_teach_waits_for_approval(client, feide, school, affiliation):
    """Also with an address of the school's owner, which every employee has."""
    OwnerDomainFactory(domain="eksempel.example.no", municipality=school.municipality)
    feide.groups.answer = [org("member", affiliation), unit(school.number)]

    page = log_in(client, "vera")
    log_in(client, "vera")

    teacher = Teacher.objects.get()
    assert teacher.status == Teacher.Status.PENDING
    assert "Somebody there confirms that you teach" in words(page)
    assert Mail.objects.filter(template="teacher_waits").count() == 1


def test_employee_who_has_begun_to_teach_is_verified_at_the_next_login(client, feide, school):
    feide.groups.answer = [org("employee"), unit(school.number)]
    log_in(client, "vera")
    feide.groups.answer = [org("employee", "faculty"), unit(school.number)]

    log_in(client, "vera")

    assert Teacher.objects.get().is_verified


def test_teacher_who_is_none_any_more_waits_for_approval(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    feide.groups.answer = [org("employee"), unit(school.number)]

    log_in(client, "vera")

    assert Teacher.objects.get().status == Teacher.Status.PENDING


def test_student_is_refused_kindly_and_nothing_is_kept(client, feide, school):
    feide.groups.answer = [org("member", "student", primary="student"), unit(school.number)]

    page = log_in(client)

    assert page.status_code == 403
    assert "The portal is for teachers" in words(page)
    assert not is_logged_in(client)
    assert not User.objects.exists()
    assert not SocialAccount.objects.exists()
    assert "Lise" not in str(dict(client.session))


def test_student_cannot_connect_an_account_either(feide, school):
    client = client_of(UserFactory())
    feide.groups.answer = [org("student", primary="student"), unit(school.number)]

    page = log_in(client, address=f"{FEIDE}?process=connect")

    assert page.status_code == 403
    assert not SocialAccount.objects.exists()


# --- Schools


def test_several_schools_and_which_is_the_main_one(client, feide, school):
    second = SchoolFactory(name="Lommedalen skole")
    feide.groups.answer = [org("faculty"), unit(school.number), unit(second.number, "Lommedalen", main=True)]

    log_in(client, "vera")

    user = User.objects.get()
    assert set(Teacher.objects.values_list("school__name", flat=True)) == {school.name, second.name}
    assert teacher_record(user).school == second
    client.post(at("school_choose", Teacher.objects.get(school=school).pk))
    assert teacher_record(user).school == school


def test_school_that_feide_names_no_more_is_ended_and_its_bookings_go_to_a_coordinator(client, feide, school):
    second = SchoolFactory()
    feide.groups.answer = [org("faculty"), unit(school.number), unit(second.number)]
    log_in(client, "vera")
    user = User.objects.get()
    coordinator = TeacherFactory(school=second, role="coordinator")
    booking = BookingFactory(teacher=user, school=second, status=Booking.Status.CONFIRMED)
    feide.groups.answer = [org("faculty"), unit(school.number)]

    log_in(client, "vera")

    assert Teacher.objects.get(user=user, school=second).status == Teacher.Status.ENDED
    booking.refresh_from_db()
    assert booking.teacher == coordinator.user


def test_school_that_did_not_come_from_feide_stays(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    own = TeacherFactory(user=User.objects.get())

    log_in(client, "vera")

    own.refresh_from_db()
    assert own.is_verified


@pytest.mark.parametrize("answer", [[], [{"id": "fc:adhoc:1", "type": "voot:ad-hoc"}]])
def test_missing_groups_end_nothing(client, feide, school, answer):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    feide.groups.answer = answer

    log_in(client, "vera")

    assert Teacher.objects.get().is_verified


def test_missing_groups_ask_a_new_person_for_the_school(client, feide):
    page = log_in(client, "vera")

    assert page.redirect_chain[-1][0] == at("my_school")
    assert "Feide names no school of yours" in words(page)
    assert is_logged_in(client)


def test_doubled_and_unknown_groups_make_one_record(client, feide, school):
    feide.groups.answer = [unit(school.number), org("faculty"), {"id": 7}, unit(school.number), org("faculty"), None]

    log_in(client, "vera")

    assert Teacher.objects.get().is_verified


def test_school_that_is_not_in_the_register_is_told_and_mail_signup_offered(client, feide):
    feide.groups.answer = [org("faculty"), unit("974552124", "Hosle barneskole")]

    page = log_in(client)

    assert "Hosle barneskole" in words(page)
    assert SIGNUP in page.content.decode()
    assert not User.objects.exists()


def test_closed_school_is_no_school(client, feide):
    closed = SchoolFactory(is_active=False)
    feide.groups.answer = [org("faculty"), unit(closed.number)]

    assert "We do not know your school" in words(log_in(client))
    assert not Teacher.objects.exists()


def test_person_who_is_known_hears_of_a_school_that_is_not(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    feide.groups.answer = [org("faculty"), unit(school.number), unit("974552124", "Hosle barneskole")]

    page = log_in(client, "vera")

    assert "Hosle barneskole, which this portal does not have" in words(page)
    assert Teacher.objects.count() == 1


@pytest.mark.parametrize(("status", "answer"), [(500, []), (401, []), (200, b"<html>"), (200, {"error": "no"})])
def test_groups_that_do_not_answer_keep_nobody_out(client, feide, status, answer):
    feide.groups.status, feide.groups.answer = status, answer

    page = log_in(client, "vera")

    assert is_logged_in(client)
    assert page.redirect_chain[-1][0] == at("my_school")
    assert "Tell us yourself where you teach" in words(page)


def test_groups_that_take_too_long_keep_nobody_waiting(client, feide):
    feide.groups.wait = 9.0
    begun = time.monotonic()

    log_in(client, "vera")

    assert is_logged_in(client)
    assert time.monotonic() - begun < feide.groups.wait


def test_school_that_a_person_ended_is_not_brought_back(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    client.post(at("leave_school", Teacher.objects.get().pk))

    log_in(client, "vera")

    assert Teacher.objects.get().status == Teacher.Status.ENDED


def test_the_same_answer_again_changes_nothing(school):
    user = UserFactory()
    answer = FeideAnswer(
        schools=[FeideSchool(number=school.number, name="Hosle", is_main=True, teaches=True)], knows_orgs=True
    )
    take_answer(user=user, answer=answer)
    before = Teacher.objects.values().get()

    take_answer(user=user, answer=answer)

    assert Teacher.objects.values().get() == before


# --- Classes


def test_classes_of_feide_are_taken_over_by_ticking(client, feide, school):
    feide.groups.answer = [
        org("faculty"),
        unit(school.number),
        teaching_group(school.number, "10A naturfag", "10a"),
        teaching_group(school.number, "9B matematikk", "9b"),
        teaching_group("974552124", "Annen skole", "x"),
    ]
    log_in(client, "vera")
    page = words(client.get(at("feide_classes")))
    assert "10A naturfag" in page
    assert "Annen skole" not in page
    data = {"g0-take": "on", "g0-name": "10A", "g0-grade": 10, "g0-pupils": 27, "g1-pupils": "x"}

    page = client.post(at("feide_classes"), data, follow=True)

    assert "1 class is taken over" in words(page)
    made = SchoolClass.objects.get()
    assert (made.school, made.name, made.grade, made.pupils) == (school, "10A", 10, 27)
    assert made.feide_group.endswith(":10a")
    assert "10A naturfag" not in words(client.get(at("feide_classes")))


@pytest.mark.parametrize(
    "bad", [{"g0-pupils": ""}, {"g0-pupils": "0"}, {"g0-pupils": "10000"}, {"g0-name": ""}, {"g0-grade": "1"}]
)
def test_class_without_its_numbers_is_not_taken_over(client, feide, school, bad):
    feide.groups.answer = [org("faculty"), unit(school.number), teaching_group(school.number, "10A", "10a")]
    log_in(client, "vera")

    client.post(at("feide_classes"), {"g0-take": "on", "g0-name": "10A", "g0-grade": 10, "g0-pupils": 27, **bad})

    assert not SchoolClass.objects.exists()


def test_class_that_the_school_has_is_left_as_it_is(client, feide, school):
    SchoolClass.objects.create(school=school, name="10a", grade=10, pupils=20, school_year=current_school_year())
    feide.groups.answer = [org("faculty"), unit(school.number), teaching_group(school.number, "10A", "10a")]
    log_in(client, "vera")

    data = {"g0-take": "on", "g0-name": "10A", "g0-grade": 10, "g0-pupils": 27}
    page = client.post(at("feide_classes"), data, follow=True)

    assert "here already" in words(page)
    assert SchoolClass.objects.get().pupils == 20


def test_classes_page_without_feide_leads_on(teacher_client):
    page = words(teacher_client.get(at("feide_classes")))

    assert "No classes from Feide" in page
    assert "Add a class" in page
