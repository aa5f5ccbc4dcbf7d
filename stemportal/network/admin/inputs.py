"""Input on the desk of the secretariat: reading, answering, moving it on, bundling it into a recommendation."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin as PlainAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from stemportal.network.admin.steps import step_page
from stemportal.network.models import Input, InputEvent, InputSupport, Recommendation
from stemportal.network.queries.inputs import supporters_of
from stemportal.network.services import inputs as services
from stemportal.network.services import recommendations
from stemportal.network.services.input_telling import about
from stemportal.outbox.models import Mail
from stemportal.partners.admin.common import staff
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.schools.admin.bookings import ReadOnlyInline

Status = Input.Status
# As many as one person reads through before pressing the button.
AT_ONCE = 100


class SupportInline(ReadOnlyInline):
    model = InputSupport
    fields = ["partner", "by", "at"]


class EventInline(ReadOnlyInline):
    model = InputEvent
    fields = ["at", "by", "from_status", "to_status"]


class AnswerForm(forms.Form):
    """Status with its reason, and the answer with who may read it."""

    status = forms.ChoiceField(label=_("Status"), widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Reason"),
        help_text=_("Needed when it is not taken up. Everybody who may read the input reads it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    answer = forms.CharField(
        required=False,
        max_length=6000,
        label=_("Answer (Markdown)"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
    )
    answer_is_public = forms.BooleanField(
        required=False,
        label=_("The answer is public"),
        help_text=_("Everybody who may read the input may read it; else the partner that sent it alone."),
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, data: Any = None, *, found: Input) -> None:
        names = ("status", "reason", "answer", "answer_is_public")
        super().__init__(data, initial={name: getattr(found, name) for name in names})
        stays = gettext("%(status)s, as now") % {"status": found.get_status_display()}
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (found.status, stays),
            *((value, Status(value).label) for value in services.MOVES[found.status]),
        ]

    def clean_reason(self) -> str:
        return without_personal_number(self.cleaned_data["reason"]).strip()

    def clean_answer(self) -> str:
        return without_personal_number(self.cleaned_data["answer"]).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("status") == Status.NOT_TAKEN_UP and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", services.NeedsReason().words)
        return data


class BundleForm(forms.Form):
    """A recommendation that is there, or the title of a new one."""

    recommendation = forms.ModelChoiceField(
        Recommendation.objects.order_by("-created_at", "-pk"),
        required=False,
        label=_("Recommendation"),
        empty_label=_("A new one"),
        widget=UnfoldAdminSelectWidget,
    )
    title = forms.CharField(
        required=False,
        max_length=160,
        label=_("Title of the new one, bokmål"),
        help_text=_("You write the text and the other languages on the next page."),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("recommendation") and not data.get("title") and not self.errors:
            self.add_error("title", _("Choose a recommendation, or write the title of a new one."))
        return data


def answer(model_admin: PlainAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an input and move it on; the partner is told."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Input.objects.select_related("partner", "hearing", "by"), pk=pk)
    back = reverse("admin:network_input_change", args=[pk])
    if found.status == Status.WITHDRAWN:
        messages.warning(request, _("The partner has withdrawn this input."))
        return redirect(back)
    form = AnswerForm(request.POST if request.method == "POST" else None, found=found)
    if request.method == "POST" and form.is_valid():
        # What the page showed decides what the move begins from, so that two colleagues do not undo each other.
        found.status = request.POST.get("seen", found.status)
        try:
            is_new = services.answer_input(found=found, by=staff(request), **form.cleaned_data)
        except services.InputError as error:
            messages.warning(request, error.words)
            return redirect("admin:network_input_answer", pk)
        if is_new:
            messages.success(request, _("Saved. The partner is told by mail."))
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect(back)
    context = {
        "input": found,
        "form": form,
        "supporters": supporters_of(found),
        "title": gettext("Answer “%(title)s”") % {"title": found.title},
    }
    return step_page(model_admin, request, "input_answer", **context)


def bundle(model_admin: PlainAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Put the inputs named in the address (``?ids=1,2``) into one recommendation."""
    may = model_admin.has_change_permission(request) and request.user.has_perm("network.change_recommendation")
    if not may:
        raise PermissionDenied
    ids = [int(pk) for pk in request.GET.get("ids", "").split(",") if pk.isdecimal() and len(pk) < 19][:AT_ONCE]
    chosen = Input.objects.filter(pk__in=ids).select_related("partner").order_by("at", "pk")
    fits = chosen.filter(status__in=recommendations.CAN_BE_BUNDLED, recommendation=None)
    if not fits:
        messages.warning(request, _("None of the chosen ones can be bundled: each is decided, withdrawn or in one."))
        return redirect("admin:network_input_changelist")
    form = BundleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by, data = staff(request), form.cleaned_data
        target = data["recommendation"] or Recommendation.objects.create(title_nb=data["title"], created_by=by)
        count = recommendations.bundle_inputs(inputs=list(fits), recommendation=target, by=by)
        text = ngettext("%(count)s input is in it now.", "%(count)s inputs are in it now.", count)
        messages.success(request, text % {"count": count})
        return redirect("admin:network_recommendation_change", target.pk)
    context = {
        "form": form,
        "fits": fits,
        "left": chosen.exclude(pk__in=[found.pk for found in fits]),
        "title": gettext("Bundle into a recommendation"),
    }
    return step_page(model_admin, request, "input_bundle", **context)


