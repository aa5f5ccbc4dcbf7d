"""The secretariat sees every mail: to whom, about what, whether it went out, and can send a failed one again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stemportal.outbox import services
from stemportal.outbox.models import Mail


@admin.register(Mail)
class MailAdmin(ModelAdmin):
    list_display = ["subject", "to_email", "template", "status", "created_at", "sent_at"]
    list_filter = ["status", "template"]
    search_fields = ["to_email", "about", "subject"]
    exclude = ["html", "calendar", "headers"]
    actions = ["send_again"]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Mail | None = None) -> bool:
        return False

    @admin.action(description=_("Send failed mails again"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = services.send_again(list(queryset.values_list("pk", flat=True)))
        text = ngettext("%(count)s mail is on its way again.", "%(count)s mails are on their way again.", count)
        messages.success(request, text % {"count": count})
