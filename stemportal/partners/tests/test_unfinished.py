"""What the nightly job deletes: drafts whose time is over, and applications that nobody confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.organisation_numbers import synthetic
from stemportal.outbox.models import Mail
from stemportal.partners import tasks
from stemportal.partners.models import Membership, Partner, RegistrationDraft, Signature
from stemportal.partners.services import drafts
from stemportal.partners.services.registration import CONFIRM_DAYS, confirm_application, delete_unconfirmed_applications
from stemportal.partners.tests.helpers import form_data
from stemportal.settings import base
from stemportal.testing.factories import MembershipFactory, PartnerFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/en/partners/register/"
EMAIL = "ingrid@solvind.example.no"
DAY = timedelta(days=1)


@pytest.fixture
def now():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def apply(client, **changes) -> Partner:
    """Apply without JavaScript: the application waits for the mailed link."""
    assert client.post(URL, form_data(proof=False, **changes)).status_code == 302
    return Partner.objects.latest("pk")


def histories() -> list[int]:
    return [
        apps.get_model("partners", name)._default_manager.count()
        for name in ("PartnerChange", "MembershipChange", "SignatureChange")
    ]


def test_unconfirmed_application_goes_with_all_that_came_with_it(client, programme, now):
    apply(client)
    now.shift(CONFIRM_DAYS * DAY)
    tasks.delete_unfinished_registrations()
    assert Partner.objects.count() == 1, "the link is good until the last second"
    now.shift(timedelta(seconds=1))
    tasks.delete_unfinished_registrations()
    for model in (Partner, Membership, Signature, Mail):
        assert model.objects.count() == 0
    assert not User.objects.filter(email=EMAIL).exists()
    assert histories() == [0, 0, 0]


def test_late_visitor_of_a_deleted_application_is_told_that_the_link_ran_out(client, programme, now):
    token = apply(client).confirm_token
    now.shift(15 * DAY)
    delete_unconfirmed_applications()
    response = client.get(f"{URL}confirm/{token}/")
    assert response.status_code == 404
    assert "This link has run out" in response.text


def test_confirmed_application_stays(client, programme, now):
    partner = apply(client)
    confirm_application(partner=partner)
    now.shift(100 * DAY)
    assert delete_unconfirmed_applications() == 0
    assert Partner.objects.get().status == Partner.Status.APPLIED
    assert User.objects.filter(email=EMAIL).exists()


@pytest.mark.parametrize("status", [s for s in Partner.Status if s != Partner.Status.UNCONFIRMED])
def test_partners_of_other_statuses_are_left_alone(db, status):
    PartnerFactory(status=status, applied_at=timezone.now() - 100 * DAY)
    assert delete_unconfirmed_applications() == 0
    assert Partner.objects.count() == 1


def test_account_that_was_there_before_stays(client, programme, now):
    UserFactory(email=EMAIL, last_login=None, date_joined=timezone.now() - 60 * DAY)
    apply(client)
    now.shift(15 * DAY)
    assert delete_unconfirmed_applications() == 1
    assert User.objects.filter(email=EMAIL).exists()


def test_account_of_somebody_who_has_logged_in_stays(client, programme, now):
    apply(client)
    User.objects.filter(email=EMAIL).update(last_login=timezone.now())
    now.shift(15 * DAY)
    delete_unconfirmed_applications()
    assert User.objects.filter(email=EMAIL).exists()


def test_account_of_a_teacher_or_member_elsewhere_stays(client, programme, now):
    apply(client, contact_email="a@example.no")
    apply(client, contact_email="b@example.no", organisation_number=synthetic(78), form_key="b")
    TeacherFactory(user=User.objects.get(email="a@example.no"))
    MembershipFactory(user=User.objects.get(email="b@example.no"))
    now.shift(15 * DAY)
    assert delete_unconfirmed_applications() == 2
    assert User.objects.filter(email__in=["a@example.no", "b@example.no"]).count() == 2
    assert Membership.objects.count() == 1


def test_account_made_by_an_earlier_application_goes_with_the_last_one(client, programme, now):
    apply(client)
    now.shift(10 * DAY)
    apply(client, organisation_number=synthetic(78), form_key="b")
    now.shift(5 * DAY)
    assert delete_unconfirmed_applications() == 1
    assert User.objects.filter(email=EMAIL).exists(), "the second application still needs it"
    now.shift(10 * DAY)
    assert delete_unconfirmed_applications() == 1
    assert not User.objects.filter(email=EMAIL).exists()


def test_job_may_run_twice(client, programme, now):
    apply(client)
    now.shift(15 * DAY)
    assert [delete_unconfirmed_applications(), delete_unconfirmed_applications()] == [1, 0]


def test_expired_drafts_and_their_mails_are_deleted(db, now):
    for token in ("old", "newer"):
        drafts.save_draft(token=token, data={"about": "x"}, email=f"{token}@example.no", language="nb")
        now.shift(5 * DAY)
    now.shift(20 * DAY)
    assert RegistrationDraft.objects.count() == 2
    tasks.delete_unfinished_registrations()
    assert RegistrationDraft.objects.get().email == "newer@example.no"
    assert Mail.objects.get().to_email == "newer@example.no"


def test_beat_runs_the_job_every_night():
    job = base.CELERY_BEAT_SCHEDULE["partners-unfinished"]
    assert job["task"] == tasks.delete_unfinished_registrations.name
    assert job["schedule"].hour == {3}
