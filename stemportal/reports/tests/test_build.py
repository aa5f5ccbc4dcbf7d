"""One report is built: its files and figures, two workers on it, dead ones and failing ones."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from hashlib import sha256
from threading import Barrier, Thread

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from stemportal.embedded.process import wait_until
from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building, checking, runs
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db

Status = PartnerReport.Status
SEVEN = ["json", "pdf en", "pdf nb", "pdf nn", "xlsx en", "xlsx nb", "xlsx nn"]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Call it for the names of all files in the storage."""
    settings.MEDIA_ROOT = tmp_path
    return lambda: {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}


def start() -> ReportRun:
    return runs.start_run(period=Period("school", YEAR), by=StaffFactory())


def of(report: PartnerReport) -> set[str]:
    """The names of its files."""
    return set(report.files.values_list("file", flat=True))


def worker_is_gone() -> None:
    PartnerReport.objects.update(claimed_at=timezone.now() - building.CLAIM - timedelta(seconds=1))


def test_built_report_is_a_draft_with_figures_and_seven_files(files):
    partner = partner_with_owner()
    visit(partner, pupils=26, girls=12)
    report = start().reports.get()

    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.DRAFT
    assert report.figures["pupils"] == 26
    assert sorted(map(str, report.files.all())) == SEVEN
    assert files() == of(report)
    assert not any(partner.slug in name for name in files()), "nobody can guess a name"
    assert report.files.get(format="pdf", language="nb").file.read().startswith(b"%PDF")
    data = report.files.get(format="json")
    assert report.fingerprint == data.sha256 == sha256(data.file.read()).hexdigest()
    assert not Mail.objects.exists(), "nobody is told before it is checked and published"


def test_run_is_done_with_its_last_report():
    PartnerFactory(), PartnerFactory()
    run = start()

    for expected, report in zip([ReportRun.Status.RUNNING, ReportRun.Status.DONE], run.reports.all(), strict=True):
        building.build_report(report.pk)
        run.refresh_from_db()
        assert run.status == expected
    assert run.finished_at is not None


def test_draft_that_is_built_again_replaces_its_files_and_follows_the_figures(
    files, django_capture_on_commit_callbacks
):
    partner = partner_with_owner()
    report = start().reports.get()
    building.build_report(report.pk)
    before = of(report)
    visit(partner, pupils=26)

    runs.build_again(report_ids=[report.pk], by=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert building.build_report(report.pk)

    report.refresh_from_db()
    assert report.figures["pupils"] == 26
    assert files() == of(report)
    assert not before & of(report)


def test_same_data_gives_the_same_fingerprint_and_the_same_bytes():
    visit(partner_with_owner())
    report = start().reports.get()
    prints = []
    for _time in range(2):
        building.build_report(report.pk)
        prints.append(set(report.files.values_list("format", "language", "sha256")))
        runs.build_again(report_ids=[report.pk], by=None)

    assert prints[0] == prints[1]


def test_building_what_is_built_does_nothing(files):
    partner_with_owner()
    report = start().reports.get()

    assert building.build_report(report.pk)
    assert not building.build_report(report.pk)
    assert files() == of(report)


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_report_build_it_once(files):
    partner_with_owner()
    report, barrier, results = start().reports.get(), Barrier(2), []

    def build() -> None:
        try:
            barrier.wait()
            results.append(building.build_report(report.pk))
        finally:
            connection.close()

    threads = [Thread(target=build) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False, True]
    assert files() == of(report)


def test_report_of_a_dead_worker_is_built_after_all_and_leaves_no_file_behind(files):
    partner_with_owner()
    report = start().reports.get()
    dead = building._claim(report.pk)
    default_storage.save(f"reports/{dead.claim}-nb.pdf", ContentFile(b"half a report"))

    building.sweep()  # too early: the worker may still be at it
    assert not building.build_report(report.pk)
    worker_is_gone()
    building.sweep()
    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.DRAFT
    assert files() == of(report)


@pytest.mark.parametrize("beats", [False, True], ids=["silent", "says that it goes on"])
def test_worker_that_wakes_up_too_late_changes_nothing(files, monkeypatch, beats):
    partner_with_owner()
    report = start().reports.get()
    make_files = building.make_files

    def sleeps_while_another_builds(material):
        monkeypatch.setattr(building, "make_files", make_files)
        worker_is_gone()
        building.sweep()
        assert building.build_report(report.pk)
        monkeypatch.setattr(building, "BEAT_SECONDS", 0 if beats else 60)
        return make_files(material)

    monkeypatch.setattr(building, "make_files", sleeps_while_another_builds)
    assert not building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.DRAFT
    assert files() == of(report)
    assert report.events.filter(to_status=Status.DRAFT).count() == 1


def test_failing_report_is_tried_again_and_then_shows_its_error(monkeypatch, files):
    partner_with_owner()
    run = start()
    report = run.reports.get()

    def no_disk(material):
        default_storage.save(f"reports/{PartnerReport.objects.get().claim}-nb.pdf", ContentFile(b"%PDF"))
        raise OSError("No space left on device")

    monkeypatch.setattr(building, "make_files", no_disk)
    states = []
    for _attempt in range(building.MAX_ATTEMPTS):
        building.build_report(report.pk)
        report.refresh_from_db()
        states.append(report.status)

    assert states == [Status.WAITING] * (building.MAX_ATTEMPTS - 1) + [Status.FAILED]
    assert "No space left" in report.error
    assert "No space left" in report.events.get(to_status=Status.FAILED).note
    run.refresh_from_db()
    assert run.status == ReportRun.Status.DONE
    assert files() == set()


def test_report_with_which_every_worker_stops_is_given_up():
    PartnerFactory()
    report = start().reports.get()
    for _attempt in range(building.MAX_STOPS):
        assert building._claim(report.pk)
        worker_is_gone()
        building.sweep()

    report.refresh_from_db()
    assert report.status == Status.FAILED
    assert report.error
    assert report.run.status == ReportRun.Status.DONE


def test_nightly_sweep_deletes_what_no_report_has_and_nothing_else(files, settings):
    partner_with_owner()
    report = start().reports.get()
    building.build_report(report.pk)
    old, fresh, strange = f"reports/{'a' * 32}-nb.pdf", f"reports/{'b' * 32}.json", "reports/programme-2024.pdf"
    for name in (old, fresh, strange):
        default_storage.save(name, ContentFile(b"?"))
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    for name in files() - {fresh}:
        os.utime(settings.MEDIA_ROOT / name, (two_days_ago, two_days_ago))

    assert building.sweep_files() == 1
    assert files() == {*of(report), fresh, strange}


def test_nightly_sweep_is_fine_where_no_report_was_ever_built():
    assert building.sweep_files() == 0


def test_thrown_away_report_takes_its_files_with_it(files):
    PartnerFactory()
    report = start().reports.get()
    building.build_report(report.pk)

    assert checking.throw_away(report_id=report.pk)
    assert not checking.throw_away(report_id=report.pk)
    assert files() == set()
    assert start().reports.count() == 1, "it can be built anew"


@pytest.mark.django_db(transaction=True)
def test_worker_builds_what_the_button_ordered(celery_worker_process):
    for _number in range(3):
        visit(partner_with_owner())
    celery_worker_process()

    run = start()

    assert wait_until(lambda: ReportRun.objects.get(pk=run.pk).status == ReportRun.Status.DONE, seconds=30)
    assert set(run.reports.values_list("status", flat=True)) == {Status.DRAFT}
