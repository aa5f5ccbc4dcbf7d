"""From a figure to its rows, in the partner's room and on the secretariat's desk."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from stemportal.activities.models import OwnWord
from stemportal.reports.figures.rows import ROWS
from stemportal.reports.tests.visits import YEAR, visit
from stemportal.testing.factories import ActivityFactory, MembershipFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db

SLUG = f"{YEAR}-25"


@pytest.fixture
def partner():
    return PartnerFactory(display_name="Nordlys Robotikk")


@pytest.fixture
def owner(client, partner):
    client.force_login(MembershipFactory(partner=partner).user)
    return client


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


def rows_url(partner, key: str) -> str:
    return reverse("reports:figure_rows", args=[partner.pk, SLUG, key])


def test_every_figure_of_the_list_opens_its_rows(owner, partner):
    visit(partner, pupils=24)
    page = owner.get(reverse("reports:partner_figures", args=[partner.pk, SLUG])).text

    for key in ROWS:
        assert owner.get(rows_url(partner, key)).status_code == 200
        assert rows_url(partner, key) in page or key in {"kinds", "months", "regions", "grades"}


def test_pupils_lead_to_the_bookings_behind_them(owner, partner):
    booking = visit(partner, at="2024-10-01 09:00", pupils=24)
    visit(partner, at="2025-10-01 09:00", pupils=99)
    visit(pupils=88)

    page = owner.get(rows_url(partner, "pupils")).text

    assert "1 row stands behind this figure." in page
    assert reverse("schools:booking", args=[booking.pk]) in page
    assert ">24<" in page


def test_a_month_leads_to_its_visits_only(owner, partner):
    october = visit(partner, at="2024-10-01 09:00")
    march = visit(partner, at="2025-03-01 09:00")
    page = owner.get(reverse("reports:partner_figures", args=[partner.pk, SLUG])).text
    assert f"{rows_url(partner, 'months')}?part=2024-10" in page

    page = owner.get(rows_url(partner, "months"), {"part": "2024-10"}).text

    assert reverse("schools:booking", args=[october.pk]) in page
    assert reverse("schools:booking", args=[march.pk]) not in page


def test_a_few_pupils_are_not_among_the_rows_nor_the_difference(owner, partner):
    activity = ActivityFactory(partner=partner)
    for pupils in (3, 21, 33):
        visit(activity=activity, pupils=pupils, girls=None)

    page = owner.get(rows_url(partner, "visits")).text

    assert ">3<" not in page
    assert ">21<" not in page
    assert ">33<" in page
    assert "not shown when it is under five" in page


def test_own_word_says_that_nobody_confirmed_it(owner, partner):
    facts = {"kind": ActivityFactory().kind, "held_on": "2024-10-10", "pupils": 40, "hours": 2}
    OwnWord.objects.create(partner=partner, title="Stand på messa", **facts)

    page = owner.get(rows_url(partner, "own_pupils")).text

    assert "Stand på messa" in page
    assert "no school has confirmed it" in page


@pytest.mark.parametrize("address", ["2024-26/figures/", "2024-25/figures/pupil/", "2024-25/figures/girls_state/"])
def test_what_is_no_year_or_figure_is_not_found(owner, partner, address):
    assert owner.get(f"{reverse('reports:partner_reports', args=[partner.pk])}{address}").status_code == 404


def test_rows_take_the_same_queries_for_one_and_three(owner, partner, django_assert_num_queries):
    visit(partner, pupils=3, girls=None)
    owner.get(rows_url(partner, "visits"))
    with django_assert_num_queries(9):
        owner.get(rows_url(partner, "visits"))
    for _more in range(2):
        visit(partner)
    with django_assert_num_queries(9):
        owner.get(rows_url(partner, "visits"))


def test_the_secretariat_goes_from_the_programme_to_the_bookings(staff):
    bookings = [visit(pupils=24), visit(pupils=31)]
    address = reverse("admin:schools_visit_rows", args=[SLUG, "pupils"])
    with time_machine.travel("2025-11-22", tick=False):
        assert address in staff.get(reverse("admin:schools_visit_changelist"), {"year": SLUG}).text

    page = staff.get(address).text

    for booking in bookings:
        assert reverse("admin:schools_booking_change", args=[booking.pk]) in page
        assert booking.activity.partner.display_name in page


def test_the_secretariat_sees_one_partners_figures_and_no_small_counts(staff, partner):
    activity = ActivityFactory(partner=partner)
    for pupils in (3, 21, 33):
        visit(activity=activity, pupils=pupils, girls=None)
    visit(pupils=77)

    page = staff.get(reverse("admin:schools_visit_rows", args=[SLUG, "visits"]), {"partner": partner.pk}).text

    assert ">3<" not in page
    assert ">21<" not in page
    assert ">77<" not in page
    assert ">33<" in page


def test_the_secretariat_sees_no_numbers_of_a_partners_own_word(staff, partner):
    facts = {"kind": ActivityFactory().kind, "held_on": "2024-10-10", "pupils": 4321, "hours": 2}
    OwnWord.objects.create(partner=partner, title="Stand på messa", **facts)

    page = staff.get(reverse("admin:schools_visit_rows", args=[SLUG, "own_visits"])).text

    assert "Stand på messa" in page
    assert "4321" not in page.replace(",", "")


def test_every_figure_of_the_programme_has_a_page(staff):
    for key in ROWS:
        assert staff.get(reverse("admin:schools_visit_rows", args=[SLUG, key])).status_code == 200


def test_staff_without_the_right_do_not_enter(client):
    client.force_login(MembershipFactory(user__is_staff=True).user)

    assert client.get(reverse("admin:schools_visit_changelist")).status_code == 403
    assert client.get(reverse("admin:schools_visit_rows", args=[SLUG, "pupils"])).status_code == 403


@pytest.mark.parametrize("partner_pk", ["0", "x", "99999999999999"])
def test_a_partner_that_is_none_is_not_found(staff, partner_pk):
    address = reverse("admin:schools_visit_rows", args=[SLUG, "pupils"])
    assert staff.get(address, {"partner": partner_pk}).status_code == 404
