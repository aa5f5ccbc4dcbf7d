"""Checking, publishing and new versions: who is told, what takes whose place, and what cannot be done."""

from __future__ import annotations

import pytest

from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport
from stemportal.reports.services import building, checking, publishing, runs, versions
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = PartnerReport.Status


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def draft(staff) -> PartnerReport:
    """Of a partner with an owner and one visit."""
    visit(partner_with_owner(), pupils=26)
    report = runs.start_run(period=Period("school", YEAR), by=staff).reports.get()
    building.build_report(report.pk)
    return fresh(report)


def fresh(report: PartnerReport) -> PartnerReport:
    return PartnerReport.objects.get(pk=report.pk)


def publish(report: PartnerReport, staff) -> PartnerReport:
    checking.check_reports(report_ids=[report.pk], by=staff)
    publishing.ask_to_publish(report_ids=[report.pk], by=staff)
    assert publishing.publish_report(report.pk)
    return fresh(report)


def newer(report: PartnerReport, staff, reason: str = "En skole telte feil.") -> PartnerReport:
    """A draft of the next version."""
    run = versions.begin_new_versions(report_ids=[report.pk], reason=reason, by=staff)[0]
    building.build_report(run.reports.get().pk)
    return run.reports.get()


def test_checking_says_who_and_when_and_can_be_taken_back(draft, staff):
    assert checking.check_reports(report_ids=[draft.pk], by=staff) == 1
    assert fresh(draft).status == Status.CHECKED
    assert (fresh(draft).checked_by, bool(fresh(draft).checked_at)) == (staff, True)

    assert checking.back_to_draft(report_ids=[draft.pk], by=staff) == 1
    assert (fresh(draft).status, fresh(draft).checked_by) == (Status.DRAFT, None)
    assert [step.to_status for step in draft.events.all()] == ["waiting", "draft", "checked", "draft"]


@pytest.mark.parametrize("status", [Status.WAITING, Status.BUILDING, Status.FAILED, Status.CHECKED, Status.PUBLISHED])
def test_only_drafts_are_checked(draft, staff, status):
    PartnerReport.objects.update(status=status)

    assert checking.check_reports(report_ids=[draft.pk], by=staff) == 0
    assert fresh(draft).status == status


def test_unchecked_report_is_not_published(draft, staff):
    assert publishing.ask_to_publish(report_ids=[draft.pk], by=staff) == 0
    assert not publishing.publish_report(draft.pk)
    assert fresh(draft).status == Status.DRAFT


def test_published_report_is_the_partners_and_its_owners_get_one_mail(draft, staff):
    partner = draft.partner
    MembershipFactory(partner=partner, role=Membership.Role.READER)

    published = publish(draft, staff)
    assert not publishing.publish_report(draft.pk), "twice is once"

    assert published.status == Status.PUBLISHED
    assert (published.published_by, bool(published.published_at)) == (staff, True)
    owner = partner.memberships.get(role=Membership.Role.OWNER).user
    mail = Mail.objects.get()
    assert mail.to_email == owner.email
    assert "2024/25" in mail.subject
    assert f"/partner/{partner.pk}/reports/" in mail.text
    assert "26" in mail.text


def test_each_owner_gets_the_mail_in_their_language(draft, staff):
    for language in ("nn", "en"):
        MembershipFactory(partner=draft.partner, user=UserFactory(language=language))

    publish(draft, staff)

    assert sorted(Mail.objects.values_list("language", flat=True)) == ["en", "nb", "nn"]
    assert f"/en/partner/{draft.partner_id}/reports/" in Mail.objects.get(language="en").text


def test_report_that_waits_to_be_published_is_found_by_the_sweep(draft, staff, monkeypatch):
    checking.check_reports(report_ids=[draft.pk], by=staff)
    publishing.ask_to_publish(report_ids=[draft.pk], by=staff)
    handed = []
    monkeypatch.setattr(publishing, "_hand_out", handed.extend)

    publishing.sweep()

    assert handed == [draft.pk]


def test_report_that_is_sent_back_before_the_worker_comes_is_not_published(draft, staff):
    checking.check_reports(report_ids=[draft.pk], by=staff)
    publishing.ask_to_publish(report_ids=[draft.pk], by=staff)

    checking.back_to_draft(report_ids=[draft.pk], by=staff)
    assert not publishing.publish_report(draft.pk)
    checking.check_reports(report_ids=[draft.pk], by=staff)
    assert not publishing.publish_report(draft.pk), "it is asked for anew"
    assert not Mail.objects.exists()


