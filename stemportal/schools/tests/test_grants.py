"""Money for the journey, step by step: who may ask, what is set aside, and that it always adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools import states
from stemportal.schools.models import Booking, LedgerEntry, TransportGrant
from stemportal.schools.services import answering, grants, pots
from stemportal.schools.services.grants import CannotAsk, GrantMoved, NeedsReason, WrongAmount
from stemportal.schools.services.moves import make_move
from stemportal.schools.services.pots import PotEmpty
from stemportal.schools.tests.transport_scene import approved, ask, claimed, let_the_day_come, numbers, visit
from stemportal.testing.factories import (
    CountyFactory,
    GrantPotFactory,
    MembershipFactory,
    PartnerFactory,
    SessionFactory,
    TransportRateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
COACH = 300_000
SECRETARIAT = "sekretariat@stemportal.example.no"


@pytest.fixture(autouse=True)
def coach():
    """1,000 kr and 20 kr a kilometre: 3,000 kr for 50 km there and back."""
    return TransportRateFactory()


@pytest.fixture
def pot(db):
    return GrantPotFactory(amount_ore=1_000_000)


def mails(template: str) -> list[str]:
    return sorted(Mail.objects.filter(template=template).values_list("to_email", flat=True))


# --- Asking


def test_application_without_an_amount_asks_for_what_the_rates_say(pot):
    grant = ask(visit())

    assert (grant.applied_ore, grant.reasonable_ore, grant.vehicles) == (COACH, COACH, 1)
    assert (grant.status, grant.pot) == ("applied", pot)
    assert numbers(pot) == (0, 0, 1_000_000), "asking sets nothing aside"
    assert mails("grant_applied") == [SECRETARIAT]


def test_more_than_the_cheapest_reasonable_way_needs_a_reason():
    booking = visit()
    with pytest.raises(NeedsReason, match="3,000 kr"):
        ask(booking, ore=COACH + 1)

    assert ask(booking, ore=COACH + 1, why="Rullestolbuss").why == "Rullestolbuss"


def test_distance_and_group_beyond_belief_need_a_reason():
    booking = visit()
    with pytest.raises(NeedsReason, match="farther"):
        ask(booking, km=400)
    with pytest.raises(NeedsReason, match="28 in the booking"):
        ask(booking, people=50)


def test_way_that_a_class_walks_needs_a_reason(settings):
    settings.TRANSPORT_WALK_KM = 2
    with pytest.raises(NeedsReason, match="short"):
        ask(visit(), km=2)


@pytest.mark.parametrize(
    "facts",
    [
        {"km": 0},
        {"km": -5},
        {"km": 1_000_000},
        {"people": 0},
        {"people": 10_000},
        {"ore": 0},
        {"ore": -100},
        {"ore": 10**12},
        {"mode": "boat"},
    ],
)
def test_impossible_numbers_are_refused_and_nothing_is_kept(facts):
    with pytest.raises(WrongAmount):
        ask(visit(), why="Derfor", **facts)
    assert not TransportGrant.objects.exists()


@pytest.mark.parametrize("status", ["declined", "withdrawn", "school_cancel", "completed", "no_show", "waitlisted"])
def test_booking_without_a_journey_gets_no_money(status):
    booking = visit()
    Booking.objects.filter(pk=booking.pk).update(status=status)
    with pytest.raises(CannotAsk):
        ask(booking)


def test_visit_by_video_or_one_that_has_begun_gets_no_money():
    with pytest.raises(CannotAsk):
        ask(visit(session=SessionFactory(activity__format="digital")))
    booking = visit()
    let_the_day_come(booking)
    with pytest.raises(CannotAsk):
        ask(booking)


def test_asking_twice_changes_the_one_application_and_mails_once():
    booking = visit()
    first = ask(booking)
    assert ask(booking) == first
    assert len(mails("grant_applied")) == 1

    assert ask(booking, km=40).km == 40
    assert TransportGrant.objects.count() == 1
    assert len(mails("grant_applied")) == 2


def test_school_may_ask_again_after_a_no_but_not_after_a_yes(pot):
    grant = ask(visit())
    grants.decline_grant(grant_id=grant.pk, by=UserFactory(), reply="For dyrt")
    again = ask(grant.booking, km=40)
    assert (again.pk, again.status, again.reply) == (grant.pk, "applied", "")

    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=100_000, by=UserFactory())
    with pytest.raises(GrantMoved):
        ask(grant.booking)


# --- Which pot


def test_own_pot_of_the_partner_comes_first_then_the_countys_then_the_programmes():
    booking = visit()
    pledged = GrantPotFactory(partner=PartnerFactory())
    assert pots.suggest_pot(booking, COACH) == pledged
    programmes = GrantPotFactory()
    assert pots.suggest_pot(booking, COACH) == programmes
    county = GrantPotFactory(partner=pledged.partner, county=booking.school.municipality.county)
    assert pots.suggest_pot(booking, COACH) == county
    own = GrantPotFactory(partner=booking.activity.partner)
    assert pots.suggest_pot(booking, COACH) == own
    own.amount_ore = COACH - 1
    own.save()
    assert pots.suggest_pot(booking, COACH) == county, "one with enough in it"


def test_pot_of_another_year_county_or_closed_does_not_fit(pot):
    booking = visit()
    for facts in (
        {"school_year": pot.school_year + 1},
        {"county": CountyFactory(number="03", name="Oslo")},
        {"is_open": False},
    ):
        wrong = GrantPotFactory(**facts)
        grant = ask(booking)
        with pytest.raises(WrongAmount, match="pot"):
            grants.approve_grant(grant_id=grant.pk, pot_id=wrong.pk, ore=1_000, by=UserFactory())
    finnmark = GrantPotFactory(county=booking.school.municipality.county)
    assert pots.suggest_pot(booking, COACH) == finnmark


def test_application_for_a_partners_pot_is_mailed_to_its_owners_and_editors_only():
    booking = visit()
    owner = MembershipFactory(partner=booking.activity.partner)
    MembershipFactory(partner=booking.activity.partner, role="reader")
    GrantPotFactory(partner=booking.activity.partner)

    ask(booking)

    assert mails("grant_applied") == [owner.user.email]


# --- Deciding


def test_approval_sets_money_aside_and_tells_the_teacher(pot):
    grant = ask(visit())
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=200_000, by=UserFactory(), reply="God tur")

    assert numbers(pot) == (200_000, 0, 800_000)
    mail = Mail.objects.get(template="grant_approved")
    assert mail.to_email == grant.booking.teacher.email
    assert "God tur" in mail.text


def test_nothing_is_approved_beyond_the_pot_or_what_is_asked_for():
    small = GrantPotFactory(amount_ore=COACH - 1)
    grant = ask(visit())
    with pytest.raises(PotEmpty) as refusal:
        grants.approve_grant(grant_id=grant.pk, pot_id=small.pk, ore=COACH, by=UserFactory())
    assert refusal.value.left_ore == COACH - 1
    for ore in (COACH + 1, 0, -5):
        with pytest.raises(WrongAmount):
            grants.approve_grant(grant_id=grant.pk, pot_id=small.pk, ore=ore, by=UserFactory())
    assert numbers(small) == (0, 0, COACH - 1)
    grant.refresh_from_db()
    assert grant.status == "applied"


def test_second_answer_is_refused(pot):
    grant = ask(visit())
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=COACH, by=UserFactory())
    with pytest.raises(GrantMoved):
        grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=COACH, by=UserFactory())
    with pytest.raises(GrantMoved):
        grants.decline_grant(grant_id=grant.pk, by=UserFactory(), reply="Nei")
    assert numbers(pot) == (COACH, 0, 700_000)


def test_amount_can_be_changed_while_nothing_is_paid(pot):
    grant = approved(200_000, pot=pot)
    for ore in (250_000, 100_000, 100_000):
        grants.adjust_grant(grant_id=grant.pk, ore=ore, by=UserFactory())
        assert numbers(pot) == (ore, 0, 1_000_000 - ore)
    with pytest.raises(WrongAmount):
        grants.adjust_grant(grant_id=grant.pk, ore=grant.applied_ore + 1, by=UserFactory())


def test_constraint_catches_what_the_code_forgets(pot):
    with pytest.raises(IntegrityError, match="never_overdrawn"), transaction.atomic():
        type(pot).objects.filter(pk=pot.pk).update(reserved_ore=pot.amount_ore + 1)


# --- The receipt, and settling


def test_settling_pays_at_most_what_is_approved_and_gives_the_rest_back(pot):
    grant = claimed(250_000, pot=pot)
    assert mails("grant_receipt_came") == [SECRETARIAT]
    for ore in (250_001, 0, -1):
        with pytest.raises(WrongAmount):
            grants.settle_grant(grant_id=grant.pk, ore=ore, by=UserFactory())

    grants.settle_grant(grant_id=grant.pk, ore=240_000, by=UserFactory())

    assert numbers(pot) == (0, 240_000, 760_000)
    assert list(grant.entries.values_list("kind", "ore")) == [
        ("reserve", 300_000), ("pay", 240_000), ("release", 60_000),
    ]  # fmt: skip
    assert len(mails("grant_settled")) == 1
    with pytest.raises(GrantMoved):
        grants.settle_grant(grant_id=grant.pk, ore=1, by=UserFactory())


def test_dearer_receipt_is_paid_up_to_the_approved_amount(pot):
    grant = claimed(900_000, pot=pot)
    with pytest.raises(WrongAmount):
        grants.settle_grant(grant_id=grant.pk, ore=COACH + 1, by=UserFactory())
    grants.settle_grant(grant_id=grant.pk, ore=COACH, by=UserFactory())
    assert numbers(pot) == (0, COACH, 700_000)


def test_receipt_comes_after_the_visit_and_only_with_an_approval():
    grant = approved()
    receipt = {"ore": 1_000, "content": b"%PDF-1.7", "extension": "pdf"}
    with pytest.raises(WrongAmount, match="after the visit"):
        grants.claim_grant(booking=grant.booking, **receipt)
    with pytest.raises(GrantMoved):
        grants.claim_grant(booking=visit(), **receipt)


def test_better_receipt_replaces_the_first_one_and_its_file(django_capture_on_commit_callbacks):
    grant = claimed()
    first = grant.receipt.name
    with django_capture_on_commit_callbacks(execute=True):
        grants.claim_grant(booking=grant.booking, ore=1_000, content=b"%PDF-1.7 ny", extension="pdf")
    grant.refresh_from_db()
    assert not default_storage.exists(first)
    assert default_storage.open(grant.receipt.name).read() == b"%PDF-1.7 ny"


def test_receipt_can_be_sent_back_with_the_reason(django_capture_on_commit_callbacks):
    grant = claimed()
    name = grant.receipt.name
    with django_capture_on_commit_callbacks(execute=True):
        grants.return_receipt(grant_id=grant.pk, by=UserFactory(), reply="Summen mangler")
    grant.refresh_from_db()
    assert (grant.status, grant.receipt.name, grant.claimed_ore) == ("approved", "", None)
    assert not default_storage.exists(name)
    assert "Summen mangler" in Mail.objects.get(template="grant_receipt_returned").text


# --- Giving back


@pytest.mark.parametrize("status", sorted(grants.NO_JOURNEY))
def test_journey_that_nobody_makes_gives_its_money_back(pot, status):
    grant = approved(pot=pot)
    move = next(move for move in states.MOVES if move.target == status and move.origins)
    Booking.objects.filter(pk=grant.booking_id).update(status=move.origins[0])
    booking = Booking.objects.with_facts().get(pk=grant.booking_id)

    with transaction.atomic():
        make_move(booking, move, by=None)

    grant.refresh_from_db()
    assert grant.status == "released"
    assert numbers(pot) == (0, 0, 1_000_000)
    assert mails("grant_released") == [grant.booking.teacher.email]


def test_cancellation_by_the_school_gives_the_money_back(pot):
    grant = approved(pot=pot)
    booking = Booking.objects.with_facts().get(pk=grant.booking_id)
    answering.cancel_booking(booking=booking, by=booking.teacher, side=states.Side.SCHOOL, note="Syke")
    assert numbers(pot) == (0, 0, 1_000_000)


def test_visit_that_is_held_keeps_its_money(pot):
    grant = approved(pot=pot)
    let_the_day_come(grant.booking)
    booking = Booking.objects.with_facts().get(pk=grant.booking_id)
    with transaction.atomic():
        answering.complete_booking(booking, by=None)
    assert numbers(pot) == (COACH, 0, 700_000)


def test_what_is_paid_stays_paid(pot):
    grant = claimed(pot=pot)
    grants.settle_grant(grant_id=grant.pk, ore=250_000, by=UserFactory())
    assert grants.release_grant(grant_id=grant.pk, by=None) is None
    assert numbers(pot) == (0, 250_000, 750_000)


# --- The ledger


def test_ledger_is_never_changed_or_deleted(pot):
    approved(pot=pot)
    entry = LedgerEntry.objects.get()
    for change in (
        {"ore": 1},
        {"kind": "pay"},
        {"at": timezone.now()},
        {"by": UserFactory()},
        {"pot": GrantPotFactory()},
    ):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            LedgerEntry.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        entry.delete()


def test_ledger_forgets_a_person_whose_account_goes(pot):
    approved(pot=pot)
    entry = LedgerEntry.objects.get()
    LedgerEntry.objects.filter(pk=entry.pk).update(by=None)
    entry.refresh_from_db()
    assert entry.by is None


def test_wrong_numbers_are_noticed(pot):
    approved(pot=pot)
    type(pot).objects.filter(pk=pot.pk).update(reserved_ore=1)
    pot.refresh_from_db()
    assert not pots.adds_up(pot)


# --- A partner's pledge


def test_pledge_is_used_when_the_secretariat_has_opened_it():
    owner = MembershipFactory()
    pot = pots.pledge_pot(partner=owner.partner, name="Havskyss", school_year=2026, county_id=None, ore=5_000_000)
    assert not pot.is_open
    assert mails("pot_pledged") == [SECRETARIAT]

    assert pots.open_pot(pot_id=pot.pk)
    assert not pots.open_pot(pot_id=pot.pk)
    assert mails("pot_opened") == [owner.user.email]
    assert pots.close_pot(pot_id=pot.pk)
    pots.open_pot(pot_id=pot.pk)
    assert len(mails("pot_opened")) == 1, "told the first time only"


def test_partner_pledges_a_sane_number_of_pots():
    partner = PartnerFactory()
    for n in range(pots.MOST_POTS):
        pots.pledge_pot(partner=partner, name=f"Pott {n}", school_year=2026, county_id=None, ore=100_000)
    with pytest.raises(pots.TooManyPots):
        pots.pledge_pot(partner=partner, name="En til", school_year=2026, county_id=None, ore=100_000)


def test_group_that_changed_keeps_its_application(pot):
    grant = ask(visit())
    Booking.objects.filter(pk=grant.booking_id).update(pupils=10)
    assert grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=COACH, by=UserFactory()).people == 28


def test_visit_in_the_next_school_year_is_paid_by_that_years_pot(pot):
    booking = visit()
    start = timezone.now() + timedelta(days=365)
    booking.session.starts_at, booking.session.ends_at = start, start + timedelta(hours=2)
    booking.session.save()
    assert pots.suggest_pot(booking, COACH) is None
    later = GrantPotFactory(school_year=pots.visit_year(booking))
    assert pots.suggest_pot(booking, COACH) == later
