"""The partner's table of offers."""

import pytest

from stemportal.activities.tests.conftest import at, session_in

pytestmark = pytest.mark.django_db


def test_table_shows_state_views_places_and_next_session(member, partner, offer):
    activity = offer("Bygg en drone", partner=partner, views_count=148)
    session_in(activity, 4, capacity=3, places_taken=1)
    session_in(activity, 9, capacity=5)
    offer("Kladd", partner=partner, status="draft")
    html = member.get(at("listings", partner.pk)).content.decode()
    for text in ("2 offers", "Bygg en drone", "Published", "Draft", "148", ">7<"):
        assert text in html, text


def test_other_partners_offers_are_not_listed(member, partner, offer):
    offer("Andres")
    assert "Andres" not in member.get(at("listings", partner.pk)).content.decode()


def test_empty_room_says_how_to_start(member, reader, partner):
    html = member.get(at("listings", partner.pk)).content.decode()
    assert "You have no offers yet" in html
    assert at("create", partner.pk) in html
    assert at("create", partner.pk) not in reader.get(at("listings", partner.pk)).content.decode()


def test_long_lists_have_pages(member, partner, offer):
    for number in range(26):
        offer(f"Tilbud {number}", partner=partner)
    html = member.get(at("listings", partner.pk) + "?page=2").content.decode()
    assert "26 offers" in html
    assert html.count("Edit Tilbud") == 1
    assert member.get(at("listings", partner.pk) + "?page=999999").status_code == 200


def test_listings_ask_the_same_number_of_queries_for_one_and_three(
    member, partner, offer, django_assert_max_num_queries, django_assert_num_queries
):
    offer("Tilbud 1", partner=partner, days=3)
    with django_assert_max_num_queries(10) as first:
        member.get(at("listings", partner.pk))
    for number in (2, 3):
        offer(f"Tilbud {number}", partner=partner, days=number)
    with django_assert_num_queries(len(first)):
        member.get(at("listings", partner.pk))
