"""What one may ask of the search beside words and place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import CurriculumPlan, Goal
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.activities.tests.conftest import session_in
from stemportal.activities.tests.test_search import counts, search, titles
from stemportal.testing.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def test_municipality_narrows_and_is_counted_once_a_county_is_chosen(offer, oslo, alta):
    hammerfest = MunicipalityFactory(
        number="5603", name="Hammerfest", county=alta.county, latitude=70.66, longitude=23.68
    )
    offer("Oslo", municipality=oslo)
    offer("Alta", municipality=alta)
    offer("Hammerfest", municipality=hammerfest)
    county = alta.county.number
    assert "municipality" not in search("").facets
    assert counts(f"county={county}", "municipality") == {alta.number: 1, "5603": 1}
    assert titles(f"county={county}&municipality=5603") == ["Hammerfest"]
    assert set(titles(f"municipality=5603&municipality={oslo.number}&municipality=9999")) == {"Hammerfest", "Oslo"}


def test_goal_narrows_by_its_code(offer):
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    goal = Goal.objects.create(plan=plan, code="KM9001", text_nb="beskrive kvantefysikk")
    activity = offer("Med mål")
    activity.goals.add(goal)
    refresh_search([activity.pk])
    offer("Uten mål")
    assert titles("goal=KM9001") == ["Med mål"]
    assert titles("goal=km9001&goal=KM0000") == ["Med mål"]
    assert set(titles("goal=KM0000&goal=';--")) == {"Med mål", "Uten mål"}
    # Its words are found as well.
    assert titles("q=kvantefysikk") == ["Med mål"]


def test_accessible_and_new_offers(offer):
    offer("Forteller", accessibility="Rampe og heis.")
    offer("Tier", accessibility="  ")
    old = offer("Gammelt")
    old.published_at = timezone.now() - timedelta(days=31)
    old.save(update_fields=["published_at"])
    refresh_search([old.pk])
    assert titles("accessible=on") == ["Forteller"]
    assert set(titles("new=on")) == {"Forteller", "Tier"}


def test_group_size_asks_for_a_session_that_takes_so_many(offer):
    session_in(offer("Klasser", group_max=30), 5)
    session_in(offer("Små grupper", group_max=12), 5)
    shadow = offer("Skygge", kind="job_shadow")
    session_in(shadow, 5, capacity=4, places_taken=1)
    full = offer("Fullt", group_max=30)
    session_in(full, 5, capacity=1, places_taken=1)
    offer("På forespørsel", policy="on_request", group_max=25)
    offer("Film", kind="film")
    for activity in (shadow, full):
        refresh_availability([activity.pk])
    refresh_availability()
    assert set(titles("pupils=26")) == {"Film", "Klasser"}
    assert set(titles("pupils=12")) == {"Film", "Klasser", "Små grupper", "På forespørsel"}
    assert set(titles("pupils=3&free=on")) == {"Klasser", "Små grupper", "Skygge"}
    assert set(titles("pupils=4&free=on")) == {"Klasser", "Små grupper"}


def test_group_size_and_days_must_fit_in_one_session(offer):
    activity = offer("Skygge", kind="job_shadow")
    session_in(activity, 5, capacity=10)
    session_in(activity, 30, capacity=2)
    refresh_availability([activity.pk])
    early = f"date_from={in_days(1)}&date_to={in_days(10)}"
    late = f"date_from={in_days(20)}&date_to={in_days(40)}"
    assert titles(f"{early}&pupils=8") == ["Skygge"]
    assert titles(f"{late}&pupils=8") == []
    assert titles(f"{late}&pupils=2") == ["Skygge"]


@pytest.mark.parametrize("pupils", ["0", "-3", "501", "9" * 50, "abc", "1.5", ""])
def test_absurd_group_sizes_are_left_out(offer, pupils):
    offer("Besøk")
    assert titles(f"pupils={pupils}") == ["Besøk"]


def test_week_is_a_period(offer):
    offer("Snart", days=3)
    offer("Senere", days=24)
    year, week, _day = in_days(3).isocalendar()
    assert titles(f"week={year}-W{week:02}") == ["Snart"]
    assert titles(f"week={week}") == ["Snart"]
    assert search(f"week={week}").values["week"] == f"{year}-W{week:02}"


@pytest.mark.parametrize("week", ["0", "54", "2026-W60", "9999-W01", "0001-W01", "uke 3", "2026-W", "-1", "٤١x"])
def test_absurd_weeks_are_left_out(offer, week):
    offer("Besøk")
    assert titles(f"week={week}") == ["Besøk"]


def test_soonest_within_a_period_counts_the_sessions_of_that_period(offer):
    first = offer("Først nå, sist da", days=2)
    session_in(first, 29)
    second = offer("Sist nå, først da", days=4)
    session_in(second, 26)
    refresh_availability([first.pk, second.pk])
    assert titles("sort=soonest") == ["Først nå, sist da", "Sist nå, først da"]
    period = f"date_from={in_days(20)}&date_to={in_days(40)}"
    assert titles(f"sort=soonest&{period}") == ["Sist nå, først da", "Først nå, sist da"]


def test_period_of_ten_years_is_answered(offer):
    offer("Besøk", days=5)
    period = f"date_from={in_days(0)}&date_to={in_days(3000)}"
    assert titles(f"{period}&pupils=20&free=on&sort=soonest") == ["Besøk"]
    assert titles(f"date_from={in_days(3)}&date_to={in_days(3000)}&pupils=20&sort=soonest") == ["Besøk"]


def test_radius_is_kept_to_a_few_hundredths(offer, oslo):
    offer("Innenfor", municipality=oslo, latitude=oslo.latitude + 19 / 111.2, longitude=oslo.longitude)
    offer("Utenfor", municipality=oslo, latitude=oslo.latitude + 21 / 111.2, longitude=oslo.longitude)
    assert titles("place=oslo&radius=20") == ["Innenfor"]


def test_what_comes_to_the_county_is_found_in_all_of_it(offer, oslo, alta):
    offer("Fra Alta", format="at_school", reach="county", municipality=alta, kind="role_model_visit")
    remote = MunicipalityFactory(number="5607", name="Vardø", county=alta.county, latitude=70.37, longitude=31.1)
    assert titles(f"place={remote.name}&radius=10") == ["Fra Alta"]
    assert titles("place=oslo&radius=200") == []


def test_few_full_matches_are_followed_by_offers_with_some_of_the_words(offer):
    offer("Drone over kjøkkenet")
    offer("Bygg en drone")
    offer("Robot")
    result = search("q=drone+kjøkken")
    assert [activity.title for activity in result.page.object_list] == ["Drone over kjøkkenet", "Bygg en drone"]
    assert result.matched == "more"
    # A tick in a facet does not change what the words mean.
    assert search("q=drone+kjøkken&kind=company_visit").matched == "more"


def test_either_of_two_words_will_do_and_both_come_first(offer):
    offer("Skipet")
    offer("Båten")
    offer("Båter om bord i skip")
    result = search("q=skip+og+båt")
    assert [activity.title for activity in result.page.object_list][0] == "Båter om bord i skip"
    assert (result.total, result.matched) == (3, "either")


def test_compound_finds_its_parts_and_parts_find_the_compound(offer):
    offer("Robotverksted")
    offer("Et verksted med robot")
    offer("Vi bygger båt")
    assert set(titles("q=robotverksted")) == {"Robotverksted", "Et verksted med robot"}
    assert set(titles("q=robot+verksted")) == {"Robotverksted", "Et verksted med robot"}


def test_synonyms_are_found_after_the_word_itself(offer):
    offer("Lær programmering")
    offer("Koding for alle")
    assert titles("q=koding") == ["Koding for alle", "Lær programmering"]
    assert titles("q=programmering") == ["Lær programmering", "Koding for alle"]


def test_words_of_the_place_and_the_partner_are_found(offer, alta):
    offer("Besøk oss", municipality=alta, place="Amtmannsnes 3")
    for query in ("alta", "finnmark", "amtmannsnes", "nordlys"):
        assert titles(f"q={query}") == ["Besøk oss"], query


def test_northern_sami_and_english_words_do_no_harm(offer):
    offer("Čáhci ja dálki", languages=["se"])
    offer("Wind turbines", languages=["en"])
    assert titles("q=čáhci") == ["Čáhci ja dálki"]
    assert titles("q=cahci") == ["Čáhci ja dálki"]
    assert titles("q=wind+turbine") == ["Wind turbines"]


def test_pages_of_many_equals_hold_each_offer_once(offer):
    for number in range(60):
        offer(f"Tilbud {number}")
    shown = [title for page in (1, 2, 3) for title in titles(f"q=tilbud&page={page}")]
    assert len(shown) == 60
    assert len(set(shown)) == 60
