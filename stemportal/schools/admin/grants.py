"""Applications for money for journeys on the desk of the secretariat: the oldest first, decided one by one or many."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from stemportal.lib.money import kroner_words
from stemportal.partners.admin.common import staff
from stemportal.schools import journeys
from stemportal.schools.admin.bookings import ReadOnlyInline
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.transport import DecisionForm, first_amount, steps_of
from stemportal.schools.models import GrantPot, LedgerEntry, TransportGrant
from stemportal.schools.queries.transport import for_secretariat
from stemportal.schools.services import pots
from stemportal.schools.services.grants import GrantMoved, answer_grant, approve_grant, decline_grant

Status = TransportGrant.Status
# As many as one person reads through before pressing the button.
AT_ONCE = 100


class PotField(forms.ModelChoiceField):
    """A pot and what is left in it."""

    def label_from_instance(self, obj: GrantPot) -> str:
        return _("%(pot)s: %(amount)s left") % {"pot": obj.name, "amount": kroner_words(obj.left_ore)}


class AnswerForm(DecisionForm):
    """The secretariat's answer: an application also needs a pot."""

    pot = PotField(GrantPot.objects.none(), required=False, label=gettext_lazy("Pot"), widget=UnfoldAdminSelectWidget)
    field_order = ["pot", "ore", "reply"]

    def __init__(self, *args: Any, grant: TransportGrant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ore"].widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
        self.fields["reply"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        if grant.status == Status.APPLIED:
            self.fields["pot"].queryset = pots.fitting_pots(grant.booking)  # type: ignore[attr-defined]
        else:
            del self.fields["pot"]


class ReasonForm(forms.Form):
    """Why several applications are declined."""

    reply = forms.CharField(
        label=gettext_lazy("A line to the teachers"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class QueueFilter(admin.SimpleListFilter):
    """What waits for the secretariat; partners answer for their own pots first."""

    title = gettext_lazy("waits for us")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [("applied", gettext_lazy("Applications")), ("claimed", gettext_lazy("Receipts"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TransportGrant]) -> QuerySet[TransportGrant]:
        if self.value() in {Status.APPLIED, Status.CLAIMED}:
            return queryset.filter(pk__in=for_secretariat(str(self.value())).order_by().values("pk"))
        return queryset


class EntryInline(ReadOnlyInline):
    model = LedgerEntry
    fields = ["at", "kind", "ore", "pot", "by"]


@admin.register(TransportGrant)
class TransportGrantAdmin(ModelAdmin):
    list_display = ["school", "answer", "state", "waits", "asked", "given", "pot", "day", "visit", "journey"]
    list_display_links = ["school"]
    list_filter = [QueueFilter, "status", "mode", "pot", "booking__school__municipality__county"]
    search_fields = ["booking__school__name", "booking__activity__title", "pot__name"]
    ordering = ["applied_at", "pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["approve_chosen", "decline_chosen"]
    inlines = [EntryInline]
    exclude = ["receipt"]
    change_form_before_template = "schools/admin/grant_desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TransportGrant]:
        return super().get_queryset(request).with_facts()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TransportGrant | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: TransportGrant | None = None) -> list[str]:
        """Nothing is a form field: every step is an action on POST, so that the ledger and mails follow."""
        return [field.name for field in self.opts.fields if field.name != "receipt"]

    # Columns.

    @display(description=gettext_lazy("school"), ordering="booking__school__name")
    def school(self, grant: TransportGrant) -> str:
        return str(grant.booking.school)

    @display(description=gettext_lazy("visit"), ordering="booking__activity__title")
    def visit(self, grant: TransportGrant) -> str:
        return f"{grant.booking.activity.title}, {grant.booking.activity.partner}"

    @display(description=gettext_lazy("day"), ordering="booking__session__starts_at")
    def day(self, grant: TransportGrant) -> Any:
        return journeys.visit_day(grant.booking)

    @display(description=gettext_lazy("journey"), ordering="km")
    def journey(self, grant: TransportGrant) -> str:
        return f"{grant.km} km, {grant.people}, {grant.get_mode_display()}"

    @display(description=gettext_lazy("applied for"), ordering="applied_ore")
    def asked(self, grant: TransportGrant) -> str:
        return kroner_words(grant.applied_ore)

    @display(description=gettext_lazy("approved"), ordering="approved_ore")
    def given(self, grant: TransportGrant) -> str:
        return kroner_words(grant.settled_ore if grant.settled_ore is not None else grant.approved_ore) or "–"

    @display(description=gettext_lazy("has waited"), ordering="applied_at")
    def waits(self, grant: TransportGrant) -> str:
        since = {Status.APPLIED: grant.applied_at, Status.CLAIMED: grant.claimed_at}.get(Status(grant.status))
        return timesince(since, depth=1) if since else "–"

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={
            Status.APPLIED: "warning",
            Status.CLAIMED: "warning",
            Status.APPROVED: "success",
            Status.SETTLED: "success",
            Status.DECLINED: "danger",
        },
    )
    def state(self, grant: TransportGrant) -> tuple[str, str]:
        return grant.status, grant.get_status_display()

    @display(description=gettext_lazy("answer"))
    def answer(self, grant: TransportGrant) -> SafeString | str:
        steps = steps_of(grant)
        return render_to_string("schools/admin/grant_answer_link.html", {"grant": grant}) if steps else "–"

    # Pages.

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"schools_transportgrant_{name}")

        return [
            page("decline/", decline_many, "decline_chosen"),
            page("<int:pk>/answer/", answer_one, "answer"),
            *super().get_urls(),
        ]

    # Actions on chosen rows.

    @admin.action(description=gettext_lazy("Approve the chosen applications as asked"), permissions=["change"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[TransportGrant]) -> None:
        """Each by itself, out of the pot that fits best; what does not fit stays and is told."""
        done, left = 0, 0
        for grant in list(queryset.filter(status=Status.APPLIED).order_by("applied_at", "pk")[:AT_ONCE]):
            pot = pots.suggest_pot(grant.booking, grant.applied_ore)
            try:
                if pot is None:
                    raise GrantMoved
                approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=grant.applied_ore, by=staff(request))
                done += 1
            except BookingError:
                left += 1
        text = ngettext("%(count)s application is approved.", "%(count)s applications are approved.", done)
        messages.success(request, text % {"count": done})
        if left:
            text = ngettext(
                "%(count)s is left as it is: no pot has enough for it, or somebody was faster.",
                "%(count)s are left as they are: no pot has enough for them, or somebody was faster.",
                left,
            )
            messages.warning(request, text % {"count": left})

    @admin.action(description=gettext_lazy("Decline the chosen applications …"), permissions=["change"])
    def decline_chosen(self, request: HttpRequest, queryset: QuerySet[TransportGrant]) -> HttpResponse:
        """Lead to the page that asks for the reason; nothing has happened yet."""
        ids = [str(pk) for pk in queryset.filter(status=Status.APPLIED).values_list("pk", flat=True)[:AT_ONCE]]
        address = reverse("admin:schools_transportgrant_decline_chosen")
        return HttpResponseRedirect(f"{address}?ids={','.join(ids)}")


def _page(model_admin: ModelAdmin, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    whole = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **context}
    return TemplateResponse(request, f"schools/admin/{name}.html", whole)


def answer_one(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about one application, or settle its receipt."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    grant = get_object_or_404(TransportGrant.objects.with_facts(), pk=pk)
    steps = steps_of(grant)
    if not steps:
        messages.warning(request, _("There is nothing to answer."))
        return redirect("admin:schools_transportgrant_change", pk)
    if request.method == "POST":
        do = request.POST.get("do", "")
        form = AnswerForm(request.POST, grant=grant, do=do)
        if do not in steps:
            messages.warning(request, GrantMoved().words)
            return redirect("admin:schools_transportgrant_change", pk)
        if form.is_valid() and _answered(request, grant, do, form):
            return redirect("admin:schools_transportgrant_changelist")
    else:
        suggested = pots.suggest_pot(grant.booking, grant.applied_ore)
        first = {"ore": first_amount(grant), "pot": suggested.pk if suggested else None}
        form = AnswerForm(grant=grant, initial=first)
    return _page(
        model_admin,
        request,
        "grant_answer",
        title=_("Money for the journey"),
        grant=grant,
        form=form,
        steps=steps,
        proposed_km=journeys.distance(grant.booking),
    )


def _answered(request: HttpRequest, grant: TransportGrant, do: str, form: AnswerForm) -> bool:
    """Take the step; on a refusal the form says why."""
    facts = form.cleaned_data
    pot = facts.get("pot")
    try:
        answer_grant(
            grant=grant,
            do=do,
            by=staff(request),
            ore=facts["ore"],
            reply=facts["reply"],
            pot_id=pot.pk if pot else None,
        )
    except BookingError as error:
        form.add_error(error.field if error.field in form.fields else None, error.words)
        return False
    messages.success(request, _("Done. The teacher has been told."))
    return True


def decline_many(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Say no to several applications with one reason."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    ids = [int(text) for text in request.GET.get("ids", "").split(",")[:AT_ONCE] if text.isdecimal() and len(text) < 12]
    waiting = list(TransportGrant.objects.with_facts().filter(pk__in=ids, status=Status.APPLIED).order_by("pk"))
    if not waiting:
        messages.warning(request, _("None of the chosen applications waits for an answer."))
        return redirect("admin:schools_transportgrant_changelist")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = 0
        for grant in waiting:
            try:
                decline_grant(grant_id=grant.pk, by=staff(request), reply=form.cleaned_data["reply"])
                done += 1
            except GrantMoved:
                continue
        text = ngettext("%(count)s application is declined.", "%(count)s applications are declined.", done)
        messages.success(request, text % {"count": done})
        return redirect("admin:schools_transportgrant_changelist")
    return _page(model_admin, request, "grant_decline", title=_("Decline applications"), waiting=waiting, form=form)
