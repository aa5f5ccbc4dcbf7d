"""Whatever stands in the address, the search answers, and the work it does for it is bounded."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.activities.finding.form import SearchForm
from stemportal.activities.search.units import units_of
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.test_search import search, titles

pytestmark = pytest.mark.django_db

# What means something to the index, to SQL, to a regular expression or to a template.
SIGNS = [
    *("title:", "anywhere:robot", "flag:bookable", "id:1", "*", "robot*", "[a TO b]", "{a TO b}", '"', '"robot arm"~3'),
    *(
        "NOT",
        "AND",
        "OR",
        "+robot",
        "-robot",
        "^2",
        "~1",
        "\\",
        "(",
        ")",
        "IN [1 2]",
        ">=5",
        "'; --",
        "%",
        "_",
        "\\x00",
    ),
    *(
        ".*",
        "(a+)+$",
        "[[:alpha:]]",
        "$1",
        "{{ 7|add:7 }}",
        "{% debug %}",
        "🤖",
        "čáhci",
        "đŋŧž",
        "ﬁ",
        "İ",
        "\u202e",
        "ß",
    ),
    *("\ud800", "a" * 5000, "ab " * 2000, "-" * 3000, "robot-" * 900),
]
FIELDS = [*SearchForm.base_fields, "page", "utm_source"]
VALUES = ["", "0", "-1", "999999", "1e9", "NaN", "٣", "on", "true", "company_visit", "nope", "TEK", "56", "2026-02-30"]

texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SIGNS), min_size=1, max_size=4).map(" ".join))
values = st.one_of(texts, st.sampled_from(VALUES), st.integers().map(str), st.dates().map(str))
pairs = st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=12)


@pytest.fixture
def offers(offer, alta):
    offer("Robotverksted i Alta", municipality=alta, days=5, access_features=["step_free"])
    offer("Spør oss", policy="on_request", season_months=[9])


def query_of(found: list[tuple[str, str]]) -> str:
    return urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in found])


@given(found=pairs)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address_is_answered(offers, found):
    result = search(query_of(found))
    assert 0 <= result.total <= 2
    assert len(result.page.object_list) <= result.total
    assert result.page.number >= 1


def test_signs_of_query_languages_mean_nothing(offers):
    for sign in SIGNS:
        assert search(query_of([("q", sign)])).total <= 2, sign
        assert titles(query_of([("q", f"robotverksted {sign}")]))[:1] in ([], ["Robotverksted i Alta"]), sign


def test_field_names_of_the_index_are_words_like_others(offer):
    offer("Tittel og flagg", description="bookable")
    offer("Robot")
    assert titles("q=flag:request") == []
    assert titles("q=bookable") == ["Tittel og flagg"]
    assert set(titles(query_of([("q", "*")]))) == set()


def test_value_that_is_given_hundreds_of_times_counts_once(offers):
    many = "&".join(["kind=company_visit", "county=56", "access=step_free", "language=nb", "goal=KM1"] * 300)
    assert titles(many) == ["Robotverksted i Alta"]
    assert len(search(many).facets["kind"]) == 1


@pytest.mark.parametrize("length", [300, 5_000, 100_000])
def test_long_texts_cost_no_more_than_their_first_words(length):
    words = " ".join(f"robotverkstedet{number}" for number in range(length))[:length]
    assert len(units_of(words)) <= 10
    assert all(len(unit.text) <= 40 for unit in units_of("a" * length))


@pytest.mark.parametrize(
    "query",
    ["q=" + "a" * 5000, "q=" + "ab+" * 1500, "page=999999&radius=-5&place=alta&grade=99"],
    ids=["long word", "many words", "absurd filters"],
)
def test_page_with_absurd_address_is_shown(offers, query):
    response = Client().get(f"{at('search')}?{query}")
    assert response.status_code == 200


def test_misspelt_words_are_compared_with_a_bounded_number_of_terms(offer):
    for number in range(3):
        offer("Tilbud", description=" ".join(f"ro{number}x{word}" for word in range(900)))
    began = time.process_time()
    search("q=robbott+rbootarm+roobtverksted+robbbotikk+robotlub")
    assert time.process_time() - began < 2
