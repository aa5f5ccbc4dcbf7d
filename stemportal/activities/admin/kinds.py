"""Kinds of offer with their rules, and subjects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from stemportal.activities.admin.checking import names_in_words
from stemportal.activities.models import Activity, Kind, Subject
from stemportal.activities.rules import ASK, OPTIONAL_FIELDS, wrong_in_guards
from stemportal.activities.search_index import refresh_search

# What somebody must be able to fill in so that a guard can be met.
GUARDED_BY = {
    "risk_assessment": {"risk_assessed_on"},
    "police_certificate": {"police_certificate_seen_by", "police_certificate_seen_on"},
}


class KindForm(forms.ModelForm):
    """Refuses names that no code knows: a guard with a slip of the pen would let everything through."""

    class Meta:
        model = Kind
        fields = (
            "code",
            "icon",
            "order",
            "is_active",
            "name_nb",
            "name_nn",
            "name_en",
            "help_nb",
            "help_nn",
            "help_en",
            "unit",
            "pledge_unit",
            "formats",
            "fields",
            "required",
            "guards",
        )

    def clean_fields(self) -> list[str]:
        names = self.cleaned_data["fields"] or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise forms.ValidationError(_('The fields are a list of names, such as ["learning", "place"].'))
        if unknown := set(names) - set(OPTIONAL_FIELDS):
            raise forms.ValidationError(names_in_words(unknown, OPTIONAL_FIELDS))
        return list(dict.fromkeys(names))

    def clean_required(self) -> list[str]:
        names: list[str] = self.cleaned_data["required"] or []
        if unknown := set(names) - set(ASK):
            raise forms.ValidationError(names_in_words(unknown, ASK))
        return names

    def clean_formats(self) -> list[str]:
        names: list[str] = self.cleaned_data["formats"] or []
        if unknown := set(names) - set(Activity.Format.values):
            raise forms.ValidationError(names_in_words(unknown, Activity.Format.values))
        return names

    def clean_guards(self) -> dict[str, Any]:
        guards = self.cleaned_data["guards"] or {}
        if wrong := wrong_in_guards(guards):
            raise forms.ValidationError(wrong)
        return guards

    def clean(self) -> dict[str, Any]:
        """What must be filled in must be asked for, or nobody could ever publish."""
        values = super().clean() or self.cleaned_data
        asked = values.get("fields")
        if asked is not None:
            never = {name for name in values.get("required", []) if name in OPTIONAL_FIELDS and name not in asked}
            if never:
                self.add_error("required", names_in_words(never, asked))
            for guard, fields in GUARDED_BY.items():
                if values.get("guards", {}).get(guard) and not fields <= set(asked):
                    text = _("The guard “%(guard)s” needs the fields %(names)s.")
                    self.add_error("fields", text % {"guard": guard, "names": ", ".join(sorted(fields))})
        return values


@admin.register(Kind)
class KindAdmin(ModelAdmin):
    """What can be offered: ``fields``, ``required`` and ``guards`` say what is asked and what stops publishing."""

    form = KindForm
    list_display = ["name_nb", "code", "unit", "pledge_unit", "guards", "order", "is_active"]
    list_filter = ["is_active", "unit"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
    fieldsets = [
        (None, {"fields": ["code", "icon", "order", "is_active"]}),
        (gettext_lazy("Names"), {"fields": ["name_nb", "name_nn", "name_en"]}),
        (gettext_lazy("Explanations"), {"fields": ["help_nb", "help_nn", "help_en"]}),
        (
            gettext_lazy("Rules"),
            {"fields": ["unit", "for_pupils", "pledge_unit", "formats", "fields", "required", "guards"]},
        ),
    ]

    def save_model(self, request: HttpRequest, obj: Kind, form: ModelForm[Kind], change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Its name is among the words that are searched.
        refresh_search(list(obj.activities.values_list("pk", flat=True)))

    def has_delete_permission(self, request: HttpRequest, obj: Kind | None = None) -> bool:
        return obj is None or not (obj.activities.exists() or obj.pledges.exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Kind | None = None) -> list[str]:
        """What has been pledged must not turn from visits into kroner."""
        return ["pledge_unit"] if obj is not None and obj.pledges.exists() else []


@admin.register(Subject)
class SubjectAdmin(ModelAdmin):
    list_display = ["name_nb", "name_nn", "name_en", "code", "order"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
