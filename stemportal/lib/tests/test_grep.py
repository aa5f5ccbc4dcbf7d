"""Shapes in which Grep writes texts, references, grades and days."""

from __future__ import annotations

from datetime import date

import pytest

from stemportal.lib import grep

NOB = {"spraak": "nob", "verdi": "utforske  tall "}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"tekst": [NOB, {"spraak": "sme", "verdi": "x"}]}, {"nb": "utforske tall"}),
        ([NOB, {"spraak": "default", "verdi": "utforske"}], {"nb": "utforske tall", "default": "utforske"}),
        ("7.trinn ", {"default": "7.trinn"}),
        ({"tekst": None}, {}),
        ([None, "x", {"spraak": "nob"}, {"spraak": "nob", "verdi": 7}, {"spraak": "eng", "verdi": " \x00 "}], {}),
        (None, {}),
        (7, {}),
    ],
)
def test_texts_in_every_shape(value, found):
    assert grep.texts(value) == found


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ([{"kode": "KM1"}, {"referanse": {"kode": "KM2"}}, {"kode": "KM1"}], ["KM1", "KM2"]),
        ({"kode": "MAT01-06"}, ["MAT01-06"]),
        ("http://psi.udir.no/kl06/KM7", ["KM7"]),
        ([{"kode": "../x"}, {"kode": None}, {"referanse": None}, None, 7], []),
        (None, []),
    ],
)
def test_references_in_every_shape(value, codes):
    assert grep.codes({"erstattes-av": value}, "erstattes-av") == codes


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ([{"kode": "aarstrinn8"}, {"kode": "aarstrinn10"}], 10),
        ([{"referanse": {"kode": "vg1"}}], 11),
        ({"kode": "Vg3"}, 13),
        ([{"kode": "voksenopplaering"}], None),
        (None, None),
    ],
)
def test_last_grade(value, grade):
    assert grep.last_grade({"etter-aarstrinn": value}) == grade


def test_the_last_day_in_force_is_not_the_first_day_out_of_it():
    period = {"gyldig-fra": {"overskrift": [NOB], "dato": "2020-08-01T00:00:00"}, "gyldig-til": "2026-07-31"}
    days = (date(2020, 8, 1), date(2026, 8, 1))
    assert grep.validity({"gyldighetsperiode": period}) == days
    assert grep.validity({"gyldighet": period}) == days
    assert grep.validity(period) == days
    assert grep.validity({"gyldighet": {"gyldig-fra": "soon", "gyldig-til": 7}}) == (None, None)
    assert grep.validity({"gyldighet": "x"}) == (None, None)


@pytest.mark.parametrize(
    ("status", "over"),
    [
        ("https://data.udir.no/kl06/v201906/status/status_publisert", False),
        ("https://data.udir.no/kl06/v201906/status/status_utgatt", True),
        ("http://psi.udir.no/ontologi/status/utgaatt", True),
        ("https://utgang.example.no/status_publisert", False),
        (None, False),
    ],
)
def test_what_is_over(status, over):
    assert grep.is_over({"status": status}) == over
