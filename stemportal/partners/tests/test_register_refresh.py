"""The nightly comparison with the register: it proposes, never overwrites, never blanks, and stops when told."""

from __future__ import annotations

import gc
import sys
import threading
from array import array
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Concat

from stemportal.embedded.process import wait_until
from stemportal.lib.brreg import Answer, Unit
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.tests.fake_register import fixture, number, sample
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.services import register_refresh as refresh
from stemportal.partners.services.register_proposals import Decided, accept_proposals, reject_proposals
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db
Decision = RegisterProposal.Status
Status = RegisterRun.Status
NIGHT = datetime(2026, 11, 21, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(settings):
    """As many questions as it likes, and no Celery: slices are worked by hand."""
    settings.BRREG_REQUESTS_PER_SECOND = 1000


def work_to_the_end(run: RegisterRun) -> RegisterRun:
    while refresh.work(run.pk):
        pass
    run.refresh_from_db()
    return run


def compare() -> RegisterRun:
    return work_to_the_end(refresh.start_run())


def polarkyst(**facts) -> Partner:
    """The partner that the fixture "unit" tells of, with the same facts unless told otherwise."""
    same = {
        "organisation_number": number("unit"),
        "legal_name": "Polarkyst Sensor og Robot AS",
        "address": "Løkkeveien 41",
        "postal_code": "9510",
        "postal_place": "Alta",
        "sector_code": "26.510",
        "sector_name": "Produksjon av måle-, kontroll- og navigasjonsinstrumenter",
        "employees": 38,
        "website": "https://polarkyst-sensor.example.no/",
    }
    return PartnerFactory(**{**same, **facts})


def proposed(partner: Partner) -> dict[str, tuple[str, str]]:
    return {row.field: (row.ours, row.theirs) for row in partner.proposals.waiting()}


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


# --- When the register is in trouble


@pytest.mark.parametrize("trouble", ["500", "invalid JSON", "slow", "about another number"])
def test_unavailable_register_changes_nothing(register, settings, trouble):
    settings.BRREG_TIMEOUT_SECONDS = 0.05
    partner = polarkyst(address="Strandveien 1", register_status="found")
    before = Partner.objects.filter(pk=partner.pk).values().get()
    if trouble == "500":
        register.status = 500
    elif trouble == "slow":
        register.wait = 5
    else:
        register.body = b"{" if trouble == "invalid JSON" else b'{"organisasjonsnummer": "999999999"}'
    run = compare()
    assert Partner.objects.filter(pk=partner.pk).values().get() == before
    assert not partner.proposals.exists()
    assert (run.status, run.done, run.unanswered) == (Status.DONE, 1, 1)


def test_too_many_requests_rests_as_long_as_the_register_says_and_asks_again(register, transactional_db):
    first, second = polarkyst(), PartnerFactory(organisation_number=number("bankrupt"))
    with time_machine.travel(NIGHT, tick=False) as clock:
        run = refresh.start_run()
        register.status, register.headers = 429, {"Retry-After": "900"}
        assert not refresh.work(run.pk)
        run.refresh_from_db()
        assert (run.status, run.done, run.unanswered) == (Status.RUNNING, 0, 0)
        assert run.resume_at == NIGHT + timedelta(seconds=900)
        register.status, register.headers = None, {}
        clock.shift(899)
        assert not refresh.work(run.pk)
        assert refresh.sweep() == 0
        assert len(register.asked) == 1
        clock.shift(2)
        assert refresh.sweep() == 1
        work_to_the_end(run)
    assert (run.status, run.done) == (Status.DONE, 2)
    assert Counter(register.asked) == {
        f"/enheter/{first.organisation_number}": 2,
        f"/enheter/{second.organisation_number}": 1,
    }


def test_too_many_requests_without_a_time_rests_for_a_while(register):
    polarkyst()
    register.status = 429
    with time_machine.travel(NIGHT, tick=False):
        run = refresh.start_run()
        refresh.work(run.pk)
    run.refresh_from_db()
    assert (run.resume_at, run.done) == (NIGHT + refresh.REST_UNTOLD, 0)


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("Sat, 21 Nov 2026 03:10:00 GMT", timedelta(hours=2)),
        ("9999999", timedelta(days=1)),
        ("0", timedelta(seconds=1)),
    ],
)
def test_rest_may_be_a_date_and_is_bounded(register, said, rest):
    polarkyst()
    register.status, register.headers = 429, {"Retry-After": said}
    with time_machine.travel(NIGHT, tick=False):
        run = refresh.start_run()
        refresh.work(run.pk)
    run.refresh_from_db()
    assert run.resume_at == NIGHT + rest


