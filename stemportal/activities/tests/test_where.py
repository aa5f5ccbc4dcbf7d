"""Where an offer takes place, as cards, pages and the editor say it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.activities.models import Activity
from stemportal.testing.factories import ActivityFactory, KindFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("formats", "label", "facts", "comes"),
    [
        (["at_school", "hybrid"], "Comes to your school, or digital", "At the school or digital", True),
        (["on_site", "at_school", "hybrid"], "Alta or digital", "On site or digital", False),
        ([], "Alta or digital", "On site or digital", False),
    ],
)
def test_hybrid_offer_of_who_travels_is_at_the_school(alta, formats, label, facts, comes):
    offer = ActivityFactory(kind=KindFactory(code="x", formats=formats), format="hybrid", municipality=alta)
    assert (offer.where_label, offer.format_label, offer.comes_to_school) == (label, facts, comes)


def test_who_comes_to_the_school_is_not_so_many_kilometres_away(client, alta, search_index):
    kind = KindFactory(code="x", formats=["at_school", "hybrid"])
    offer = ActivityFactory(kind=kind, format="hybrid", municipality=alta, title="Møt en robotingeniør")
    search_index.follow([offer.pk])
    page = client.get(reverse("activities:search"), {"place": "Alta"}).content.decode()
    assert "Comes to your school, or digital" in page
    assert "km away" not in page


def test_editor_says_it_as_the_page_does(member, partner):
    kind = KindFactory(code="x", formats=["at_school", "hybrid"])
    offer = ActivityFactory(partner=partner, kind=kind, status=Activity.Status.DRAFT)
    page = member.get(reverse("activities:edit", args=[offer.pk])).content.decode()
    assert "At the school or digital" in page
    assert "On site or digital" not in page
