"""School years and working days."""

from datetime import date

import pytest

from stemportal.lib.school_year import add_working_days, bounds, label, school_year_of


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 7, 31), 2025), (date(2026, 8, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_school_year_begins_in_august(day, year):
    assert school_year_of(day) == year


def test_bounds_meet_without_a_gap():
    assert bounds(2025)[1] == bounds(2026)[0]
    assert label(2025) == "2025/26"


def test_working_days_skip_weekends_and_public_holidays():
    # Maundy Thursday, Good Friday and Easter Monday 2027 are 25, 26 and 29 March.
    assert add_working_days(date(2027, 3, 24), 1) == date(2027, 3, 30)
    assert add_working_days(date(2026, 11, 20), 5) == date(2026, 11, 27)
