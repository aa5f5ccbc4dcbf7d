"""Cards are drawn once and remembered; what they show is true all the same, for everybody and at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation

from stemportal.activities.models import Activity, Favourite, Session
from stemportal.activities.tests.conftest import at, client_of, session_in
from stemportal.partners.models import Partner
from stemportal.testing.factories import UserFactory

pytestmark = pytest.mark.django_db


def cards(query: str = "", client: Client | None = None, path: str = "") -> str:
    response = (client or Client()).get(f"{path or at('search')}?{query}")
    assert response.status_code == 200
    html = response.content.decode()
    html = html[html.index("<article") : html.rindex("</article>")]
    return " ".join(re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).split())


def test_changed_facts_show_at_once(offer, alta):
    activity = offer("Bygg en drone", municipality=alta)
    session = session_in(activity, 9, capacity=3)
    assert "Room for 3 groups" in cards()
    Session.objects.filter(pk=session.pk).update(places_taken=2)
    assert "Room for 1 group" in cards()
    for field, value in (("title", "Bygg en båt"), ("summary", "En dag på kaia."), ("grade_to", 8)):
        # Also what changes without anybody being told.
        Activity.objects.filter(pk=activity.pk).update(**{field: value})
    Partner.objects.filter(pk=activity.partner_id).update(display_name="Båtbyggeriet")
    shown = cards()
    assert "Bygg en båt" in shown
    assert "En dag på kaia." in shown
    assert "8th grade" in shown
    assert "Båtbyggeriet" in shown
    assert "drone" not in shown


def test_same_card_in_two_languages(offer):
    offer("Bygg en drone", days=5)
    paths = []
    for language in ("en", "nb"):
        with translation.override(language):
            paths.append(at("search"))
    english, norwegian = (cards(path=path) for path in paths)
    assert "Next free date" in english
    assert "Next free date" not in norwegian
    assert cards(path=paths[0]) == english


def test_distance_is_that_of_the_place_that_was_asked_for(offer, oslo, alta):
    offer("Bygg en drone", municipality=oslo, latitude=oslo.latitude + 0.2, longitude=oslo.longitude)
    assert "22 km away" in cards("place=oslo&radius=100")
    assert "km away" not in cards()
    near = f"place={alta.name}"
    assert "22 km away" in cards("place=oslo&radius=60")
    assert "<article" not in Client().get(f"{at('search')}?{near}").content.decode()


def test_date_is_told_with_its_year_once_another_year_has_begun(offer):
    year = timezone.localdate().year
    with time_machine.travel(timezone.now().replace(month=12, day=20), tick=False) as clock:
        offer("Bygg en drone", days=40)
        assert f"{year + 1}. " in cards()
        clock.shift(timedelta(days=15))
        assert f"{year + 1}. " not in cards()


def test_what_is_kept_is_each_persons_own_and_the_way_back_is_each_pages(offer):
    activity = offer("Bygg en drone")
    one, other = UserFactory(), UserFactory()
    Favourite.objects.create(user=one, activity=activity)
    assert 'aria-pressed="true"' in cards(client=client_of(one))
    assert 'aria-pressed="false"' in cards(client=client_of(other))
    anonymous = cards("q=drone")
    assert "aria-pressed" not in anonymous
    assert "q%3Ddrone" in anonymous
    assert "q%3Ddrone" not in cards("q=bygg")


def test_words_of_an_offer_are_escaped_in_what_is_remembered(offer):
    offer("<b>Drone</b> & båt", summary="<script>alert(1)</script>")
    for _ in range(2):
        shown = cards("q=drone")
        assert "&lt;b&gt;Drone&lt;/b&gt; &amp; båt" in shown
        assert "<script>alert" not in shown
        assert "<b>Drone" not in shown
