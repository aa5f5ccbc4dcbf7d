"""What PostgreSQL still does for a search is done by indexes, also where the tables are large."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stemportal.activities.queries.offers import (
    coming_sessions,
    listings_of,
    offers_of_partner,
    offers_with_free_places,
    similar_offers,
)
from stemportal.activities.search.documents import documents_of, published_ids
from stemportal.activities.search.writer import changed_since
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.test_search import search

pytestmark = pytest.mark.django_db
# Tables with a row or more for each offer.
LARGE = (
    "activities_activity",
    "activities_session",
    "activities_activity_subjects",
    "activities_activity_goals",
    "activities_activity_serves",
    "activities_activity_role_models",
    "activities_favourite",
)


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
        "sort=newest&access=step_free",
        "week=30&municipality=5601&new=on&accessible=on",
        "view=map&place=alta",
    ],
)
def test_common_searches_read_no_large_table_from_end_to_end(offer, alta, query):
    for number in range(3):
        offer(f"Tilbud {number}", municipality=alta, days=4 + number)
    assert sequential_scans(lambda: search(query)) == []


PAGES = ("search", "map", "nothing", "detail", "listings", "partner", "front", "feed_rss", "feed_ics", "api")


@pytest.mark.parametrize("page", PAGES)
def test_pages_read_no_large_table_from_end_to_end(offer, alta, partner, member, page):
    shown = [offer(f"Tilbud {number}", municipality=alta, days=4 + number, partner=partner) for number in range(3)]
    paths = {
        "search": f"{at('search')}?q=tilbud&place=alta&kind=company_visit",
        "map": f"{at('search')}?q=tilbud&view=map",
        "nothing": f"{at('search')}?q=xyzzy&place=alta&grade=9",
        "detail": shown[0].get_absolute_url(),
        "listings": at("listings", partner.pk),
        "partner": partner.get_absolute_url(),
        "front": "/en/",
        "feed_rss": at("feed_rss"),
        "feed_ics": f"{at('feed_ics')}?place=alta",
        "api": "/api/v1/activities?q=tilbud",
    }
    client = member if page == "listings" else Client()

    def look() -> None:
        assert client.get(paths[page]).status_code == 200

    assert sequential_scans(look) == []


def test_lists_of_offers_read_no_large_table_from_end_to_end(offer, alta, partner):
    activity = offer("Tilbud", municipality=alta, days=4, partner=partner)
    offer("Lignende tilbud", municipality=alta, days=5)
    assert sequential_scans(lambda: similar_offers(activity, subjects=activity.subjects.all(), goals=[])) == []
    assert sequential_scans(lambda: list(listings_of(partner.pk))) == []
    assert sequential_scans(lambda: offers_of_partner(partner.pk)) == []
    assert sequential_scans(lambda: coming_sessions(activity)) == []
    assert sequential_scans(offers_with_free_places) == []


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
    with django_assert_num_queries(8):
        list(documents_of(ids[:1]))
    with django_assert_num_queries(8):
        list(documents_of(ids))


def test_changes_are_found_in_four_queries(offer, django_assert_num_queries):
    activity = offer("Tilbud")
    with django_assert_num_queries(4):
        assert changed_since(activity.updated_at) == [activity.pk]
