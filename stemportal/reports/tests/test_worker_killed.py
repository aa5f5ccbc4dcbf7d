"""Workers killed while they build and publish reports: each is built and published all the same, and once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import psutil
import pytest

from stemportal.embedded.process import wait_until
from stemportal.embedded.program import Program
from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportEvent
from stemportal.reports.services import building, checking, publishing, runs
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import StaffFactory

REPORTS, KILLS, KILLS_WHILE_PUBLISHING = 200, 8, 2
Status = PartnerReport.Status


@pytest.fixture(autouse=True)
def folders(monkeypatch, settings, tmp_path):
    """Before the workers start: they share our files, and whatever they write down for a moment is here too."""
    media, temporary = tmp_path / "media", tmp_path / "temporary"
    temporary.mkdir()
    settings.MEDIA_ROOT = media
    monkeypatch.setenv("TEST_MEDIA_ROOT", str(media))
    monkeypatch.setenv("TMPDIR", str(temporary))
    return media, temporary


@pytest.mark.django_db(transaction=True)
def test_workers_killed_ten_times_build_and_publish_two_hundred_reports_once(
    folders, celery_worker_process, monkeypatch
):
    """What a dead worker had claimed is taken over by the sweep. Nothing of it is left in the storage."""
    media, temporary = folders
    monkeypatch.setattr(building, "CLAIM", timedelta(seconds=4))
    staff, chance = StaffFactory(), random.Random(7)
    for number in range(REPORTS):
        partner = partner_with_owner()
        if number % 20 == 0:
            visit(partner)
    workers = [celery_worker_process() for _number in range(2)]

    run = runs.start_run(period=Period("school", YEAR), by=staff)
    for victim, _kill in zip(cycle(workers), range(KILLS), strict=False):
        assert wait_until(lambda: run.reports.filter(status=Status.BUILDING).exists(), seconds=20)
        time.sleep(chance.uniform(0.1, 0.5))
        kill_one_that_works(victim)
        building.sweep()
    swept_until(lambda: run.reports.filter(status=Status.DRAFT).count() == REPORTS)
    assert run.reports.filter(attempts__gt=1).exists(), "nobody was killed while it built one"

    ids = list(run.reports.values_list("pk", flat=True))
    assert checking.check_reports(report_ids=ids, by=staff) == REPORTS
    publishing.ask_to_publish(report_ids=ids, by=staff)
    for victim in workers[:KILLS_WHILE_PUBLISHING]:
        time.sleep(0.1)
        kill_one_that_works(victim)
    swept_until(lambda: run.reports.filter(status=Status.PUBLISHED).count() == REPORTS)

    mails = Counter(Mail.objects.filter(template="report_published").values_list("to_email", flat=True))
    assert len(mails) == REPORTS
    assert set(mails.values()) == {1}, "each owner is told once"
    steps = Counter(ReportEvent.objects.values_list("to_status", flat=True))
    assert (steps[Status.DRAFT], steps[Status.PUBLISHED]) == (REPORTS, REPORTS)
    stored = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
    assert stored == set(PartnerReportFile.objects.values_list("file", flat=True))
    assert len(stored) == 7 * REPORTS
    assert [path.name for path in temporary.rglob("*") if path.is_file()] == []


def kill_one_that_works(worker: Program) -> None:
    """SIGKILL to the process that builds; its worker puts a new one in its place."""
    alive = psutil.Process(worker.pid).children()
    assert wait_until(lambda: psutil.Process(worker.pid).children() != [], seconds=10)
    os.kill((alive or psutil.Process(worker.pid).children())[-1].pid, signal.SIGKILL)


def swept_until(done: Callable[[], bool]) -> None:
    """Do what beat does, only sooner."""
    deadline = time.monotonic() + 240
    while not done():
        assert time.monotonic() < deadline, Counter(PartnerReport.objects.values_list("status", "attempts"))
        building.sweep()
        publishing.sweep()
        time.sleep(1)
