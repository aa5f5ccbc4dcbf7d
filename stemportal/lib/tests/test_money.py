"""Kroner as people write and read them."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from stemportal.lib.money import KronerField, kroner_words, ore_of


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("1250", 125_000),
        ("1 250", 125_000),
        ("1\u00a0250", 125_000),
        ("1.250", 125_000),
        ("1,250", 125_000),
        ("1 250,50", 125_050),
        ("1.250,5", 125_050),
        ("0,5", 50),
        ("kr 500", 50_000),
        ("500 kr", 50_000),
        ("500,-", 50_000),
        ("1 000 000 kroner", 100_000_000),
        ("-5", None),
        ("−5", None),
        ("1e9", None),
        ("12,345,6,7", None),
        ("١٢", None),
        ("mye", None),
        ("1250.505", None),
    ],
)
def test_amount_is_read_as_people_write_it(text, ore):
    assert ore_of(text) == ore


def test_amount_is_said_in_the_language_of_the_page():
    with translation.override("nb"):
        assert kroner_words(123_456_700).replace("\u00a0", " ") == "1 234 567 kr"
        assert kroner_words(1_250_50).replace("\u00a0", " ") == "1 250,50 kr"
    with translation.override("en"):
        assert kroner_words(1_250_50) == "1,250.50 kr"
        assert kroner_words(None) == ""


@given(st.integers(min_value=0, max_value=10**12))
def test_every_amount_that_is_shown_can_be_written_again(ore):
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            assert ore_of(kroner_words(ore)) == ore


class Form(forms.Form):
    ore = KronerField(most=10_000_000, required=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-100", "Write an amount in kroner"),
        ("0", "must be at least 1 kr"),
        ("0,99", "must be at least 1 kr"),
        ("100 001", "at most 100,000 kr"),
        ("999999999999999999", "Write an amount in kroner"),
    ],
)
def test_field_refuses_impossible_amounts_with_words(text, words):
    with translation.override("en"):
        form = Form({"ore": text})
        assert not form.is_valid()
        assert words in str(form.errors["ore"])


def test_field_shows_what_it_would_read():
    assert 'value="1250,50"' in str(Form(initial={"ore": 125_050})["ore"])
    assert Form({"ore": ""}).is_valid()
