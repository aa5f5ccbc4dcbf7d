"""Whatever stands in the address of the search, it answers, in bounded work."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stemportal.activities.finding.form import SearchForm
from stemportal.activities.finding.sentences import understood
from stemportal.activities.tests.conftest import at

pytestmark = pytest.mark.django_db

FIELDS = [*SearchForm().fields, "page", "unknown"]
NASTY = [
    "",
    "\x00",
    "a\x00b",
    "-1",
    "0",
    "999999",
    "9" * 5_000,
    "1e9",
    "NaN",
    "' OR 1=1; DROP TABLE activities_activity; --",
    "(.*)+$",
    "*:*",
    "title:robot AND NOT (x",
    '"',
    "\\",
    "a" * 5_000,
    "robot " * 800,
    "æøåčšŧ\u202e🚀",
    "٤١",
    "2026-W99",
    "0001-01-01",
    "9999-12-31",
    "on",
    "step_free",
    "map",
    "Alta",
    "03",
    "KM1",
    "<script>alert(1)</script>",
]
values = st.one_of(st.sampled_from(NASTY), st.text(max_size=60))
pairs = st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=12)
usual = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@usual
@given(query=pairs)
@example(query=[("page", "999999"), ("radius", "-5"), ("q", "a" * 5_000)])
@example(query=[("place", "Alta\x00"), ("view", "map"), ("municipality", "5601"), ("municipality", "5601")])
@example(query=[(name, "\x00") for name in FIELDS])
def test_search_page_answers_every_address(offer_once, query):
    response = Client().get(at("search") + "?" + urlencode(query))
    assert response.status_code == 200
    assert "<script>alert(1)" not in response.text


@pytest.fixture
def offer_once(offer, alta):
    """Something to find."""
    offer("Robot", municipality=alta, days=9)


@usual
@given(query=pairs)
def test_what_is_kept_of_a_search_means_the_same_and_is_bounded(offer_once, query):
    kept, name = understood(QueryDict(urlencode(query)))
    assert understood(QueryDict(kept)) == (kept, name)
    assert len(name) <= 120
    assert len(kept) < 20_000
    assert "%00" not in kept


@pytest.mark.parametrize("name", ["search", "ask", "search_save"])
def test_raw_bytes_and_many_parameters_do_no_harm(offer_once, name, admin_client):
    for raw in ("q=%FF%FE&place=%C3%28", "q[]=1&q=2&&&=&%", "&".join(f"kind=k{number}" for number in range(1_500))):
        assert admin_client.get(f"{at(name)}?{raw}").status_code == 200
    too_many = "&".join(f"a{number}=1" for number in range(2_500))
    assert admin_client.get(f"{at(name)}?{too_many}").status_code == 400
