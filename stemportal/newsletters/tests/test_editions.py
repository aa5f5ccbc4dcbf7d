from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, ActivityImage
from stemportal.network.models import Meeting, Story, StoryPhoto
from stemportal.newsletters.models import Link
from stemportal.newsletters.rendering import MARKS, edition, editions, fill, marks
from stemportal.newsletters.tests.blocks import block
from stemportal.newsletters.tests.people import newsletter
from stemportal.testing.factories import ActivityFactory

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The links, pictures and styles of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.styles: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "a":
            self.links.append(str(facts["href"]))
        if tag == "img":
            self.pictures.append(facts)
        self.styles.setdefault(tag, facts.get("style"))


@pytest.fixture
def issue(settings):
    settings.PORTAL_BASE_URL = "https://portal.example.no"
    return newsletter(subject_nb='Roboter, «blåbær» & "sitater"', slug="roboter", preheader_nb="Kom i mars")


@pytest.fixture
def offer():
    return ActivityFactory(title="Se <robotene>", status=Activity.Status.PUBLISHED)


def story(**facts):
    defaults = {
        "title": "Slik gikk besøket",
        "lead": "9B fikk prøve selv.",
        "slug": "slik-gikk-besoket",
        "status": Story.Status.PUBLISHED,
        "published_at": timezone.now(),
    }
    return Story.objects.create(**defaults | facts)


def meeting(**facts):
    start = timezone.now() + timedelta(days=10)
    defaults = {
        "title_nb": "Nettverksmøte",
        "title_en": "Network meeting",
        "status": Meeting.Status.PUBLISHED,
        "starts_at": start,
        "ends_at": start + timedelta(hours=3),
        "place": "Rådhuset",
    }
    return Meeting.objects.create(**defaults | facts)


def test_styles_stand_in_the_elements_and_rules_for_dark_mode_stay(issue):
    block(issue, "heading", title_nb="Datoer")
    html = edition(issue, "nb").html

    page = Page(html)
    assert "margin" in str(page.styles["p"])
    assert "font-size: 22px" in str(page.styles["h2"])
    assert html.count("<style") == 1
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html
    assert "<script" not in html


def test_every_link_and_picture_names_the_portal(issue, offer):
    block(issue, "button", title_nb="Meld deg på", url="https://example.org/?a=1&b=2")
    block(issue, "activity", activity=offer)
    block(issue, "image", title_nb="En robot", file="newsletters/a.png", width=1200, height=600)

    page = Page(fill(edition(issue, "nb").html, dict.fromkeys(MARKS, "https://portal.example.no/x")))

    assert all(link.startswith("https://") for link in page.links)
    assert "https://portal.example.no/activities/" in page.links
    assert "https://example.org/?a=1&b=2" in page.links
    assert [picture["src"] for picture in page.pictures] == ["https://portal.example.no/newsletter/picture/a.png"]
    assert page.pictures[0]["alt"] == "En robot"
    assert (page.pictures[0]["width"], page.pictures[0]["height"]) == ("536", "268")


def test_words_of_others_are_escaped_in_html_and_plain_in_text(issue, offer):
    block(issue, "activity", activity=offer)
    found = edition(issue, "nb")

    assert "Se &lt;robotene&gt;" in found.html
    assert "Se &lt;robotene&gt;" in found.web_html
    assert "Se <robotene>" in found.text
    assert found.text.startswith('Roboter, «blåbær» & "sitater"\n')


def test_plain_text_says_the_same(issue, offer):
    block(issue, "heading", title_nb="Datoer")
    block(issue, "button", title_nb="Meld deg på", url="https://example.org/on")
    block(issue, "activity", activity=offer, text_nb="Vi anbefaler *særlig*:")
    block(issue, "image", title_nb="En robot", file="newsletters/a.png", width=10, height=10, url="https://example.org")

    text = edition(issue, "nb").text

    assert "Kom og se. Alle tilbud (https://portal.example.no/activities/)" in text
    assert "\n\nDATOER\n\nMeld deg på:\nhttps://example.org/on\n\nVi anbefaler særlig:\n\n* " in text
    assert f"https://portal.example.no/activities/{offer.pk}-" in text
    assert "En robot]\nhttps://example.org\n" in text
    assert "\n\n\n" not in text
    assert "<" not in text.replace("Se <robotene>", "")


def test_each_receivers_own_words_are_marks_in_both_parts_and_not_on_the_web(issue):
    found = edition(issue, "nb")

    for mark in MARKS:
        assert found.html.count(mark) == 1
        assert found.text.count(mark) == 1
        assert mark not in found.web_html
    own = fill(found.html, {marks.UNSUBSCRIBE: "https://a/u", marks.PREFERENCES: "https://a/p", marks.SINCE: "1. mai"})
    assert 'href="https://a/u"' in own
    assert "1. mai" in own


