"""The search page as a visitor meets it."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stemportal.activities.models import CurriculumPlan, Goal, Subject
from stemportal.activities.tests.conftest import at

pytestmark = pytest.mark.django_db


def page(query: str = "", **headers) -> str:
    response = Client().get(at("search") + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_page_shows_offers_counts_and_what_was_chosen(offer):
    offer("Bygg en drone", kind="workshop", days=5)
    html = page("?q=drone&kind=workshop&grade=9")
    assert "1 offer about “drone” for 9th grade" in html
    assert "Bygg en drone" in html
    assert "Remove the filter Workshop" in html
    assert "Room for 2 groups" in html


def test_htmx_gets_only_the_part_that_changes_and_a_short_address(offer):
    offer("Bygg en drone")
    response = Client().get(at("search") + "?q=drone&place=&radius=60&sort=best&grade=", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert 'id="found"' in html
    assert 'id="facet-kind"' in html
    assert response["HX-Push-Url"] == at("search") + "?q=drone"
    assert "HX-Request" in response["Vary"]


def test_htmx_history_gets_the_whole_page(offer):
    html = page("", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in html


def test_unknown_place_is_told_and_the_whole_country_shown(offer):
    offer("Bygg en drone")
    html = page("?place=Langtvekkistan")
    assert "We do not know the place “Langtvekkistan”" in html
    assert "Bygg en drone" in html


def test_nothing_found_says_what_to_do(offer, alta):
    html = page("?q=xyzzy&place=alta")
    assert "No offers fit all of this" in html
    assert "See all offers" in html


def test_script_in_the_query_is_text(offer):
    html = page("?q=<script>alert(1)</script>&place=<img src=x onerror=alert(1)>")
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html


def test_long_query_is_answered(offer):
    assert "No offers" in page("?q=" + "qwertyuiop" * 500)


def test_wrong_date_is_told_at_its_field(offer):
    html = page("?date_from=2030-05-02&date_to=2030-05-01")
    assert "This date is before the first one." in html
    assert 'aria-describedby="search-date_to-error"' in html


def test_page_in_every_language_names_kinds_in_it(offer):
    offer("Bygg en drone", kind="workshop")
    for prefix, name in (("", "Verksted"), ("/nn", "Verkstad"), ("/en", "Workshop")):
        assert name in Client().get(f"{prefix}/activities/").content.decode()


def test_post_is_not_a_search():
    assert Client().post(at("search")).status_code == 405


def test_filtered_searches_are_not_for_search_engines(offer):
    assert "noindex" not in page()
    assert "noindex" in page("?q=drone")


# Filters on the page


def test_every_field_of_the_search_stands_on_the_page(offer, alta):
    offer(municipality=alta, access_features=["step_free"])
    html = page(f"?county={alta.county.number}")
    for name in ("week", "municipality", "pupils", "accessible", "new", "access", "language", "grade", "date_from"):
        assert f'name="{name}"' in html, name


def test_access_features_are_counted_and_all_chosen_must_hold(offer):
    offer("Heis", access_features=["step_free"])
    offer("Heis og ro", access_features=["step_free", "quiet"])
    html = page("?access=step_free")
    assert re.search(r'id="access-quiet"[^>]*>\s*<label[^>]*>A quiet room[^<]*<span[^>]*>\(1\)', html)
    assert re.search(r'id="access-step_free"[^>]* checked', html)
    both = page("?access=step_free&access=quiet&access=nonsense")
    assert "Heis og ro" in both
    assert "1 offer" in both
    assert "Remove the filter A quiet room to withdraw to" in both


def test_goals_of_the_chosen_subjects_can_be_picked(offer, kinds):
    subject = Subject.objects.get(code="TEK")
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag", subject=subject)
    goal = Goal.objects.create(plan=plan, code="KM9001", text_nb="beskrive", text_en="describe energy")
    Goal.objects.create(plan=plan, code="KM9000", text_nb="gammelt", valid_to=date(2020, 8, 1))
    offer("Med mål").goals.add(goal)
    assert "KM9001" not in page()
    html = page("?subject=TEK")
    assert "KM9001: describe energy" in html
    assert "KM9000" not in html
    chosen = page("?goal=km9001")
    assert "Remove the filter KM9001: describe energy" in chosen


def test_chips_say_and_undo_everything_that_was_chosen(offer, alta):
    offer(municipality=alta)
    year, week, _day = (timezone.localdate() + timedelta(days=7)).isocalendar()
    chosen = f"week={year}-W{week:02}&pupils=26&accessible=on&new=on&free=on&municipality={alta.number}"
    html = page(f"?{chosen}")
    for label in (
        f"Week {week}",
        "Room for 26 pupils",
        "Tells about accessibility",
        "New in the last 30 days",
        "Only with free places",
        "Alta",
    ):
        assert f"Remove the filter {label}" in html
    assert f"in week {week}" in html
    without_pupils = chosen.replace("&pupils=26", "").replace("&", "&amp;")
    assert f'href="?{without_pupils}" aria-label="Remove the filter Room for 26 pupils"' in html


def test_weeks_that_can_be_picked_begin_with_this_one(offer):
    year, week, _day = timezone.localdate().isocalendar()
    html = page()
    options = re.findall(r'<option value="(\d{4}-W\d\d)"', html)
    assert options[0] == f"{year}-W{week:02}"
    assert len(options) == 44
    assert options == sorted(options)


def test_week_from_an_old_link_stays_chosen(offer):
    year = timezone.localdate().year - 2
    assert f'<option value="{year}-W10" selected>' in page(f"?week={year}-W10")
    assert f"{year}-W10" not in page()


def test_municipality_is_swapped_in_when_a_county_is_chosen(offer, alta):
    offer(municipality=alta)
    assert re.search(r'<fieldset[^>]*id="facet-municipality"[^>]*hidden', page())
    part = page(f"?county={alta.county.number}", **{"HX-Request": "true"})
    assert re.search(r'id="facet-municipality" hx-swap-oob="true"(?![^>]*hidden)', part)
    assert 'id="municipality-5601"' in part


def test_newest_offers_come_first_when_asked(offer):
    offer("Eldst", published_at=timezone.now() - timedelta(days=9))
    offer("Nyest")
    html = page("?sort=newest")
    assert html.index("Nyest") < html.index("Eldst")
