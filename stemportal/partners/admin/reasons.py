"""The ready reasons for saying no: texts in every language that staff write and look at as the mail they become."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import localized
from stemportal.partners.admin.common import page
from stemportal.partners.emails.applications import decline_letter
from stemportal.partners.models import DeclineReason, Partner


@admin.register(DeclineReason)
class DeclineReasonAdmin(ModelAdmin):
    """Reasons are taken out of use, not deleted: those that the portal came with would be loaded again."""

    list_display = ["title_nb", "title_en", "code", "order", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["title_nb", "title_nn", "title_en", "code"]
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": [("code", "order"), "is_active"]}),
        (gettext_lazy("Norwegian bokmål"), {"fields": ["title_nb", "text_nb"]}),
        (gettext_lazy("Norwegian nynorsk"), {"fields": ["title_nn", "text_nn"]}),
        (gettext_lazy("English"), {"fields": ["title_en", "text_en"]}),
    ]
    actions_detail = ["preview"]

    def has_delete_permission(self, request: HttpRequest, obj: DeclineReason | None = None) -> bool:
        return False

    @action(description=gettext_lazy("See the mail"), url_path="preview")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the mail in every language, to an organisation that does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reason = self.get_object(request, object_id)
        if reason is None:
            raise Http404
        letters: list[tuple[str, Any]] = []
        for code, name in settings.LANGUAGES:
            with translation.override(code):
                partner = Partner(display_name=_("The example company"), contact_name="Kari Nordmann")
                text = str(localized(reason, "text"))
            contact = User(language=code)
            letters.append((str(name), decline_letter(partner=partner, contact=contact, reason=text)))
        title = _("The mail with the reason “%(reason)s”") % {"reason": localized(reason, "title")}
        return page(self, request, "reason", title, reason=reason, previews=letters)
