"""What people looked for and did not find: read, answered by mail, taken off the queue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.activities.admin.filters import AnsweredFilter
from stemportal.activities.models import UnmetSearch
from stemportal.activities.services.asking import CannotAnswer, answer_wish, close_wish
from stemportal.partners.forms.forgetting import without_personal_number

FACTS = ["words", "link", "message", "who", "asked_at", "answered_at"]


class AnswerForm(forms.ModelForm):
    """The answer goes into the mail and is kept nowhere else."""

    answer = forms.CharField(
        required=False,
        max_length=3_000,
        label=_("Your answer"),
        help_text=_("Saving sends it by mail, with what was looked for and a link to the search."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
    )

    class Meta:
        model = UnmetSearch
        fields: list[str] = []

    def clean_answer(self) -> str:
        return without_personal_number(self.cleaned_data["answer"])


@admin.register(UnmetSearch)
class UnmetSearchAdmin(ModelAdmin):
    """The queue of what the programme lacks; only the answer can be written."""

    form = AnswerForm
    list_display = ["words", "message", "who", "asked_at", "state"]
    list_filter = [AnsweredFilter]
    search_fields = ["words", "message", "email", "user__email"]
    list_select_related = ["user"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "asked_at"
    actions = ["close"]
    readonly_fields = FACTS

    def get_fieldsets(self, request: HttpRequest, obj: UnmetSearch | None = None) -> Any:
        facts = (None, {"fields": FACTS})
        if obj and obj.answered_at is None and obj.answer_to and self.has_change_permission(request, obj):
            return [facts, (_("Answer"), {"fields": ["answer"]})]
        return [facts]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: UnmetSearch | None = None) -> bool:
        # It shows what the programme lacks; who asked is forgotten by itself.
        return False

    @display(description=_("who"))
    def who(self, asked: UnmetSearch) -> str:
        if asked.user:
            return f"{asked.user.full_name} <{asked.user.email}>" if asked.user.full_name else asked.user.email
        return asked.email or "–"

    @display(description=_("status"), label={"waiting": "warning", "done": "success"})
    def state(self, asked: UnmetSearch) -> tuple[str, Any]:
        return ("done", _("Answered")) if asked.answered_at else ("waiting", _("Waits"))

    @display(description=_("search"))
    def link(self, asked: UnmetSearch) -> SafeString:
        return format_html('<a href="{}">{}</a>', asked.get_absolute_url(), gettext("Search the same"))

    def save_model(self, request: HttpRequest, obj: UnmetSearch, form: Any, change: bool) -> None:
        """Write nothing but the answer: it is mailed, and the row marked."""
        text = form.cleaned_data.get("answer")
        if not text:
            return
        try:
            answer_wish(asked=obj, text=text)
        except CannotAnswer:
            messages.warning(request, gettext("Somebody answered this already, so nothing was sent."))
        else:
            messages.success(request, gettext("The answer is on its way to %(who)s.") % {"who": obj.answer_to})

    @admin.action(description=_("Mark as answered, without a mail"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[UnmetSearch]) -> None:
        done = sum(close_wish(asked=asked) for asked in queryset)
        text = ngettext("%(count)s is marked as answered.", "%(count)s are marked as answered.", done)
        messages.success(request, text % {"count": done})
