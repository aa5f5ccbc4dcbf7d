"""Tags and filters that every template may use."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from stemportal.lib.templatetags import portal

OSLO = ZoneInfo("Europe/Oslo")


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_icons_named_in_templates_exist() -> None:
    known = portal.icon_set()
    named = re.compile(r'(?:\{% icon |icon_name=)"(\w+)"')
    missing = {
        name
        for template in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for name in named.findall(template.read_text(encoding="utf-8"))
        if name not in known
    }
    assert not missing


def test_icon_is_decorative_unless_it_has_a_title() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "Calendar" %}')
    assert 'role="img" aria-label="Full"' in drawn('{% icon "Calendar" title="Full" %}')


def test_icon_that_does_not_exist_draws_nothing() -> None:
    assert drawn('{% icon "NoSuchIcon" %}') == ""


def test_query_transform_sets_and_removes_and_keeps_the_rest() -> None:
    request = RequestFactory().get("/search/", {"q": "robot & fish", "kind": ["a", "b"], "page": "3"})
    assert (
        drawn("{% query_transform page=4 %}", request=request) == "?q=robot+%26+fish&amp;kind=a&amp;kind=b&amp;page=4"
    )
    assert drawn("{% query_transform page=None q='' %}", request=request) == "?kind=a&amp;kind=b"


def test_query_without_takes_away_one_value_and_starts_at_page_one() -> None:
    request = RequestFactory().get("/search/", {"kind": ["a", "b"], "page": "3"})
    assert drawn("{% query_without 'kind' 'a' %}", request=request) == "?kind=b"


def test_localized_falls_back_to_bokmaal() -> None:
    goal = SimpleNamespace(text_nb="utforske", text_nn="utforske (nn)", text_en="")
    with translation.override("nn"):
        assert drawn("{{ goal|localized:'text' }}", goal=goal) == "utforske (nn)"
    with translation.override("en"):
        assert drawn("{{ goal|localized:'text' }}", goal=goal) == "utforske"


def test_language_links_keep_the_page_and_its_query() -> None:
    request = RequestFactory().get("/about/", {"q": "å b"})
    with translation.override("nb"):
        links = {link["code"]: link for link in portal.language_links(Context({"request": request}))}
    assert links["nn"]["url"] == "/nn/about/?q=%C3%A5+b"
    assert links["en"]["label"] == "English"
    assert links["nb"]["current"]


def test_language_links_of_a_page_that_was_not_found_lead_to_the_front_page() -> None:
    request = RequestFactory().get("/no/such/page/")
    with translation.override("nb"):
        links = {link["code"]: link["url"] for link in portal.language_links(Context({"request": request}))}
    assert links["en"] == "/en/"


@pytest.mark.parametrize(("language", "text"), [("nb", "torsdag 12. mars"), ("en", "Thursday 12 March")])
def test_weekdate_says_the_day_as_people_do(language: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: dt.date(2026, 1, 1))
    with translation.override(language):
        assert portal.weekdate(dt.date(2026, 3, 12)) == text
        assert portal.weekdate(dt.date(2027, 3, 12)).endswith(" 2027")


def test_timespan_uses_local_time() -> None:
    start = dt.datetime(2026, 3, 12, 8, 0, tzinfo=dt.UTC)
    with translation.override("nb"):
        assert portal.timespan(start, start + dt.timedelta(hours=2)).endswith("09:00–11:00")
    assert portal.timespan(None, None) == ""


def test_timespan_over_several_days_says_both() -> None:
    start = dt.datetime(2026, 3, 9, 9, 0, tzinfo=OSLO)
    with translation.override("nb"):
        text = portal.timespan(start, start + dt.timedelta(days=4))
    assert "mandag 9. mars" in text
    assert "fredag 13. mars" in text


def test_page_window_shows_ends_and_neighbours() -> None:
    page = Paginator(range(100), 10).page(5)
    assert portal.page_window(page) == [1, None, 4, 5, 6, None, 10]
    assert portal.page_window(Paginator(range(30), 10).page(1)) == [1, 2, 3]


def test_asset_falls_back_to_the_plain_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: str) -> str:
        raise ValueError("no manifest")

    monkeypatch.setattr(portal, "static", missing)
    assert drawn('{% asset "css/error.css" %}') == "/static/css/error.css"


@pytest.mark.parametrize("name", ["500.html", "503.html", "400.html", "429.html"])
def test_pages_for_when_something_is_down_need_no_request(name: str) -> None:
    html = get_template(name).render()
    assert "<h1>" in html
    assert "error.css" in html


def test_mail_is_readable_as_text_and_escaped_as_html() -> None:
    context = {
        "subject": "Bekreftet",
        "greeting": "Hei Kari",
        "paragraphs": ["Dere er <velkomne>."],
        "facts": [("Når", "torsdag")],
        "action_url": "https://portal.example.no/b/1/",
        "action_label": "Se bookingen",
        "reason": "du har booket et besøk",
        "portal_name": "stemportal",
        "portal_url": "https://portal.example.no",
        "language": "nb",
    }
    text, html = render_to_string("outbox/mail.txt", context), render_to_string("outbox/mail.html", context)
    assert "Dere er <velkomne>." in text
    assert "Når: torsdag" in text
    assert "https://portal.example.no/b/1/" in text
    assert "Dere er &lt;velkomne&gt;." in html
    assert "<img" not in html
    assert 'lang="nb"' in html