def test_mail_names_its_language_its_first_line_and_its_page_on_the_web(issue):
    found = edition(issue, "nb")

    assert '<html lang="nb"' in found.html
    assert "Kom i mars" in found.html
    assert "https://portal.example.no/newsletter/archive/roboter/" in found.text

    issue.is_public = False
    assert "/archive/" not in edition(issue, "nb").text


def test_editions_are_the_written_languages_each_with_its_own_words(issue, offer):
    issue.subject_en = "Robots"
    issue.save()
    issue.blocks.update(text_en="Come and **see**.")
    block(issue, "event", meeting=meeting())
    block(issue, "activity", activity=offer)

    found = editions(issue)

    assert [(row.language, row.subject) for row in found] == [("nb", issue.subject_nb), ("en", "Robots")]
    assert "Network meeting" in found[1].text
    assert "See the offer" in found[1].html
    assert "Come and <strong>see</strong>." in found[1].web_html


@pytest.mark.parametrize("hide", ["archived", "partner", "deleted"])
def test_card_of_an_offer_that_is_not_shown_is_left_out(issue, offer, hide):
    block(issue, "activity", activity=offer, text_nb="Vi anbefaler:")
    if hide == "archived":
        Activity.objects.update(status=Activity.Status.ARCHIVED)
    elif hide == "partner":
        type(offer.partner).objects.update(status="paused")
    else:
        issue.blocks.update(activity=None)

    assert "Vi anbefaler" not in edition(issue, "nb").html


@pytest.mark.parametrize(
    "facts",
    [{"status": Meeting.Status.CANCELLED}, {"is_public": False}, {"starts_at": timezone.now() - timedelta(days=3)}],
    ids=["cancelled", "closed", "over"],
)
def test_card_of_a_meeting_that_is_not_for_everybody_is_left_out(issue, facts):
    if "starts_at" in facts:
        facts = facts | {"ends_at": facts["starts_at"] + timedelta(hours=1)}
    block(issue, "event", meeting=meeting(**facts))

    assert "Nettverksmøte" not in edition(issue, "nb").text


def test_card_of_a_story_in_another_language_says_so(issue):
    block(issue, "story", story=story(language="en", title="How it went"))
    taken_down = block(issue, "story", story=story(slug="b", title="Tatt ned", status=Story.Status.WITHDRAWN))

    found = edition(issue, "nb")

    assert re.search(r'<div lang="en">\s*<h3', found.html)
    assert taken_down.story.title not in found.html


def test_cards_show_the_first_picture_with_its_description(issue, offer):
    for order, alt in ((2, "Den andre"), (1, "En robotarm")):
        ActivityImage.objects.create(
            activity=offer, file=f"offers/{order}.webp", alt_text=alt, order=order, width=800, height=400
        )
    news = story()
    StoryPhoto.objects.create(
        story=news, file="stories/a.webp", alt_text="Elever", consent_text="Ja", width=400, height=300
    )
    block(issue, "activity", activity=offer)
    block(issue, "story", story=news)

    pictures = Page(edition(issue, "nb").html).pictures

    assert [picture["alt"] for picture in pictures] == ["En robotarm", "Elever"]
    assert [picture["width"] for picture in pictures] == ["536", "400"]
    assert all(re.fullmatch(r"https://portal\.example\.no/newsletter/card/\d+\.jpg", str(p["src"])) for p in pictures)


def test_links_lead_over_the_portal_only_where_clicks_are_counted(issue, settings):
    block(issue, "button", title_nb="Meld deg på", url="https://example.org/?a=1&b=2")
    assert "https://example.org/?a=1&amp;b=2" in editions(issue)[0].html
    assert not Link.objects.exists()

    settings.NEWSLETTER_COUNT_CLICKS = True
    found = editions(issue)[0]

    assert "https://example.org" not in found.html
    assert found.html.count("https://portal.example.no/newsletter/link/") == 2
    assert set(Link.objects.values_list("url", flat=True)) == {
        "https://example.org/?a=1&b=2",
        "https://portal.example.no/activities/",
    }
    assert "https://example.org/?a=1&b=2" in found.text
    assert "https://example.org/?a=1&amp;b=2" in found.web_html
    assert editions(issue)[0].html == found.html, "freezing it once more makes no other links"


@pytest.mark.parametrize("cards", [1, 3])
def test_rendering_asks_as_much_for_three_cards_as_for_one(issue, cards, django_assert_num_queries):
    for number in range(cards):
        block(issue, "activity", activity=ActivityFactory(status=Activity.Status.PUBLISHED))
        block(issue, "story", story=story(slug=f"s{number}"))
        block(issue, "event", meeting=meeting())

    with django_assert_num_queries(3):
        edition(issue, "nb")
