from __future__ import annotations

from datetime import timedelta

import feedparser
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.newsletters.models import Edition, Newsletter
from stemportal.newsletters.rendering import editions
from stemportal.newsletters.tests.people import newsletter

pytestmark = pytest.mark.django_db


def sent(slug, *, days_ago=1, **facts):
    """Return a newsletter that went out, with its editions."""
    issue = newsletter(slug=slug, status=Newsletter.Status.SENT, **facts)
    Newsletter.objects.filter(pk=issue.pk).update(started_at=timezone.now() - timedelta(days=days_ago))
    if issue.subject_en:
        issue.blocks.update(text_en="Come and **see**.")
    for facts in editions(issue):
        Edition.objects.create(newsletter=issue, **vars(facts))
    return issue


def page(client, name, *args, language="en"):
    with translation.override(language):
        url = reverse(f"newsletters:{name}", args=args)
    return client.get(url)


def test_archive_lists_what_went_out_newest_first_in_the_readers_language(client):
    sent("gammel", days_ago=9, subject_nb="Gammelt brev")
    sent("ny", subject_nb="Nytt brev", subject_en="New letter")
    newsletter(slug="utkast", subject_nb="Et utkast")
    sent("lukket", subject_nb="Lukket brev", is_public=False)

    html = page(client, "archive").content.decode()

    assert html.index("New letter") < html.index("Gammelt brev")
    assert '<h2 class="ds-heading" data-size="xs" lang="nb">' in html
    assert "2 newsletters" in html
    assert "Et utkast" not in html
    assert "Lukket brev" not in html


def test_empty_archive_offers_to_subscribe(client):
    html = page(client, "archive").content.decode()

    assert "No newsletter has gone out yet" in html
    assert f'href="{reverse("newsletters:subscribe")}"' in html


def test_issue_shows_what_went_out_and_nobodys_own_links(client):
    issue = sent("ny", subject_nb="Nytt brev", subject_en="New letter")
    issue.blocks.update(text_nb="Endret etterpå.", text_en="Changed afterwards.")

    english, nynorsk = page(client, "issue", "ny"), page(client, "issue", "ny", language="nn")

    assert "Come and <strong>see</strong>." in english.content.decode()
    assert "Kom og <strong>se</strong>." in nynorsk.content.decode()
    assert '<h1 lang="nb">Nytt brev</h1>' in nynorsk.content.decode()
    assert "QzMark" not in english.content.decode()
    assert "style=" not in english.content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    "facts",
    [{"status": Newsletter.Status.DRAFT}, {"status": Newsletter.Status.SCHEDULED}, {"is_public": False}],
    ids=["draft", "scheduled", "closed"],
)
def test_issue_that_is_not_for_everybody_is_not_found(client, facts):
    issue = sent("ny")
    Newsletter.objects.filter(pk=issue.pk).update(scheduled_at=timezone.now(), **facts)

    assert page(client, "issue", "ny").status_code == 404


def test_feed_has_the_whole_text_in_its_language(client):
    sent("gammel", days_ago=9, subject_nb="Gammelt brev")
    sent("ny", subject_nb="Nytt & «brev»", subject_en="New & «letter»")

    response = page(client, "feed")
    found = feedparser.parse(response.content)

    assert response["Content-Type"].startswith("application/atom+xml")
    assert not found.bozo
    assert found.version == "atom10"
    assert [entry.title for entry in found.entries] == ["New & «letter»", "Gammelt brev"]
    assert found.entries[0].link.endswith("/en/newsletter/archive/ny/")
    assert "Come and <strong>see</strong>." in found.entries[0].summary
    bokmaal = feedparser.parse(page(client, "feed", language="nb").content)
    assert bokmaal.feed.language == "nb"
    assert bokmaal.entries[0].id != found.entries[0].id


def test_issue_that_is_taken_out_of_the_archive_leaves_the_feed_at_once(client):
    issue = sent("ny")
    assert b"/archive/ny/" in page(client, "feed").content

    Newsletter.objects.filter(pk=issue.pk).update(is_public=False)

    assert b"/archive/ny/" not in page(client, "feed").content


@pytest.mark.parametrize("rows", [1, 3])
def test_archive_asks_as_much_for_three_as_for_one(client, rows, django_assert_num_queries):
    for number in range(rows):
        sent(f"brev-{number}")

    with django_assert_num_queries(3):
        page(client, "archive")
