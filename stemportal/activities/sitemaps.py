"""The pages of offers and role models, for search engines."""

from __future__ import annotations

from stemportal.activities.models import Activity, RoleModel
from stemportal.lib.sitemaps import NumberedSitemap


class ActivitySitemap(NumberedSitemap):
    """Published offers, without those that bear a role model's name: the part below, which nobody keeps, has these."""

    queryset = Activity.objects.published().filter(role_model__isnull=True).only("title", "updated_at")


class RoleModelSitemap(NumberedSitemap):
    """Role models who are shown now."""

    queryset = RoleModel.objects.published().only("full_name", "updated_at")
