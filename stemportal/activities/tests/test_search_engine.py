"""What the engine counts and orders for maps, feeds and filters, and which words of an offer it knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from stemportal.activities.finding.filters import ActivityFilter, Choices
from stemportal.activities.finding.results import search_activities
from stemportal.activities.models import Activity, RoleModel
from stemportal.activities.search import schema
from stemportal.activities.search.criteria import Criteria, Near
from stemportal.activities.search.engine import Found, run_search
from stemportal.activities.search_index import refresh_search
from stemportal.activities.tests.conftest import session_in
from stemportal.activities.tests.test_search import titles
from stemportal.testing.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db


def find(*, count: tuple[str, ...] = (), **asked) -> Found:
    return run_search(Criteria(**asked), count=count, now=timezone.now())


def names(**asked) -> list[str]:
    ids = find(**asked).ids
    found = dict(Activity.objects.values_list("pk", "title"))
    return [found[pk] for pk in ids]


def role_model(activity: Activity, name: str, **facts) -> RoleModel:
    person = RoleModel.objects.create(
        partner=activity.partner,
        full_name=name,
        email="person@example.no",
        job_title="Glasiolog",
        consented_at=timezone.now(),
        **{"status": RoleModel.Status.PUBLISHED, **facts},
    )
    activity.role_models.add(person)
    refresh_search([activity.pk])
    return person


# --- Filters and counts


def test_all_chosen_access_features_must_hold_and_are_counted_so(offer):
    offer("Heis", access_features=["step_free"])
    offer("Heis og slynge", access_features=["step_free", "hearing"])
    offer("Heis, slynge og ro", access_features=["step_free", "hearing", "quiet"], kind="workshop")
    offer("Ingenting")
    lift, loop, quiet = (schema.ACCESS[code] for code in ("step_free", "hearing", "quiet"))
    assert set(names(facets={"access": [lift, loop]})) == {"Heis og slynge", "Heis, slynge og ro"}
    assert names(facets={"access": [loop, quiet, lift]}) == ["Heis, slynge og ro"]
    nothing = find(count=("access",))
    assert nothing.numbers["access", lift] == 3
    # Each number is what is left when this is ticked too.
    chosen = find(count=("access", "kind"), facets={"access": [loop]})
    assert {key: number for (facet, key), number in chosen.numbers.items() if facet == "access"} == {
        lift: 2,
        loop: 2,
        quiet: 1,
    }
    workshop = Activity.objects.get(title="Heis, slynge og ro").kind_id
    assert chosen.numbers["kind", workshop] == 1
    assert find(count=("access",), facets={"access": [loop], "kind": [workshop]}).numbers["access", quiet] == 1


def test_access_features_count_as_telling_of_accessibility(offer):
    offer("Punkt for punkt", access_features=["toilet"])
    offer("Tier")
    assert titles("accessible=on") == ["Punkt for punkt"]


def test_map_counts_offers_with_a_place_by_municipality_under_all_filters(offer, oslo, alta):
    offer("Oslo 1", municipality=oslo)
    offer("Oslo 2", municipality=oslo, kind="workshop")
    offer("Begge", municipality=alta, format="hybrid")
    offer("Nett", municipality=alta, format="digital")
    offer("Uten sted", municipality=None)

    def counted(query: str) -> dict[int, int]:
        filters = ActivityFilter(QueryDict(query), choices=Choices.load())
        return search_activities(filters, by_municipality=True).by_municipality

    assert counted("") == {oslo.pk: 2, alta.pk: 1}
    assert counted("kind=workshop") == {oslo.pk: 1}
    # A choice of places narrows the map, too.
    assert counted(f"county={alta.county.number}") == {alta.pk: 1}
    assert search_activities(ActivityFilter(QueryDict(""), choices=Choices.load())).by_municipality == {}


def test_newest_orders_by_the_time_of_publishing(offer):
    now = timezone.now()
    for title, minutes in (("Eldst", 60), ("Nyest", 1), ("Midt", 30)):
        offer(title, published_at=now - timedelta(minutes=minutes), enquiries_count=60 - minutes)
    assert names(sort="newest") == ["Nyest", "Midt", "Eldst"]
    assert names(sort="newest", text="nyest") == ["Nyest"]


def test_offer_that_comes_to_schools_serves_the_counties_it_names(offer, oslo, alta):
    home = offer("Bare hjemme", format="at_school", reach="county", municipality=oslo)
    away = offer("Til Finnmark", format="at_school", reach="county", municipality=oslo)
    away.serves.set([alta.county])
    local = offer("Bare nær", format="at_school", reach="local", municipality=oslo)
    local.serves.set([alta.county])
    refresh_search([home.pk, away.pk, local.pk])
    assert names(near=Near(10, county_id=alta.county_id)) == ["Til Finnmark"]
    vardoe = MunicipalityFactory(number="5607", name="Vardø", county=alta.county, latitude=70.37, longitude=31.1)
    assert titles(f"place={vardoe.name}&radius=10") == ["Til Finnmark"]


def test_offer_that_comes_and_is_at_home_nowhere_is_no_trouble(offer, alta):
    offer("Hjemløs", format="at_school", reach="county", municipality=None)
    assert names(near=Near(10, county_id=alta.county_id)) == []


def test_offer_on_request_answers_only_periods_in_its_season(offer):
    offer("Vår", policy="on_request", season_months=[4, 5])
    offer("Hele året", policy="on_request")
    # Dates of its own are an offer's answer, whatever its season says.
    session_in(offer("Datoer", policy="confirm", season_months=[4]), 5)
    year = timezone.localdate().year + 1

    def between(first: date, last: date | None) -> set[str]:
        return set(names(first_day=first, last_day=last)) - {"Datoer"}

    assert between(date(year, 5, 31), date(year, 6, 4)) == {"Vår", "Hele året"}
    assert between(date(year, 6, 1), date(year, 6, 7)) == {"Hele året"}
    assert between(date(year, 11, 1), date(year + 1, 4, 1)) == {"Vår", "Hele året"}
    assert between(date(year, 11, 1), date(year + 1, 3, 31)) == {"Hele året"}
    assert between(date(year, 6, 1), None) == {"Vår", "Hele året"}
    assert between(date(year, 6, 1), date(year + 9, 6, 1)) == {"Vår", "Hele året"}
    soon = timezone.localdate() + timedelta(days=5)
    assert "Datoer" in names(first_day=soon, last_day=soon)


# --- Words


def test_names_of_published_role_models_find_their_offers(offer):
    activity = offer("På isen")
    role_model(activity, "Sunniva Breheim")
    role_model(activity, "Kladd Ingensen", status=RoleModel.Status.DRAFT)
    own = offer("Møt en glasiolog", policy="on_request")
    person = role_model(offer("Besøk"), "Ola Fonn")
    person.offer = own
    person.save()
    refresh_search([own.pk])
    assert titles("q=sunniva+breheim") == ["På isen"]
    assert titles("q=ingensen") == []
    assert set(titles("q=fonn")) == {"Møt en glasiolog", "Besøk"}
    assert "På isen" in titles("q=glasiolog")


def test_withdrawn_role_model_is_forgotten_also_when_nobody_tells_the_search(offer, search_index):
    from stemportal.activities import tasks

    person = role_model(offer("På isen"), "Sunniva Breheim")
    assert titles("q=breheim") == ["På isen"]
    person.status = RoleModel.Status.HIDDEN
    person.save()
    search_index.flush()
    tasks.sweep_search()
    assert titles("q=breheim") == []


@pytest.mark.parametrize(
    "field", ["programme", "bring", "safety", "getting_there", "transcript", "accessibility", "practical"]
)
def test_every_text_finds_an_offer_but_says_less_than_its_title(offer, field):
    offer("Noe annet", **{field: "Her trengs en kjeledress."})
    offer("Prøv en kjeledress")
    assert titles("q=kjeledress") == ["Prøv en kjeledress", "Noe annet"]


def test_words_that_are_being_written_are_not_found(offer):
    from stemportal.activities.models import PendingEdit

    activity = offer("Bygg en drone")
    PendingEdit.objects.create(activity=activity, data={"title": "Hemmelig ubåt", "summary": "ubåt"})
    refresh_search([activity.pk])
    assert titles("q=ubåt") == []


def test_transcript_of_the_longest_kind_is_indexed(offer):
    words = " ".join(f"ord{number}" for number in range(9_000))[:59_980] + " sluttord"
    offer("Film", transcript=words)
    assert titles("q=sluttord") == ["Film"]