def test_published_report_is_neither_built_again_nor_sent_back_nor_thrown_away(draft, staff):
    published = publish(draft, staff)

    assert runs.build_again(report_ids=[draft.pk], by=staff) == 0
    assert checking.back_to_draft(report_ids=[draft.pk], by=staff) == 0
    assert not checking.throw_away(report_id=draft.pk)
    assert fresh(draft).figures == published.figures


def test_new_version_takes_the_place_of_the_old_one_and_both_are_kept(draft, staff):
    old = publish(draft, staff)
    visit(old.partner, pupils=10, at="2024-11-01 09:00")

    second = newer(old, staff)
    assert fresh(old).status == Status.PUBLISHED, "the old one stands until the new one is published"
    second = publish(second, staff)

    old = fresh(old)
    assert (old.status, second.status, second.version) == (Status.SUPERSEDED, Status.PUBLISHED, 2)
    assert (old.figures["pupils"], second.figures["pupils"]) == (26, 36)
    assert old.code != second.code
    assert old.files.count() == second.files.count() == 7
    assert old.events.last().note == "En skole telte feil."
    mail = Mail.objects.latest("pk")
    assert "En skole telte feil." in mail.text
    assert Mail.objects.count() == 2


def test_new_version_has_the_partners_words(draft, staff):
    versions.save_words(report_id=draft.pk, foreword="Takk!", esg_text="Vi gir.", by=UserFactory())
    building.build_report(draft.pk)

    second = newer(publish(draft, staff), staff)

    assert (second.foreword, second.esg_text) == ("Takk!", "Vi gir.")


@pytest.mark.parametrize("reason", ["", "   "])
def test_new_version_without_a_reason_is_refused(draft, staff, reason):
    publish(draft, staff)

    with pytest.raises(runs.ReportError):
        versions.begin_new_versions(report_ids=[draft.pk], reason=reason, by=staff)
    assert PartnerReport.objects.count() == 1


def test_new_version_of_what_is_not_published_is_refused(draft, staff):
    with pytest.raises(runs.ReportError):
        versions.begin_new_versions(report_ids=[draft.pk], reason="Feil", by=staff)


def test_second_new_version_waits_for_the_first(draft, staff):
    old = publish(draft, staff)
    newer(old, staff)

    with pytest.raises(runs.ReportError):
        versions.begin_new_versions(report_ids=[old.pk], reason="Enda en", by=staff)


def test_new_version_begun_by_mistake_is_thrown_away(draft, staff):
    old = publish(draft, staff)
    second = newer(old, staff)

    assert checking.throw_away(report_id=second.pk)
    assert fresh(old).status == Status.PUBLISHED
    assert newer(old, staff).version == 2


def test_new_versions_of_two_years_are_two_runs(staff):
    PartnerFactory()
    for kind in ("school", "calendar"):
        report = runs.start_run(period=Period(kind, YEAR), by=staff).reports.get()
        building.build_report(report.pk)
        publish(report, staff)

    begun = versions.begin_new_versions(
        report_ids=PartnerReport.objects.values_list("pk", flat=True), reason="Feil", by=staff
    )

    assert sorted(run.period_kind for run in begun) == ["calendar", "school"]


def test_report_that_tells_too_much_beside_one_published_meanwhile_is_built_again(staff):
    """Both reports have the same visits but for one of two pupils in the autumn before."""
    partner = partner_with_owner()
    visit(partner, pupils=20, at="2025-03-01 09:00")
    visit(partner, pupils=2, girls=1, at="2024-10-01 09:00")
    reports = []
    for kind, year in (("school", 2024), ("calendar", 2025)):
        reports.append(runs.start_run(period=Period(kind, year), by=staff).reports.get())
        building.build_report(reports[-1].pk)
    school, calendar = map(fresh, reports)
    publish(calendar, staff)
    assert (fresh(school).figures["pupils"], fresh(calendar).figures["pupils"]) == (22, 20)

    checking.check_reports(report_ids=[school.pk], by=staff)
    publishing.ask_to_publish(report_ids=[school.pk], by=staff)
    assert not publishing.publish_report(school.pk)
    building.build_report(school.pk)
    publish(school, staff)
    assert fresh(school).figures["pupils"] != 22, "22 in the one and 20 in the other would tell of two pupils"
