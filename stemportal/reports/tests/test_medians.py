"""Medians of a level: of whom, and when they are not told."""

from __future__ import annotations

import pytest

from stemportal.lib.periods import Period
from stemportal.partners.models import Engagement, Partner
from stemportal.reports.figures.medians import level_medians
from stemportal.reports.tests.visits import YEAR, visit
from stemportal.testing.factories import LevelFactory, PartnerFactory

pytestmark = pytest.mark.django_db

PERIOD = Period("school", YEAR)


@pytest.fixture
def level():
    return LevelFactory(school_year=YEAR, code="mover")


def partners_on(level, number: int) -> list[Partner]:
    partners = [PartnerFactory() for _n in range(number)]
    for partner in partners:
        Engagement.objects.create(partner=partner, school_year=level.school_year, level=level)
    return partners


def test_median_is_of_all_partners_on_the_level_also_those_without_visits(level):
    partners = partners_on(level, 5)
    for partner, pupils in zip(partners, (10, 20, 30, 40), strict=False):
        visit(partner, pupils=pupils)
    visit(pupils=300)

    medians = level_medians(PERIOD)

    assert (medians["mover"]["partners"], medians["mover"]["pupils"], medians["mover"]["visits"]) == (5, 20, 1)


def test_median_of_few_partners_is_not_told(level):
    for partner in partners_on(level, 4):
        visit(partner)

    assert level_medians(PERIOD) == {}


def test_median_that_few_can_tell_of_is_not_told(level):
    for partner in partners_on(level, 5)[:4]:
        visit(partner, girls=9)

    assert "girls_share" not in level_medians(PERIOD)["mover"]


def test_median_of_one_to_four_pupils_is_not_told(level):
    for partner in partners_on(level, 5):
        visit(partner, pupils=3, girls=None)

    medians = level_medians(PERIOD)["mover"]

    assert (medians["visits"], "pupils" in medians) == (1, False)


def test_partner_that_has_left_does_not_count(level):
    gone = partners_on(level, 5)[0]
    Partner.objects.filter(pk=gone.pk).update(status=Partner.Status.ENDED)

    assert level_medians(PERIOD) == {}


def test_calendar_year_goes_by_the_level_of_the_autumn(level):
    partners_on(level, 5)

    assert level_medians(Period("calendar", YEAR))["mover"]["partners"] == 5
    assert level_medians(Period("calendar", YEAR + 1)) == {}
