from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from stemportal.embedded.process import wait_until
from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = PartnerReport.Status


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file())


def start() -> ReportRun:
    return building.start_run(period=Period("school", YEAR), by=StaffFactory())


def test_run_has_one_report_for_each_approved_partner():
    approved = [PartnerFactory(), PartnerFactory()]
    PartnerFactory(status=Partner.Status.APPLIED)

    run = start()

    assert list(run.reports.order_by("pk").values_list("partner", flat=True)) == [partner.pk for partner in approved]
    assert set(run.reports.values_list("status", flat=True)) == {Status.WAITING}


def test_built_report_has_figures_and_a_file_and_its_owners_a_mail(files):
    partner = partner_with_owner()
    MembershipFactory(partner=partner, role=Membership.Role.READER)
    visit(partner, pupils=26, girls=12)
    report = start().reports.get()

    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.PUBLISHED
    assert report.figures["pupils"] == 26
    assert report.file.open().read().startswith(b"%PDF")
    assert [path.name for path in files()] == [report.file.name.removeprefix("reports/")]
    assert partner.slug not in report.file.name
    owner = partner.memberships.get(role=Membership.Role.OWNER).user
    assert list(Mail.objects.values_list("to_email", flat=True)) == [owner.email]
    assert f"/partner/{partner.pk}/reports/" in Mail.objects.get().text
    assert "2024/25" in Mail.objects.get().subject


def test_run_is_done_with_its_last_report():
    PartnerFactory(), PartnerFactory()
    run = start()

    for expected, report in zip([ReportRun.Status.RUNNING, ReportRun.Status.DONE], run.reports.all(), strict=True):
        building.build_report(report.pk)
        run.refresh_from_db()
        assert run.status == expected
    assert run.finished_at is not None


def test_building_twice_builds_and_mails_once(files):
    partner_with_owner()
    report = start().reports.get()

    assert building.build_report(report.pk)
    assert not building.build_report(report.pk)

    assert len(files()) == 1
    assert Mail.objects.count() == 1


def test_second_press_while_the_first_runs_is_refused():
    PartnerFactory()
    start()

    with pytest.raises(building.ReportError):
        start()
    assert ReportRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_start_one_run():
    PartnerFactory()
    staff, barrier, refused = StaffFactory(), Barrier(2), []

    def press() -> None:
        try:
            barrier.wait()
            building.start_run(period=Period("school", YEAR), by=staff)
        except building.ReportError as error:
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


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_report_mail_once(files):
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
    assert Mail.objects.count() == 1
    assert len(files()) == 1


def test_run_without_partners_is_refused():
    with pytest.raises(building.ReportError):
        start()
    assert not ReportRun.objects.exists()


def test_report_of_a_dead_worker_is_built_after_all_and_leaves_no_file_behind(files):
    partner_with_owner()
    report = start().reports.get()
    dead = building._claim(report.pk)
    default_storage.save(dead.file.name, building.ContentFile(b"half a report"))

    building.sweep()  # too early: the worker may still be at it
    assert not building.build_report(report.pk)
    PartnerReport.objects.update(claimed_at=timezone.now() - building.CLAIM - timedelta(seconds=1))
    building.sweep()
    assert building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.PUBLISHED
    assert [f"reports/{path.name}" for path in files()] == [report.file.name]
    assert Mail.objects.count() == 1


def test_worker_that_wakes_up_too_late_changes_nothing(files, monkeypatch):
    partner_with_owner()
    report = start().reports.get()
    make_pdf = building.make_pdf

    def sleeps_while_another_builds(partner, figures):
        monkeypatch.setattr(building, "make_pdf", make_pdf)
        PartnerReport.objects.update(claimed_at=timezone.now() - building.CLAIM - timedelta(seconds=1))
        building.sweep()
        assert building.build_report(report.pk)
        return make_pdf(partner, figures)

    monkeypatch.setattr(building, "make_pdf", sleeps_while_another_builds)
    assert not building.build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Status.PUBLISHED
    assert [f"reports/{path.name}" for path in files()] == [report.file.name]
    assert Mail.objects.count() == 1


def test_failing_report_is_tried_again_and_then_shows_its_error(monkeypatch, files):
    partner_with_owner()
    run = start()
    report = run.reports.get()

    def no_disk(partner, figures):
        raise OSError("No space left on device")

    monkeypatch.setattr(building, "make_pdf", no_disk)
    states = []
    for _attempt in range(building.MAX_ATTEMPTS):
        building.build_report(report.pk)
        report.refresh_from_db()
        states.append(report.status)

    assert states == [Status.WAITING] * (building.MAX_ATTEMPTS - 1) + [Status.FAILED]
    assert "No space left" in report.error
    run.refresh_from_db()
    assert run.status == ReportRun.Status.DONE
    assert files() == []
    assert not Mail.objects.exists()


def test_worker_that_dies_every_time_is_given_up():
    PartnerFactory()
    report = start().reports.get()
    for _attempt in range(building.MAX_ATTEMPTS):
        assert building._claim(report.pk)
        PartnerReport.objects.update(claimed_at=timezone.now() - building.CLAIM - timedelta(seconds=1))
        building.sweep()

    report.refresh_from_db()
    assert report.status == Status.FAILED
    assert report.error
    assert report.run.status == ReportRun.Status.DONE


def test_failed_report_can_be_tried_again():
    PartnerFactory()
    run = start()
    run.reports.update(status=Status.FAILED, attempts=3, error="OSError")
    building.finish_run(run.pk)

    assert building.retry_reports([report.pk for report in run.reports.all()]) == 1

    report = run.reports.get()
    assert (report.status, report.attempts, report.error) == (Status.WAITING, 0, "")
    assert report.run.status == ReportRun.Status.RUNNING
    assert building.build_report(report.pk)


def test_failed_report_waits_while_a_newer_run_is_at_work():
    PartnerFactory()
    run = start()
    run.reports.update(status=Status.FAILED)
    building.finish_run(run.pk)
    start()

    with pytest.raises(building.ReportError):
        building.retry_reports([report.pk for report in run.reports.all()])
    assert run.reports.get().status == Status.FAILED


def test_each_owner_gets_the_mail_in_their_language():
    partner = PartnerFactory()
    for language in ("nn", "en"):
        MembershipFactory(partner=partner, user=UserFactory(language=language))
    building.build_report(start().reports.get().pk)

    assert sorted(Mail.objects.values_list("language", flat=True)) == ["en", "nn"]
    assert f"/en/partner/{partner.pk}/reports/" in Mail.objects.get(language="en").text


@pytest.mark.django_db(transaction=True)
def test_worker_builds_what_the_button_ordered(celery_worker_process):
    for _number in range(3):
        visit(partner_with_owner())
    celery_worker_process()

    run = start()

    assert wait_until(lambda: ReportRun.objects.get(pk=run.pk).status == ReportRun.Status.DONE, seconds=30)
    assert set(run.reports.values_list("status", flat=True)) == {Status.PUBLISHED}
