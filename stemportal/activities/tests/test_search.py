"""Finding offers: words, places, filters, counts and order."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from stemportal.activities.finding.filters import ActivityFilter, Choices
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.finding.results import SearchResult, search_activities
from stemportal.activities.finding.sentences import result_sentence
from stemportal.activities.search_index import refresh_availability
from stemportal.activities.tests.conftest import session_in
from stemportal.partners.models import Partner
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db


def search(query: str = "") -> SearchResult:
    data = QueryDict(query)
    filters = ActivityFilter(data, choices=Choices.load())
    return search_activities(filters, near=resolve_place(filters.values["place"]), page=data.get("page"))


def titles(query: str = "") -> list[str]:
    return [activity.title for activity in search(query).page.object_list]


def counts(query: str, facet: str) -> dict[str, int]:
    return {option.value: option.count for option in search(query).facets[facet]}


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("robot", "Robotverksted for nybegynnere"),
        ("roboter", "Robotverksted for nybegynnere"),
        ("ROBOTVERKSTED", "Robotverksted for nybegynnere"),
        ("bølge", "Bølgekraft på Ålesund kai"),
        ("ålesund", "Bølgekraft på Ålesund kai"),
        ("bølgekraft kai", "Bølgekraft på Ålesund kai"),
    ],
)
def test_words_find_beginnings_inflections_and_norwegian_letters(offer, query, title):
    offer("Robotverksted for nybegynnere")
    offer("Bølgekraft på Ålesund kai")
    assert titles(f"q={query}") == [title]


def test_words_find_partner_kind_subject_and_long_texts(offer):
    offer("Tittel", partner=PartnerFactory(display_name="Muohta Data"), subjects=["KJE"], description="Vi måler snø.")
    for word in ("muohta", "bedriftsbesøk", "kjemi", "chemistry", "snø"):
        assert titles(f"q={word}") == ["Tittel"], word


def test_title_counts_more_than_long_text(offer):
    offer("Noe annet", description="Her er det en drone i hjørnet.")
    offer("Bygg en drone")
    assert titles("q=drone") == ["Bygg en drone", "Noe annet"]


def test_words_that_never_meet_find_offers_with_some_of_them(offer):
    offer("Bygg en drone")
    result = search("q=drone+kjøkken")
    assert (result.matched, result.total) == ("some", 1)


def test_typing_error_finds_titles_that_look_alike(offer):
    offer("Programmering med robot")
    result = search("q=progamering")
    assert (result.matched, result.total) == ("alike", 1)


def test_drafts_and_offers_of_unapproved_partners_are_never_found(offer):
    offer("Kladd", status="draft")
    offer("Venter", partner=PartnerFactory(status=Partner.Status.APPLIED))
    offer("Ute")
    assert titles() == ["Ute"]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE activities_activity; --",
        "robot & | ! ( ) <-> :* \\",
        "robot' OR '1'='1",
        "%s %(x)s {0} %%",
        ".*(a+)+$[[:alpha:]]",
        '"robot',
        "🤖",
        "👩‍👩‍👧 æøå ½ x² ١٢",
        "\x00robot",
        "og i på",
        "a" * 5000,
        "robot " * 1000,
        "-" * 5000,
        "<script>alert(1)</script>",
    ],
)
def test_any_text_is_answered(offer, text):
    offer("Robotverksted")
    data = QueryDict(mutable=True)
    data["q"], data["place"] = text, text
    assert search(data.urlencode()).total in {0, 1}


def test_text_without_words_finds_nothing(offer):
    offer("Robotverksted")
    assert search("q=🤖").total == 0


@pytest.mark.parametrize(
    "query",
    [
        "page=999999",
        "page=-1",
        "page=abc",
        "page=" + "9" * 5000,
        "radius=-5",
        "radius=1e9",
        "grade=99",
        "grade=x",
        "kind=nope",
        "kind=company_visit&kind=company_visit&kind=nope",
        "subject=%00",
        "format=hybrid",
        "county=zz",
        "sort=backwards",
        "sort=nearest",
        "date_from=yesterday",
        "date_from=0001-01-01",
        "date_to=9999-12-31",
        "language=xx",
        "free=maybe",
        "unknown=1",
    ],
)
def test_absurd_values_are_left_out(offer, query):
    offer("Robotverksted", days=5)
    assert titles(query) == ["Robotverksted"]


def test_known_values_count_beside_unknown_ones(offer):
    offer("Besøk")
    offer("Verksted", kind="workshop")
    assert titles("kind=workshop&kind=nope") == ["Verksted"]


def test_last_page_is_shown_for_a_page_beyond_it(offer):
    for number in range(26):
        offer(f"Tilbud {number}")
    result = search("page=999999")
    assert (result.page.number, len(result.page.object_list), result.total) == (2, 2, 26)


def test_filters_narrow(offer):
    offer("Ung", grade_from=8, grade_to=9, languages=["nb"])
    offer("Eldre", grade_from=11, grade_to=13, languages=["en"], kind="workshop", subjects=["MAT", "FYS"])
    assert titles("grade=9") == ["Ung"]
    assert titles("language=en") == ["Eldre"]
    assert titles("kind=workshop") == ["Eldre"]
    assert titles("subject=MAT&subject=KJE") == ["Eldre"]
    assert set(titles("kind=workshop&kind=company_visit")) == {"Ung", "Eldre"}


def test_dates_and_free_places(offer):
    offer("Snart", days=5)
    offer("Senere", days=40)
    full = offer("Fullt")
    session_in(full, 6, capacity=1, places_taken=1)
    offer("Foreslå", policy="on_request")
    today = timezone.localdate()
    soon = f"date_from={today}&date_to={today + timedelta(days=10)}"
    assert set(titles(soon)) == {"Snart", "Fullt", "Foreslå"}
    assert titles(f"{soon}&free=on") == ["Snart"]
    assert set(titles("free=on")) == {"Snart", "Senere"}


def test_end_before_start_is_told_and_left_out(offer):
    offer("Snart", days=5)
    filters = ActivityFilter(QueryDict("date_from=2030-05-02&date_to=2030-05-01"), choices=Choices.load())
    assert filters.values["date_to"] is None
    assert "date_to" in filters.form.errors


def test_hybrid_answers_both_on_site_and_digital(offer):
    offer("Begge", format="hybrid")
    offer("Nett", format="digital")
    assert titles("format=on_site") == ["Begge"]
    assert set(titles("format=digital")) == {"Begge", "Nett"}
    assert counts("", "format") == {"on_site": 1, "digital": 2}


def test_facets_are_true_under_the_other_filters(offer, oslo, alta):
    offer("A", subjects=["MAT"], municipality=oslo)
    offer("B", subjects=["MAT", "TEK"], kind="workshop", municipality=oslo)
    offer("C", subjects=["TEK"], kind="workshop", municipality=alta)
    assert counts("kind=workshop", "subject") == {"MAT": 1, "TEK": 2}
    # A facet's own choice does not narrow its own counts: they say what another tick would give.
    assert counts("kind=workshop", "kind") == {"company_visit": 1, "workshop": 2}
    assert counts("subject=MAT", "kind") == {"company_visit": 1, "workshop": 1}
    assert counts("kind=workshop&subject=MAT", "county") == {"03": 1}


def test_every_facet_count_is_what_choosing_it_gives(offer, oslo, alta):
    places, forms = [oslo, alta], ["on_site", "at_school", "digital", "hybrid"]
    codes = ["MAT", "TEK", "KJE"]
    for number in range(12):
        offer(
            f"Tilbud {number}",
            kind=["company_visit", "workshop", "competition"][number % 3],
            municipality=places[number % 2],
            format=forms[number % 4],
            subjects=[codes[number % 3], codes[(number + 1) % 3]],
            access_features=["step_free", "toilet", "quiet"][: number % 4],
        )
    base = "q=tilbud&grade=9"
    for facet, options in search(base).facets.items():
        assert options
        for option in options:
            assert search(f"{base}&{facet}={option.value}").total == option.count, (facet, option)


def test_nearby_offers_and_digital_ones_are_found_for_a_remote_place(offer, oslo, alta):
    offer("Oslo", municipality=oslo)
    offer("Alta", municipality=alta)
    offer("Nett", format="digital", municipality=oslo)
    offer("Kommer", format="at_school", reach="national", municipality=oslo, kind="role_model_visit")
    offer("Kommer ikke", format="at_school", reach="county", municipality=oslo, kind="role_model_visit")
    assert set(titles("place=alta&radius=20")) == {"Alta", "Nett", "Kommer"}
    assert search("place=alta").digital == 1


def test_county_as_place_finds_what_is_there_and_what_comes(offer, oslo, alta):
    offer("Oslo", municipality=oslo)
    offer("Alta", municipality=alta)
    offer("Nett", format="digital", municipality=None)
    assert set(titles("place=finnmark")) == {"Alta", "Nett"}


def test_nearest_orders_by_distance_and_digital_comes_last(offer, oslo):
    offer("Nett", format="digital", municipality=oslo, days=1)
    offer("Lengst", municipality=oslo, latitude=60.2, longitude=10.9)
    offer("Nærmest", municipality=oslo, latitude=59.92, longitude=10.76)
    result = search("place=oslo&sort=nearest")
    assert [activity.title for activity in result.page.object_list] == ["Nærmest", "Lengst", "Nett"]
    kilometres = [activity.km for activity in result.page.object_list]
    assert kilometres[0] == pytest.approx(1.2, abs=0.3)
    assert kilometres[2] is None


def test_soonest_orders_by_the_next_free_session(offer):
    offer("Uten")
    offer("Senere", days=20)
    offer("Først", days=3)
    assert titles("sort=soonest") == ["Først", "Senere", "Uten"]


def test_among_equals_free_places_and_few_bookings_come_first(offer):
    offer("Fullt", days=None)
    popular = offer("Populært")
    session_in(popular, 5, capacity=9, places_taken=8)
    session_in(offer("Ledig"), 30, capacity=9)
    refresh_availability()
    assert titles() == ["Ledig", "Populært", "Fullt"]


def test_card_shows_the_next_session_with_a_place_also_when_the_order_lags(offer):
    activity = offer("Besøk")
    session_in(activity, 5, capacity=1, places_taken=1)
    free = session_in(activity, 9, capacity=3, places_taken=1)
    (card,) = search().page.object_list
    assert (card.next_session_at, card.next_session_places) == (free.starts_at, 2)


def test_sentence_says_what_was_found(offer, alta):
    offer("Robot A", municipality=alta)
    offer("Robot B", format="digital", municipality=None)
    assert result_sentence(search("grade=9&place=Alta&radius=40")) == (
        "2 offers for 9th grade within 40 km of Alta, 1 of them digital"
    )
    assert result_sentence(search("q=robot&format=digital")) == "1 offer about “robot”"


@pytest.mark.parametrize("query", ["", "q=tilbud&kind=company_visit&place=alta&free=on&sort=soonest"])
def test_search_asks_one_query_for_one_and_three(offer, alta, django_assert_num_queries, query):
    """The index answers from its own files; the rows of the page come in one statement."""
    offer("Tilbud 1", municipality=alta, days=4)
    search(query)  # kinds, subjects, counties and places are remembered for a while
    with django_assert_num_queries(1):
        assert len(titles(query)) == 1
    offer("Tilbud 2", municipality=alta, days=5)
    offer("Tilbud 3", municipality=alta, days=6)
    with django_assert_num_queries(1):
        assert len(titles(query)) == 3
