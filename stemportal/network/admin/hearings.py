"""Hearings and recommendations: writing them, closing a hearing with a summary, publishing a recommendation."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin as PlainAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.network.admin.steps import step_page
from stemportal.network.models import Hearing, Input, Recommendation
from stemportal.network.services import hearings as services
from stemportal.network.services import recommendations
from stemportal.partners.admin.common import staff
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.schools.admin.bookings import ReadOnlyInline

LANGUAGES = [
    (_("Norwegian bokmål"), {"fields": ["title_nb", "text_nb"]}),
    (_("Norwegian nynorsk"), {"fields": ["title_nn", "text_nn"]}),
    (_("English"), {"fields": ["title_en", "text_en"]}),
]


class HearingForm(forms.ModelForm):
    """A hearing that is open keeps its beginning; its end may move, but not into the past."""

    def clean_closes_at(self) -> Any:
        moment = self.cleaned_data["closes_at"]
        if "closes_at" in self.changed_data and moment and moment <= timezone.now():
            raise forms.ValidationError(_("This moment has passed. To close the hearing now, use the button for it."))
        return moment


class CloseForm(forms.Form):
    """What came of the hearing."""

    summary = forms.CharField(
        max_length=10_000,
        label=_("What came of it (Markdown)"),
        help_text=_("Stands on the page of the hearing, for all partners."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
    )

    def clean_summary(self) -> str:
        return without_personal_number(self.cleaned_data["summary"])


def close(model_admin: PlainAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a hearing; an open one is closed by it."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Hearing, pk=pk)
    if found.opens_at > timezone.now():
        messages.warning(request, _("This hearing has not begun. You can change or delete it."))
        return redirect("admin:network_hearing_change", pk)
    initial = {"summary": found.summary}
    form = CloseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.close_hearing(hearing=found, summary=form.cleaned_data["summary"])
        messages.success(request, _("The hearing is closed, and its page says what came of it."))
        return redirect("admin:network_hearing_change", pk)
    context = {
        "hearing": found,
        "is_open": found.is_open(),
        "form": form,
        "inputs": found.inputs.exclude(status=Input.Status.WITHDRAWN).count(),
        "waiting": found.inputs.undecided().count(),
        "title": gettext("Close “%(title)s”") % {"title": found},
    }
    return step_page(model_admin, request, "hearing_close", **context)


class StageFilter(admin.SimpleListFilter):
    """Where a hearing stands; those that are over without a summary are the secretariat's to finish."""

    title = _("status")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("unsaid", _("Over, without a summary"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hearing]) -> QuerySet[Hearing]:
        if self.value() not in {"open", "unsaid"}:
            return queryset
        found = Hearing.objects.open() if self.value() == "open" else Hearing.objects.without_summary()
        return queryset.filter(pk__in=found.order_by().values("pk"))


