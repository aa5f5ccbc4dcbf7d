"""What a partner's room says about a report that is ready."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.partners.extensions import tasks_of
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building
from stemportal.reports.tasks import note_fetch
from stemportal.testing.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def membership(db) -> Membership:
    return MembershipFactory(role=Membership.Role.READER)


def ready(membership: Membership, *, days_ago: int = 1, **facts) -> PartnerReport:
    run = ReportRun.objects.create(year=2024, status=ReportRun.Status.DONE)
    built = timezone.now() - timedelta(days=days_ago)
    facts = {"status": PartnerReport.Status.PUBLISHED, "built_at": built, "school_year": 2024, **facts}
    report = PartnerReport(run=run, partner=membership.partner, **facts)
    report.file.save("report.pdf", ContentFile(b"%PDF-1.7"), save=True)
    return report


def titles(membership: Membership) -> list[str]:
    return [task.title for task in tasks_of(membership) if "report" in task.title]


def test_report_is_pointed_to_until_somebody_has_fetched_it(membership):
    report = ready(membership)
    assert titles(membership) == ["Your report for 2024/25 is ready"]

    note_fetch(report.pk)

    assert titles(membership) == []
    first = PartnerReport.objects.get().fetched_at
    assert not building.note_fetch(report.pk)
    assert PartnerReport.objects.get().fetched_at == first


def test_fetching_the_report_hands_the_note_to_a_worker(membership, monkeypatch):
    report = ready(membership)
    noted = []
    monkeypatch.setattr("stemportal.reports.tasks.note_fetch.delay", noted.append)
    client = Client()
    client.force_login(membership.user)
    address = reverse("reports:download", args=[report.pk])

    client.head(address)
    assert noted == []
    client.get(address)
    assert noted == [report.pk]
    building.note_fetch(report.pk)
    client.get(address)
    assert noted == [report.pk]


@pytest.mark.parametrize(("days_ago", "shown"), [(59, True), (61, False)])
def test_report_is_news_for_two_months(membership, days_ago, shown):
    ready(membership, days_ago=days_ago)

    assert bool(titles(membership)) is shown


def test_report_that_is_not_ready_is_no_news(membership):
    ready(membership, status=PartnerReport.Status.WAITING, built_at=None)
    ready(MembershipFactory())

    assert titles(membership) == []


def test_report_built_anew_is_news_again(membership):
    building.note_fetch(ready(membership, days_ago=9).pk)

    ready(membership, days_ago=1)

    assert titles(membership) == ["Your report for 2024/25 is ready"]
