"""A filter of the list of partners: contact persons who seem to have left.

For ``PartnerAdmin.list_filter`` (partners.admin.partners): add ``DepartedContactFilter``. The queue on the first page
(stemportal.views.dashboard) links to the list with ``?status__exact=all&contact=departed``.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import Partner
from stemportal.partners.queries.members import DEPARTED_REASONS, departed_contacts


class DepartedContactFilter(admin.SimpleListFilter):
    """Partners whose contact person seems to have left: for any reason, or for one."""

    title = _("contact person")
    parameter_name = "contact"
    any_reason = "departed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.any_reason, _("Seems to have left")), *DEPARTED_REASONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        chosen = self.value()
        if chosen != self.any_reason and chosen not in DEPARTED_REASONS:
            return queryset
        departed = departed_contacts("" if chosen == self.any_reason else str(chosen))
        return queryset.filter(pk__in=departed.order_by().values("pk"))