@admin.register(Input)
class InputAdmin(ModelAdmin):
    """What partners wrote is theirs: staff read it, and answer on a page of its own."""

    list_display = ["title", "partner", "hearing", "support", "readers", "state", "age"]
    list_filter = ["status", "is_shared", ("hearing", admin.RelatedOnlyFieldListFilter), "recommendation"]
    list_select_related = ["partner", "hearing"]
    search_fields = ["title", "text", "partner__display_name"]
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False
    actions = ["begin_selected", "bundle_selected", "unbundle_selected"]
    inlines = [SupportInline, EventInline]
    fields = [
        "title", "text", "partner", "by", "at", "hearing", "is_shared", "status", "reason", "answer",
        "answer_is_public", "answered_by", "answered_at", "recommendation",
    ]  # fmt: skip
    readonly_fields = fields
    change_form_outer_before_template = "network/admin/input_desk.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Input]:
        return super().get_queryset(request).with_supporters()

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"network_input_{name}")

        return [page("bundle/", bundle, "bundle"), page("<int:pk>/answer/", answer, "answer"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is saved on this page; the mails stand beside the facts."""
        context = {"show_save": False, "show_save_and_continue": False, **(extra_context or {})}
        if object_id.isdecimal() and request.user.has_perm("outbox.view_mail"):
            context["mails"] = Mail.objects.about(about(int(object_id))).order_by("-created_at", "-pk")[:50]
        context["may_answer"] = self.has_change_permission(request)
        return super().change_view(request, object_id, form_url, context)

    @display(description=_("support"), ordering="supporters")
    def support(self, found: Any) -> int:
        return int(found.supporters)

    @display(description=_("read by"), label={"shared": "info", "closed": "warning"}, ordering="is_shared")
    def readers(self, found: Input) -> tuple[str, Any]:
        return ("shared", _("All partners")) if found.is_shared else ("closed", _("Secretariat only"))

    @display(
        description=_("status"),
        ordering="status",
        label={Status.RECEIVED: "warning", Status.IN_WORK: "info", Status.TAKEN_UP: "success"},
    )
    def state(self, found: Input) -> tuple[str, str]:
        return found.status, found.get_status_display()

    @display(description=_("sent"), ordering="at")
    def age(self, found: Input) -> str:
        """How long ago, for what is open; the day for the rest."""
        return timesince(found.at, depth=1) if found.is_open else f"{timezone.localtime(found.at):%Y-%m-%d}"

    @admin.action(description=_("Mark as in work"), permissions=["change"])
    def begin_selected(self, request: HttpRequest, queryset: QuerySet[Input]) -> None:
        moved = services.begin_work(inputs=list(queryset), by=staff(request))
        text = ngettext(
            "%(count)s input is in work now; its partner is told.",
            "%(count)s inputs are in work now; their partners are told.",
            moved,
        )
        messages.success(request, text % {"count": moved})

    @admin.action(description=_("Bundle into a recommendation …"), permissions=["change"])
    def bundle_selected(self, request: HttpRequest, queryset: QuerySet[Input]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        return redirect(f"{reverse('admin:network_input_bundle')}?ids={ids}")

    @admin.action(description=_("Take out of its recommendation"), permissions=["change"])
    def unbundle_selected(self, request: HttpRequest, queryset: QuerySet[Input]) -> None:
        count = recommendations.unbundle_inputs(inputs=list(queryset))
        text = ngettext("%(count)s input was taken out.", "%(count)s inputs were taken out.", count)
        messages.success(request, text % {"count": count})
