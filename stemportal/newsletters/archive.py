"""Newsletters that went out, as everybody may read them on the web and in a feed reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from stemportal.lib.feeds import clean, tag_for
from stemportal.newsletters.models import Edition, Newsletter
from stemportal.newsletters.rendering import FALLBACK, web_address
from stemportal.outbox.letters import absolute_url

PER_PAGE = 25
IN_FEED = 20


@dataclass(frozen=True)
class Issue:
    """A newsletter with the edition that a reader of some language gets; ``edition.language`` says which it is."""

    newsletter: Newsletter
    edition: Edition


def issues_page(language: str, page: str | None) -> Page[Any]:
    """Return a page of issues, the newest first; its ``object_list`` holds ``Issue`` rows without their HTML."""
    light = Edition.objects.defer("html", "text", "web_html")
    found = Paginator(_with(light), PER_PAGE).get_page(page)
    issues: Page[Any] = found
    issues.object_list = _issues(found.object_list, language)
    return issues


def newest_issues(language: str) -> list[Issue]:
    """Return what the feed has."""
    return _issues(_with(Edition.objects.defer("html", "text"))[:IN_FEED], language)


def issue(slug: str, language: str) -> Issue | None:
    """Return one issue for its page, None when it is not in the archive."""
    found = _with(Edition.objects.defer("html", "text")).filter(slug=slug).first()
    return _issues([found], language)[0] if found else None


def are_archived(ids: Sequence[int]) -> bool:
    """Whether all of these newsletters may still be read by everybody."""
    return Newsletter.objects.archived().filter(pk__in=ids).count() == len(ids)


def _with(editions: QuerySet[Edition]) -> QuerySet[Newsletter]:
    return (
        Newsletter.objects.archived()
        .filter(editions__language=FALLBACK)
        .prefetch_related(Prefetch("editions", editions))
    )


def _issues(newsletters: Iterable[Newsletter], language: str) -> list[Issue]:
    issues = []
    for newsletter in newsletters:
        by_language = {edition.language: edition for edition in newsletter.editions.all()}
        issues.append(Issue(newsletter, by_language.get(language) or by_language[FALLBACK]))
    return issues


def write_feed(issues: Sequence[Issue], *, language: str) -> str:
    """Return the newest issues as Atom, each with the whole of what it says."""
    page = absolute_url(reverse("newsletters:archive"))
    feed = Atom1Feed(
        title=_("Newsletter of %(portal)s") % {"portal": settings.PORTAL_NAME},
        link=page,
        description=_("New offers for classes, stories from good visits, and dates worth knowing."),
        language=language,
        feed_url=absolute_url(reverse("newsletters:feed")),
        feed_guid=page,
    )
    for found in issues:
        newsletter, edition = found.newsletter, found.edition
        feed.add_item(
            title=clean(edition.subject),
            link=web_address(newsletter),
            description=clean(edition.web_html),
            author_name=settings.PORTAL_NAME,
            unique_id=tag_for(f"newsletter-{newsletter.pk}-{language}"),
            unique_id_is_permalink=False,
            pubdate=newsletter.started_at,
            updateddate=edition.frozen_at,
        )
    return str(feed.writeString("utf-8"))
