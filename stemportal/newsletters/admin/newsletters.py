"""The editor's form: blocks, the subject in up to three languages, and who gets it. What comes after is in ``desk``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from stemportal.newsletters.admin import desk
from stemportal.newsletters.admin.blocks import BlockInline
from stemportal.newsletters.audience import Audience, reach
from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Interest, Newsletter
from stemportal.newsletters.services import editing
from stemportal.places.models import County


class AudienceForm(forms.ModelForm):
    """Who gets it: what is ticked, and everybody where nothing is."""

    audience_roles = forms.MultipleChoiceField(
        label=_("To whom"),
        choices=Newsletter.Role.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("By the account with the same address. Nothing ticked: everybody."),
    )
    audience_languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=settings.LANGUAGES,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("The language that a subscriber reads. Nothing ticked: all."),
    )
    audience_counties = forms.ModelMultipleChoiceField(
        label=_("Counties"),
        queryset=County.objects.filter(valid_to__isnull=True).order_by("number"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Only who has said the county. Nothing ticked: the whole country."),
    )
    audience_interests = forms.ModelMultipleChoiceField(
        label=_("Interests"),
        queryset=Interest.objects.filter(is_active=True),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Who has chosen no interests wants to read about everything, and gets it too."),
    )

    class Meta:
        model = Newsletter
        fields = ["audience_roles", "audience_languages", "audience_counties", "audience_interests"]

    def audience(self) -> Audience:
        """Return what is ticked. Call it after ``is_valid``."""
        data = self.cleaned_data
        return Audience(
            roles=data["audience_roles"],
            languages=data["audience_languages"],
            counties=[county.pk for county in data["audience_counties"]],
            interests=[interest.pk for interest in data["audience_interests"]],
        )


class NewsletterForm(AudienceForm):
    """The newsletter without its blocks. A half-written translation may be saved, and is pointed out before sending."""

    class Meta:
        model = Newsletter
        fields = [
            *AudienceForm.Meta.fields,
            *(f"{part}_{code}" for code in ("nb", "nn", "en") for part in ("subject", "preheader")),
            "is_public",
            "slug",
        ]


@admin.register(Newsletter)
class NewsletterAdmin(ModelAdmin):
    form = NewsletterForm
    inlines = [BlockInline]
    list_display = ["subject_nb", "state", "scheduled_at", "edited_by", "approved_by", "started_at", "sent_at"]
    list_filter = ["status"]
    search_fields = ["subject_nb", "subject_nn", "subject_en"]
    list_select_related = ["edited_by", "approved_by"]
    list_per_page = 25
    show_full_result_count = False
    warn_unsaved_form = True
    readonly_fields = ["receivers_now"]
    fieldsets = [
        (_("Norwegian bokmål"), {"fields": ["subject_nb", "preheader_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["subject_nn", "preheader_nn"], "classes": ["collapse"]}),
        (_("English"), {"fields": ["subject_en", "preheader_en"], "classes": ["collapse"]}),
        (
            _("Who gets it"),
            {
                "fields": [
                    "receivers_now",
                    "audience_roles",
                    "audience_languages",
                    "audience_interests",
                    "audience_counties",
                ]
            },
        ),
        (_("On the web"), {"fields": ["is_public", "slug"], "classes": ["collapse"]}),
    ]
    actions_detail = ["preview", "send"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("receivers/", view(self.receivers), name="newsletters_newsletter_receivers"),
            path(
                "<int:pk>/mail/",
                xframe_options_sameorigin(view(self.mail)),
                name="newsletters_newsletter_mail",
            ),
        ]
        return own + super().get_urls()

    def has_change_permission(self, request: HttpRequest, obj: Newsletter | None = None) -> bool:
        """What waits to be sent, or went out, stays as it is."""
        is_open = obj is None or obj.status == Newsletter.Status.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Newsletter | None = None) -> bool:
        """What went out is not deleted, so the list offers no deletion either; a draft's own page does."""
        is_draft = obj is not None and obj.status == Newsletter.Status.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    @display(
        description=_("status"),
        ordering="status",
        label={"draft": "info", "scheduled": "info", "sending": "warning", "paused": "danger", "sent": "success"},
    )
    def state(self, newsletter: Newsletter) -> tuple[str, str]:
        return newsletter.status, newsletter.get_status_display()

    @display(description=_("receivers"))
    def receivers_now(self, newsletter: Newsletter) -> SafeString:
        """How many would get it now; counted anew when somebody ticks something, or presses the button."""
        # The theme asks several times for one page.
        found = getattr(newsletter, "_reach", None) or reach(Audience.of(newsletter) if newsletter.pk else Audience())
        newsletter._reach = found  # type: ignore[attr-defined]
        return render_to_string("newsletters/admin/_receivers.html", {"reach": found})

    def receivers(self, request: HttpRequest) -> HttpResponse:
        """Count what is ticked in the form and not saved yet. Changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AudienceForm(request.POST)
        context: dict[str, Any] = {"reach": reach(form.audience()) if form.is_valid() else None}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "newsletters/admin/_receivers.html", context)
        context |= {**self.admin_site.each_context(request), "title": _("Receivers")}
        return TemplateResponse(request, "newsletters/admin/receivers.html", context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Somebody may have sent it while another edited it: then nothing of the edit is kept, and that is said."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except NewsletterError as error:
            messages.error(request, str(error))
            return redirect("admin:newsletters_newsletter_changelist")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Newsletter | None:
        """An edit holds the row from the moment it is compared with what the form sends."""
        found: Newsletter | None = super().get_object(request, object_id, from_field)
        is_edit = request.method == "POST" and str(request.resolver_match and request.resolver_match.url_name).endswith(
            "_change"
        )
        if found and is_edit and found.status == Newsletter.Status.DRAFT:
            return editing.lock_draft(found.pk)
        return found

    def save_model(self, request: HttpRequest, obj: Newsletter, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = desk.editor(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change or form.has_changed() or any(formset.has_changed() for formset in formsets):
            editing.note_edit(newsletter=form.instance, by=desk.editor(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for block in formset.deleted_objects:
            editing.forget_picture(str(block.file.name or ""))

    def delete_model(self, request: HttpRequest, obj: Newsletter) -> None:
        names = [str(block.file.name or "") for block in obj.blocks.all()]
        super().delete_model(request, obj)
        for name in names:
            editing.forget_picture(name)

    def response_add(self, request: HttpRequest, obj: Newsletter, post_url_continue: str | None = None) -> HttpResponse:
        """After writing comes looking: the preview is the next step."""
        response = super().response_add(request, obj, post_url_continue)
        return desk.to_preview(obj) if "_save" in request.POST else response

    def response_change(self, request: HttpRequest, obj: Newsletter) -> HttpResponse:
        response = super().response_change(request, obj)
        return desk.to_preview(obj) if "_save" in request.POST else response

    @action(description=_("Preview and test"), url_path="preview", icon="visibility", permissions=["view"])
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The mail as readers get it; POST sends it to the editor's own address, or approves it."""
        return desk.preview(self, request, self._newsletter(request, object_id))

    @action(description=_("Send"), url_path="send", icon="send", permissions=["view"])
    def send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Before: what is missing, who gets it, now or later. Meanwhile: how far it is. After: what became of it."""
        return desk.send(self, request, self._newsletter(request, object_id))

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One mail of the preview, for its frame."""
        newsletter = self._newsletter(request, str(pk))
        if not self.has_view_permission(request, newsletter):
            raise Http404
        return desk.mail(request, newsletter)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Newsletter]:
        return super().get_queryset(request).defer("kept_counts")

    def _newsletter(self, request: HttpRequest, object_id: str) -> Newsletter:
        newsletter = self.get_object(request, object_id)
        if newsletter is None:
            raise Http404
        return newsletter