@admin.register(Hearing)
class HearingAdmin(ModelAdmin):
    form = HearingForm
    list_display = ["title_nb", "state", "opens_at", "closes_at", "came_in"]
    list_filter = [StageFilter]
    search_fields = ["title_nb", "title_nn", "title_en"]
    warn_unsaved_form = True
    view_on_site = False
    fieldsets = [(None, {"fields": ["opens_at", "closes_at", "mails"]}), *LANGUAGES]
    readonly_fields = ["mails"]
    change_form_outer_before_template = "network/admin/hearing_desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hearing]:
        return super().get_queryset(request).annotate(number_of_inputs=Count("inputs"))

    def get_readonly_fields(self, request: HttpRequest, obj: Hearing | None = None) -> list[str]:
        """What has begun keeps its beginning."""
        began = obj is not None and obj.opens_at <= timezone.now()
        return ["opens_at", "mails"] if began else ["mails"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Tomorrow at eight, so that nobody is mailed by a hasty click."""
        tomorrow = timezone.localtime() + timedelta(days=1)
        return {"opens_at": tomorrow.replace(hour=8, minute=0, second=0, microsecond=0)}

    def has_delete_permission(self, request: HttpRequest, obj: Hearing | None = None) -> bool:
        """What partners have answered stays."""
        unused = obj is not None and not obj.inputs.exists()
        return unused and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(close, self))
        return [path("<int:pk>/close/", view, name="network_hearing_close"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Hearing, form: forms.ModelForm, change: bool) -> None:
        """Write only what was changed: how far the mails are may be newer than this page."""
        if not change:
            obj.created_by = staff(request)
            obj.save()
            return
        obj.save(update_fields=form.changed_data)
        if "closes_at" in form.changed_data:
            services.move_deadline(hearing=obj)

    @display(description=_("status"), label={"open": "success", "coming": "info", "over": "warning"})
    def state(self, found: Hearing) -> tuple[str, Any]:
        if found.opens_at > timezone.now():
            return "coming", _("To come")
        return ("open", _("Open")) if found.is_open() else ("over", _("Over"))

    @display(description=_("input"), ordering="number_of_inputs")
    def came_in(self, found: Any) -> int:
        return int(found.number_of_inputs)

    @display(description=_("mails"))
    def mails(self, found: Hearing) -> str:
        """Whom it is told, and whether that is done."""
        if found.told_at:
            return gettext("All owners and editors of approved partners were told by mail.")
        return gettext("When it opens, all owners and editors of approved partners get a mail.")


class BundledInline(ReadOnlyInline):
    model = Input
    fk_name = "recommendation"
    fields = ["title", "partner", "is_shared", "status"]
    show_change_link = True


def publish(model_admin: PlainAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Show what everybody will read, then publish it; its input is taken up."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Recommendation, pk=pk)
    if request.method == "POST":
        if recommendations.publish_recommendation(recommendation=found, by=staff(request)):
            messages.success(request, _("Published. The partners whose input is in it are told by mail."))
        else:
            messages.info(request, _("It was published already."))
        return redirect("admin:network_recommendation_change", pk)
    bundled = found.inputs.select_related("partner").order_by("at", "pk")
    context = {
        "recommendation": found,
        "named": [one for one in bundled if one.is_shared],
        "closed": sum(not one.is_shared for one in bundled),
        "title": gettext("Publish “%(title)s”") % {"title": found},
    }
    return step_page(model_admin, request, "recommendation_publish", **context)


def take_down(model_admin: PlainAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Take a recommendation off the pages."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Recommendation, pk=pk)
    if request.method == "POST" and recommendations.take_down_recommendation(recommendation=found):
        messages.success(request, _("It is no longer shown. You can publish it again."))
    return redirect("admin:network_recommendation_change", pk)


@admin.register(Recommendation)
class RecommendationAdmin(ModelAdmin):
    list_display = ["title_nb", "addressed_to", "bundled", "state", "created_at"]
    list_filter = [("published_at", admin.EmptyFieldListFilter)]
    search_fields = ["title_nb", "title_nn", "title_en", "addressed_to"]
    warn_unsaved_form = True
    view_on_site = False
    fieldsets = [(None, {"fields": ["addressed_to"]}), *LANGUAGES]
    inlines = [BundledInline]
    change_form_outer_before_template = "network/admin/recommendation_desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recommendation]:
        return super().get_queryset(request).annotate(number_of_inputs=Count("inputs"))

    def has_delete_permission(self, request: HttpRequest, obj: Recommendation | None = None) -> bool:
        """What everybody has read is taken down first."""
        hidden = obj is not None and obj.published_at is None
        return hidden and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"network_recommendation_{name}")

        return [
            page("<int:pk>/publish/", publish, "publish"),
            page("<int:pk>/take-down/", take_down, "take_down"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Recommendation, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.created_by = staff(request)
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)

    @display(description=_("input"), ordering="number_of_inputs")
    def bundled(self, found: Any) -> int:
        return int(found.number_of_inputs)

    @display(description=_("status"), label={"shown": "success", "draft": "info"})
    def state(self, found: Recommendation) -> tuple[str, Any]:
        return ("shown", _("Published")) if found.published_at else ("draft", _("Draft"))
