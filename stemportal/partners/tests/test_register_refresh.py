"""The nightly comparison with the register: bounded, at its pace, stopped and resumed at any time."""

from __future__ import annotations

import gc
import sys
from array import array
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import TextField
from django.db.models.functions import Concat

from stemportal.embedded.process import wait_until
from stemportal.lib.brreg import Answer, Unit
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.tests.fake_register import fixture, number
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.services import register_refresh as refresh
from stemportal.partners.tests.comparing import compare, polarkyst, work_to_the_end
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory
from stemportal.testing.together import all_at_once, or_error

pytestmark = pytest.mark.django_db
Status = RegisterRun.Status
NIGHT = datetime(2026, 11, 21, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(settings):
    """As many questions as it likes, and no Celery: slices are worked by hand."""
    settings.BRREG_REQUESTS_PER_SECOND = 1000


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
    answers = all_at_once([or_error(refresh.start_run)] * 8)
    assert sorted(type(answer).__name__ for answer in answers) == ["RefreshError"] * 7 + ["RegisterRun"]


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
    # The register of this test is a thread of the test: on a busy machine it may be slow to answer.
    settings.BRREG_TIMEOUT_SECONDS = 60
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
    gc.collect()
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
