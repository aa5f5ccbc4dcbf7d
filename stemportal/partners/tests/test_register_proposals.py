"""What the register proposes: differences become proposals, nothing is overwritten and nothing blanked."""

from __future__ import annotations

import pytest

from stemportal.lib.brreg import Answer
from stemportal.lib.tests.fake_register import number, sample
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.services.register_proposals import Decided, accept_proposals, reject_proposals
from stemportal.partners.tests.comparing import compare, polarkyst, proposed
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db
Decision = RegisterProposal.Status
Status = RegisterRun.Status


@pytest.fixture(autouse=True)
def quick(settings):
    """As many questions as it likes."""
    settings.BRREG_REQUESTS_PER_SECOND = 1000


# --- What is proposed


def test_partner_with_the_same_facts_gets_no_proposal(register):
    partner = polarkyst()
    run = compare()
    partner.refresh_from_db()
    assert not partner.proposals.exists()
    assert partner.register_status == Answer.FOUND
    assert partner.register_checked_at is not None
    assert (run.status, run.total, run.done, run.proposed, run.unanswered) == (Status.DONE, 1, 1, 0, 0)
    assert run.finished_at is not None


def test_every_difference_is_proposed_and_nothing_is_overwritten(register):
    MunicipalityFactory(number="5601")
    vardo = MunicipalityFactory(number="5634", name="Vardø")
    partner = polarkyst(
        legal_name="Polarkyst AS",
        address="Strandveien 1",
        postal_code="9950",
        postal_place="Vardø",
        municipality=vardo,
        sector_code="62.010",
        sector_name="Programmering",
        employees=None,
        website="https://polarkyst.example.no",
    )
    before = Partner.objects.filter(pk=partner.pk).values("legal_name", "address", "employees", "website", "revision")
    facts = before.get()
    run = compare()
    assert proposed(partner) == {
        "legal_name": ("Polarkyst AS", "Polarkyst Sensor og Robot AS"),
        "address": ("Strandveien 1", "Løkkeveien 41"),
        "postal_code": ("9950", "9510"),
        "postal_place": ("Vardø", "Alta"),
        "municipality": ("5634", "5601"),
        "sector": (
            "62.010 Programmering",
            "26.510 Produksjon av måle-, kontroll- og navigasjonsinstrumenter",
        ),
        "employees": ("", "38"),
        "website": ("https://polarkyst.example.no", "https://www.polarkyst-sensor.example.no"),
    }
    assert run.proposed == 8
    assert before.get() == facts


def test_name_kept_in_capitals_is_proposed_in_capitals(register):
    partner = polarkyst(legal_name="POLARKYST AS")
    compare()
    assert proposed(partner)["legal_name"] == ("POLARKYST AS", "POLARKYST SENSOR OG ROBOT AS")


def test_branch_proposes_its_parent_and_an_organisation_does_not(register):
    branch = PartnerFactory(organisation_number=number("branch"))
    parent = polarkyst()
    real = PartnerFactory(organisation_number=sample("enhet")["organisasjonsnummer"])
    compare()
    assert proposed(branch)["parent"] == ("", number("unit"))
    assert "parent" not in proposed(real), "a directorate belongs to a ministry, which is no parent company"
    row = branch.proposals.get(field="parent")
    accept_proposals(proposal_ids=[row.pk], by=StaffFactory())
    branch.refresh_from_db()
    assert (branch.parent_number, branch.parent_name) == (number("unit"), parent.legal_name)


def test_fact_that_the_register_lacks_is_left_alone(register):
    partner = PartnerFactory(
        organisation_number=number("minimal"),
        legal_name="Vesle forening",
        address="Bakken 3",
        postal_code="9510",
        postal_place="Alta",
        sector_code="94.991",
        sector_name="Aktiviteter",
        employees=7,
        website="https://vesle.example.no",
        parent_number=number("unit"),
    )
    before = Partner.objects.filter(pk=partner.pk).values().get()
    compare()
    after = Partner.objects.filter(pk=partner.pk).values().get()
    assert not partner.proposals.exists()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"register_status", "register_checked_at"}


def test_empty_text_of_the_register_proposes_nothing(register):
    partner = polarkyst()
    register.answers[f"/enheter/{partner.organisation_number}"][1].update(
        navn="  ", hjemmeside=" ", antallAnsatte=None, naeringskode1={"kode": "62.010", "beskrivelse": ""}
    )
    register.answers[f"/enheter/{partner.organisation_number}"][1]["forretningsadresse"] = {"adresse": [""]}
    compare()
    assert not partner.proposals.exists()


def test_municipality_of_the_register_that_we_do_not_know_is_not_proposed(register):
    partner = polarkyst()
    register.answers[f"/enheter/{partner.organisation_number}"][1]["forretningsadresse"]["kommunenummer"] = "2111"
    compare()
    assert not partner.proposals.exists()


def test_answer_that_cannot_be_stored_does_not_stop_the_run(register):
    strange, other = polarkyst(), PartnerFactory(organisation_number=number("bankrupt"))
    # PostgreSQL stores no NUL; the register would have to be broken to send one.
    register.answers[f"/enheter/{strange.organisation_number}"][1]["navn"] = "NUL\x00L AS"
    run = compare()
    other.refresh_from_db()
    assert (run.status, run.done, run.unanswered) == (Status.DONE, 2, 1)
    assert other.register_status == Answer.BANKRUPT


# --- Proposals over several nights


def test_proposal_is_made_once_and_follows_the_register(register):
    partner = polarkyst(address="Strandveien 1")
    compare()
    compare()
    assert partner.proposals.count() == 1
    register.answers[f"/enheter/{partner.organisation_number}"][1]["forretningsadresse"]["adresse"] = ["Havnegata 2"]
    run = compare()
    row = partner.proposals.get()
    assert (row.theirs, row.run, run.proposed) == ("Havnegata 2", run, 1)


