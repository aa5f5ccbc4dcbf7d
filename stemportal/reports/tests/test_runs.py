"""Which partners a run takes, and what two presses, an unfinished year and a second run make of it."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building, checking, publishing, runs, versions
from stemportal.reports.tests.visits import YEAR
from stemportal.testing.factories import PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = PartnerReport.Status
PERIOD = Period("school", YEAR)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def start(**choices) -> ReportRun:
    return runs.start_run(**{"period": PERIOD, "by": StaffFactory(), **choices})


def over(run: ReportRun, status: str) -> None:
    """The run is done, and all its reports stand at this status."""
    run.reports.update(status=status)
    runs.finish_run(run.pk)


def test_run_has_one_report_for_each_approved_partner():
    approved = [PartnerFactory(), PartnerFactory()]
    PartnerFactory(status=Partner.Status.APPLIED)

    run = start()

    assert list(run.reports.order_by("pk").values_list("partner", flat=True)) == [partner.pk for partner in approved]
    assert set(run.reports.values_list("status", flat=True)) == {Status.WAITING}
    assert run.reports.first().events.get().by == run.started_by


def test_run_of_chosen_partners_takes_also_one_that_has_left_but_no_applicant():
    chosen, left = PartnerFactory(), PartnerFactory(status=Partner.Status.ENDED)
    applicant = PartnerFactory(status=Partner.Status.APPLIED)
    PartnerFactory()

    run = start(partners=[chosen.pk, left.pk, applicant.pk])

    assert set(run.reports.values_list("partner", flat=True)) == {chosen.pk, left.pk}


def test_run_without_partners_is_refused():
    with pytest.raises(runs.ReportError):
        start()
    assert not ReportRun.objects.exists()


@pytest.mark.parametrize("kind", ["school", "calendar"])
def test_second_press_while_the_first_runs_leads_to_the_first(kind):
    PartnerFactory()
    run = start(period=Period(kind, YEAR))

    with pytest.raises(runs.RunningAlready) as refused:
        start(period=Period(kind, YEAR))
    assert refused.value.run == run
    assert ReportRun.objects.count() == 1


def test_school_year_and_calendar_year_are_built_beside_each_other():
    PartnerFactory()
    start()
    start(period=Period("calendar", YEAR))

    assert PartnerReport.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_start_one_run():
    PartnerFactory()
    staff, barrier, refused = StaffFactory(), Barrier(2), []

    def press() -> None:
        try:
            barrier.wait()
            runs.start_run(period=PERIOD, by=staff)
        except runs.ReportError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=press) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert PartnerReport.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "again", "taken"),
    [
        (Status.FAILED, False, True),
        (Status.DRAFT, False, False),
        (Status.DRAFT, True, True),
        (Status.CHECKED, True, False),
        (Status.PUBLISHED, True, False),
    ],
)
def test_second_run_takes_what_failed_and_drafts_where_it_is_asked_to(status, again, taken):
    PartnerFactory()
    over(start(), status)
    PartnerFactory()

    second = start(again=again)

    assert second.reports.count() == 1 + taken
    old = PartnerReport.objects.earliest("pk")
    assert old.status == (Status.WAITING if taken else status)


def test_run_that_would_build_nothing_is_refused():
    PartnerFactory()
    over(start(), Status.PUBLISHED)

    with pytest.raises(runs.ReportError):
        start()
    assert ReportRun.objects.count() == 1


@time_machine.travel("2025-03-01 12:00", tick=False)
def test_year_that_is_not_over_is_refused_unless_it_is_a_preview():
    PartnerFactory()

    with pytest.raises(runs.ReportError, match="2024/25 is not over"):
        start()
    assert start(preview=True).reports.get().is_preview


def test_preview_is_never_published():
    PartnerFactory()
    staff = StaffFactory()
    with time_machine.travel("2025-03-01 12:00", tick=False):
        report = start(preview=True).reports.get()
        assert building.build_report(report.pk)

    assert checking.check_reports(report_ids=[report.pk], by=staff) == 0
    assert publishing.ask_to_publish(report_ids=[report.pk], by=staff) == 0
    assert not PartnerReport.objects.to_check().exists()


def test_preview_becomes_a_report_when_the_year_is_over():
    PartnerFactory()
    with time_machine.travel("2025-03-01 12:00", tick=False):
        report = start(preview=True).reports.get()
        building.build_report(report.pk)
    with time_machine.travel("2025-08-20 12:00", tick=False):
        assert runs.build_again(report_ids=[report.pk], by=None) == 0, "it is left to a run of the whole year"
        run = start()

        report.refresh_from_db()
        assert (report.run, report.is_preview, report.created_at.month) == (run, False, 8)
        building.build_report(report.pk)
        assert list(PartnerReport.objects.to_check()) == [report]


def test_failed_report_can_be_tried_again_also_while_a_newer_run_is_at_work():
    PartnerFactory()
    run = start()
    run.reports.update(attempts=3, error="OSError")
    over(run, Status.FAILED)
    start(partners=[PartnerFactory().pk])

    assert runs.build_again(report_ids=list(run.reports.values_list("pk", flat=True)), by=None) == 1

    report = run.reports.get()
    assert (report.status, report.attempts, report.error) == (Status.WAITING, 0, "")
    assert building.build_report(report.pk)


def test_checked_report_that_is_built_again_must_be_checked_again():
    PartnerFactory()
    report = start().reports.get()
    building.build_report(report.pk)
    checking.check_reports(report_ids=[report.pk], by=StaffFactory())

    assert runs.build_again(report_ids=[report.pk], by=StaffFactory()) == 1
    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert (report.status, report.checked_at, report.checked_by) == (Status.DRAFT, None, None)


def test_own_words_are_built_in_and_checked_again():
    PartnerFactory()
    report = start().reports.get()
    building.build_report(report.pk)
    checking.check_reports(report_ids=[report.pk], by=StaffFactory())
    writer = UserFactory()

    assert versions.save_words(report_id=report.pk, foreword=" Takk! ", esg_text="", by=writer)
    assert not versions.save_words(report_id=report.pk, foreword="Takk!", esg_text="", by=writer), "nothing new"
    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert (report.status, report.foreword, report.words_by) == (Status.DRAFT, "Takk!", writer)
    assert b"Takk!" in report.files.get(format="json").file.read()


def test_published_report_takes_no_words():
    PartnerFactory()
    report = start().reports.get()
    PartnerReport.objects.update(status=Status.PUBLISHED)

    with pytest.raises(runs.ReportError):
        versions.save_words(report_id=report.pk, foreword="Takk!", esg_text="", by=UserFactory())
    report.refresh_from_db()
    assert report.foreword == ""


def test_words_written_while_the_report_is_built_are_not_lost(monkeypatch):
    PartnerFactory()
    report = start().reports.get()
    make_files = building.make_files

    def writes_meanwhile(material):
        monkeypatch.setattr(building, "make_files", make_files)
        versions.save_words(report_id=report.pk, foreword="Sent", esg_text="", by=UserFactory())
        return make_files(material)

    monkeypatch.setattr(building, "make_files", writes_meanwhile)

    assert not building.build_report(report.pk), "it was built without the words"
    assert building.build_report(report.pk)
    assert b"Sent" in report.files.get(format="json").file.read()
