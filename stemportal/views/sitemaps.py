"""What crawlers ask for: a map of the public pages, and which addresses are none of their business."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.sitemaps import views
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from stemportal.activities.sitemaps import ActivitySitemap, RoleModelSitemap
from stemportal.lib.public_answers import public_answer
from stemportal.lib.sitemaps import Entry, NumberedSitemap, SpokenSitemap, in_language
from stemportal.network.sitemaps import EcosystemSitemap, MeetingSitemap, RecommendationSitemap, StorySitemap
from stemportal.partners.models import Partner
from stemportal.reports.sitemaps import ProgrammeReportSitemap

SECONDS = 60 * 60
PAGES = (
    "home",
    "activities:search",
    "activities:teach",
    "activities:role_models",
    "partners:directory",
    "partners:become",
    "partners:signatories",
    "network:ecosystems",
    "network:meetings",
    "network:news",
    "network:recommendations",
    "newsletters:archive",
    "reports:programme",
    "reports:verify",
    "about",
    "activities:api_docs",
    "activities:embed_make",
    "privacy",
    "accessibility",
    "contact",
)
# In every language. Rooms, mailed links and searches, of which there is no end.
NO_CRAWLING = (
    "/account/",
    "/admin/",
    "/activities/?",
    "/activities/ask",
    "/activities/favourites/",
    "/activities/searches/",
    "/bookings/",
    "/embed/activities/",
    "/invitations/",
    "/me/",
    "/network/input/",
    "/network/invitation/",
    "/newsletter/choices/",
    "/newsletter/confirm/",
    "/newsletter/resubscribe/",
    "/newsletter/thanks/",
    "/newsletter/unsubscribe/",
    "/partner/",
    "/partners/register/",
    "/reports/",
    "/role-models/consent/",
    "/sessions/",
    "/start/",
)

# Without a language.
MACHINES = ("/api/", "/demo/", "/newsletter/link/", "/newsletter/one-click/", "/saved-search/")


class PageSitemap(SpokenSitemap):
    """The pages that always stand there."""

    def entries(self, page: int) -> Iterator[Entry]:
        for name in PAGES:
            yield reverse(name), None


class PartnerSitemap(NumberedSitemap):
    """Approved partners."""

    queryset = Partner.objects.approved().only("slug")


SECTIONS = {
    "pages": PageSitemap,
    "partners": PartnerSitemap,
    "activities": ActivitySitemap,
    "ecosystems": EcosystemSitemap,
    "meetings": MeetingSitemap,
    "programme_reports": ProgrammeReportSitemap,
    "recommendations": RecommendationSitemap,
    "stories": StorySitemap,
}
# People may take their consent back: this part is never kept.
PEOPLE = {"role_models": RoleModelSitemap}


@require_safe
@public_answer(limit="sitemap", seconds=SECONDS)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Name all files of the map."""
    found = views.index(request, sitemaps={**SECTIONS, **PEOPLE}, sitemap_url_name="sitemap_section")
    return found.render()


@require_safe
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    """One file of the map."""
    return _people(request, section) if section in PEOPLE else _others(request, section)


def _file(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sitemaps={**SECTIONS, **PEOPLE}, section=section).render()


_others = public_answer(limit="sitemap", seconds=SECONDS)(_file)
_people = public_answer(limit="sitemap", seconds=0)(_file)
sitemap_section.login_required = False  # type: ignore[attr-defined]  # as public_answer says of both


@require_safe
@public_answer(limit="sitemap", seconds=SECONDS)
def robots(request: HttpRequest) -> HttpResponse:
    """Say to crawlers what to leave alone, and where the map is."""
    paths = [in_language(path, code) for code, _name in settings.LANGUAGES for path in NO_CRAWLING]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in [*paths, *MACHINES])]
    lines += ["", f"Sitemap: {settings.PORTAL_BASE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
