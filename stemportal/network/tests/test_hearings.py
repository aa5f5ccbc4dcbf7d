"""Hearings: kept open to the second, told once to everybody who answers for a partner, and closed with a summary."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from stemportal.network.models import Hearing, Input
from stemportal.network.services import hearings, input_telling
from stemportal.network.services import inputs as services
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.testing.factories import MembershipFactory, PartnerFactory
from stemportal.testing.network_factories import HearingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture(autouse=True)
def told_later(monkeypatch) -> None:
    """Mails about the input itself are another matter."""
    monkeypatch.setattr(input_telling, "after_commit", lambda input_id: None)


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(user__email="ingrid@nordlys.example.no")


def send(owner: Membership, hearing: Hearing, title: str = "Lengre besøk") -> Input:
    return services.submit_input(
        partner=owner.partner,
        by=owner.user,
        title=title,
        text="To timer er for lite.",
        is_shared=True,
        hearing=hearing,
        request_key=uuid.uuid4(),
    )


def test_hearing_takes_input_until_the_very_second(owner):
    hearing = HearingFactory()

    with time_machine.travel(hearing.closes_at - timedelta(seconds=1), tick=False):
        assert send(owner, hearing).hearing == hearing
    with time_machine.travel(hearing.closes_at, tick=False), pytest.raises(services.HearingClosed) as refused:
        send(owner, hearing, "For sent")

    assert f"{timezone.localtime(hearing.closes_at):%H:%M}" in refused.value.words
    assert hearing.inputs.count() == 1


def test_hearing_that_has_not_begun_takes_nothing(owner):
    hearing = HearingFactory(opens_at=timezone.now() + timedelta(hours=1))

    with pytest.raises(services.HearingClosed):
        send(owner, hearing)


def test_deadline_that_was_moved_meanwhile_counts(owner):
    hearing = HearingFactory()
    Hearing.objects.filter(pk=hearing.pk).update(closes_at=timezone.now())

    with pytest.raises(services.HearingClosed):
        send(owner, hearing)


# --- Telling


def opened_to(hearing: Hearing) -> list[str]:
    mails = Mail.objects.filter(about=f"hearing:{hearing.pk}")
    return sorted(mails.values_list("to_email", flat=True))


def test_hearing_is_told_to_owners_and_editors_of_approved_partners_once_each(owner, monkeypatch):
    monkeypatch.setattr(hearings, "BATCH", 2)
    editor = MembershipFactory(partner=owner.partner, role=Membership.Role.EDITOR)
    # In two partners: one mail.
    MembershipFactory(user=owner.user)
    third = MembershipFactory()
    MembershipFactory(partner=owner.partner, role=Membership.Role.READER)
    MembershipFactory(partner=PartnerFactory(status=Partner.Status.PAUSED))
    MembershipFactory(user__is_active=False)
    hearing = HearingFactory(title_en="Longer visits?", told_at=None)

    while hearings.tell_hearings():
        pass
    hearings.tell_hearings()

    assert opened_to(hearing) == sorted(person.user.email for person in (owner, editor, third))
    mail = Mail.objects.filter(to_email=third.user.email).get()
    assert mail.subject == "What do you think? Longer visits?"
    assert f"/network/hearings/{hearing.pk}/" in mail.text
    assert "owner or editor" in mail.text


def test_worker_that_dies_in_a_batch_leaves_nobody_out_and_tells_nobody_twice(owner, monkeypatch):
    monkeypatch.setattr(hearings, "BATCH", 2)
    people = [owner, *(MembershipFactory() for _number in range(4))]
    hearing = HearingFactory(told_at=None)
    assert hearings.tell_hearings() == 1
    queue = hearings.emails.queue_mail
    written: list[str] = []

    def dies(**facts: Any) -> Mail:
        if written:
            raise RuntimeError("killed")
        written.append(facts["to"])
        return queue(**facts)

    with monkeypatch.context() as broken:
        broken.setattr(hearings.emails, "queue_mail", dies)
        assert hearings.tell_hearings() == 0
    assert len(opened_to(hearing)) == 2
    while hearings.tell_hearings():
        pass

    assert opened_to(hearing) == sorted(person.user.email for person in people)


def test_hearing_is_told_when_it_opens_and_not_after_its_end(owner):
    coming = HearingFactory(opens_at=timezone.now() + timedelta(days=1), told_at=None)

    hearings.tell_hearings()
    assert opened_to(coming) == []
    with time_machine.travel(coming.opens_at, tick=False):
        hearings.tell_hearings()
    assert opened_to(coming) == [owner.user.email]
    late = HearingFactory(opens_at=timezone.now() - timedelta(days=30), told_at=None)
    hearings.tell_hearings()
    assert opened_to(late) == []


def test_only_the_silent_are_reminded_before_the_end(owner, settings):
    silent = MembershipFactory()
    hearing = HearingFactory(title_en="Longer visits?")
    send(owner, hearing)

    with time_machine.travel(hearing.closes_at - timedelta(days=settings.HEARING_REMIND_DAYS, seconds=1), tick=False):
        hearings.tell_hearings()
    assert opened_to(hearing) == []
    with time_machine.travel(hearing.closes_at - timedelta(days=settings.HEARING_REMIND_DAYS), tick=False):
        hearings.tell_hearings()
        hearings.tell_hearings()

    assert opened_to(hearing) == [silent.user.email]
    assert Mail.objects.get(to_email=silent.user.email).subject == "Closes soon: Longer visits?"


def test_short_hearing_has_no_reminder(owner):
    hearing = HearingFactory(closes_at=timezone.now() + timedelta(days=2))

    hearings.tell_hearings()

    assert opened_to(hearing) == []


def test_closing_a_hearing_ends_it_at_once_and_keeps_an_earlier_end(owner):
    now = timezone.now()
    still_open = HearingFactory()
    over = HearingFactory(opens_at=now - timedelta(days=30), closes_at=now - timedelta(days=5))

    for hearing in (still_open, over):
        assert hearings.close_hearing(hearing=hearing, summary="Lengre besøk fra høsten.")

    with pytest.raises(services.HearingClosed):
        send(owner, still_open)
    assert Hearing.objects.get(pk=over.pk).closes_at == over.closes_at
