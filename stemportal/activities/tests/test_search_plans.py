"""What PostgreSQL still does for a search is done by indexes, also where the tables are large."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stemportal.activities.search.documents import documents_of, published_ids
from stemportal.activities.search.writer import changed_since
from stemportal.activities.tests.test_search import search

pytestmark = pytest.mark.django_db
LARGE = ("activities_activity", "activities_session", "activities_activity_subjects", "activities_activity_goals")


def sequential_scans(call):
    """Return large tables that a statement of the call would read from end to end, although it would rather not."""
    with CaptureQueriesContext(connection) as captured:
        call()
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            if query["sql"].lstrip().startswith("SELECT"):
                cursor.execute("EXPLAIN " + query["sql"])
                plan = "\n".join(row[0] for row in cursor.fetchall())
                found += [(table, query["sql"]) for table in LARGE if f"Seq Scan on {table}" in plan]
    return found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=tilbud&kind=company_visit&subject=TEK&grade=9&place=alta&radius=60",
        "q=tilbud&free=on&date_from=2030-01-01&sort=soonest",
        "goal=KM1&county=56&pupils=20&sort=nearest&place=alta",
    ],
)
def test_common_searches_read_no_large_table_from_end_to_end(offer, alta, query):
    for number in range(3):
        offer(f"Tilbud {number}", municipality=alta, days=4 + number)
    assert sequential_scans(lambda: search(query)) == []


def test_search_asks_for_its_rows_by_their_keys(offer, alta):
    offer("Tilbud", municipality=alta, days=4)
    with CaptureQueriesContext(connection) as captured:
        search("q=tilbud")
    rows = [query["sql"] for query in captured.captured_queries if "activities_activity" in query["sql"]]
    assert len(rows) == 1
    assert "a.id = ANY(" in rows[0]


def test_batches_for_the_index_read_by_keys(offer):
    ids = [offer(f"Tilbud {number}", days=5).pk for number in range(3)]
    assert sequential_scans(lambda: list(documents_of(ids))) == []
    assert sequential_scans(lambda: list(published_ids(batch=2))) == []


def test_batches_of_the_index_cost_the_same_number_of_queries(offer, django_assert_num_queries):
    ids = [offer(f"Tilbud {number}", days=5).pk for number in range(3)]
    with django_assert_num_queries(5):
        list(documents_of(ids[:1]))
    with django_assert_num_queries(5):
        list(documents_of(ids))


def test_changes_are_found_in_two_queries(offer, django_assert_num_queries):
    activity = offer("Tilbud")
    with django_assert_num_queries(2):
        assert changed_since(activity.updated_at) == [activity.pk]
