"""What the National School Register's answers mean."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from stemportal.lib.nsr import Unit, read_page, read_unit
from stemportal.lib.tests.fake_nsr import sample, unit

NUMBER = "974552124"


def read(**facts) -> Unit:
    return read_unit(NUMBER, sample("enhet") | facts)


def test_real_answer_is_read():
    assert read() == Unit(
        number=NUMBER,
        name="Hosle skole",
        is_school=True,
        is_active=True,
        changed_at=datetime(2026, 9, 13, 1, 5, 43, 460000, tzinfo=UTC),
        municipality_number="3201",
        address="Bispeveien 73, 1362, HOSLE",
        postal_code="1362",
        language_form="nb",
        grades=(1, 7),
    )


def test_real_page_is_read():
    page = read_page(sample("enheter"))
    assert page.pages == 19
    assert [(row.number, row.is_school, row.is_active) for row in page.rows] == [(NUMBER, True, True)]


def test_rows_with_numbers_that_cannot_be_are_counted_and_left_out():
    page = read_page({"AntallSider": 1, "EnhetListe": [{"Organisasjonsnummer": text} for text in ("", "1/../2", None)]})
    assert (page.rows, page.unreadable) == ([], 3)


@pytest.mark.parametrize(
    ("facts", "grades"),
    [
        ({"SkoletrinnGSFra": 8, "SkoletrinnGSTil": 10}, (8, 10)),
        ({"SkoletrinnGSFra": "8", "SkoletrinnGSTil": "10"}, (8, 10)),
        ({"SkoletrinnGSFra": "", "SkoletrinnGSTil": ""}, None),
        ({"SkoletrinnGSFra": None, "SkoletrinnGSTil": 10}, None),
        ({"SkoletrinnGSFra": 10, "SkoletrinnGSTil": 8}, None),
        ({"SkoletrinnGSFra": None, "SkoletrinnVGSFra": 11, "SkoletrinnVGSTil": 13}, (11, 13)),
        ({"SkoletrinnGSFra": None, "SkoletrinnVGSFra": 1, "SkoletrinnVGSTil": 3}, (11, 13)),
        ({"SkoletrinnGSFra": 8, "SkoletrinnGSTil": 10, "SkoletrinnVGSFra": 11, "SkoletrinnVGSTil": 12}, (8, 12)),
    ],
)
def test_grades(facts, grades):
    assert read(**facts).grades == grades


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-08-01", date(2026, 8, 1)),
        ("2026-08-01T00:00:00", date(2026, 8, 1)),
        ("2026-07-31T22:00:00Z", date(2026, 8, 1)),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_day_of_closing_is_a_day_in_norway(text, day):
    assert read(UtgaattDato=text).closed_on == day


def test_missing_facts_are_empty():
    empty = dict.fromkeys(("Kommune", "Beliggenhetsadresse", "Koordinat", "Maalform", "Elevtall", "DatoEndret"), "")
    found = read(**empty)
    assert (found.municipality_number, found.address, found.point, found.language_form) == ("", "", None, "")
    assert (found.pupils, found.changed_at) == (None, None)
    assert read(Elevtall=0).pupils is None


def test_school_abroad_keeps_its_point():
    abroad = unit("U90099013", "Skolen", Koordinat={"Lengdegrad": -15.6, "Breddegrad": 27.8})
    assert read_unit("U90099013", abroad).point == (27.8, -15.6)
    assert read(Koordinat={"Lengdegrad": -15.6, "Breddegrad": 27.8}).point is None


def test_answer_about_another_unit_is_refused():
    with pytest.raises(ValueError, match="another number"):
        read(Organisasjonsnummer="974552125")
