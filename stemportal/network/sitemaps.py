"""The pages of ecosystems, stories and public meetings, for search engines."""

from __future__ import annotations

from stemportal.lib.sitemaps import NumberedSitemap
from stemportal.network.models import Ecosystem, Meeting, Recommendation, Story


class EcosystemSitemap(NumberedSitemap):
    """Ecosystems that have a page."""

    queryset = Ecosystem.objects.active().only("slug")


class MeetingSitemap(NumberedSitemap):
    """Meetings that everybody may know of, those that were held with their minutes."""

    queryset = Meeting.objects.public().only("pk")


class RecommendationSitemap(NumberedSitemap):
    """Published recommendations."""

    queryset = Recommendation.objects.exclude(published_at=None).only("pk")


class StorySitemap(NumberedSitemap):
    """Published news and stories."""

    # A published story has an address, and its page is there from its first moment on (``Story.objects.published``
    # would keep the moment in which this module was read).
    queryset = Story.objects.filter(status=Story.Status.PUBLISHED).only("slug")
