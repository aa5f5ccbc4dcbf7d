"""Imports from the school register that are stopped, rest, go on, and what the command says about them."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from stemportal.places.services import load_places
from stemportal.schools.models import School, SchoolChange, SchoolRegisterRun
from stemportal.schools.services import register_import
from stemportal.schools.services.registers import load_schools
from stemportal.schools.tests.register_scene import (
    ALTA,
    KOMSA,
    NEW_NUMBER,
    figures,
    finish,
    import_all,
)

pytestmark = pytest.mark.django_db
Status = SchoolRegisterRun.Status
NOW = "2026-11-20 10:00:00+01:00"


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel(NOW, tick=True):
        yield


# Stopped, killed, and in trouble


def test_run_that_was_killed_goes_on_with_its_page(nsr_server, monkeypatch):
    with time_machine.travel(NOW, tick=False) as clock:
        run = register_import.start_run()
        real = register_import._Slice._step
        steps = []

        def step(self):
            if len(steps) == 1:
                raise SystemExit  # the worker is killed
            steps.append(1)
            return real(self)

        monkeypatch.setattr(register_import._Slice, "_step", step)
        with pytest.raises(SystemExit):
            register_import.work(run.pk)
        run.refresh_from_db()
        assert (run.page, run.status) == (1, Status.RUNNING)
        # A killed process lets nothing go.
        SchoolRegisterRun.objects.filter(pk=run.pk).update(claimed_at=timezone.now(), moved_at=timezone.now())
        monkeypatch.setattr(register_import._Slice, "_step", real)
        nsr_server.asked.clear()
        assert not register_import.work(run.pk)
        assert nsr_server.asked == []
        clock.shift(register_import.STALE + timedelta(seconds=1))
        finish(run)
    assert run.status == Status.DONE
    assert nsr_server.asked[0].startswith("/enheter?sidenummer=2")
    assert figures(run) == (2, 0, 0, 0, 1)


def test_register_that_goes_away_on_a_page_keeps_what_was_read_and_counts_it_once(nsr_server, settings):
    settings.NSR_PAGE_SIZE = 10
    nsr_server.trouble[f"/enhet/{KOMSA}"] = [503]
    with time_machine.travel(NOW, tick=False) as clock:
        run = finish(register_import.start_run())
        assert (run.status, run.page, run.resume_at) == (Status.RUNNING, 0, timezone.now() + register_import.REST)
        assert "503" in run.error
        assert set(School.objects.values_list("number", flat=True)) == {ALTA}
        assert not register_import.work(run.pk), "it rests"
        assert register_import.sweep() == 0
        del nsr_server.trouble[f"/enhet/{KOMSA}"]
        nsr_server.asked.clear()
        clock.shift(register_import.REST + timedelta(seconds=1))
        assert register_import.sweep() == 1
        finish(run)
    assert (run.status, run.error) == (Status.DONE, "")
    assert figures(run) == (2, 0, 0, 0, 1)
    assert ALTA not in nsr_server.details_asked()


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ({"Retry-After": "900"}, timedelta(seconds=900)),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"}, timedelta(hours=1)),
        ({"Retry-After": "9999999"}, register_import.REST_MOST),
        ({"Retry-After": "0"}, timedelta(seconds=1)),
        ({}, register_import.REST_UNTOLD),
    ],
)
def test_too_many_requests_rests_as_long_as_the_register_says(nsr_server, said, rest):
    nsr_server.trouble["/enheter"] = [429]
    nsr_server.headers = said
    with time_machine.travel(NOW, tick=False):
        run = finish(register_import.start_run())
        assert run.resume_at == timezone.now() + rest
    assert len(nsr_server.asked) == 1, "it is left in peace at once"


@pytest.mark.parametrize(
    "bad", [500, 302, 404, b"{", b"[1]", b'{"AntallSider": "mange"}', b'{"AntallSider": 1, "EnhetListe": 7}', b"null"]
)
def test_page_that_cannot_be_read_changes_nothing_and_is_tried_again(nsr_server, bad):
    nsr_server.trouble["/enheter"] = [bad]
    run = finish(register_import.start_run())
    assert (run.status, run.page) == (Status.RUNNING, 0)
    assert run.error
    assert not School.objects.exists()


def test_one_import_at_a_time(nsr_server):
    run = register_import.start_run()
    with pytest.raises(register_import.RunError):
        register_import.start_run()
    finish(run)
    assert register_import.start_run()


def test_rows_that_move_between_pages_count_once(nsr_server):
    nsr_server.units["x"] = {**nsr_server.units[ALTA], "Organisasjonsnummer": ALTA}
    run = import_all()
    assert (run.status, run.added) == (Status.DONE, 2)


# Every week


def test_week_reads_changes_and_once_in_a_while_everything(nsr_server, settings):
    with time_machine.travel(NOW, tick=False) as clock:
        assert finish(register_import.start_weekly_run()).is_whole
        clock.shift(timedelta(days=7))
        assert finish(register_import.start_weekly_run()).changed_since == date(2026, 11, 19)
        clock.shift(timedelta(days=7))
        assert finish(register_import.start_weekly_run()).changed_since == date(2026, 11, 26)
        clock.shift(timedelta(days=settings.NSR_WHOLE_DAYS))
        assert finish(register_import.start_weekly_run()).is_whole


def test_stuck_run_gives_way_to_the_next_week(nsr_server):
    with time_machine.travel(NOW, tick=False) as clock:
        stuck = register_import.start_run()
        assert register_import.start_weekly_run() is None
        clock.shift(timedelta(days=7))
        run = register_import.start_weekly_run()
    stuck.refresh_from_db()
    assert (stuck.status, run.status) == (Status.FAILED, Status.RUNNING)


# With the snapshot


def test_snapshot_undoes_nothing_that_the_register_told(nsr_server):
    load_places()
    load_schools()
    one, two, *_rest = School.objects.filter(municipality__number="5601").order_by("number")
    nsr_server.add(one.number, "Et nytt navn ungdomsskole")
    nsr_server.add(two.number, two.name, ErAktiv=False)
    nsr_server.add(NEW_NUMBER, two.name)
    import_all(since=date(2026, 11, 1))
    read = School.objects.count()
    load_schools()
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.name, two.number) == ("Et nytt navn ungdomsskole", NEW_NUMBER)
    assert School.objects.count() == read


# The command


def run_command(*args: str, **options) -> str:
    out = StringIO()
    call_command("import_schools", *args, stdout=out, **options)
    return out.getvalue()


def test_command_tells_what_it_did(nsr_server):
    told = run_command(verbosity=2)
    assert "2 of 2 pages read" in told
    assert "2 added, 0 changed, 0 closed, 0 unchanged, 1 left out" in told
    assert f"added: {ALTA} Alta ungdomsskole" in told
    nsr_server.changed.clear()
    nsr_server.add(ALTA, "Alta ungdomsskole", Elevtall=99, DatoEndret="2026-11-15T01:00:00Z")
    told = run_command(verbosity=2)
    assert f"changed: {ALTA} Alta ungdomsskole pupils: 240 -> 99" in told
    assert SchoolRegisterRun.objects.first().changed_since == date(2026, 11, 19)
    assert "0 added" in run_command("--whole")
    assert SchoolRegisterRun.objects.first().is_whole
    run_command("--since", "2026-10-01")
    assert SchoolRegisterRun.objects.first().changed_since == date(2026, 10, 1)


def test_command_says_when_the_register_is_away_and_goes_on_the_next_time(nsr_server):
    nsr_server.trouble["/enheter?sidenummer=2&antallPerSide=2"] = [503]
    with pytest.raises(CommandError, match="What was read is kept"):
        run_command()
    nsr_server.trouble.clear()
    nsr_server.asked.clear()
    told = run_command()
    assert "Going on with the import" in told
    assert nsr_server.asked[0].startswith("/enheter?sidenummer=2")
    assert SchoolRegisterRun.objects.get().status == Status.DONE
    assert SchoolChange.objects.filter(kind="added").count() == 2


def test_command_waits_for_a_short_rest(nsr_server, monkeypatch):
    nsr_server.trouble["/enheter"] = [429, 0]
    nsr_server.headers = {"Retry-After": "1"}
    assert "rests until" in run_command()
    assert SchoolRegisterRun.objects.get().status == Status.DONE
