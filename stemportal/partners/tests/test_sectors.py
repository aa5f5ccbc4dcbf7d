"""Sections of SN2007: every code in use has one, and codes of another classification have none."""

from __future__ import annotations

from collections import Counter

import pytest
from stdnum.eu import nace

from stemportal.partners.sectors import BY_CODE, BY_DIVISION, SECTIONS, section_of


@pytest.mark.parametrize(
    ("code", "section"),
    [("01.130", "A"), ("28.990", "C"), ("35.111", "D"), ("62.010", "J"), ("72.190", "M"), ("99.000", "U")],
)
def test_code_has_its_section(code, section):
    assert section_of(code).code == section


@pytest.mark.parametrize("code", ["", "0", "00.000", "04.000", "34.000", "83.110", "xx", "æø"])
def test_unknown_code_has_no_section(code):
    assert section_of(code) is None


def test_code_of_another_revision_has_no_section():
    """In NACE 2.1 division 61 is in section K, in NACE 2.0 it is in J: guessing would be wrong."""
    assert section_of("61.100", "SN2025") is None
    assert section_of("61.100", "SN2007").code == "J"


def test_sections_are_those_of_nace_2():
    """python-stdnum carries the table of NACE Rev. 2, which SN2007 follows down to four digits."""
    assert [section.code for section in SECTIONS] == list("ABCDEFGHIJKLMNOPQRSTU")
    numbers = [f"{number:02d}" for number in range(1, 100)]
    known = {n: nace.info(n, revision="2.0")["section"] for n in numbers if nace.is_valid(n, revision="2.0")}
    assert len(known) == 88
    assert {division: BY_DIVISION[division].code for division in known} == known


def test_no_division_is_in_two_sections_and_every_name_is_there():
    divisions = Counter(division for section in SECTIONS for division in section.divisions)
    assert set(divisions.values()) == {1}
    for section in BY_CODE.values():
        assert section.name_nb
        assert section.name_nn
        assert section.name_en
