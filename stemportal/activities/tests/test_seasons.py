"""Months as people say them."""

import pytest
from django.utils import translation

from stemportal.activities.seasons import season_label


@pytest.mark.parametrize(
    ("months", "label"),
    [
        ([], ""),
        (range(1, 13), ""),
        ([9, 10, 11], "September–November"),
        ([11, 12, 1, 2], "November–February"),
        ([3], "March"),
        ([1, 9, 10], "January, September–October"),
        ([12, 1], "December–January"),
        ([5, 3], "March, May"),
        ([0, 13, 4], "April"),
    ],
)
def test_season_is_said_in_ranges(months, label):
    with translation.override("en"):
        assert season_label(months) == label


def test_season_in_norwegian():
    with translation.override("nb"):
        assert season_label([9, 10]).lower() == "september–oktober"
