"""What was said after visits, for the secretariat: read, and quotes taken off the public pages."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stemportal.schools.models import Feedback
from stemportal.schools.services.feedback import take_quotes_down


@admin.register(Feedback)
class FeedbackAdmin(ModelAdmin):
    list_display = ["booking", "side", "rating", "learned", "text", "may_quote", "given_at"]
    list_filter = ["side", "rating", "may_quote"]
    search_fields = ["text", "booking__activity__title", "booking__activity__partner__display_name"]
    list_select_related = ["booking__school", "booking__activity"]
    show_full_result_count = False
    actions = ["take_down"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Feedback | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Feedback | None = None) -> bool:
        return False

    def has_quote_permission(self, request: HttpRequest) -> bool:
        """Those whose right it is to change feedback may keep words off the pages; nobody changes the words."""
        return request.user.has_perm("schools.change_feedback")

    @admin.action(description=_("Take the chosen words off the public pages"), permissions=["quote"])
    def take_down(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> None:
        count = take_quotes_down(list(queryset.values_list("pk", flat=True)))
        text = ngettext("%(count)s quote is taken down.", "%(count)s quotes are taken down.", count)
        messages.success(request, text % {"count": count})
