"""Ending a partnership and taking one up again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner, PartnerEvent
from stemportal.partners.services.ending import (
    NeedsOwner,
    consequences_of,
    end_partner,
    kept_until,
    leave_programme,
    reopen_partner,
)
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = Partner.Status


@pytest.fixture
def staff():
    return StaffFactory()


def owned(**facts) -> Partner:
    facts.setdefault("display_name", "Nordlys Robotikk")
    return MembershipFactory(partner=PartnerFactory(**facts), user__language="en").partner


def fresh(partner: Partner) -> Partner:
    return Partner.objects.get(pk=partner.pk)


@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.PAUSED])
def test_active_partner_ends_with_a_line_in_its_history(staff, status):
    partner = owned(status=status)

    assert end_partner(partner=partner, by=staff, note="Svarer ikke lenger")

    assert (fresh(partner).status, partner.status) == (Status.ENDED, Status.ENDED)
    assert fresh(partner).ended_at == partner.ended_at is not None
    event = partner.events.get()
    assert (event.from_status, event.to_status, event.by, event.note) == (status, "ended", staff, "Svarer ikke lenger")


@pytest.mark.parametrize("status", [Status.UNCONFIRMED, Status.DECLINED, Status.ENDED])
def test_what_is_not_active_cannot_end(staff, status):
    partner = owned(status=status)

    assert not end_partner(partner=partner, by=staff)

    assert fresh(partner).status == status
    assert not PartnerEvent.objects.exists()
    assert not Mail.objects.exists()


def test_partner_ends_once_also_when_the_page_is_old(staff):
    partner = owned()
    old_page = fresh(partner)

    assert end_partner(partner=partner, by=staff)
    assert not end_partner(partner=old_page, by=staff)
    assert PartnerEvent.objects.count() == 1


def test_every_owner_is_told_until_when_the_data_is_kept(staff, settings):
    settings.PARTNER_RETENTION_DAYS = 365
    partner = owned()
    MembershipFactory(partner=partner, user__language="en")
    MembershipFactory(partner=partner, role=Membership.Role.EDITOR)

    with time_machine.travel(datetime(2026, 3, 12, 12, tzinfo=UTC), tick=False):
        end_partner(partner=partner, by=staff, note="Intern begrunnelse")

    owners = partner.memberships.filter(role=Membership.Role.OWNER)
    assert sorted(Mail.objects.values_list("to_email", flat=True)) == sorted(owner.user.email for owner in owners)
    for mail in Mail.objects.all():
        assert "March 12, 2027" in mail.text
        assert f"/partner/{partner.pk}/data/" in mail.text
        assert "Intern begrunnelse" not in mail.text


def test_leaving_tells_the_secretariat_and_gives_the_reason(settings):
    partner = owned()
    owner = partner.memberships.get().user

    assert leave_programme(partner=partner, by=owner, reason="Vi har ikke tid")
    assert not leave_programme(partner=partner, by=owner, reason="Vi har ikke tid")

    [mail] = Mail.objects.filter(to_email=settings.SECRETARIAT_EMAIL)
    assert "Nordlys Robotikk" in mail.subject
    assert "Vi har ikke tid" in mail.text
    assert partner.events.get().note == "Vi har ikke tid"


def test_ended_partner_is_taken_up_again_and_its_owners_are_told(staff):
    partner = owned()
    end_partner(partner=partner, by=staff)
    Mail.objects.all().delete()

    assert reopen_partner(partner=partner, by=staff, note="Angret")

    assert (fresh(partner).status, fresh(partner).ended_at) == (Status.APPROVED, None)
    assert partner.events.last().note == "Angret"
    assert Mail.objects.get().to_email == partner.memberships.get().user.email


@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.DECLINED])
def test_what_has_not_ended_is_not_taken_up(staff, status):
    partner = owned(status=status)

    assert not reopen_partner(partner=partner, by=staff)
    assert fresh(partner).status == status


def test_merged_partner_is_not_taken_up(staff):
    partner = owned(status=Status.ENDED, merged_into=PartnerFactory())

    assert not reopen_partner(partner=partner, by=staff)
    assert fresh(partner).status == Status.ENDED


def test_nobody_to_own_it_means_that_it_cannot_be_taken_up(staff):
    nobody = PartnerFactory(status=Status.ENDED)
    MembershipFactory(partner=nobody, role=Membership.Role.EDITOR)
    MembershipFactory(partner=nobody, user=UserFactory(is_active=False))
    forgotten = PartnerFactory(status=Status.ENDED, personal_data_deleted_at=timezone.now())

    for partner in (nobody, forgotten):
        with pytest.raises(NeedsOwner):
            reopen_partner(partner=partner, by=staff)
        assert fresh(partner).status == Status.ENDED


def test_partner_whose_people_were_forgotten_is_taken_up_with_a_new_owner(staff):
    now = timezone.now()
    partner = owned(status=Status.ENDED, ended_at=now, personal_data_deleted_at=now, contact_email="", contact_name="")
    owner = partner.memberships.get().user

    assert reopen_partner(partner=partner, by=staff)

    again = fresh(partner)
    assert (again.contact_name, again.contact_email) == (str(owner), owner.email)
    assert again.personal_data_deleted_at is None, "or it would never be forgotten again"


def test_partner_with_nothing_has_no_consequences():
    assert consequences_of(PartnerFactory()) == []


def test_declined_application_is_kept_from_the_day_of_the_answer(settings):
    settings.PARTNER_RETENTION_DAYS = 10
    answered = datetime(2026, 3, 1, 12, tzinfo=UTC)

    assert str(kept_until(PartnerFactory(status=Status.DECLINED, decided_at=answered))) == "2026-03-11"
