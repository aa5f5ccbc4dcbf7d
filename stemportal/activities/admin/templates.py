"""The ready texts that a new offer can begin with, and bringing one back to how the portal came."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.activities.admin.checking import names_in_words
from stemportal.activities.models import Activity, ActivityTemplate, Subject
from stemportal.activities.rules import TEXTS_WITH_GAPS
from stemportal.activities.services.templates import reset_template

LANGUAGES = ("nb", "nn", "en")
# What a template may begin besides texts; facts such as the place and the date of a risk assessment are the partner's.
VALUES = {
    "format": Activity.Format.values,
    "policy": Activity.Policy.values,
    "reach": Activity.Reach.values,
    "grade_from": range(8, 14),
    "grade_to": range(8, 14),
    "group_max": range(1, 501),
    "duration_minutes": range(15, 2401),
    "grant_amount": range(1, 1_000_001),
}
LISTS = {"languages", "captions", "access_features", "season_months", "subjects"}


class TemplateForm(forms.ModelForm):
    """Refuses what no editor could show: unknown languages, fields and values."""

    class Meta:
        model = ActivityTemplate
        fields = ("kind", "code", "order", "is_active", "name_nb", "name_nn", "name_en", "texts", "values")
        widgets = {
            "texts": UnfoldAdminTextareaWidget(attrs={"rows": 24}),
            "values": UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        }

    def clean_texts(self) -> dict[str, dict[str, str]]:
        texts = self.cleaned_data["texts"]
        if not isinstance(texts, dict) or not set(texts) <= set(LANGUAGES) or not texts:
            raise forms.ValidationError(_("Texts stand under the languages nb, nn and en."))
        for language, fields in texts.items():
            if not isinstance(fields, dict):
                raise forms.ValidationError(_("Texts stand under the languages nb, nn and en."))
            unknown = set(fields) - set(TEXTS_WITH_GAPS)
            if unknown:
                raise forms.ValidationError(names_in_words(unknown, TEXTS_WITH_GAPS))
            for name, text in fields.items():
                most = int(Activity._meta.get_field(name).max_length or 0)  # type: ignore[union-attr]
                if not isinstance(text, str) or len(text) > most:
                    wrong = _("“%(name)s” in %(language)s is a text of at most %(number)s characters.")
                    raise forms.ValidationError(wrong % {"name": name, "language": language, "number": most})
        return texts

    def clean_values(self) -> dict[str, Any]:
        values = self.cleaned_data["values"] or {}
        if not isinstance(values, dict):
            raise forms.ValidationError(_('Values are names of fields with values, such as {"group_max": 30}.'))
        unknown = set(values) - set(VALUES) - LISTS
        if unknown:
            raise forms.ValidationError(names_in_words(unknown, sorted([*VALUES, *LISTS])))
        for name, value in values.items():
            fits = _fits_list(name, value) if name in LISTS else type(value) in {int, str} and value in VALUES[name]
            if not fits:
                raise forms.ValidationError(
                    _("“%(value)s” is no value of “%(name)s”.") % {"value": value, "name": name}
                )
        return values


def _fits_list(name: str, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    if name == "season_months":
        return all(type(month) is int and 1 <= month <= 12 for month in value)
    if not all(isinstance(item, str) for item in value):
        return False
    if name == "subjects":
        return Subject.objects.filter(code__in=value).count() == len(set(value))
    choices = Activity._meta.get_field(name).base_field.choices  # type: ignore[union-attr]
    return set(value) <= {code for code, _label in choices}


@admin.register(ActivityTemplate)
class ActivityTemplateAdmin(ModelAdmin):
    """What stands between ‹ and › is for the partner to replace; publishing waits until it is."""

    form = TemplateForm
    list_display = ["name_nb", "kind", "code", "order", "is_active"]
    list_filter = ["is_active", "kind"]
    list_select_related = ["kind"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
    actions = ["reset"]
    fieldsets = [
        (None, {"fields": ["kind", "code", "order", "is_active"]}),
        (gettext_lazy("Names"), {"fields": ["name_nb", "name_nn", "name_en"]}),
        (gettext_lazy("What the offer begins with"), {"fields": ["texts", "values"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What the portal shipped is found by its code."""
        return ["code"] if obj is not None else []

    @admin.action(description=gettext_lazy("Bring back the texts that the portal came with"), permissions=["change"])
    def reset(self, request: HttpRequest, queryset: QuerySet[ActivityTemplate]) -> None:
        """Reset those that the portal shipped; those that staff made stay."""
        number = sum(reset_template(template=template) for template in queryset)
        text = ngettext("%(number)s template brought back.", "%(number)s templates brought back.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS if number else messages.WARNING)
