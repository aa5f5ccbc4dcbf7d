"""A new version asks for a new signature: every owner who has not signed gets one mail, however often it is tried."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.partners import tasks
from stemportal.partners.models import Declaration, Membership, Partner, Signature
from stemportal.partners.services import declarations as services
from stemportal.testing.factories import DeclarationFactory, MembershipFactory, PartnerFactory, UserFactory
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Partner.Status


@pytest.fixture
def first() -> Declaration:
    return DeclarationFactory(valid_from=timezone.localdate() - timedelta(days=400))


def newer(**facts) -> Declaration:
    return DeclarationFactory(
        version=2, changes_nb="Svaret kommer fortere.", changes_en="The answer comes sooner.", **facts
    )


def signed(declaration, **facts) -> Membership:
    """An owner whose partner signed the declaration."""
    owner = MembershipFactory(partner=PartnerFactory(**facts), user=UserFactory(language="en"))
    Signature.objects.create(partner=owner.partner, declaration=declaration, signed_name="Ola Sjef")
    return owner


def receivers() -> list[str]:
    return sorted(Mail.objects.filter(template="partner_please_sign").values_list("to_email", flat=True))


def test_every_owner_who_can_log_in_is_asked_once(first):
    owner = signed(first)
    second = MembershipFactory(partner=owner.partner)
    MembershipFactory(partner=owner.partner, user=UserFactory(is_active=False))
    MembershipFactory(partner=owner.partner, role=Role.EDITOR)
    newer()

    assert services.ask_for_signatures() == 1
    assert services.ask_for_signatures() == 0

    assert receivers() == sorted([owner.user.email, second.user.email])


def test_mail_says_what_is_new_in_the_owners_language(first):
    owner = signed(first, display_name="Nordlys")
    newer()
    services.ask_for_signatures()

    mail = Mail.objects.get(to_email=owner.user.email)
    assert mail.subject == "A new declaration for Nordlys to sign"
    assert "The answer comes sooner." in mail.text
    assert f"/en/partner/{owner.partner_id}/declaration/" in mail.text
    assert mail.about == f"partner:{owner.partner_id}"


def test_mail_to_a_partner_that_never_signed_does_not_speak_of_news(first):
    owner = MembershipFactory(user=UserFactory(language="en"))
    services.ask_for_signatures()
    mail = Mail.objects.get(to_email=owner.user.email)
    assert "waits for the signature" in mail.subject
    assert "new version" not in mail.text


@pytest.mark.parametrize("status", [status for status in Status.values if status != Status.APPROVED])
def test_only_approved_partners_are_asked(first, status):
    signed(first, status=status)
    newer()
    assert services.ask_for_signatures() == 0


def test_partner_that_has_signed_is_not_asked(first):
    declaration = newer()
    signed(declaration)
    assert services.ask_for_signatures() == 0
    assert receivers() == []


def test_version_that_comes_later_is_asked_for_when_it_is_in_force(first):
    signed(first)
    declaration = newer(valid_from=timezone.localdate() + timedelta(days=1))
    assert services.ask_for_signatures() == 0
    declaration.refresh_from_db()
    assert declaration.asked_at is None

    Declaration.objects.filter(pk=declaration.pk).update(valid_from=timezone.localdate())
    assert services.ask_for_signatures() == 1


def test_partner_that_comes_in_later_is_asked_the_night_after(first):
    newer()
    services.ask_for_signatures()
    owner = signed(first)
    assert services.ask_for_signatures() == 1
    assert receivers() == [owner.user.email]


def test_next_version_asks_again(first):
    signed(first)
    newer()
    services.ask_for_signatures()
    DeclarationFactory(version=3)
    assert services.ask_for_signatures() == 1
    assert len(receivers()) == 2


def test_partner_without_an_owner_does_not_hold_up_the_others(first, monkeypatch):
    monkeypatch.setattr(services, "ASK_BATCH", 1)
    PartnerFactory()
    owner = signed(first)
    newer()
    assert services.ask_for_signatures() == 1
    assert receivers() == [owner.user.email]


def test_task_goes_on_batch_by_batch(first, monkeypatch):
    monkeypatch.setattr(services, "ASK_BATCH", 2)
    handed_over = []
    monkeypatch.setattr(tasks, "hand_over", handed_over.append)
    for _ in range(3):
        signed(first)
    newer()

    tasks.ask_for_signatures()
    assert (len(receivers()), len(handed_over)) == (2, 1)
    tasks.ask_for_signatures()
    assert (len(receivers()), len(handed_over)) == (3, 1)


def test_asking_is_begun_once(first, django_capture_on_commit_callbacks, monkeypatch):
    announced = []
    monkeypatch.setattr(services, "announce", lambda: announced.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        assert services.begin_asking(first)
        assert not services.begin_asking(first)
    assert announced == [1]


def test_without_a_declaration_nobody_is_asked():
    MembershipFactory()
    assert services.ask_for_signatures() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_asking_reads_the_same_however_many_partners(first, count, django_assert_max_num_queries):
    """Each mail is a row of its own; everything else is asked once."""
    for _ in range(count):
        signed(first)
    newer()
    with django_assert_max_num_queries(9 + count):
        services.ask_for_signatures()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_each_partner_once():
    first = DeclarationFactory()
    for _ in range(3):
        signed(first)
    newer()
    assert sorted(at_once(lambda _n: services.ask_for_signatures(), 2)) == [0, 3]
    assert len(receivers()) == len(set(receivers())) == 3
