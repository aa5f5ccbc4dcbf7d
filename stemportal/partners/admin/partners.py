"""The secretariat's desk: the queue of applications, each decided in one click or declined with a reason.

The status of a partner is never a form field: every move is an action on POST, so that history and mail happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from stemportal.lib.brreg import Answer
from stemportal.outbox.models import Mail
from stemportal.partners.emails.common import about
from stemportal.partners.models import Membership, Partner, PartnerEvent, Signature
from stemportal.partners.queries.applications import same_name
from stemportal.partners.services import decisions

Status = Partner.Status

# What the register's answers are called for those who decide; an empty one means that nobody asked.
REGISTER_ANSWERS = {
    Answer.FOUND: _("Found, in order"),
    Answer.DELETED: _("Deleted from the register"),
    Answer.BANKRUPT: _("Bankrupt or being closed down"),
    Answer.UNKNOWN: _("Not in the register"),
    Answer.UNAVAILABLE: _("The register did not answer"),
}
# Reasons to choose from; the words go into the mail, in the contact's language.
REASONS = {
    "not_stem": (
        _("Not about science and technology"),
        _("The partnership is for organisations that can show young people work with science and technology."),
    ),
    "no_activity": (
        _("No offer for schools"),
        _("We could not see what you would offer classes. Tell us what a class could do with you, and apply again."),
    ),
    "not_found": (
        _("The organisation can not be found"),
        _("We could not find the organisation in the register. Please check the number and apply again."),
    ),
    "duplicate": (
        _("Already a partner"),
        _("Your organisation is a partner already. Ask a colleague to invite you, or write to us."),
    ),
    "sales": (
        _("Sells to schools"),
        _("The offers of the portal are free for pupils and schools, and it is no place to sell."),
    ),
}


class DeclineForm(forms.Form):
    """Why an application is declined: a ready sentence, words of one's own, or both."""

    reason = forms.ChoiceField(
        required=False,
        label=_("Reason"),
        choices=[("", _("Only my own words")), *((code, title) for code, (title, _text) in REASONS.items())],
        widget=UnfoldAdminSelectWidget,
    )
    words = forms.CharField(
        required=False,
        max_length=700,
        label=_("In your own words"),
        help_text=_("Goes into the mail as it stands, after the ready sentence if you chose one."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("reason") and not data.get("words") and not self.errors:
            self.add_error("words", _("Choose a reason or write one, so that the organisation knows why."))
        return data

    def text(self, language: str) -> str:
        """Return the reason as it will stand in the mail."""
        code, words = self.cleaned_data["reason"], self.cleaned_data["words"]
        with translation.override(language):
            ready = str(REASONS[code][1]) if code else ""
        return "\n\n".join(part for part in (ready, words) if part)


class StatusFilter(admin.SimpleListFilter):
    """By status; without a choice the list is the queue of applications that wait."""

    title = _("status")
    parameter_name = "status__exact"
    everything = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Status.choices, (self.everything, _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or Status.APPLIED
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        chosen = self.value() or Status.APPLIED
        return queryset if chosen == self.everything else queryset.filter(status=chosen)


class ReadOnlyInline(TabularInline):
    """Rows that tell what happened; nobody edits them."""

    extra = 0
    tab = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    tab = True
    autocomplete_fields = ["user"]
    fields = ["user", "role", "joined_at"]
    readonly_fields = ["joined_at"]


class SignatureInline(ReadOnlyInline):
    model = Signature
    fields = ["declaration", "signed_name", "signed_by", "signed_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signature]:
        return super().get_queryset(request).select_related("declaration", "signed_by")


class EventInline(ReadOnlyInline):
    model = PartnerEvent
    fields = ["at", "by", "from_status", "to_status", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartnerEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Partner)
class PartnerAdmin(ModelAdmin):
    list_filter = [StatusFilter, "kind", "register_status", "municipality__county"]
    search_fields = ["display_name", "legal_name", "organisation_number", "contact_name", "contact_email"]
    list_select_related = ["municipality"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["applied_at"]
    actions = ["approve_selected"]
    inlines = [MembershipInline, SignatureInline, EventInline]
    warn_unsaved_form = True
    change_form_outer_before_template = "partners/admin/decision.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("organisation_number", "country"),
                    ("legal_name", "display_name"),
                    ("kind", "website"),
                    "about",
                ]
            },
        ),
        (_("Place"), {"fields": [("address", "postal_code", "postal_place"), "municipality"]}),
        (_("Contact person"), {"fields": [("contact_name", "contact_role"), "contact_email"]}),
        (
            _("Before deciding"),
            {"fields": ["register_answer", "same_name", ("sector_code", "sector_name", "employees"), "mails"]},
        ),
        (_("Decision"), {"fields": [("status", "applied_at", "decided_at"), "decline_reason", "slug"]}),
    ]
    readonly_fields = [
        "organisation_number",
        "country",
        "register_answer",
        "same_name",
        "mails",
        "status",
        "applied_at",
        "decided_at",
        "decline_reason",
        "slug",
    ]

    # Who may do what.

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Partners come in through the form, with a signature and a confirmed number."""
        return False

    def get_list_display(self, request: HttpRequest) -> list[str]:
        may_decide = self.has_change_permission(request)
        columns = ["kind", "municipality", "applied_at", "register_said", "state"]
        return ["display_name", "decide", *columns] if may_decide else ["display_name", *columns]

    def has_delete_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        """Only what never became a partner, one at a time; a partnership ends, it does not vanish."""
        may_go = obj is not None and obj.status in {Status.UNCONFIRMED, Status.DECLINED}
        return may_go and super().has_delete_permission(request, obj)

    def view_on_site(self, obj: Partner) -> str | None:
        """The public page, once there is one."""
        return obj.get_absolute_url() if obj.is_approved else None

    # Columns and facts.

    @display(
        description=_("status"),
        ordering="status",
        label={
            Status.UNCONFIRMED: "info",
            Status.APPLIED: "warning",
            Status.APPROVED: "success",
            Status.DECLINED: "danger",
        },
    )
    def state(self, partner: Partner) -> tuple[str, str]:
        return partner.status, partner.get_status_display()

    @display(description=_("what the register said"), ordering="register_status")
    def register_said(self, partner: Partner) -> str:
        return str(REGISTER_ANSWERS.get(partner.register_status, _("Not asked")))  # type: ignore[call-overload]

    @display(description=_("decide"))
    def decide(self, partner: Partner) -> SafeString | str:
        """A button that sends the list's own form to the approval, so one click decides and nothing happens on GET."""
        if partner.status != Status.APPLIED:
            return "–"
        return render_to_string("partners/admin/decide.html", {"partner": partner})

    @display(description=_("what the register said"))
    def register_answer(self, partner: Partner) -> str:
        return self.register_said(partner)

    @display(description=_("same number or same name"))
    def same_name(self, partner: Partner) -> SafeString | str:
        others = same_name(partner)[:10]
        if not others:
            return gettext("No other")
        return format_html_join(
            SafeString("<br>"),
            '<a class="underline" href="{}">{}</a> · {} · {}',
            (
                (
                    reverse("admin:partners_partner_change", args=[other.pk]),
                    other.display_name,
                    other.organisation_number,
                    other.get_status_display(),
                )
                for other in others
            ),
        )

    @display(description=_("mails about it"))
    def mails(self, partner: Partner) -> SafeString:
        subject = about(partner)
        count = Mail.objects.about(subject).count()
        return format_html(
            '<a class="underline" href="{}?about__exact={}">{}</a>',
            reverse("admin:outbox_mail_changelist"),
            subject,
            ngettext("%(count)s mail", "%(count)s mails", count) % {"count": count},
        )

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # Saving facts: only what was changed, so that a decision made meanwhile is not undone.

    def save_model(self, request: HttpRequest, obj: Partner, form: forms.ModelForm, change: bool) -> None:
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    # Actions.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        moves = [
            path(f"<int:pk>/{name}/", view(getattr(self, f"{name}_view")), name=f"partners_partner_{name}")
            for name in ("approve", "decline", "pause", "resume")
        ]
        return moves + super().get_urls()

    def _partner(self, request: HttpRequest, pk: int) -> Partner:
        partner = get_object_or_404(Partner, pk=pk)
        if not self.has_change_permission(request, partner):
            raise PermissionDenied
        return partner

    def _answer(self, request: HttpRequest, partner: Partner, moved: bool, text: Any) -> HttpResponse:
        """Say what happened and go back to the queue, or that somebody else was faster."""
        if moved:
            messages.success(request, text % {"partner": partner})
        else:
            partner.refresh_from_db(fields=["status"])
            text = _("Nothing was changed: %(partner)s already has the status “%(status)s”.")
            messages.warning(request, text % {"partner": partner, "status": partner.get_status_display()})
        return redirect("admin:partners_partner_changelist")

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = self._partner(request, pk)
        if request.method != "POST":
            return redirect("admin:partners_partner_change", pk)
        moved = decisions.approve_partner(partner=partner, by=request.user)  # type: ignore[arg-type]  # staff only
        return self._answer(request, partner, moved, _("%(partner)s is approved and gets a mail about it."))

    def decline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = self._partner(request, pk)
        if partner.status != Status.APPLIED:
            return self._answer(request, partner, False, "")
        form = DeclineForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            reason = form.text(decisions.contact_language(partner))
            moved = decisions.decline_partner(partner=partner, by=request.user, reason=reason)  # type: ignore[arg-type]
            return self._answer(request, partner, moved, _("%(partner)s is declined and gets a mail with the reason."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "partner": partner,
            "form": form,
            "reasons": [(title, text) for title, text in REASONS.values()],
            "title": gettext("Decline %(partner)s") % {"partner": partner},
        }
        return TemplateResponse(request, "partners/admin/decline.html", context)

    def pause_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = self._partner(request, pk)
        if request.method != "POST":
            return redirect("admin:partners_partner_change", pk)
        moved = decisions.pause_partner(partner=partner, by=request.user)  # type: ignore[arg-type]  # staff only
        return self._answer(request, partner, moved, _("%(partner)s is paused; its page and offers are not shown."))

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = self._partner(request, pk)
        if request.method != "POST":
            return redirect("admin:partners_partner_change", pk)
        moved = decisions.resume_partner(partner=partner, by=request.user)  # type: ignore[arg-type]  # staff only
        return self._answer(request, partner, moved, _("%(partner)s is active again."))

    @admin.action(description=_("Approve the chosen applications"), permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        chosen = list(queryset)
        approved = sum(decisions.approve_partner(partner=partner, by=request.user) for partner in chosen)  # type: ignore[arg-type]
        if approved:
            text = ngettext("%(count)s application is approved.", "%(count)s applications are approved.", approved)
            messages.success(request, text % {"count": approved})
        if left := len(chosen) - approved:
            text = ngettext(
                "%(count)s was not waiting for an answer and stays as it is.",
                "%(count)s were not waiting for an answer and stay as they are.",
                left,
            )
            messages.warning(request, text % {"count": left})