@pytest.mark.parametrize("who_moved", ["we", "the register"])
def test_proposal_is_outdated_when_the_facts_meet(register, who_moved):
    partner = polarkyst(address="Strandveien 1")
    compare()
    if who_moved == "we":
        Partner.objects.filter(pk=partner.pk).update(address="løkkeveien  41")
    else:
        register.answers[f"/enheter/{partner.organisation_number}"][1]["forretningsadresse"]["adresse"] = [
            "STRANDVEIEN 1"
        ]
    compare()
    row = partner.proposals.get()
    assert row.status == Decision.OUTDATED
    assert row.decided_at is not None


def test_rejected_value_is_not_proposed_again_but_another_is(register):
    partner = polarkyst(address="Strandveien 1")
    compare()
    reject_proposals(proposal_ids=[partner.proposals.get().pk], by=StaffFactory())
    compare()
    assert not partner.proposals.waiting().exists()
    register.answers[f"/enheter/{partner.organisation_number}"][1]["forretningsadresse"]["adresse"] = ["Havnegata 2"]
    compare()
    assert proposed(partner) == {"address": ("Strandveien 1", "Havnegata 2")}


def test_waiting_proposal_of_one_who_left_is_outdated(register):
    partner = polarkyst(address="Strandveien 1")
    compare()
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.ENDED)
    compare()
    assert partner.proposals.get().status == Decision.OUTDATED


# --- Deciding


def test_accepting_writes_the_facts(register):
    vardo = MunicipalityFactory(number="5634", name="Vardø")
    MunicipalityFactory(number="5601")
    partner = polarkyst(municipality=vardo, employees=5, sector_code="62.010", sector_name="Programmering")
    compare()
    person = StaffFactory()
    decided = accept_proposals(proposal_ids=partner.proposals.values_list("pk", flat=True), by=person)
    partner.refresh_from_db()
    assert decided == Decided(accepted=3, outdated=0)
    assert (partner.municipality.number, partner.employees, partner.sector_code) == ("5601", 38, "26.510")
    assert partner.sector_name.startswith("Produksjon av måle")
    assert partner.revision == 1, "the municipality stands on the page that members edit"
    assert {(row.status, row.decided_by) for row in partner.proposals.all()} == {(Decision.ACCEPTED, person)}


def test_accepting_does_not_undo_what_was_changed_meanwhile(register):
    partner = polarkyst(address="Strandveien 1")
    compare()
    Partner.objects.filter(pk=partner.pk).update(address="Nybrottet 9")
    decided = accept_proposals(proposal_ids=[partner.proposals.get().pk], by=StaffFactory())
    partner.refresh_from_db()
    assert decided == Decided(accepted=0, outdated=1)
    assert partner.address == "Nybrottet 9"
    assert partner.proposals.get().status == Decision.OUTDATED


def test_accepting_a_municipality_that_is_gone_changes_nothing(register):
    MunicipalityFactory(number="5601")
    partner = polarkyst(municipality=MunicipalityFactory(number="5634", name="Vardø"))
    compare()
    type(partner.municipality).objects.filter(number="5601").update(valid_to="2026-01-01")
    decided = accept_proposals(proposal_ids=[partner.proposals.get().pk], by=StaffFactory())
    assert decided == Decided(accepted=0, outdated=1)


def test_proposal_is_decided_once(register):
    partner = polarkyst(address="Strandveien 1")
    compare()
    pk = partner.proposals.get().pk
    assert reject_proposals(proposal_ids=[pk], by=StaffFactory()) == 1
    assert accept_proposals(proposal_ids=[pk], by=StaffFactory()) == Decided()
    assert reject_proposals(proposal_ids=[pk], by=StaffFactory()) == 0
    partner.refresh_from_db()
    assert partner.address == "Strandveien 1"


# --- What the register says about the partner itself


@pytest.mark.parametrize(
    ("name", "answer", "flagged"),
    [("unit", "found", 0), ("deleted", "deleted", 1), ("removed", "deleted", 1), ("bankrupt", "bankrupt", 1)],
)
def test_state_is_written_down_and_new_trouble_flagged_once(register, name, answer, flagged):
    partner = PartnerFactory(organisation_number=number(name), register_status="found")
    run = compare()
    partner.refresh_from_db()
    assert (partner.register_status, run.flagged) == (answer, flagged)
    assert partner.status == Partner.Status.APPROVED, "only people end a partnership"
    assert compare().flagged == 0


def test_partner_that_the_register_does_not_know_is_flagged(register):
    partner = PartnerFactory(register_status="found")
    run = compare()
    partner.refresh_from_db()
    assert (partner.register_status, run.flagged) == (Answer.UNKNOWN, 1)


def test_only_norwegian_partners_in_the_programme_are_asked_about(register):
    statuses = Partner.Status
    asked = {PartnerFactory(status=status).organisation_number for status in ("applied", "approved", "paused")}
    for status in (statuses.UNCONFIRMED, statuses.DECLINED, statuses.ENDED):
        PartnerFactory(status=status)
    PartnerFactory(country="SE", organisation_number="5560125790")
    PartnerFactory(organisation_number="../status")
    run = compare()
    assert {path.rsplit("/")[-1] for path in register.asked} == asked
    assert (run.total, run.done) == (3, 3)


def test_night_without_news_leaves_no_trace_in_the_history(register):
    partner = polarkyst()
    compare()
    states = partner.changes.count()
    compare()
    assert partner.changes.count() == states
    register.answers[f"/enheter/{partner.organisation_number}"] = (410, {})
    compare()
    assert partner.changes.count() == states + 1
