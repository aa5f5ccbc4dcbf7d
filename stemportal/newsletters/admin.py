"""The editor's desk: write a newsletter, look at it, test and send it; and who subscribes on what consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from stemportal.newsletters import emails, queries, rendering, services
from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.outbox.letters import absolute_url, render


class NewsletterForm(forms.ModelForm):
    """A translation needs both subject and text, else its readers get bokmål."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name.startswith("body_"):
                field.widget.attrs["rows"] = 20

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code, name in settings.LANGUAGES:
            subject, body = data.get(f"subject_{code}", ""), data.get(f"body_{code}", "")
            if code != rendering.FALLBACK and bool(subject.strip()) != bool(body.strip()):
                missing = "body" if subject.strip() else "subject"
                message = gettext("Write both subject and text in %(language)s, or leave both empty.")
                self.add_error(f"{missing}_{code}", message % {"language": name})
        return data


@admin.register(Newsletter)
class NewsletterAdmin(ModelAdmin):
    form = NewsletterForm
    list_display = ["subject_nb", "state", "how_far", "created_at", "sent_at", "sent_by"]
    list_filter = ["status"]
    search_fields = ["subject_nb", "body_nb"]
    list_select_related = ["sent_by"]
    list_per_page = 25
    warn_unsaved_form = True
    fieldsets = [
        (_("Norwegian bokmål"), {"fields": ["subject_nb", "body_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["subject_nn", "body_nn"], "classes": ["collapse"]}),
        (_("English"), {"fields": ["subject_en", "body_en"], "classes": ["collapse"]}),
    ]
    actions_detail = ["preview", "send"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Newsletter]:
        return queries.with_progress(super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj: Newsletter | None = None) -> bool:
        """What went out stays as it was."""
        is_open = obj is None or obj.status == Newsletter.Status.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Newsletter | None = None) -> bool:
        """What went out is not deleted, so the list offers no deletion either; a draft's own page does."""
        is_draft = obj is not None and obj.status == Newsletter.Status.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    @display(
        description=_("status"), ordering="status", label={"draft": "info", "sending": "warning", "sent": "success"}
    )
    def state(self, newsletter: Newsletter) -> tuple[str, str]:
        return newsletter.status, newsletter.get_status_display()

    @display(description=_("mails written"))
    def how_far(self, newsletter: Any) -> str:
        if newsletter.status == Newsletter.Status.DRAFT:
            return "–"
        return gettext("%(done)s of %(all)s") % {"done": newsletter.written, "all": newsletter.receivers}

    def response_add(self, request: HttpRequest, obj: Newsletter, post_url_continue: str | None = None) -> HttpResponse:
        """After writing comes looking: the preview is the next step."""
        response = super().response_add(request, obj, post_url_continue)
        return _to_preview(obj.pk) if "_save" in request.POST else response

    @action(description=_("Preview and test"), url_path="preview", icon="visibility", permissions=["view"])
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The mail in each language as a reader gets it; POST sends it to the editor's own address."""
        newsletter = self._newsletter(request, object_id)
        if request.method == "POST":
            code = request.POST.get("language", rendering.FALLBACK)
            if code not in dict(settings.LANGUAGES):
                raise Http404
            services.send_test(newsletter, to=request.user.email, language=code)  # type: ignore[union-attr]
            messages.success(request, gettext("A test is on its way to %(email)s.") % {"email": request.user.email})  # type: ignore[union-attr]
            return _to_preview(newsletter.pk)
        context = self._context(request, newsletter, gettext("Preview")) | {"previews": _previews(newsletter)}
        return TemplateResponse(request, "admin/newsletters/preview.html", context)

    @action(description=_("Send"), url_path="send", icon="send", permissions=["view"])
    def send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Before: how many get it, and a button. After: how far it is."""
        newsletter = self._newsletter(request, object_id)
        if request.method == "POST":
            if not request.user.has_perm("newsletters.change_newsletter"):
                raise PermissionDenied
            try:
                count = services.send_newsletter(newsletter, request.user)  # type: ignore[arg-type]  # staff only
            except services.NewsletterError as error:
                messages.error(request, str(error))
            else:
                text = ngettext("On its way to %(count)s subscriber.", "On its way to %(count)s subscribers.", count)
                messages.success(request, text % {"count": count})
            return redirect("admin:newsletters_newsletter_send", object_id=newsletter.pk)
        context = self._context(request, newsletter, gettext("Send")) | {
            "is_draft": newsletter.status == Newsletter.Status.DRAFT,
            "subscribers": Subscriber.objects.active().count(),
            "languages": [str(dict(settings.LANGUAGES)[code]) for code in rendering.written_languages(newsletter)],
            "progress": queries.progress(newsletter),
            "may_send": request.user.has_perm("newsletters.change_newsletter"),
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"admin/newsletters/send.html{part}", context)

    def _newsletter(self, request: HttpRequest, object_id: str) -> Newsletter:
        newsletter = self.get_object(request, object_id)
        if newsletter is None:
            raise Http404
        return newsletter

    def _context(self, request: HttpRequest, newsletter: Newsletter, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "newsletter": newsletter,
            "title": f"{title}: {newsletter.subject_nb}",
        }


def _to_preview(newsletter_id: int) -> HttpResponse:
    return redirect("admin:newsletters_newsletter_preview", object_id=newsletter_id)


def _previews(newsletter: Newsletter) -> list[dict[str, Any]]:
    """One for each language: its name, subject, HTML and text, and whether it falls back to bokmål."""
    address = absolute_url(reverse("newsletters:subscribe"))
    day = formats.date_format(timezone.localdate(), "DATE_FORMAT")
    result = []
    for code, name in settings.LANGUAGES:
        issue = rendering.content(newsletter, code)
        reason = gettext("you subscribed to our newsletter on %(day)s") % {"day": day}
        letter = emails.newsletter_letter(issue, reason=reason, unsubscribe_url=address)
        text, html = render(letter, issue.language)
        is_fallback = issue.language != code
        result.append(
            {"code": code, "name": name, "subject": issue.subject, "html": html, "text": text, "fallback": is_fallback}
        )
    return result


@admin.register(Subscriber)
class SubscriberAdmin(ModelAdmin):
    """Read only: an address gets on the list by its owner's own click and no other way."""

    list_display = ["email", "state", "language", "confirmed_at", "unsubscribed_at", "consent_source"]
    list_filter = ["status", "language"]
    search_fields = ["email"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["take_off"]
    fields = [
        "email",
        "status",
        "language",
        "consent_text",
        "consent_source",
        "asked_at",
        "confirmed_at",
        "unsubscribed_at",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Subscriber | None = None) -> bool:
        return False

    @display(
        description=_("status"),
        ordering="status",
        label={"pending": "warning", "active": "success", "unsubscribed": "danger"},
    )
    def state(self, subscriber: Subscriber) -> tuple[str, str]:
        return subscriber.status, subscriber.get_status_display()

    @admin.action(description=_("Unsubscribe (asked for by phone or mail)"), permissions=["delete"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        count = services.unsubscribe_on_request(list(queryset.values_list("pk", flat=True)))
        text = ngettext("%(count)s address unsubscribed.", "%(count)s addresses unsubscribed.", count)
        messages.success(request, text % {"count": count})
