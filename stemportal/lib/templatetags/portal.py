"""Template tags and filters of every page. Registered as builtins, so no template loads them."""

from __future__ import annotations

import datetime as dt
import json
import logging
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from stemportal.lib import crispy_fields, fragments
from stemportal.lib.markdown import render_markdown
from stemportal.lib.money import kroner_words
from stemportal.lib.query_strings import light_copy

logger = logging.getLogger(__name__)
register = template.Library()

ICON_FILE = "vendor/icons.json"
LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
DAY_FORMATS = {"en": "l j F"}
DAY_FORMAT = "l j. F"


@cache
def icon_set() -> dict[str, str]:
    """All Aksel icons (name -> drawing), put there by scripts/vendor.py; empty when they are missing."""
    path = finders.find(ICON_FILE)
    if not path:
        logger.warning("%s is missing: run scripts/vendor.py", ICON_FILE)
        return {}
    with open(str(path), encoding="utf-8") as file:
        icons: dict[str, str] = json.load(file)
    return icons


@register.simple_tag
def icon(name: str, title: str = "", css: str = "") -> SafeString:
    """Inline SVG of an Aksel icon, decorative unless it has a title: {% icon "Calendar" %}.

    An unknown name draws nothing and is logged; a test checks the names used in templates.
    """
    return _drawn(name, title, css)


@lru_cache(maxsize=1_000)
def _drawn(name: str, title: str, css: str) -> SafeString:
    drawing = icon_set().get(name)
    if drawing is None:
        logger.warning("unknown icon %s", name)
        return SafeString("")
    label = format_html('role="img" aria-label="{}"', title) if title else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="p-icon{}" {} focusable="false" width="24" height="24" viewBox="0 0 24 24" fill="none">{}</svg>',
        f" {css}" if css else "",
        label,
        mark_safe(drawing),  # noqa: S308  # a file of ours, not input
    )


@register.simple_tag
def asset(path: str) -> str:
    """Like {% static %}, but never fails: error pages must not need the manifest of hashed names."""
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


@register.simple_tag(takes_context=True)
def query_transform(context: template.Context, **changes: Any) -> str:
    """The page's query string with changes: a value sets, a list sets several, None or "" removes.

    Returns "?a=b", or "?" when nothing is left, so that it always works as an href.
    """
    request = context.get("request")
    query = light_copy(request.GET) if isinstance(request, HttpRequest) else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, name: str, value: Any) -> str:
    """The page's query string without one value of a parameter, and on page 1: the link of a removable chip."""
    request = context.get("request")
    query = light_copy(request.GET) if isinstance(request, HttpRequest) else QueryDict(mutable=True)
    query.pop("page", None)
    query.setlist(name, [item for item in query.getlist(name) if item != str(value)])
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def language_links(context: template.Context) -> list[dict[str, Any]]:
    """This page in every language: dicts with code, label (in its own language), url and current."""
    request = context.get("request")
    current = translation.get_language() or settings.LANGUAGE_CODE
    links = []
    for code, name in settings.LANGUAGES:
        url = _in_language(request, code) if isinstance(request, HttpRequest) else "/"
        label = LANGUAGE_NAMES.get(code, str(name))
        links.append({"code": code, "label": label, "url": url, "current": code == current})
    return links


def _in_language(request: HttpRequest, code: str) -> str:
    """This page in another language, or the front page where there is none (a page that was not found)."""
    url = _translated(request.path, code, translation.get_language() or "")
    if url is None:
        with translation.override(code):
            try:
                return reverse("home")
            except NoReverseMatch:
                return "/"
    return f"{url}?{urlencode(list(_pairs(request.GET)))}" if request.GET else url


@lru_cache(maxsize=1_000)
def _translated(path: str, code: str, current: str) -> str | None:
    """Return the path in another language, None where there is no such page. Resolving it costs, three times a page."""
    url = translate_url(path, code)
    return None if url == path and code != current else url


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in query.lists() for value in values]


@register.filter
def md(text: str | None) -> SafeString:
    """Markdown subset from users as safe HTML: {{ activity.description|md }}."""
    return render_markdown(text or "")


@register.filter
def localized(obj: Any, name: str) -> Any:
    """`obj.<name>_<language>`, else bokmål, else any language that has a text: {{ goal|localized:"text" }}."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    for code in dict.fromkeys([language, "nb", *(code for code, _ in settings.LANGUAGES)]):
        if value := getattr(obj, f"{name}_{code}", None):
            return value
    return ""


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    return timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value


@register.filter
def weekdate(value: dt.date | dt.datetime | None) -> str:
    """Weekday and date as people say it, with the year only when it is another: "Thursday 12 March"."""
    if value is None:
        return ""
    value = _local(value)
    pattern = DAY_FORMATS.get(translation.get_language() or "", DAY_FORMAT)
    if value.year != timezone.localdate().year:
        pattern += " Y"
    return formats.date_format(value, pattern)


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """Time of day, 24 hours: "09:00"."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{_local(value):%H:%M}"
    return f"{value:%H:%M}"


@register.filter
def timespan(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """From and to: "Thursday 12 March, 09:00–11:30", with both days when they differ."""
    if start is None:
        return ""
    text = f"{weekdate(start)}, {clock(start)}"
    if end is None:
        return text
    same_day = timezone.localtime(start).date() == timezone.localtime(end).date()
    return f"{text}–{clock(end)}" if same_day else f"{text} – {weekdate(end)}, {clock(end)}"


@register.simple_tag
def page_window(page: Page[Any], around: int = 1) -> list[int | None]:
    """Page numbers to show; None stands for a gap: first, last and those around the current one."""
    last = page.paginator.num_pages
    wanted = sorted({1, last, *range(max(1, page.number - around), min(last, page.number + around) + 1)})
    window: list[int | None] = []
    for number in wanted:
        previous = window[-1] if window else None
        if previous is not None and number - previous == 2:
            window.append(number - 1)
        elif previous is not None and number - previous > 2:
            window.append(None)
        window.append(number)
    return window


register.tag("remembered", fragments.remembered)
register.filter("kroner", kroner_words)

# For the crispy template pack (templates/designsystemet/) and the error summary.
register.filter("field_kind", crispy_fields.field_kind)
register.filter("counter_limit", crispy_fields.counter_limit)
register.filter("is_marked_optional", crispy_fields.is_marked_optional)
register.filter("described_by", crispy_fields.described_by)
register.filter("error_items", lambda form: list(crispy_fields.error_items(form)))
register.filter("capfirst_text", lambda text: capfirst(str(text)))
register.simple_tag(crispy_fields.render_widget, name="ds_widget")
register.simple_tag(crispy_fields.render_option, name="ds_option")
