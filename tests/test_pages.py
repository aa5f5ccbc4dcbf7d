"""What holds for every page: a language, a title, one heading, no inline code, no dead link; odd input is no fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from stemportal.activities.models import UnmetSearch
from stemportal.activities.search_index import refresh_availability
from stemportal.outbox.models import Mail
from stemportal.partners.models import Note
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    MembershipFactory,
    PartnerFactory,
    SessionFactory,
    StaffFactory,
    TeacherFactory,
)
from tests.permissions.people import World
from tests.permissions.table import ROWS, Row, allowed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner")]

LANGUAGES = {"nb": "", "nn": "/nn", "en": "/en"}
# Not pages: answers for programs, files, parts of pages.
NO_PAGES = {
    "healthz",
    "favicon.ico",
    "partners:challenge",
    "partners:logo",
    "partners:brand_file",
    "partners:data_download",
    "partners:declaration_pdf",
    "schools:school_suggest",
    "schools:agreement",
    "schools:booking_file",
    "schools:booking_ics",
    "schools:booking_pack",
    "schools:calendar_feed",
    # Sends on whoever has not just come from Feide; schools/tests/test_feide_accounts.py looks at it.
    "schools:feide_connect",
    "schools:grant_receipt",
    "network:document_file",
    "network:meeting_file",
    "network:meeting_ics",
    "network:news_feed",
    "network:rsvp_link_file",
    "network:story_photo",
    "reports:logo",
    "reports:programme_file",
    "reports:report_file",
    "newsletters_machine:one_click",
    "newsletters_machine:provider",
    "newsletters:feed",
    "newsletters_machine:card_picture",
    "newsletters_machine:link",
    "newsletters_machine:picture",
    "activities_machine:one_click",
    "activities:detail_short",
    "activities:file",
    "activities:image",
    "activities:role_model_consent_photo",
    "activities:role_model_photo",
    "activities:teach_text",
    "activities:visit_pack",
    "my_start",
    "demo:mail_html",
}
# Feeds, the map of the site and the open data, by the beginning of their names.
FOR_PROGRAMS = ("api:", "activities:feed_", "activities:calendar", "robots", "sitemap")
PAGES = [
    row for row in ROWS if row.name not in NO_PAGES and not row.name.startswith(FOR_PROGRAMS) and allowed_in(row.get)
]
# No cookie and no login, so there is nothing that a token would protect: the address itself is the secret.
WITHOUT_TOKEN = {"schools:pulse"}
# Shown to developers, with every building block as often as it takes.
MANY_HEADINGS = {"demo:styleguide"}


@dataclass
class Page(HTMLParser):
    """What the checks ask of a page."""

    text: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.title = self.text.partition("<title>")[2].partition("</title>")[0]

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def open_page(row: Row, world: World, language: str) -> Any:
    client = Client()
    person = world.people[allowed_in(row.get)[0]]
    if person is not None:
        client.force_login(person)
    with translation.override(language):
        address = reverse(row.name, args=row.args(world))
    return client.get(address)


def leads_somewhere(path: str, language: str) -> bool:
    try:
        with translation.override(language):
            resolve(path)
    except Resolver404:
        return path.startswith("/static/")
    return True


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_page_is_whole_in_every_language(row):
    world = World()
    spoken_there = {"nb": ""} if row.name.startswith("demo:") else LANGUAGES
    for language, prefix in spoken_there.items():
        response = open_page(row, world, language)
        assert response.status_code == 200
        page = Page(response.content.decode())

        assert page.all("html")[0]["lang"] == language
        assert page.title.partition("–")[0].strip(), "the title says where one is"
        if row.name not in MANY_HEADINGS:
            assert len(page.all("h1")) == 1
        assert "{%" not in page.text
        assert "{{" not in page.text

        # The content security policy forbids these; in the browser they would silently not work.
        assert not [tag for tag, attributes in page.tags if "style" in attributes], "inline style"
        assert not [tag for tag, attributes in page.tags if any(name.startswith("on") for name in attributes)]
        assert not page.all("style")
        # Data for search engines stands in the page; nothing runs it.
        runs = [script for script in page.all("script") if script.get("type") != "application/ld+json"]
        assert all("src" in script for script in runs)

        ids = Counter(attributes["id"] for _tag, attributes in page.tags if attributes.get("id"))
        if row.name not in MANY_HEADINGS:
            assert [name for name, count in ids.items() if count > 1] == []
        assert all("alt" in image for image in page.all("img"))
        posts = [form for form in page.all("form") if (form.get("method") or "").lower() == "post"]
        tokens = [entry for entry in page.all("input") if entry.get("name") == "csrfmiddlewaretoken"]
        assert len(tokens) == (0 if row.name in WITHOUT_TOKEN else len(posts))

        for link in page.all("a", "form"):
            target = urlsplit(link.get("href") or link.get("action") or "")
            if target.scheme or target.netloc or not target.path:
                continue
            spoken = link.get("hreflang") or language
            assert leads_somewhere(target.path, spoken), f"{target.path} leads nowhere"
            if spoken == language and not target.path.startswith(("/static/", "/demo/")):
                assert target.path.startswith(f"{prefix}/"), f"{target.path} leaves the language"


# --- The front page


def test_front_page_begins_with_the_search_and_the_two_doors():
    page = Page(Client().get("/en/").content.decode())

    main = Page(page.text[page.text.index("<main") :])
    first = main.all("form")[0]
    assert (first["action"], (first.get("method") or "get").lower()) == ("/en/activities/", "get")
    links = {link.get("href") for link in page.all("a")}
    assert {"/en/activities/", "/en/partners/become/"} <= links


def test_front_page_shows_offers_with_free_places_only():
    free, full = SessionFactory(activity__title="Har plass"), SessionFactory(activity__title="Er full")
    full.capacity = full.places_taken = 1
    full.save()
    refresh_availability([free.activity_id, full.activity_id])

    text = Client().get("/en/").content.decode()

    assert "Har plass" in text
    assert "Er full" not in text


def test_front_page_of_a_teacher_knows_the_school(client):
    teacher = TeacherFactory(school__name="Bossekop skole")
    client.force_login(teacher.user)

    assert "Bossekop skole" in client.get("/en/").content.decode()


# --- The secretariat's first page


def test_dashboard_numbers_are_those_of_the_lists_behind_them(client, english):
    yesterday = timezone.localdate() - timedelta(days=1)
    PartnerFactory.create_batch(2, status="applied")
    TeacherFactory.create_batch(3, status="pending")
    long_ago = timezone.now() - timedelta(days=400)
    departed = MembershipFactory.create_batch(6, joined_at=long_ago)
    Note.objects.create(partner=departed[0].partner, text="Ring dem", follow_up_on=yesterday)
    BookingFactory.create_batch(4, reply_by=yesterday, session__activity__views_count=1)
    BookingFactory(reply_by=timezone.localdate(), session__activity__views_count=1)
    UnmetSearch.objects.create(words="Robot, Alta", email="kari@example.org")
    ActivityFactory.create_batch(5, published_at=long_ago)
    Mail.objects.create(to_email="kari@example.org", subject="Hei", status=Mail.Status.FAILED)
    client.force_login(StaffFactory())

    waiting = client.get("/en/admin/").context["queues"]

    assert [queue.count for queue in waiting if queue.count] == [2, 3, 6, 1, 4, 1, 1, 5, 1]
    undated = {queue.url for queue in waiting if "holidays=" in queue.url or "compare=" in queue.url}
    for queue in waiting:
        assert client.get(queue.url).context["cl"].result_count == queue.count, queue.label
        # Nothing says since when a county has been without school holidays.
        assert (queue.oldest is not None) == (queue.count > 0 and queue.url not in undated), queue.label


# --- Odd input

ODD = [
    "\x00",
    "'",
    '"><script>alert(1)</script>',
    "%",
    "\\",
    "9" * 400,
    "-1",
    "1e9",
    "æøå\u202e🚀",
    "None",
    "[]",
    "a" * 3000,
]
ASKED = {
    "home": ["page"],
    "activities:search": ["q", "place", "radius", "grade", "kind", "subject", "date_from", "date_to", "sort", "page"],
    "activities:feed_rss": ["q", "place", "kind", "date_from", "week", "goal"],
    "activities:embed": ["q", "place", "municipality", "limit", "theme", "lang"],
    "activities:embed_make": ["area", "kind", "subject", "limit", "theme", "lang"],
    "api:activities": ["q", "place", "radius", "grade", "kind", "goal", "date_from", "sort"],
    "api:partners": ["county"],
    "api:goals": ["plan"],
    "partners:directory": ["q", "kind", "county", "page"],
    "partners:signatories": ["page"],
    "schools:school_suggest": ["school_text", "school"],
    "demo:mail": ["to", "page"],
    "account_login": ["next"],
    "account_signup": ["next"],
}


@pytest.mark.parametrize("name", ASKED)
def test_odd_input_in_the_address_is_no_fault_and_no_code(name, settings, english):
    settings.PORTAL_RATE_LIMITS = dict.fromkeys(settings.PORTAL_RATE_LIMITS, (10_000, 3600))
    client, address = Client(), reverse(name)

    for odd in ODD:
        response = client.get(address, dict.fromkeys(ASKED[name], odd))
        assert response.status_code in {200, 302, 400, 404}, f"{name} {odd!r}: {response.status_code}"
        assert "<script>alert(1)" not in response.content.decode(), name
    for asked in ASKED[name]:
        for odd in ODD:
            assert client.get(address, {asked: odd}).status_code < 500, f"{name}?{asked}={odd!r}"


@pytest.mark.parametrize(
    "path",
    [
        "/en/activities/999999999999999999999999/",
        "/en/activities/1-%00/",
        "/en/partners/%00/",
        "/en/partners/register/confirm/%00/",
        "/en/partners/register/confirm/" + "x" * 3000 + "/",
        "/en/newsletter/confirm/feil/",
        "/en/newsletter/unsubscribe/%00/",
        "/newsletter/one-click/feil/",
        "/demo/mail/..%2f..%2fetc%2fpasswd/",
        "/en/%F0%9F%9A%80/",
        "/xx/",
        "/en//activities/",
        "/.env",
        "/wp-login.php",
    ],
)
def test_address_of_nothing_is_not_found(path):
    response = Client().get(path)

    assert response.status_code == 404
    assert "<h1" in response.content.decode()


# --- Pages for when something is wrong


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("", "Vi finner ikke"), ("/nn", "Vi finn ikkje"), ("/en", "We cannot find that page")],
)
def test_not_found_is_told_in_the_language_of_the_address(prefix, words):
    response = Client().get(f"{prefix}/finnes-ikke/")

    assert response.status_code == 404
    assert words in response.content.decode()


def test_refusal_says_what_may_be_wrong(client, english):
    world = World()
    client.force_login(world.people["reader"])

    response = client.get(reverse("activities:create", args=[world.partner.pk]))

    assert response.status_code == 403
    page = Page(response.content.decode())
    assert len(page.all("h1")) == 1
    assert page.all("a"), "and where to go from there"


def test_form_that_stood_open_too_long_is_told_kindly():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/en/newsletter/", {"email": "kari@example.org"})

    assert response.status_code == 403
    assert "Please send it once more" in response.content.decode()


def test_form_over_the_limit_is_refused_without_a_fault():
    large = Client().post(
        "/en/newsletter/", "email=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded"
    )
    many = Client().post("/en/newsletter/", {f"field{n}": "x" for n in range(3000)})

    for response in (large, many):
        assert response.status_code == 400
        assert "We did not understand that" in response.content.decode()


def test_wrong_method_is_refused(english):
    assert Client().post(reverse("activities:search")).status_code == 405
    assert Client().delete(reverse("partners:directory")).status_code == 405
    assert Client().put("/en/newsletter/").status_code in {200, 405}


def test_favicon_is_where_browsers_ask_for_it():
    response = Client().get("/favicon.ico")

    assert response.status_code == 302
    assert response["Location"].endswith("img/favicon.svg")


def test_old_language_cookie_does_not_turn_the_front_page(client):
    """The address alone decides the language, so that a link shows everybody the same page."""
    client.cookies["django_language"] = "en"

    page = Page(client.get("/").content.decode())

    assert page.all("html")[0]["lang"] == "nb"
