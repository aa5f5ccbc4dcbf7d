"""Contact persons who seem to have left: mail that came back, and nobody there for a year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.partners.queries.members import BOUNCED, CONTACT, NOBODY, departed_contacts
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
Status = Partner.Status


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def partner_seen(*days: int | None, contact: int | None = None, **facts) -> Partner:
    """A partner whose members logged in so many days ago (None: never; all joined 400 days ago).

    ``contact`` is the number of the member who is the contact person.
    """
    partner = PartnerFactory(**{"applied_at": ago(500), "contact_email": "Kontakt@nordlys.example.no", **facts})
    for number, since in enumerate(days):
        email = partner.contact_email.lower() if number == contact else f"p{partner.pk}-{number}@example.org"
        user = UserFactory(email=email)
        User.objects.filter(pk=user.pk).update(last_login=None if since is None else ago(since))
        MembershipFactory(partner=partner, user=user, joined_at=ago(400))
    return partner


def mailed(partner: Partner, status: str, *, to: str = "") -> Mail:
    return Mail.objects.create(
        template="x", to_email=to or partner.contact_email, subject="Hei", text="", html="", status=status
    )


def reasons() -> dict[int, str]:
    return {partner.pk: partner.departed_reason for partner in departed_contacts()}


def test_contact_is_there_when_somebody_logged_in_within_a_year():
    partner_seen(364, 900)
    partner_seen(10, contact=0)
    assert reasons() == {}


def test_contact_whose_newest_mail_came_back_has_left():
    partner = partner_seen(1)
    mailed(partner, "sent")
    mailed(partner, "failed")
    mailed(partner, "queued")

    found = departed_contacts().get()

    assert (found.pk, found.departed_reason) == (partner.pk, BOUNCED)
    assert timezone.now() - found.departed_since < timedelta(minutes=1)


def test_contact_whose_mail_came_back_once_but_arrives_again_is_there():
    partner = partner_seen(1)
    mailed(partner, "failed")
    mailed(partner, "sent")
    assert reasons() == {}


def test_mail_to_the_contact_counts_however_the_address_is_written():
    partner = partner_seen(1)
    mailed(partner, "failed", to="kontakt@nordlys.example.no")
    assert reasons() == {partner.pk: BOUNCED}


def test_mail_to_others_that_came_back_does_not_count():
    partner_seen(1)
    mailed(PartnerFactory(status=Status.DECLINED, contact_email="annen@example.org"), "failed")
    assert reasons() == {}


def test_partner_where_nobody_has_been_for_a_year():
    partner = partner_seen(366, 900)
    found = departed_contacts().get()
    assert (found.pk, found.departed_reason) == (partner.pk, NOBODY)
    assert (timezone.now() - found.departed_since).days == 366


def test_who_never_logged_in_counts_from_the_day_of_joining():
    partner = partner_seen(None)
    assert reasons() == {partner.pk: NOBODY}
    partner.memberships.update(joined_at=ago(300))
    assert reasons() == {}


def test_members_who_cannot_log_in_do_not_count():
    partner = partner_seen(500, 1)
    User.objects.filter(memberships__partner=partner, last_login__gt=ago(2)).update(is_active=False)
    assert reasons() == {partner.pk: NOBODY}


def test_partner_without_members_counts_from_its_application():
    old = partner_seen()
    partner_seen(applied_at=ago(300))
    assert reasons() == {old.pk: NOBODY}


def test_contact_who_has_not_been_there_for_a_year_while_others_have():
    partner = partner_seen(400, 3, contact=0)
    assert reasons() == {partner.pk: CONTACT}


@pytest.mark.parametrize("status", Status.values)
def test_only_partners_that_take_part_are_looked_after(status):
    partner = partner_seen(500, status=status)
    assert reasons() == ({partner.pk: NOBODY} if status in {Status.APPROVED, Status.PAUSED} else {})


@pytest.mark.parametrize("count", [1, 3])
def test_departed_contacts_are_found_with_one_question(django_assert_num_queries, count):
    for n in range(count):
        mailed(partner_seen(500, 400, contact=0, contact_email=f"Kontakt{n}@example.org"), "failed")
    with django_assert_num_queries(1):
        assert len(departed_contacts()) == count


def test_secretariat_has_a_queue_of_them():
    partner_seen(500)
    mailed(partner_seen(1, contact_email="k@example.org"), "failed")
    partner_seen(2, contact_email="ok@example.org")
    client = Client()
    client.force_login(StaffFactory())

    queue = next(q for q in client.get("/en/admin/").context["queues"] if "contact=departed" in q.url)

    assert queue.count == 2
    assert (timezone.now() - queue.oldest).days == 500
