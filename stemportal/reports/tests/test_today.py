"""What a partner's room says about a report that is published, or that is being made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.partners.extensions import tasks_of
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport
from stemportal.reports.services.publishing import note_fetch
from stemportal.testing.factories import MembershipFactory
from stemportal.testing.papers import published, report_of

pytestmark = pytest.mark.django_db

READY = "Your report for 2024/25 is ready"
IN_THE_MAKING = "Your report for 2024/25 is being made"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def membership(db) -> Membership:
    return MembershipFactory(role=Membership.Role.READER)


def ready(membership: Membership, *, days_ago: int = 1, **facts) -> PartnerReport:
    return published(membership.partner, published_at=timezone.now() - timedelta(days=days_ago), **facts)


def titles(membership: Membership) -> list[str]:
    return [task.title for task in tasks_of(membership) if "report" in task.title]


def test_report_is_pointed_to_until_somebody_has_fetched_it(membership):
    report = ready(membership)
    assert titles(membership) == [READY]

    note_fetch(report.pk)

    assert titles(membership) == []
    first = PartnerReport.objects.get().fetched_at
    assert not note_fetch(report.pk)
    assert PartnerReport.objects.get().fetched_at == first


@pytest.mark.parametrize("name", ["file", "page"])
def test_reading_the_report_hands_the_note_to_a_worker(client, membership, monkeypatch, name):
    report = ready(membership)
    noted = []
    monkeypatch.setattr("stemportal.reports.tasks.note_fetch.delay", noted.append)
    client.force_login(membership.user)
    address = {
        "file": reverse("reports:report_file", args=[report.files.get(language="nb").pk]),
        "page": reverse("reports:partner_report", args=[report.partner_id, report.period.slug]),
    }[name]

    client.head(address)
    assert noted == []
    client.get(address)
    assert noted == [report.pk]
    note_fetch(report.pk)
    client.get(address)
    assert noted == [report.pk]


@pytest.mark.parametrize(("days_ago", "shown"), [(59, True), (61, False)])
def test_report_is_news_for_two_months(membership, days_ago, shown):
    ready(membership, days_ago=days_ago)

    assert bool(titles(membership)) is shown


def test_new_version_is_news_again(membership):
    note_fetch(ready(membership, status="superseded").pk)
    ready(membership, version=2, reason="More came.")

    assert titles(membership) == [READY]


@pytest.mark.parametrize(("role", "asked"), [("owner", True), ("editor", True), ("reader", False)])
@pytest.mark.parametrize("status", ["waiting", "draft", "checked"])
def test_those_who_may_write_are_asked_for_words_until_there_are_some(membership, role, asked, status):
    member = MembershipFactory(partner=membership.partner, role=role)
    report = report_of(membership.partner, status=status)

    assert titles(member) == ([IN_THE_MAKING] if asked else [])
    PartnerReport.objects.filter(pk=report.pk).update(foreword="Takk!")
    assert titles(member) == []


def test_preview_and_other_partners_reports_are_no_task(membership):
    owner = MembershipFactory(partner=membership.partner)
    report_of(membership.partner, status="draft", is_preview=True)
    ready(MembershipFactory())

    assert titles(owner) == []


def test_tasks_take_one_query_for_one_report_and_for_three(membership, django_assert_num_queries):
    from stemportal.reports.today import report_tasks

    owner = MembershipFactory(partner=membership.partner)
    for back in range(3):
        with django_assert_num_queries(1):
            assert len(list(report_tasks(owner))) == back
        ready(owner, period=Period("school", 2024 - back))
