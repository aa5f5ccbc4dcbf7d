"""The programme's targets, and what the secretariat enters of those that the portal cannot measure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from stemportal.lib.periods import Period
from stemportal.partners.admin.common import staff
from stemportal.reports.models import Target, TargetValue
from stemportal.reports.queries.programme import forget_targets

FIRST_YEAR, LAST_YEAR = 2000, 2100


class TargetForm(forms.ModelForm):
    """A target: start and its year belong together, and the goal lies after it."""

    class Meta:
        model = Target
        fields = [
            *("measure", "period_kind", "unit", "is_public", "order", "baseline", "baseline_year", "goal", "due_year"),
            *("source", "title_nb", "title_nn", "title_en"),
        ]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        baseline, since, due = facts.get("baseline"), facts.get("baseline_year"), facts.get("due_year")
        if baseline is not None and since is None:
            self.add_error("baseline_year", gettext("Say in which year the value at the start was measured."))
        if baseline is None and since is not None:
            self.add_error("baseline", gettext("Say what the value was in the year of the start."))
        if since and due and since > due:
            self.add_error("due_year", gettext("The goal lies before the start."))
        for name, year in (("baseline_year", since), ("due_year", due)):
            if year and not FIRST_YEAR <= year <= LAST_YEAR:
                self.add_error(name, gettext("Enter a year such as 2030."))
        return facts


class TargetValueForm(forms.ModelForm):
    """One year's value with its source."""

    class Meta:
        model = TargetValue
        fields = ["year", "value", "source"]

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise forms.ValidationError(_("Enter a year such as 2030."))
        return year


class TargetValueInline(TabularInline):
    model = TargetValue
    form = TargetValueForm
    extra = 0
    tab = True
    fields = ["year", "value", "source", "entered_by", "entered_at"]
    readonly_fields = ["entered_by", "entered_at"]
    verbose_name_plural = _("values entered by hand, year by year")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("entered_by")


@admin.register(Target)
class TargetAdmin(ModelAdmin):
    """Goals with where they began; measured by the portal, or entered here."""

    form = TargetForm
    list_display = ["title_nb", "measure", "goal_text", "due", "is_public", "order"]
    list_filter = ["measure", "is_public", "period_kind"]
    search_fields = ["title_nb", "title_nn", "title_en"]
    list_per_page = 50
    warn_unsaved_form = True
    inlines = [TargetValueInline]
    fieldsets = [
        (None, {"fields": ["measure", "period_kind", "unit", "is_public", "order"]}),
        (_("From the start to the goal"), {"fields": ["baseline", "baseline_year", "goal", "due_year", "source"]}),
        (_("What it is called"), {"fields": ["title_nb", "title_nn", "title_en"]}),
    ]

    @display(description=_("goal"), ordering="goal")
    def goal_text(self, target: Target) -> str:
        return f"{target.goal.normalize():f} {target.unit}".strip()

    @display(description=_("to be reached in"), ordering="due_year")
    def due(self, target: Target) -> str:
        return Period(target.period_kind, target.due_year).label

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Note who entered a value; one that is changed is the changer's."""
        for row in formset.save(commit=False):
            row.entered_by = staff(request)
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        forget_targets()

    def delete_model(self, request: HttpRequest, obj: Target) -> None:
        super().delete_model(request, obj)
        forget_targets()
