"""What is taken out of figures before anybody outside the school sees them. No database."""

from __future__ import annotations

from typing import Any

import pytest

from stemportal.lib.periods import Period
from stemportal.reports.figures.counting import nothing
from stemportal.reports.figures.figures import HIDDEN, SHOWN, Figures
from stemportal.reports.figures.protection import hidden_in_tables, protect, tenths, whole

PERIOD = Period("school", 2024)
NAMES = {"nb": "Leksehjelp", "nn": "Leksehjelp", "en": "Homework help", "unit": "pupils"}


def figures(**counted: Any) -> Figures:
    return protect(PERIOD, {**nothing(), **counted})


def test_girls_are_hidden_where_the_pupils_that_nobody_told_of_would_follow():
    told = {"visits": 2, "girls_visits": 1, "girls": 10, "girls_of_pupils": 20}

    assert figures(**told, pupils=23).girls_state == HIDDEN
    assert (figures(**told, pupils=23).girls, figures(**told, pupils=23).girls_share) == (None, None)
    assert (figures(**told, pupils=25).girls_state, figures(**told, pupils=25).girls) == (SHOWN, 10)


def test_places_of_pupils_are_hidden_like_pupils():
    row = {"unit": "pupils", "offered": 30, "booked": 3, "used": 0}

    assert figures(places={"pupils": row}).places == [{**row, "booked": None, "used": None}]
    assert figures(places={"groups": {**row, "unit": "groups"}}).places[0]["booked"] == 3


def test_pledge_of_places_hides_few_pupils():
    line = {**NAMES, "key": 1, "order": 1, "pledged": 20, "delivered": 3, "pledge_unit": "places"}

    assert figures(pledges=[line]).pledges[0]["delivered"] is None
    assert figures(pledges=[{**line, "pledge_unit": "visits"}]).pledges[0]["delivered"] == 3


def test_used_places_do_not_tell_of_a_kind_that_is_hidden():
    kinds = [
        {**NAMES, "key": 1, "visits": 1, "pupils": 3, "places": 3},
        {**NAMES, "key": 2, "nb": "Besøk", "unit": "groups", "visits": 4, "pupils": 90, "places": 4},
    ]
    counted = {
        **nothing(),
        **{"visits": 5, "pupils": 93, "kinds": kinds},
        "places": {"pupils": {"unit": "pupils", "offered": 9, "booked": 9, "used": 3}},
    }

    shown = protect(PERIOD, counted, hidden_in_tables(counted))

    assert [row["pupils"] for row in shown.kinds] == [None, None]
    assert shown.places[0]["used"] is None


def test_own_word_hides_few_pupils_and_few_girls():
    own = {"own_visits": 1, "own_pupils": 20, "own_girls": 9, "own_girls_of_pupils": 20}

    assert figures(**own).own_girls == 9
    assert figures(**{**own, "own_girls": 3}).own_girls is None
    assert figures(**{**own, "own_girls": 17}).own_girls is None
    assert figures(own_visits=1, own_pupils=4).own_pupils is None


def test_mean_of_few_answers_is_not_told():
    assert figures(ratings=4, rating_points=20).rating is None
    assert figures(ratings=5, rating_points=21).rating == 4.2


@pytest.mark.parametrize(("number", "divisor", "expected"), [(1, 20, 0.1), (9, 20, 0.5), (0, 7, 0), (5400, 3600, 1.5)])
def test_tenths_round_a_half_up(number, divisor, expected):
    assert tenths(number, divisor) == expected


def test_whole_numbers_round_a_half_up():
    assert [whole(1, 2), whole(3, 2), whole(5, 2), whole(4, 3)] == [1, 2, 3, 1]