def test_register_that_is_away_is_left_alone_for_a_while(register):
    for _ in range(refresh.AWAY_IN_A_ROW + 5):
        PartnerFactory()
    register.status = 503
    with time_machine.travel(NIGHT, tick=False) as clock:
        run = refresh.start_run()
        refresh.work(run.pk)
        run.refresh_from_db()
        assert run.unanswered == run.done == len(register.asked) == refresh.AWAY_IN_A_ROW
        assert run.resume_at == NIGHT + refresh.REST
        register.status = None
        clock.shift(refresh.REST + timedelta(seconds=1))
        work_to_the_end(run)
    assert (run.status, run.unanswered, run.flagged) == (Status.DONE, 10, 5)


# --- One run at a time, stopped, resumed, taken over


def test_second_run_does_not_start_while_one_runs():
    refresh.start_run()
    with pytest.raises(refresh.RefreshError):
        refresh.start_run()
    assert RegisterRun.objects.count() == 1


def test_of_eight_who_start_at_once_one_starts(transactional_db):
    barrier, started, refused = threading.Barrier(8), [], []

    def start() -> None:
        try:
            barrier.wait()
            started.append(refresh.start_run())
        except refresh.RefreshError:
            refused.append(1)
        finally:
            connection.close()

    people = [threading.Thread(target=start) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert (len(started), len(refused)) == (1, 7)


def test_night_stops_a_run_that_is_still_going_since_the_last_and_starts_its_own():
    with time_machine.travel(NIGHT, tick=False) as clock:
        old = refresh.start_run()
        clock.shift(timedelta(hours=1))
        assert refresh.start_nightly_run() is None
        clock.shift(timedelta(hours=23))
        new = refresh.start_nightly_run()
    old.refresh_from_db()
    assert (old.status, new.status) == (Status.STOPPED, Status.RUNNING)


def test_stopped_run_asks_nothing_until_it_goes_on(register):
    polarkyst()
    run = refresh.start_run()
    assert refresh.stop_run(run=run)
    assert not refresh.stop_run(run=run)
    assert not refresh.work(run.pk)
    assert refresh.sweep() == 0
    assert not register.asked
    assert refresh.resume_run(run=run)
    assert not refresh.resume_run(run=run)
    assert work_to_the_end(run).status == Status.DONE


def test_stopped_run_does_not_go_on_while_another_runs():
    stopped = refresh.start_run()
    refresh.stop_run(run=stopped)
    refresh.start_run()
    with pytest.raises(refresh.RefreshError):
        refresh.resume_run(run=stopped)
    stopped.refresh_from_db()
    assert stopped.status == Status.STOPPED


def test_slice_ends_after_its_time_and_the_next_goes_on(register):
    for _ in range(3):
        PartnerFactory()
    run = refresh.start_run()
    slices = 1
    while refresh.work(run.pk, seconds=0.0001):
        slices += 1
        assert slices < 1000
    run.refresh_from_db()
    assert (run.status, run.done) == (Status.DONE, 3)
    assert len(register.asked) == 2 * 3


def test_two_workers_do_not_work_on_one_run(register):
    polarkyst()
    run = refresh.start_run()
    assert refresh._claim(run.pk) is not None
    assert refresh._claim(run.pk) is None
    assert not refresh.work(run.pk)
    assert not register.asked


def test_run_of_a_dead_worker_is_taken_over_and_the_dead_one_writes_no_more(register):
    partners = [PartnerFactory() for _ in range(3)]
    with time_machine.travel(NIGHT, tick=False) as clock:
        run = refresh.start_run()
        dead = refresh._claim(run.pk)
        clock.shift(refresh.STALE - timedelta(seconds=1))
        assert refresh.sweep() == 0
        clock.shift(2)
        assert refresh.sweep() == 1
        work_to_the_end(run)
        assert (run.status, run.done) == (Status.DONE, 3)
        # It wakes up after all, with its old claim.
        late = refresh._Slice(dead, client=None)
        unit = Unit(number=partners[0].organisation_number, answer=Answer.DELETED)
        with pytest.raises(refresh._Lost):
            late._store([(partners[0].pk, unit)])
    partners[0].refresh_from_db()
    assert partners[0].register_status == Answer.UNKNOWN
    run.refresh_from_db()
    assert (run.done, run.last_pk) == (3, partners[-1].pk)


def test_command_runs_to_the_end_and_tells(register):
    polarkyst(address="Strandveien 1")
    out = StringIO()
    call_command("refresh_from_register", stdout=out)
    assert "1 of 1 compared, 1 changes proposed" in out.getvalue()
    assert RegisterRun.objects.get().status == Status.DONE


def test_command_goes_on_with_a_stopped_run_and_says_when_there_is_none(register):
    with pytest.raises(CommandError, match="No comparison was stopped"):
        call_command("refresh_from_register", "--resume")
    polarkyst()
    run = refresh.start_run()
    with pytest.raises(CommandError):
        call_command("refresh_from_register")
    refresh.stop_run(run=run)
    call_command("refresh_from_register", "--resume", stdout=StringIO())
    run.refresh_from_db()
    assert run.status == Status.DONE


@pytest.fixture
def told_to_workers(register, monkeypatch):
    """Where a worker process finds the register."""
    monkeypatch.setenv("BRREG_BASE_URL", register.url)


def test_worker_does_a_run_by_itself(told_to_workers, celery_worker_process):
    polarkyst(address="Strandveien 1")
    celery_worker_process()
    run = refresh.start_run()

    def is_done() -> bool:
        run.refresh_from_db()
        return run.status == Status.DONE

    assert wait_until(is_done, seconds=20)
    assert (run.done, run.proposed) == (1, 1)


# --- Five thousand partners


def many_partners(numbers: list[str]) -> None:
    alta = MunicipalityFactory()
    Partner.objects.bulk_create(
        Partner(
            organisation_number=own,
            legal_name=f"Bedrift {own} AS",
            display_name=f"Bedrift {own}",
            slug=f"bedrift-{own}",
            address=f"Storgata {own}",
            postal_code="9510",
            postal_place="Alta",
            municipality=alta,
            employees=10,
            website=f"https://b{own}.example.no",
            sector_code="62.010",
            sector_name="Programmering",
            contact_name="Ingrid Prøve",
            contact_email="ingrid@example.no",
            status=Partner.Status.APPROVED,
        )
        for own in numbers
    )


def many_answers(register, numbers: list[str]) -> None:
    """Every tenth lacks all facts, every tenth has moved, every hundredth is deleted, every fiftieth is a branch."""
    for n, own in enumerate(numbers):
        answer = {**fixture("minimal"), "organisasjonsnummer": own, "navn": f"BEDRIFT {own} AS"}
        if n % 10:
            address = "Nyveien 1" if n % 10 == 1 else f"Storgata {own}"
            answer["forretningsadresse"] = {
                "adresse": [address],
                "postnummer": "9510",
                "poststed": "ALTA",
                "kommunenummer": "5601",
            }
        if n % 100 == 2:
            answer["slettedato"] = "2026-01-01"
        kind = "underenheter" if n % 50 == 3 else "enheter"
        register.answers[f"/{kind}/{own}"] = (200, answer)


def most_in_a_second(moments: list[float]) -> int:
    """The largest number of moments in any second, however it is laid: both ends move along the sorted moments."""
    moments, most, begin = sorted(moments), 0, 0
    for end, moment in enumerate(moments):
        while moment - moments[begin] >= 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def test_run_keeps_to_the_pace_also_with_branches(register, settings):
    """Two requests each: without the pace all of them would go out within the first second."""
    settings.BRREG_REQUESTS_PER_SECOND = 20
    numbers = [synthetic(10_000 + n) for n in range(20)]
    many_partners(numbers)
    run = compare()
    assert (run.done, len(register.asked)) == (20, 40)
    assert most_in_a_second(register.asked_at) <= 20


class Tally:
    """Stands in for the register's list of paths asked for, and holds no more after many questions than before."""

    def __init__(self, paths) -> None:
        self.times = dict.fromkeys(paths, 0)

    def append(self, path: str) -> None:
        self.times[path] += 1


def test_five_thousand_partners_take_bounded_memory_and_keep_to_the_pace(register, settings, monkeypatch):
    """Stopped in the middle and resumed: every partner is asked about exactly once, and nothing is blanked.

    The pace holds however slow the machine is: a slow one only asks less often. Memory is counted in the blocks that
    Python has given out, while the run is under way; one that fetched all partners would hold some 15,000 more.
    """
    settings.BRREG_REQUESTS_PER_SECOND = 300
    count = 5_000
    numbers = [synthetic(10_000 + n) for n in range(count)]
    many_partners(numbers)
    many_answers(register, numbers)
    register.asked = Tally(f"/{kind}/{own}" for kind in ("enheter", "underenheter") for own in numbers)
    register.asked_at = array("d")
    filled = ("legal_name", "address", "postal_code", "municipality_id", "employees", "website", "sector_code")
    before = dict(Partner.objects.order_by("pk").values_list("pk", Concat(*filled, output_field=TextField())))
    assert sum(len(text) for text in before.values()) > 50 * count

    run = refresh.start_run()
    refresh.work(run.pk, seconds=0)  # what a process loads once is not counted
    turns, blocks, wait = 0, {0: sys.getallocatedblocks()}, refresh.Pace.wait

    def stop_after_a_while(pace) -> None:
        nonlocal turns
        turns += 1
        if turns in {1_000, 1_999, 4_500}:
            gc.collect()
            blocks[turns] = sys.getallocatedblocks()
        if turns == 2_000:
            refresh.stop_run(run=run)
        wait(pace)

    monkeypatch.setattr(refresh.Pace, "wait", stop_after_a_while)
    assert not refresh.work(run.pk, seconds=600)
    run.refresh_from_db()
    assert run.status == Status.STOPPED
    assert 1_900 <= run.done < len(register.asked_at) < 2_050
    refresh.resume_run(run=run)
    refresh.work(run.pk, seconds=600)
    run.refresh_from_db()

    assert (run.status, run.done, run.unanswered) == (Status.DONE, count, 0)
    assert run.flagged == count // 100
    branches = set(numbers[3::50])
    assert register.asked.times == {
        **{f"/enheter/{own}": 1 for own in numbers},
        **{f"/underenheter/{own}": int(own in branches) for own in numbers},
    }
    assert most_in_a_second(register.asked_at) <= 300
    assert max(blocks.values()) - blocks[0] < 5_000, blocks

    after = dict(Partner.objects.order_by("pk").values_list("pk", Concat(*filled, output_field=TextField())))
    assert after == before, "facts are proposed, not written, and what the register lacks stays"
    assert run.proposed == RegisterProposal.objects.waiting().count() == count // 10
    assert not RegisterProposal.objects.filter(theirs="").exists()
