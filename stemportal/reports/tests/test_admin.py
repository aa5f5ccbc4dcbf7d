from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.lib.periods import Period
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.queries.reports import last_finished_year
from stemportal.reports.services import building
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

BUILD = "admin:reports_reportrun_build"
RUN = "admin:reports_reportrun_change"
RETRY = "admin:reports_reportrun_retry"
FETCH = "admin:reports_partnerreport_fetch"
Status = PartnerReport.Status


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def run_with(*statuses: str) -> ReportRun:
    run = ReportRun.objects.create(year=YEAR)
    for status in statuses:
        PartnerReport.objects.create(
            run=run, partner=PartnerFactory(), school_year=YEAR, status=status, error="OSError: no disk"
        )
    return run


def test_list_leads_to_the_button(client, staff):
    assert reverse(BUILD) in client.get(reverse("admin:reports_reportrun_changelist")).content.decode()


def test_button_builds_the_last_finished_year_unless_told_otherwise(client, staff):
    partner = PartnerFactory()

    response = client.get(reverse(BUILD))
    assert response.context["form"].fields["school_year"].choices[0][0] == last_finished_year()
    assert not ReportRun.objects.exists()

    response = client.post(reverse(BUILD), {"school_year": last_finished_year()})
    run = ReportRun.objects.get()
    assert response.url == reverse(RUN, args=[run.pk])
    assert (run.school_year, run.started_by) == (last_finished_year(), staff)
    assert run.reports.get().partner == partner


@pytest.mark.parametrize("year", ["", "tomorrow", "1999", "2999"])
def test_strange_year_is_refused(client, staff, year):
    PartnerFactory()

    response = client.post(reverse(BUILD), {"school_year": year})

    assert response.context["form"].errors
    assert not ReportRun.objects.exists()


def test_second_press_says_it_is_at_work(client, staff):
    PartnerFactory()
    client.post(reverse(BUILD), {"school_year": last_finished_year()})

    response = client.post(reverse(BUILD), {"school_year": last_finished_year()}, follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert ReportRun.objects.count() == 1


def test_run_shows_its_progress_and_asks_again_by_itself(client, staff):
    run = run_with(Status.PUBLISHED, Status.BUILDING, Status.WAITING, Status.FAILED)

    page = client.get(reverse(RUN, args=[run.pk])).content.decode()

    assert "1 of 4 reports are ready" in page
    assert 'aria-valuenow="2"' in page
    assert 'hx-trigger="every 2s"' in page
    assert "<noscript><p><a" in page
    assert "OSError: no disk" in page


def test_run_answers_htmx_with_the_part(client, staff):
    run = run_with(Status.WAITING)

    part = client.get(reverse(RUN, args=[run.pk]), headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert 'role="progressbar"' in part


def test_run_that_is_done_stops_asking(client, staff):
    page = client.get(reverse(RUN, args=[run_with(Status.PUBLISHED).pk])).content.decode()

    assert "every 2s" not in page
    assert "<noscript>" not in page


def test_failed_ones_are_tried_again_by_the_button_only(client, staff):
    run = run_with(Status.FAILED, Status.PUBLISHED)
    building.finish_run(run.pk)

    client.get(reverse(RETRY, args=[run.pk]))
    assert run.reports.filter(status=Status.FAILED).count() == 1
    client.post(reverse(RETRY, args=[run.pk]))
    assert sorted(run.reports.values_list("status", flat=True)) == [Status.PUBLISHED, Status.WAITING]


def test_staff_fetch_a_report(client, staff):
    partner = partner_with_owner()
    visit(partner)
    report = building.start_run(period=Period("school", YEAR), by=staff).reports.get()

    assert client.get(reverse(FETCH, args=[report.pk])).status_code == 302  # not ready yet
    building.build_report(report.pk)
    response = client.get(reverse(FETCH, args=[report.pk]))
    assert b"".join(response.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize("name", [BUILD, RUN, RETRY, FETCH])
def test_pages_are_for_the_secretariat(client, name):
    run = run_with(Status.FAILED)
    url = reverse(name, args=[] if name == BUILD else [run.reports.get().pk if name == FETCH else run.pk])

    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403
    assert run.reports.get().status == Status.FAILED


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_much_for_three_as_for_one(client, staff, rows, django_assert_num_queries):
    for _number in range(rows):
        run = run_with(Status.PUBLISHED, Status.FAILED)
        ReportRun.objects.filter(pk=run.pk).update(status=ReportRun.Status.DONE)

    with django_assert_num_queries(5):
        client.get(reverse("admin:reports_reportrun_changelist"))
    with django_assert_num_queries(6):
        client.get(reverse("admin:reports_partnerreport_changelist"))
    with django_assert_num_queries(4):
        client.get(reverse(RUN, args=[run.pk]))


def test_targets_can_be_set(client, staff):
    client.post(
        reverse("admin:reports_target_add"),
        {"school_year": YEAR, "measure": "pupils", "value": 1_000_000, "_save": "1"},
    )

    assert "2024/25" in client.get(reverse("admin:reports_target_changelist")).content.decode()
