"""The secretariat's pages: order reports, watch them being built, look at one, check, publish, begin a new version."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building, checking, publishing, runs
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

BUILD = "admin:reports_reportrun_build"
RUN = "admin:reports_reportrun_change"
RETRY = "admin:reports_reportrun_retry"
REPORT = "admin:reports_partnerreport_change"
REPORTS = "admin:reports_partnerreport_changelist"
ACT = "admin:reports_partnerreport_act"
FILE = "admin:reports_partnerreport_file"
VERSIONS = "admin:reports_partnerreport_versions"
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
            run=run, partner=PartnerFactory(), year=YEAR, status=status, error="OSError: no disk"
        )
    return run


def draft() -> PartnerReport:
    partner = partner_with_owner()
    visit(partner, pupils=26)
    report = runs.start_run(period=Period("school", YEAR), by=None).reports.get()
    building.build_report(report.pk)
    return report


def told(response) -> list[str]:
    return [f"{message.level_tag}: {message}" for message in response.context["messages"]]


# Ordering


def test_list_leads_to_the_button(client, staff):
    assert reverse(BUILD) in client.get(reverse("admin:reports_reportrun_changelist")).content.decode()


@time_machine.travel("2026-11-22 12:00", tick=False)
def test_form_offers_finished_years_first_and_says_which_are_not_over(client, staff):
    groups = dict(client.get(reverse(BUILD)).context["form"].fields["year"].choices)

    assert groups["School years"][0] == ("2025-26", "2025/26")
    assert groups["Calendar years"][0] == ("2025", "2025")
    assert groups["Not over yet, a preview only"] == [("2026-27", "2026/27 so far"), ("2026", "2026 so far")]
    assert not ReportRun.objects.exists()


@time_machine.travel("2026-11-22 12:00", tick=False)
@pytest.mark.parametrize(("slug", "kind"), [("2025-26", "school"), ("2025", "calendar")])
def test_button_builds_the_year_for_all_partners(client, staff, slug, kind):
    partner = PartnerFactory()

    response = client.post(reverse(BUILD), {"year": slug})

    run = ReportRun.objects.get()
    assert response.url == reverse(RUN, args=[run.pk])
    assert (run.period, run.started_by) == (Period(kind, 2025), staff)
    assert run.reports.get().partner == partner


@pytest.mark.parametrize("year", ["", "tomorrow", "1999", "2999-00"])
def test_strange_year_is_refused(client, staff, year):
    PartnerFactory()

    response = client.post(reverse(BUILD), {"year": year})

    assert response.status_code == 422
    assert not ReportRun.objects.exists()


@time_machine.travel("2026-11-22 12:00", tick=False)
def test_year_that_is_not_over_is_built_as_a_preview_only(client, staff):
    PartnerFactory()

    refused = client.post(reverse(BUILD), {"year": "2026-27"})
    assert "This year is not over" in refused.content.decode()
    assert not ReportRun.objects.exists()

    client.post(reverse(BUILD), {"year": "2026-27", "preview": "on"})
    assert PartnerReport.objects.get().is_preview


def test_partners_chosen_in_their_list_get_reports_and_no_others(client, staff):
    chosen, others = [PartnerFactory(), PartnerFactory()], [PartnerFactory()]
    listed = reverse("admin:partners_partner_changelist")

    response = client.post(
        listed + "?status__exact=all", {"action": "build_reports", "_selected_action": [p.pk for p in chosen]}
    )
    page = client.get(response.url).content.decode()
    assert "For 2 chosen partners" in page
    assert chosen[0].display_name in page
    assert others[0].display_name not in page

    client.post(response.url, {"year": f"{YEAR}-{YEAR - 1999}", "ids": response.url.split("=")[1]})
    assert set(PartnerReport.objects.values_list("partner", flat=True)) == {partner.pk for partner in chosen}


def test_ids_that_name_nobody_do_not_mean_everybody(client, staff):
    PartnerFactory()

    assert client.post(reverse(BUILD), {"year": f"{YEAR}-{YEAR - 1999}", "ids": "x,-1"}).status_code == 422
    assert not ReportRun.objects.exists()


def test_partners_list_offers_reports_only_to_who_may_build_them(client):
    person = UserFactory(is_staff=True)
    person.user_permissions.add(*permissions("view_partner"))
    PartnerFactory(status=Partner.Status.APPROVED)
    client.force_login(person)
    listed = reverse("admin:partners_partner_changelist") + "?status__exact=all"

    assert "Build annual reports" not in client.get(listed).content.decode()
    person.user_permissions.add(*permissions("add_reportrun"))
    assert "Build annual reports" in client.get(listed).content.decode()


def permissions(*codenames: str):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)


def test_second_press_leads_to_the_run_that_is_at_work(client, staff):
    PartnerFactory()
    year = {"year": f"{YEAR}-{YEAR - 1999}"}
    client.post(reverse(BUILD), year)

    response = client.post(reverse(BUILD), year, follow=True)

    assert told(response) == ["warning: The reports of this year are being built already."]
    assert response.redirect_chain[0][0] == reverse(RUN, args=[ReportRun.objects.get().pk])


# A run


def test_run_shows_its_progress_and_asks_again_by_itself(client, staff):
    run = run_with(Status.DRAFT, Status.BUILDING, Status.WAITING, Status.FAILED)

    page = client.get(reverse(RUN, args=[run.pk])).content.decode()

    assert "1 of 4 reports are ready" in page
    assert 'aria-valuenow="2"' in page
    assert 'hx-trigger="every 2s"' in page
    assert "<noscript><p><a" in page
    assert "OSError: no disk" in page
    assert "1 draft<" in page


def test_run_answers_htmx_with_the_part(client, staff):
    run = run_with(Status.WAITING)

    part = client.get(reverse(RUN, args=[run.pk]), headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert 'role="progressbar"' in part


def test_run_that_is_done_stops_asking(client, staff):
    page = client.get(reverse(RUN, args=[run_with(Status.DRAFT).pk])).content.decode()

    assert "every 2s" not in page
    assert "<noscript>" not in page


def test_failed_ones_are_tried_again_by_the_button_only(client, staff):
    run = run_with(Status.FAILED, Status.PUBLISHED)
    runs.finish_run(run.pk)

    client.get(reverse(RETRY, args=[run.pk]))
    assert run.reports.filter(status=Status.FAILED).count() == 1
    client.post(reverse(RETRY, args=[run.pk]))
    assert sorted(run.reports.values_list("status", flat=True)) == [Status.PUBLISHED, Status.WAITING]


# A report


def test_report_shows_all_there_is_to_look_at(client, staff):
    report = draft()

    page = client.get(reverse(REPORT, args=[report.pk])).content.decode()

    assert "26" in page
    assert report.code in page
    for file in report.files.all():
        assert reverse(FILE, args=[file.pk]) in page
    assert "Version 1" in page
    assert "It is right: check it" in page
    assert "every 2s" not in page


@pytest.mark.parametrize("status", [Status.WAITING, Status.BUILDING])
def test_report_at_work_asks_again_and_answers_htmx_with_its_state(client, staff, status):
    report = run_with(status).reports.get()
    url = reverse(REPORT, args=[report.pk])

    assert 'hx-trigger="every 2s"' in client.get(url).content.decode()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")


def test_report_is_checked_and_published_with_buttons(client, staff):
    report = draft()

    response = client.post(reverse(ACT, args=[report.pk]), {"move": "check"}, follow=True)
    assert told(response) == ["success: 1 report is checked."]
    response = client.post(reverse(ACT, args=[report.pk]), {"move": "publish"}, follow=True)
    assert told(response) == ["success: 1 report is being published. Its owners get a mail."]
    assert "Being published" in response.content.decode()
    publishing.publish_report(report.pk)
    page = client.get(reverse(REPORT, args=[report.pk])).content.decode()
    assert "Begin a new version" in page
    assert 'name="move"' not in page


@pytest.mark.parametrize("move", ["", "publish", "delete"])
def test_move_that_does_not_fit_changes_nothing(client, staff, move):
    report = draft()

    client.post(reverse(ACT, args=[report.pk]), {"move": move}, follow=True)
    client.get(reverse(ACT, args=[report.pk]) + "?move=check")

    report.refresh_from_db()
    assert report.status == Status.DRAFT


def test_report_is_thrown_away(client, staff):
    report = draft()

    response = client.post(reverse(ACT, args=[report.pk]), {"move": "throw_away"})

    assert response.url == reverse(REPORTS)
    assert not PartnerReport.objects.exists()


def test_files_are_saved_under_names_that_say_what_they_are(client, staff):
    report = draft()

    response = client.get(reverse(FILE, args=[report.files.get(format="pdf", language="nn").pk]))

    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert f"-{report.period.slug}-v1-nn.pdf" in response["Content-Disposition"]


def test_many_are_checked_and_published_from_the_list(client, staff):
    run = run_with(Status.DRAFT, Status.DRAFT, Status.FAILED)
    chosen = {"_selected_action": list(run.reports.values_list("pk", flat=True))}

    response = client.post(reverse(REPORTS), {"action": "check_chosen", **chosen}, follow=True)
    assert told(response)[0] == "success: 2 reports are checked."
    assert "1 was left as it is." in told(response)[1]
    client.post(reverse(REPORTS), {"action": "publish_chosen", **chosen})
    assert PartnerReport.objects.to_publish().count() == 2
    client.post(reverse(REPORTS), {"action": "back_chosen", **chosen})
    assert PartnerReport.objects.to_publish().count() == 0
    client.post(reverse(REPORTS), {"action": "again_chosen", **chosen})
    assert set(run.reports.values_list("status", flat=True)) == {Status.WAITING}


def test_new_version_asks_for_a_reason(client, staff):
    report = draft()
    checking.check_reports(report_ids=[report.pk], by=staff)
    publishing.ask_to_publish(report_ids=[report.pk], by=staff)
    publishing.publish_report(report.pk)
    asked = client.post(reverse(REPORTS), {"action": "new_versions", "_selected_action": [report.pk]})
    assert report.partner.display_name in client.get(asked.url).content.decode()

    form = {"ids": str(report.pk), "reason": ""}
    assert client.post(reverse(VERSIONS), form).status_code == 422
    response = client.post(reverse(VERSIONS), {**form, "reason": "En skole telte feil."})

    newer = PartnerReport.objects.get(version=2)
    assert response.url == reverse(RUN, args=[newer.run_id])
    assert "En skole telte feil." in client.get(reverse(REPORT, args=[newer.pk])).content.decode()


def test_dashboard_counts_drafts_to_check_and_no_previews(client, staff):
    PartnerReport.objects.filter(pk=run_with(Status.DRAFT, Status.DRAFT).reports.first().pk).update(is_preview=True)

    page = client.get(reverse("admin:index")).content.decode()

    assert f"{reverse(REPORTS)}?status__exact=draft&amp;is_preview__exact=0" in page
    assert len(client.get(f"{reverse(REPORTS)}?status__exact=draft&is_preview__exact=0").context["cl"].result_list) == 1


# Rights


@pytest.mark.parametrize("name", [BUILD, RUN, RETRY, REPORT, ACT, FILE, VERSIONS])
def test_pages_are_for_the_secretariat(client, name):
    report = draft()
    things = {
        RUN: report.run_id,
        RETRY: report.run_id,
        FILE: report.files.first().pk,
        REPORT: report.pk,
        ACT: report.pk,
    }
    url = reverse(name, args=[things[name]] if name in things else [])

    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(url).status_code == 403
    assert client.post(url, {"move": "check"}).status_code == 403
    report.refresh_from_db()
    assert report.status == Status.DRAFT


def test_who_may_look_may_not_decide(client):
    report = draft()
    person = UserFactory(is_staff=True)
    person.user_permissions.add(*permissions("view_partnerreport"))
    client.force_login(person)

    page = client.get(reverse(REPORT, args=[report.pk])).content.decode()
    assert 'name="move"' not in page
    assert client.post(reverse(ACT, args=[report.pk]), {"move": "check"}).status_code == 403
    assert client.get(reverse(VERSIONS)).status_code == 403
