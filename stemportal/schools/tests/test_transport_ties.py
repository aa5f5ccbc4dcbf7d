"""Pots for journeys when a partner ends, takes its data, or is forgotten."""

from __future__ import annotations

import pytest

from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.services.ending import end_partner
from stemportal.schools import transport_ties
from stemportal.schools.services import grants
from stemportal.schools.tests.transport_scene import ask, numbers, visit
from stemportal.testing.factories import GrantPotFactory, MembershipFactory, TransportRateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    TransportRateFactory()
    return MembershipFactory(user__full_name="Ola Eksempel")


@pytest.fixture
def pot(owner):
    return GrantPotFactory(partner=owner.partner, name="Havskyss")


def test_partner_that_ends_closes_its_pots_and_pays_what_it_approved(owner, pot):
    waiting, promised = ask(visit()), ask(visit())
    grants.approve_grant(grant_id=promised.pk, pot_id=pot.pk, ore=100_000, by=owner.user)
    [told] = transport_ties.PotsAtEnd().tell(owner.partner)
    assert (told.count, told.examples) == (1, ["Havskyss"])

    end_partner(partner=owner.partner, by=owner.user, note="", message="")

    waiting.refresh_from_db()
    assert (waiting.status, waiting.pot) == ("applied", None), "the secretariat takes it over"
    assert numbers(pot)[0] == 100_000
    assert not pot.is_open


def test_copy_of_the_data_tells_pots_and_movements_but_not_the_size_of_groups(owner, pot):
    grant = ask(visit())
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=100_000, by=owner.user)
    names = [section.name for section in extensions.data_sections]
    assert {"transport_pots", "transport_grants"} <= set(names)

    [about_pot] = transport_ties.pots(owner.partner)
    [about_grant] = transport_ties.grants(owner.partner)

    assert (about_pot["amount"], about_pot["reserved"]) == (10_000, 1_000)
    assert about_grant["movements"][0].endswith("reserve 1000.0")
    assert "people" not in about_grant


def test_people_are_forgotten_and_the_ledger_stays(owner, pot):
    grant = ask(visit(), why="Ola Eksempel sa at vi kunne", ore=400_000)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=100_000, by=owner.user, reply="Hilsen Ola")
    people = extensions.People(pks=frozenset([owner.user.pk]), words=("Ola Eksempel",))

    transport_ties.forget(owner.partner, people)

    grant.refresh_from_db()
    assert (grant.decided_by, grant.reply) == (None, "")
    assert "Ola" not in grant.why
    assert grant.entries.get().by is None
    assert numbers(pot)[0] == 100_000
    assert not Mail.objects.filter(template__startswith="grant_").exists()
