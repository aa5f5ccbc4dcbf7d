"""Sitemaps of pages that stand in every language, each with the addresses of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Max, QuerySet
from django.utils import translation

# Path of a page in the portal's first language, and when it was changed last, where that is known.
Entry = tuple[str, datetime | None]
# Addresses in one file; the protocol allows 50,000.
MOST_ADDRESSES = 9_000


class SpokenSitemap(Sitemap):
    """Files of at most ``rows`` pages, each page in every language. Subclasses say how many files and what is in each.

    Django's own would load every row for each file, and count each language as one.
    """

    rows = MOST_ADDRESSES // len(settings.LANGUAGES)

    def chunks(self) -> int:
        """Return how many files there are."""
        return 1

    def entries(self, page: int) -> Iterable[Entry]:
        """Return the pages of a file, counted from 1; called with the portal's first language."""
        raise NotImplementedError

    @property
    def paginator(self) -> Any:
        """What the index asks."""
        return SimpleNamespace(num_pages=max(self.chunks(), 1))

    def get_latest_lastmod(self) -> None:
        """Not told in the index: it would be the change of any one row."""

    def get_urls(self, page: Any = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        """Return what the template of a file shows. Raises PageNotAnInteger and EmptyPage."""
        try:
            number = int(page)
        except ValueError as error:
            raise PageNotAnInteger("not a number") from error
        if not 1 <= number <= self.paginator.num_pages:
            raise EmptyPage("no such file")
        with translation.override(settings.LANGUAGE_CODE):
            return [url for path, changed in self.entries(number) for url in _spoken(path, changed)]


class NumberedSitemap(SpokenSitemap):
    """Pages of rows by their primary keys: a file stays the same rows, and none reads or counts the others'."""

    queryset: QuerySet[Any]

    def chunks(self) -> int:
        last: int = self.queryset.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        return -(-last // self.rows)

    def entries(self, page: int) -> Iterator[Entry]:
        for row in self.queryset.filter(pk__gt=(page - 1) * self.rows, pk__lte=page * self.rows).order_by("pk"):
            yield row.get_absolute_url(), getattr(row, "updated_at", None)


def _spoken(path: str, changed: datetime | None) -> list[dict[str, Any]]:
    """One address for each language; all of them name the others."""
    addresses = {code: settings.PORTAL_BASE_URL + in_language(path, code) for code, _name in settings.LANGUAGES}
    alternates = [{"lang_code": code, "location": address} for code, address in addresses.items()]
    alternates.append({"lang_code": "x-default", "location": addresses[settings.LANGUAGE_CODE]})
    return [{"location": address, "lastmod": changed, "alternates": alternates} for address in addresses.values()]


def in_language(path: str, code: str) -> str:
    """Return the path of a page in another language than the portal's first, which has no prefix."""
    return path if code == settings.LANGUAGE_CODE else f"/{code}{path}"
