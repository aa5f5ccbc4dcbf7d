"""The programme's rules for bookings: one row, with what it means in a sentence."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.lib.school_year import add_working_days
from stemportal.lib.templatetags.portal import weekdate
from stemportal.schools.models import BookingRules, booking_rules
from stemportal.schools.models.rules import ONLY

HISTORY_AT_MOST = 20


@admin.register(BookingRules)
class BookingRulesAdmin(ModelAdmin):
    fields = [
        "reply_working_days",
        "remind_working_days_before",
        "place_offer_working_days",
        "preview",
        "earlier",
        "changed_at",
    ]
    readonly_fields = ["preview", "earlier", "changed_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BookingRules | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one row, made when somebody first looks at it: lead to its page."""
        if self.has_view_or_change_permission(request):
            BookingRules.objects.get_or_create(pk=ONLY)
            return redirect("admin:schools_bookingrules_change", ONLY)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: BookingRules, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        booking_rules.forget()

    @display(description=_("what that means"))
    def preview(self, rules: BookingRules) -> str:
        today = timezone.localdate()
        answer = add_working_days(today, rules.reply_working_days)
        return _(
            "Who asks today is promised an answer by %(answer)s. A school that is offered another time or a freed "
            "place today answers by %(offer)s. Holidays of the school's county come on top."
        ) % {"answer": weekdate(answer), "offer": weekdate(add_working_days(today, rules.place_offer_working_days))}

    @display(description=_("earlier values"))
    def earlier(self, rules: BookingRules) -> SafeString | str:
        """When they were changed and to what: answer, reminder, offer."""
        rows = rules.changes.order_by("-pgh_id")[:HISTORY_AT_MOST]  # type: ignore[attr-defined]
        found = [
            (
                f"{timezone.localtime(row.pgh_created_at):%Y-%m-%d %H:%M}",
                row.reply_working_days,
                row.remind_working_days_before,
                row.place_offer_working_days,
            )
            for row in rows
        ]
        return format_html_join("", "<div>{}: {} · {} · {}</div>", found) or "–"
