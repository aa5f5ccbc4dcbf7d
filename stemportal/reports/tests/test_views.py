from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.services import building
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner(client):
    partner = partner_with_owner(display_name="Nordlys Æ")
    client.force_login(partner.memberships.get().user)
    return partner


def page_of(partner) -> str:
    return reverse("reports:partner_reports", args=[partner.pk])


def build(partner, year: int = YEAR) -> PartnerReport:
    run = ReportRun.objects.create(year=year)
    report = PartnerReport.objects.create(run=run, partner=partner, year=year)
    assert building.build_report(report.pk)
    report.refresh_from_db()
    return report


def test_room_without_reports_says_when_they_come(client, partner):
    page = client.get(page_of(partner)).content.decode()

    assert "in August" in page
    assert reverse("schools:partner_bookings", args=[partner.pk]) in page


def test_room_shows_key_figures_as_text_and_the_file(client, partner):
    visit(partner, pupils=28, girls=12)
    report = build(partner)

    page = client.get(page_of(partner)).content.decode()

    assert "2024/25" in page
    assert '<span class="p-figures__value">28</span>' in page
    assert "43%" in page
    assert reverse("reports:download", args=[report.pk]) in page


def test_few_girls_are_not_shown(client, partner):
    visit(partner, pupils=28, girls=3)
    build(partner)

    page = client.get(page_of(partner)).content.decode()

    assert "Fewer than 5" in page
    assert '<span class="p-figures__value">3</span>' not in page
    assert "11%" not in page


def test_room_shows_the_newest_report_of_each_year(client, partner):
    old = build(partner)
    older = build(partner, YEAR - 1)
    visit(partner)
    new = build(partner)

    page = client.get(page_of(partner)).content.decode()

    assert reverse("reports:download", args=[old.pk]) not in page
    assert page.index(reverse("reports:download", args=[new.pk])) < page.index(
        reverse("reports:download", args=[older.pk])
    )


def test_room_shows_no_report_that_is_not_ready(client, partner):
    run = ReportRun.objects.create(year=YEAR)
    report = PartnerReport.objects.create(run=run, partner=partner, year=YEAR)

    assert reverse("reports:download", args=[report.pk]) not in client.get(page_of(partner)).content.decode()
    assert client.get(reverse("reports:download", args=[report.pk])).status_code == 404


@pytest.mark.parametrize("years", [1, 3])
def test_room_asks_as_much_for_three_years_as_for_one(client, partner, years, django_assert_num_queries):
    for back in range(years):
        visit(partner, at=f"{YEAR - back}-10-01 09:00")
        build(partner, YEAR - back)
    client.get(page_of(partner))

    with django_assert_num_queries(8):
        client.get(page_of(partner))


def test_download_is_a_file_with_a_telling_name(client, partner):
    report = build(partner)

    response = client.get(reverse("reports:download", args=[report.pk]))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="nordlys-2024-25.pdf"'
    assert b"".join(response.streaming_content).startswith(b"%PDF")


def test_file_that_is_gone_is_not_found(client, partner):
    report = build(partner)
    report.file.storage.delete(report.file.name)

    assert client.get(reverse("reports:download", args=[report.pk])).status_code == 404


@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_member_may_read(client, partner, role):
    report = build(partner)
    reader = MembershipFactory(partner=partner, role=role).user
    client.force_login(reader)

    assert client.get(page_of(partner)).status_code == 200
    assert client.get(reverse("reports:download", args=[report.pk])).status_code == 200


@pytest.mark.parametrize("stranger", [UserFactory, StaffFactory, lambda: TeacherFactory().user, "other partner"])
def test_strangers_find_nothing(client, partner, stranger):
    report = build(partner)
    user = MembershipFactory(partner=PartnerFactory()).user if stranger == "other partner" else stranger()
    client.force_login(user)

    for url in (
        page_of(partner),
        reverse("reports:partner_visits", args=[partner.pk, YEAR]),
        reverse("reports:download", args=[report.pk]),
    ):
        assert client.get(url).status_code == 404


def test_visitors_are_asked_to_log_in(client, partner):
    report = build(partner)
    client.logout()

    assert client.get(page_of(partner)).status_code == 302
    assert client.get(reverse("reports:download", args=[report.pk])).status_code == 302


def test_figure_leads_to_its_visits(client, partner):
    booking = visit(partner, pupils=26)
    visit(partner, pupils=3, girls=None)
    visit()

    response = client.get(reverse("reports:partner_visits", args=[partner.pk, YEAR]))
    page = response.content.decode()

    assert response.context["page_obj"].paginator.count == 2
    assert reverse("schools:booking", args=[booking.pk]) in page
    assert booking.school.name in page
    assert "&lt;5" in page


def test_year_without_visits_has_an_empty_state(client, partner):
    page = client.get(reverse("reports:partner_visits", args=[partner.pk, current_school_year()])).content.decode()

    assert "No visits in this school year" in page


@pytest.mark.parametrize("year", [0, 1999, 999999999])
def test_impossible_year_is_not_found(client, partner, year):
    assert client.get(reverse("reports:partner_visits", args=[partner.pk, year])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_visits_asks_as_much_for_three_as_for_one(client, partner, rows, django_assert_num_queries):
    for _number in range(rows):
        visit(partner)
    url = reverse("reports:partner_visits", args=[partner.pk, YEAR])
    client.get(url)

    with django_assert_num_queries(8):
        client.get(url)
