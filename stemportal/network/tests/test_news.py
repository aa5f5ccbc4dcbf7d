"""News and stories as everybody reads them: the list, the feed, the front page, search engines, and retention."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from stemportal.network.models import Story
from stemportal.network.services.stories import forget_unpublished
from stemportal.testing.factories import PartnerFactory, SchoolFactory
from stemportal.testing.network_factories import EcosystemFactory, StoryFactory, StoryPhotoFactory

pytestmark = pytest.mark.django_db

Status = Story.Status


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No answer of another test."""
    cache.clear()


def earlier(**ago) -> dict[str, datetime]:
    return {"published_at": timezone.now() - timedelta(**ago)}


def text_of(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    return response.text


def test_list_shows_what_is_published_the_newest_first():
    old = StoryFactory(title="Gammel", **earlier(days=9))
    new = StoryFactory(title="Ny", **earlier(days=1))
    for status in ("draft", "submitted", "returned", "declined", "withdrawn"):
        StoryFactory(title=f"Ikke ute {status}", status=status)

    text = text_of("/en/news/")

    assert text.index(new.title) < text.index(old.title)
    assert "Ikke ute" not in text
    assert "2 articles" in text


def test_list_is_by_kind_partner_and_ecosystem():
    partner, nord = PartnerFactory(slug="nordlys"), EcosystemFactory(slug="nord")
    StoryFactory(title="Fra partneren", partner=partner)
    StoryFactory(title="Fra regionen", partner=None, ecosystem=nord, kind="news")
    for query, shown in (
        ("?kind=news", "Fra regionen"),
        ("?partner=nordlys", "Fra partneren"),
        ("?ecosystem=nord", "Fra regionen"),
    ):
        text = text_of(f"/en/news/{query}")
        assert shown in text
        assert "1 article<" in text
    assert "Nothing here yet" in text_of("/en/news/?kind=news&partner=nordlys"), "both count"
    assert "2 articles" in text_of("/en/news/?kind=nonsense&partner=nobody%00&page=99")


def test_story_is_read_in_its_own_language():
    story = StoryFactory(language="nn", title="Korleis det gjekk")
    assert '<article class="p-stack" data-gap="lg" lang="nn">' in text_of(story.get_absolute_url())


def test_story_tells_search_engines_what_it_is():
    school = SchoolFactory(name="Alta ungdomsskole")
    story = StoryFactory(title='Om "fisk" </script>', school=school)
    StoryPhotoFactory(story=story)

    text = text_of(story.get_absolute_url())

    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text).group(1))
    assert (data["@type"], data["headline"]) == ("Article", 'Om "fisk" </script>')
    assert data["author"] == {"@type": "Organization", "name": "Alta ungdomsskole"}
    assert data["image"][0].endswith("-40x30.png")
    assert 'property="og:image"' in text


def test_markdown_of_a_story_runs_nothing():
    story = StoryFactory(text="Hei <script>alert(1)</script> [ond](javascript:alert(1))")
    text = text_of(story.get_absolute_url())
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_feed_is_read_by_a_feed_reader_and_forgets_what_is_taken_down():
    story = StoryFactory(title="Æøå & «fisk»", byline="Kari Ågård")

    feed = feedparser.parse(Client().get("/en/news/feed.atom").content)

    assert not feed.bozo
    assert [(entry.title, entry.author) for entry in feed.entries] == [("Æøå & «fisk»", "Kari Ågård")]
    assert feed.entries[0].link.endswith(story.get_absolute_url())
    Story.objects.update(status=Status.WITHDRAWN)
    assert feedparser.parse(Client().get("/en/news/feed.atom").content).entries == [], "although it was kept"


def test_front_page_shows_the_newest_story_in_ones_language():
    StoryFactory(title="Eldre på norsk", language="nb", **earlier(days=5))
    StoryFactory(title="Nyest på norsk", language="nb", **earlier(days=2))
    StoryFactory(title="In English", language="en", **earlier(days=9))
    StoryFactory(title="Ikke på forsiden", language="nb", on_front_page=False)
    StoryFactory(title="Ikke på forsiden: nytt", language="nb", kind="news")
    for path, shown in (("/", "Nyest på norsk"), ("/nn/", "Nyest på norsk"), ("/en/", "In English")):
        with translation.override("nb"):
            text = text_of(path)
        assert shown in text
        assert sum(title in text for title in ("Eldre på norsk", "Nyest på norsk", "In English")) == 1
        assert "Ikke på forsiden" not in text


def test_story_stands_in_the_map_of_the_site():
    story = StoryFactory()
    StoryFactory(status="draft", slug=None, published_at=None, title="Utkast")
    assert f"{story.get_absolute_url().removeprefix('/en')}</loc>" in text_of("/sitemap-stories.xml")
    assert text_of("/sitemap-stories.xml").count("<loc>") == 3


def test_unpublished_stories_go_after_a_year(settings):
    settings.STORY_RETENTION_DAYS = 365
    begun = datetime(2026, 3, 1, 12, tzinfo=UTC)
    gone, kept = [], []
    for status in Story.AT_REST:
        gone.append(StoryFactory(status=status, slug=None, published_at=None, created_at=begun))
    kept.append(StoryFactory(status="submitted", slug=None, published_at=None, created_at=begun))
    kept.append(StoryFactory(published_at=begun, created_at=begun))
    later = begun + timedelta(days=200)
    kept.append(StoryFactory(status="returned", slug=None, published_at=None, created_at=begun, submitted_at=later))
    kept.append(StoryFactory(status="withdrawn", published_at=later, created_at=begun))

    with time_machine.travel(begun + timedelta(days=365), tick=False):
        assert forget_unpublished() == 0
    with time_machine.travel(begun + timedelta(days=365, minutes=1), tick=False):
        assert forget_unpublished() == len(gone)
        assert forget_unpublished() == 0

    assert set(Story.objects.all()) == set(kept)
