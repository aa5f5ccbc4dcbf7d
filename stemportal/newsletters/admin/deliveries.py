"""Who got a newsletter and who did not: looked at here, and decided where nobody knows whether it arrived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.newsletters.models import Delivery
from stemportal.newsletters.services import unsure


class UnsureFilter(admin.SimpleListFilter):
    """Those that the dashboard counts."""

    title = _("to decide")
    parameter_name = "decide"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("1", _("Nobody knows whether it arrived"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(pk__in=Delivery.objects.unsure().values("pk")) if self.value() == "1" else queryset


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):
    """Read only but for the two decisions."""

    list_display = ["to", "newsletter", "state", "error", "next_try_at", "sent_at"]
    list_filter = [UnsureFilter, "status"]
    search_fields = ["subscriber__email"]
    list_select_related = ["subscriber", "newsletter"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-pk"]
    actions = ["send_again", "leave"]
    fields = ["subscriber", "newsletter", "status", "error", "attempts", "next_try_at", "sent_at", "left_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Who may send newsletters may decide about one mail of them."""
        return request.user.has_perm("newsletters.change_newsletter")

    @display(description=_("subscriber"), ordering="subscriber__email")
    def to(self, delivery: Delivery) -> str:
        return delivery.subscriber.email

    @display(
        description=_("status"),
        ordering="status",
        label={"sent": "success", "unknown": "warning", "failed": "danger", "bounced": "danger", "queued": "info"},
    )
    def state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @admin.action(description=_("Send again on purpose: it may arrive twice"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = unsure.send_again(list(queryset.values_list("pk", flat=True)))
        self._say(request, count, ngettext("%(count)s is sent once more.", "%(count)s are sent once more.", count))

    @admin.action(description=_("Leave as it is: it may never have arrived"), permissions=["send"])
    def leave(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = unsure.leave(list(queryset.values_list("pk", flat=True)))
        self._say(request, count, ngettext("%(count)s is left as it is.", "%(count)s are left as they are.", count))

    def _say(self, request: HttpRequest, count: int, text: str) -> None:
        if count:
            messages.success(request, text % {"count": count})
        else:
            messages.warning(request, _("Nothing to decide about these: it is known what became of them."))
