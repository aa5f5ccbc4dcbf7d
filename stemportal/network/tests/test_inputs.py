"""Input: sending it once, standing behind it, withdrawing it, and what the secretariat does with it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from stemportal.network.models import Input, InputEvent, InputSupport
from stemportal.network.services import input_telling, recommendations
from stemportal.network.services import inputs as services
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.partners.services.merging import merge_partners
from stemportal.testing.factories import MembershipFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import (
    HearingFactory,
    InputFactory,
    InputSupportFactory,
    RecommendationFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch) -> None:
    """The mails of a step are written with it."""
    monkeypatch.setattr(input_telling, "after_commit", input_telling.tell)


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(partner__display_name="Nordlys", user__email="ingrid@nordlys.example.no")


def send(owner: Membership, **changes: Any) -> Input:
    facts = {
        "partner": owner.partner,
        "by": owner.user,
        "title": "Lengre besøk",
        "text": "To timer er for lite.",
        "is_shared": True,
        "request_key": uuid.uuid4(),
    }
    return services.submit_input(**(facts | changes))


def subjects(person: Any) -> list[str]:
    return list(Mail.objects.filter(to_email=person.email).order_by("pk").values_list("subject", flat=True))


# --- Sending


def test_input_is_received_once_however_often_the_form_is_sent(owner):
    key = uuid.uuid4()

    first, second = send(owner, request_key=key), send(owner, request_key=key)
    other = send(owner, request_key=key, title="Kortere besøk")

    assert first == second
    assert other != first
    assert subjects(owner.user) == [
        "We have received your input: Lengre besøk",
        "We have received your input: Kortere besøk",
    ]


@pytest.mark.parametrize("role", [Membership.Role.OWNER, Membership.Role.EDITOR])
def test_owner_and_editor_may_send(owner, role):
    member = MembershipFactory(partner=owner.partner, role=role)

    assert send(member).by == member.user


@pytest.mark.parametrize("status", [Partner.Status.APPLIED, Partner.Status.PAUSED, Partner.Status.ENDED])
def test_partner_that_is_not_in_sends_nothing(owner, status):
    Partner.objects.filter(pk=owner.partner_id).update(status=status)

    with pytest.raises(services.MayNot):
        send(owner)


def test_reader_and_stranger_send_nothing(owner):
    reader = MembershipFactory(partner=owner.partner, role=Membership.Role.READER)

    for person in (reader.user, UserFactory()):
        with pytest.raises(services.MayNot):
            send(owner, by=person)


def test_partner_cannot_flood_the_secretariat(owner, monkeypatch):
    monkeypatch.setattr(services, "MOST_UNDECIDED", 2)
    first = send(owner, title="1")
    send(owner, title="2")

    with pytest.raises(services.TooMuchWaiting) as refused:
        send(owner, title="3")
    services.withdraw_input(found=first, by=owner.user)

    assert "2 of your inputs" in refused.value.words
    assert send(owner, title="3")


# --- Support


def test_partner_stands_behind_input_once_and_takes_it_back():
    found, other = InputFactory(), MembershipFactory()

    assert services.support_input(found=found, partner=other.partner, by=other.user)
    assert not services.support_input(found=found, partner=other.partner, by=other.user)
    assert found.supports.count() == 1
    assert services.take_support_back(found=found, partner=other.partner, by=other.user)
    assert not services.take_support_back(found=found, partner=other.partner, by=other.user)
    assert not found.supports.exists()


def test_nobody_supports_its_own_input(owner):
    with pytest.raises(services.OwnInput):
        services.support_input(found=send(owner), partner=owner.partner, by=owner.user)


@pytest.mark.parametrize(
    "facts",
    [
        {"is_shared": False},
        {"status": "withdrawn"},
        {"status": "taken_up"},
        {"status": "not_taken_up", "reason": "Nei"},
    ],
    ids=["closed", "withdrawn", "taken up", "not taken up"],
)
def test_input_that_is_closed_or_decided_gets_no_support(facts):
    found, other = InputFactory(**facts), MembershipFactory()

    with pytest.raises(services.NotOpen):
        services.support_input(found=found, partner=other.partner, by=other.user)


def test_support_ends_with_the_hearing():
    hearing, other = HearingFactory(), MembershipFactory()
    found = InputFactory(hearing=hearing)

    with time_machine.travel(hearing.closes_at, tick=False), pytest.raises(services.NotOpen):
        services.support_input(found=found, partner=other.partner, by=other.user)


def test_support_that_became_ones_own_by_a_merger_does_not_count():
    found = InputFactory()
    support = InputSupportFactory(input=found)
    InputSupportFactory(input=found)

    merge_partners(keep=found.partner, gone=support.partner, by=StaffFactory())

    assert Input.objects.with_supporters().get().supporters == 1


# --- Withdrawing


def test_input_can_be_withdrawn_until_it_is_decided(owner):
    found, decided = send(owner), InputFactory(partner=owner.partner, status=Input.Status.TAKEN_UP)

    services.withdraw_input(found=found, by=owner.user)
    with pytest.raises(services.NotMoved):
        services.withdraw_input(found=decided, by=owner.user)

    found.refresh_from_db()
    assert found.status == Input.Status.WITHDRAWN
    assert [(step.from_status, step.to_status, step.by) for step in found.events.all()] == [
        ("", "received", owner.user),
        ("received", "withdrawn", owner.user),
    ]
    assert subjects(owner.user) == ["We have received your input: Lengre besøk"], "who withdraws needs no mail"


def test_withdrawal_that_comes_after_the_decision_changes_nothing(owner):
    found = send(owner)
    services.answer_input(found=Input.objects.get(), by=StaffFactory(), status=Input.Status.TAKEN_UP)

    with pytest.raises(services.NotMoved):
        services.withdraw_input(found=found, by=owner.user)

    assert Input.objects.get().status == Input.Status.TAKEN_UP


# --- Answering


def test_answer_goes_to_those_who_answer_for_the_partner(owner):
    editor = MembershipFactory(partner=owner.partner, role=Membership.Role.EDITOR)
    reader = MembershipFactory(partner=owner.partner, role=Membership.Role.READER)
    found = send(owner)

    services.answer_input(
        found=found,
        by=StaffFactory(),
        status=Input.Status.NOT_TAKEN_UP,
        reason="For dyrt nå.",
        answer="Takk for idéen.",
    )

    mail = Mail.objects.get(to_email=editor.user.email)
    assert mail.subject == "Your input is not taken up: Lengre besøk"
    assert "> For dyrt nå." in mail.text
    assert "> Takk for idéen." in mail.text
    assert f"/network/input/{found.pk}/" in mail.text
    assert "you act for Nordlys" in mail.text
    assert len(subjects(owner.user)) == 2
    assert subjects(reader.user) == []


def test_input_is_never_refused_without_a_reason(owner):
    found = send(owner)

    with pytest.raises(services.NeedsReason):
        services.answer_input(found=found, by=StaffFactory(), status=Input.Status.NOT_TAKEN_UP)

    assert Input.objects.get().status == Input.Status.RECEIVED


def test_second_of_two_colleagues_moves_nothing(owner):
    found, staff = send(owner), StaffFactory()
    seen_by_other = Input.objects.get()
    services.answer_input(found=found, by=staff, status=Input.Status.TAKEN_UP, answer="Ja!")

    with pytest.raises(services.NotMoved):
        services.answer_input(found=seen_by_other, by=staff, status=Input.Status.IN_WORK)

    assert Input.objects.get().status == Input.Status.TAKEN_UP


def test_same_answer_again_tells_nobody(owner):
    found, staff = send(owner), StaffFactory()
    answer = {"status": Input.Status.IN_WORK, "answer": "Vi ser på det.", "by": staff}
    assert services.answer_input(found=found, **answer)
    before = Mail.objects.count()

    assert not services.answer_input(found=Input.objects.get(), **answer)

    assert Mail.objects.count() == before


def test_answer_without_a_move_is_a_step_and_a_mail(owner):
    found = send(owner)

    services.answer_input(found=found, by=StaffFactory(), status=Input.Status.RECEIVED, answer="Vi ringer deg.")

    assert subjects(owner.user)[-1] == "An answer to your input: Lengre besøk"
    assert "> Vi ringer deg." in Mail.objects.filter(to_email=owner.user.email).latest("pk").text


def test_later_step_does_not_repeat_the_answer(owner):
    found, staff = send(owner), StaffFactory()
    services.answer_input(found=found, by=staff, status=Input.Status.IN_WORK, answer="Vi ser på det.")

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        services.answer_input(
            found=Input.objects.get(), by=staff, status=Input.Status.TAKEN_UP, answer="Vi ser på det."
        )

    assert "Vi ser på det." not in Mail.objects.latest("pk").text


def test_withdrawn_input_is_not_answered(owner):
    found = InputFactory(partner=owner.partner, status=Input.Status.WITHDRAWN)

    with pytest.raises(services.NotMoved):
        services.answer_input(found=found, by=StaffFactory(), status=Input.Status.WITHDRAWN, answer="Takk")


def test_supporters_hear_once_what_came_of_it(owner):
    found = send(owner)
    other = MembershipFactory()
    services.support_input(found=found, partner=other.partner, by=other.user)
    left = InputSupportFactory(input=found, by=UserFactory())
    their_owner = MembershipFactory(partner=left.partner)
    staff = StaffFactory()

    services.answer_input(
        found=found, by=staff, status=Input.Status.TAKEN_UP, answer="Bare til dere.", answer_is_public=False
    )
    services.answer_input(found=Input.objects.get(), by=staff, status=Input.Status.NOT_TAKEN_UP, reason="Likevel ikke")
    input_telling.sweep()

    assert subjects(other.user) == ["Taken up: “Lengre besøk”, which you support"]
    assert subjects(their_owner.user) == ["Taken up: “Lengre besøk”, which you support"], "whoever is left hears it"
    assert "Bare til dere" not in Mail.objects.get(to_email=other.user.email).text


def test_steps_that_nobody_told_are_found_and_told_once(owner, monkeypatch):
    monkeypatch.setattr(input_telling, "after_commit", lambda input_id: None)
    found = send(owner)
    services.answer_input(found=found, by=StaffFactory(), status=Input.Status.IN_WORK)
    assert subjects(owner.user) == []

    assert input_telling.sweep() == 0, "a step this young is on its way to a worker"
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        input_telling.sweep()
        input_telling.sweep()

    assert subjects(owner.user) == [
        "We have received your input: Lengre besøk",
        "We are working on your input: Lengre besøk",
    ]


# --- Recommendations


def test_input_bundled_into_a_recommendation_is_taken_up_when_it_is_published(owner):
    staff = StaffFactory()
    mine, other = send(owner), InputFactory(status=Input.Status.IN_WORK)
    refused = InputFactory(status=Input.Status.NOT_TAKEN_UP, reason="Nei")
    draft = RecommendationFactory()

    assert recommendations.bundle_inputs(inputs=[mine, other, refused], recommendation=draft, by=staff) == 2
    mine.refresh_from_db()
    assert mine.status == Input.Status.IN_WORK
    assert recommendations.publish_recommendation(recommendation=draft, by=staff)
    assert not recommendations.publish_recommendation(recommendation=draft, by=staff)

    assert {found.status for found in draft.inputs.all()} == {Input.Status.TAKEN_UP}
    assert Input.objects.get(pk=refused.pk).recommendation is None
    assert subjects(owner.user)[1:] == [
        "We are working on your input: Lengre besøk",
        "Your input is taken up: Lengre besøk",
    ]
    assert "part of a recommendation" in Mail.objects.filter(to_email=owner.user.email).latest("pk").text


def test_input_bundled_into_what_was_published_meanwhile_is_taken_up():
    found, staff = InputFactory(), StaffFactory()
    as_the_page_showed_it = RecommendationFactory()
    recommendations.publish_recommendation(recommendation=as_the_page_showed_it, by=staff)

    recommendations.bundle_inputs(inputs=[found], recommendation=as_the_page_showed_it, by=staff)

    assert Input.objects.get().status == Input.Status.TAKEN_UP


def test_input_in_another_recommendation_stays_there():
    first, second = RecommendationFactory(), RecommendationFactory()
    found = InputFactory(recommendation=first, status=Input.Status.IN_WORK)

    assert recommendations.bundle_inputs(inputs=[found], recommendation=second, by=StaffFactory()) == 0

    assert Input.objects.get().recommendation == first


def test_withdrawn_input_leaves_its_recommendation(owner):
    draft = RecommendationFactory()
    found = InputFactory(partner=owner.partner, recommendation=draft, status=Input.Status.IN_WORK)

    services.withdraw_input(found=found, by=owner.user)
    recommendations.publish_recommendation(recommendation=draft, by=StaffFactory())

    assert not draft.inputs.exists()
    assert Input.objects.get().status == Input.Status.WITHDRAWN


def test_history_says_who_moved_what(owner):
    staff = StaffFactory()
    services.answer_input(found=send(owner), by=staff, status=Input.Status.IN_WORK)

    assert list(InputEvent.objects.values_list("from_status", "to_status", "by")) == [
        ("", "received", owner.user_id),
        ("received", "in_work", staff.pk),
    ]


def test_support_of_a_partner_that_left_is_not_mailed():
    support = InputSupportFactory(partner__status=Partner.Status.ENDED, input__status=Input.Status.TAKEN_UP)
    MembershipFactory(partner=support.partner)

    input_telling.tell_supporters()

    assert not Mail.objects.exists()
    assert InputSupport.objects.get().told_at is not None
