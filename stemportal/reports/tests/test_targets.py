"""Targets: what is measured, what is entered, and how far it is from the start to the goal."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from stemportal.lib.periods import Period, PeriodKind
from stemportal.partners.models import Partner
from stemportal.places.centrality import Centrality, centrality_of
from stemportal.places.models import Municipality
from stemportal.reports.documents.programme import target_card
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.equality import count_chances, remote_share
from stemportal.reports.figures.measures import headline_figures, values_of
from stemportal.reports.models import Target, TargetValue
from stemportal.reports.queries.programme import programme_figures, targets_now
from stemportal.reports.queries.targets import lines_now, lines_of_report, way_done, year_for
from stemportal.reports.tests.visits import YEAR, visit
from stemportal.testing.factories import (
    CountyFactory,
    MunicipalityFactory,
    PartnerFactory,
    SchoolFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db

SCHOOL_YEAR = Period(PeriodKind.SCHOOL, YEAR)
NOW = "2025-03-01 12:00"
ALTA, OSLO, LOPPA = "5601", "0301", "5614"


def municipality(number: str) -> Municipality:
    county = CountyFactory(number=number[:2], name=f"Fylke {number[:2]}")
    return MunicipalityFactory(number=number, name=f"Kommune {number}", official_name=number, county=county)


def target(**facts) -> Target:
    return Target.objects.create(
        **{"title_nb": "Elever", "title_en": "Pupils", "measure": "pupils", "goal": 100, "due_year": 2027, **facts}
    )


@pytest.mark.parametrize(
    ("value", "baseline", "goal", "done"),
    [
        (50, None, 100, 50),
        (150, 100, 200, 50),
        (99.9, None, 100, 99),
        (100, None, 100, 100),
        (250, 100, 200, 100),
        (50, 100, 200, 0),
        (30, 40, 20, 50),
        (20, 20, 20, 100),
        (10, 20, 20, 0),
        (None, None, 100, None),
    ],
)
def test_way_done_goes_from_the_start_to_the_goal(value, baseline, goal, done):
    assert way_done(value, baseline=baseline, goal=goal) == done


def test_year_for_another_kind_is_the_last_one_that_ended_within_the_report():
    assert year_for("calendar", Period("school", 2025)) == Period("calendar", 2025)
    assert year_for("school", Period("calendar", 2025)) == Period("school", 2024)
    assert year_for("school", Period("school", 2025)) == Period("school", 2025)


def test_every_municipality_has_its_centrality_and_a_number_nobody_knows_has_none():
    assert centrality_of(OSLO) == Centrality.CENTRAL
    assert centrality_of(ALTA) == Centrality.BETWEEN
    assert centrality_of(LOPPA) == Centrality.REMOTE
    assert centrality_of("9999") is None


def test_chances_count_schools_and_municipalities_reached_of_all_there_are():
    remote = municipality(LOPPA)
    reached = SchoolFactory(municipality=remote)
    SchoolFactory(municipality=remote)
    SchoolFactory(municipality=remote, is_active=False)
    SchoolFactory(municipality=municipality("5620"))
    visit(school=reached)
    visit(school=reached)
    visit(school=reached, at="2023-10-01 09:00")

    found = {line.group: line for line in count_chances(SCHOOL_YEAR)}

    line = found["remote"]
    assert (line.schools, line.schools_reached, line.share) == (3, 1, 33)
    assert (line.municipalities, line.municipalities_reached, line.visits) == (2, 1, 2)
    assert remote_share(list(found.values())) == 50
    assert (found["central"].schools, found["central"].share) == (0, None)


def test_chances_count_a_school_that_has_closed_since_it_was_reached():
    closed = SchoolFactory(municipality=municipality(OSLO), is_active=False)
    visit(school=closed)

    central = count_chances(SCHOOL_YEAR)[0]

    assert (central.schools, central.schools_reached, central.share) == (1, 1, 100)


def test_headline_figures_are_those_of_the_whole_count():
    company = PartnerFactory(kind=Partner.Kind.COMPANY)
    visit(company, pupils=21, girls=10)
    visit(company, pupils=25, girls=None, school=SchoolFactory(municipality=municipality(OSLO)))
    visit(PartnerFactory(kind=Partner.Kind.UNIVERSITY), pupils=12, girls=6)

    assert values_of(headline_figures(SCHOOL_YEAR)) == values_of(partner_figures(period=SCHOOL_YEAR))
    assert headline_figures(SCHOOL_YEAR).companies == 1


def test_headline_figures_hide_a_small_count_of_pupils():
    visit(pupils=3, girls=None)

    assert headline_figures(SCHOOL_YEAR).pupils is None


def test_a_measured_target_has_the_value_of_its_own_year_and_of_the_one_before():
    target(baseline=10, baseline_year=2022, goal=110)
    visit(pupils=60)
    visit(pupils=30, at="2023-10-01 09:00")

    (line,) = lines_of_report(SCHOOL_YEAR, values_of(headline_figures(SCHOOL_YEAR)))

    assert (line.value, line.before, line.baseline, line.goal, line.done) == (60, 30, 10, 110, 50)
    card = target_card(line)
    assert card.value == "60"
    assert card.goal == "Goal: 110 by 2027/28"
    assert card.start == "Start: 10 in 2022/23"
    assert card.way == "50% of the way from the start to the goal"


def test_an_entered_target_has_its_source_and_no_value_until_there_is_one():
    graduates = target(measure="entered", period_kind="calendar", goal=200, due_year=2030, unit="students")
    TargetValue.objects.create(target=graduates, year=2024, value="150.50", source="Tall fra registeret")

    (now,) = lines_of_report(SCHOOL_YEAR, {})
    (later,) = lines_of_report(Period("school", 2025), {})

    assert (now.value, now.source, now.period.label, now.done) == (150.5, "Tall fra registeret", "2024", 75)
    assert "Source: Tall fra registeret" in target_card(now).notes
    assert target_card(now).value == "150.5\N{NO-BREAK SPACE}students"
    assert (later.value, later.before) == (None, 150.5)
    assert target_card(later).way == "No value yet"


@time_machine.travel(NOW, tick=False)
def test_this_year_stands_beside_the_goal_and_is_counted_once_in_ten_minutes(django_assert_num_queries):
    target()
    target(measure="remote_share", goal=50, is_public=False)
    SchoolFactory(municipality=municipality(LOPPA))
    visit(pupils=40, at="2024-10-01 09:00")

    assert [target_card(line, so_far=True).way for line in targets_now()] == ["40% of the goal", "0% of the goal"]
    with django_assert_num_queries(0):
        targets_now()
    assert [line.measure for line in lines_now()] == ["pupils"]


@time_machine.travel(NOW, tick=False)
def test_the_front_page_shows_last_year_until_the_new_one_has_a_visit():
    target(goal=80)
    visit(pupils=20, at="2023-10-01 09:00")
    pupils = programme_figures()[0]

    assert (pupils.value, pupils.school_year, pupils.note, pupils.done) == ("20", "2023/24", "Target: 80", 25)


@time_machine.travel(NOW, tick=False)
def test_the_dashboard_shows_this_year_against_targets(client):
    target(goal=80)
    target(measure="entered", title_nb="Studenter", title_en="Students", goal=9, is_public=False)
    visit(pupils=20)
    client.force_login(StaffFactory())

    page = client.get("/en/admin/").content.decode()

    assert "This year against targets" in page
    assert "Goal: 80 by 2027/28 (25% of the goal)" in page
    assert "Students" in page


@time_machine.travel(NOW, tick=False)
def test_a_changed_target_is_seen_at_once_and_whoever_entered_a_value_is_noted(client):
    found = target(measure="entered", goal=80)
    staff = StaffFactory()
    client.force_login(staff)
    client.get("/en/admin/")
    form = {
        **{"measure": "entered", "period_kind": "school", "unit": "", "is_public": "on", "order": 1, "goal": "40"},
        **{"due_year": 2027, "title_nb": "Elever", "values-TOTAL_FORMS": 1, "values-INITIAL_FORMS": 0},
        **{"values-0-year": 2024, "values-0-value": "10", "values-0-source": "Telt for hånd"},
    }

    answer = client.post(reverse("admin:reports_target_change", args=[found.pk]), form)

    assert answer.status_code == 302, answer.context["errors"]
    assert found.values.get().entered_by == staff
    assert "25% of the goal" in client.get("/en/admin/").content.decode()


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"baseline": "5"}, "Say in which year"),
        ({"baseline_year": "2020"}, "Say what the value was"),
        ({"baseline": "5", "baseline_year": "2030"}, "lies before the start"),
        ({"due_year": "20"}, "Enter a year such as 2030"),
    ],
    ids=["without-year", "without-value", "backwards", "no-year"],
)
def test_a_target_that_makes_no_sense_is_refused_with_the_reason(client, facts, complaint):
    client.force_login(StaffFactory())
    form = {
        **{"measure": "pupils", "period_kind": "school", "order": 1, "goal": "40", "due_year": "2027"},
        **{"title_nb": "Elever", "values-TOTAL_FORMS": 0, "values-INITIAL_FORMS": 0, **facts},
    }

    answer = client.post("/en/admin/reports/target/add/", form)

    assert complaint in answer.content.decode()
    assert not Target.objects.exists()
