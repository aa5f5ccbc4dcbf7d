"""Visit lines as they may be shown outside the school."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.core.files.base import ContentFile

from stemportal.lib.periods import Period
from stemportal.reports.documents.material import canonical, material_of
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.rows import hidden_of, visit_lines
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportRun
from stemportal.reports.tests.visits import YEAR, visit
from stemportal.schools.models import Attendance
from stemportal.testing.factories import ActivityFactory, CountyFactory, MunicipalityFactory, PartnerFactory

pytestmark = pytest.mark.django_db

PERIOD = Period("school", YEAR)


@pytest.fixture
def partner():
    return PartnerFactory()


def nobody_came(booking):
    Attendance.objects.filter(booking=booking).update(pupils=0, girls=None)
    return booking


def test_lines_show_every_visit_of_the_year_in_order_of_time(partner):
    later = visit(partner, at="2025-03-01 09:00", hours=1.5, pupils=22)
    first = nobody_came(visit(partner, at="2024-09-01 09:00"))
    visit(partner, at="2025-08-01 09:00")
    visit()

    lines = visit_lines(PERIOD, partner)

    assert [(line.booking, line.day, line.pupils, line.hours) for line in lines] == [
        (first.pk, "2024-09-01", 0, 2),
        (later.pk, "2025-03-01", 22, 1.5),
    ]
    assert (lines[1].school, lines[1].municipality) == (later.school.name, later.school.municipality.name)
    assert lines[1].kind["nb"] == later.activity.kind.name_nb


def test_a_few_pupils_are_hidden_with_another_visit_beside_them(partner):
    few = visit(activity=(activity := ActivityFactory(partner=partner)), pupils=3, girls=None, grade=9)
    visit(activity=activity, pupils=25, grade=9)
    visit(activity=activity, pupils=18, grade=9)

    lines = {line.booking: line.pupils for line in visit_lines(PERIOD, partner)}

    assert lines[few.pk] is None
    assert sorted(count for count in lines.values() if count is not None) == [18]


def test_nothing_is_hidden_where_nobody_is_few(partner):
    visit(partner, pupils=5, girls=None)
    nobody_came(visit(partner, at="2024-11-01 09:00"))

    assert hidden_of(PERIOD, [partner.pk]) == {}
    assert [line.pupils for line in visit_lines(PERIOD, partner)] == [5, 0]


def test_what_is_hidden_takes_the_same_queries_for_one_and_three_partners(partner, django_assert_num_queries):
    partners = [partner, PartnerFactory(), PartnerFactory()]
    for each in partners:
        visit(each, pupils=2, girls=None)

    with django_assert_num_queries(2):
        hidden_of(PERIOD, [partner.pk])
    with django_assert_num_queries(2):
        assert len(hidden_of(PERIOD, [each.pk for each in partners])) == 3


def test_the_programme_does_not_tell_a_partner_of_anothers_few_pupils(partner):
    finnmark = visit(partner, pupils=40, girls=None).school.municipality
    visit(pupils=3, girls=None, school__municipality=finnmark)
    for number, name in (("03", "Oslo"), ("50", "Trøndelag")):
        county = CountyFactory(number=number, name=name)
        visit(pupils=30, school__municipality=MunicipalityFactory(number=f"{number}01", county=county))

    regions = {row["name"]: row["pupils"] for row in partner_figures(period=PERIOD).regions}

    assert regions[finnmark.county.name] is None
    assert sorted(count for count in regions.values() if count) == [30]


def test_a_new_version_does_not_tell_what_the_old_one_hid(partner):
    """One visit of three pupils comes to it: the difference between the two totals would tell."""
    activity = ActivityFactory(partner=partner)
    for pupils in (20, 25):
        visit(activity=activity, pupils=pupils, girls=None)
    run = ReportRun.objects.create(year=YEAR)
    report = PartnerReport.objects.create(run=run, partner=partner, year=YEAR, status=PartnerReport.Status.PUBLISHED)
    content = canonical(material_of(report))
    PartnerReportFile.objects.create(
        report=report,
        format="json",
        file=ContentFile(content, name="report.json"),
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )
    assert partner_figures(period=PERIOD, partner=partner).pupils == 45

    few = visit(activity=activity, pupils=3, girls=None)

    figures = partner_figures(period=PERIOD, partner=partner)
    lines = {line.booking: line.pupils for line in visit_lines(PERIOD, partner)}
    assert lines[few.pk] is None
    assert figures.pupils is None
    assert [row["pupils"] for row in figures.kinds] == [None]
