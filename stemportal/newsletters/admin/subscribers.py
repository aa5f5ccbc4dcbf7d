"""Who subscribes, on what consent; the words of the consent, what can be chosen, and what came back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from stemportal.newsletters.models import Bounce, ConsentEvent, ConsentText, Interest, Subscriber
from stemportal.newsletters.services import consents, subscribing
from stemportal.newsletters.services.retention import forget_subscribers


class ReadOnly:
    """What happened is looked at, never written by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ConsentEventInline(ReadOnly, TabularInline):
    """The story of the address: the proof that markedsføringsloven § 15 asks for."""

    model = ConsentEvent
    extra = 0
    tab = True
    fields = ["kind", "at", "where", "version", "text", "newsletter"]
    readonly_fields = ["where"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentEvent]:
        return super().get_queryset(request).select_related("newsletter")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @display(description=_("where"))
    def where(self, event: ConsentEvent) -> str:
        return consents.source_words(event.source)


class BounceInline(ReadOnly, TabularInline):
    """What came back from the address."""

    model = Bounce
    extra = 0
    tab = True
    fields = ["kind", "source", "at", "code", "diagnosis", "newsletter"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bounce]:
        return super().get_queryset(request).select_related("newsletter")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnly, ModelAdmin):
    """Read only: an address gets on the list by its owner's own click and no other way."""

    list_display = ["email", "state", "language", "county", "confirmed_at", "unsubscribed_at"]
    list_filter = ["status", "language", "county", "interests"]
    search_fields = ["email"]
    list_select_related = ["county"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["take_off"]
    inlines = [ConsentEventInline, BounceInline]
    fields = [
        "email",
        "status",
        "language",
        "county",
        "interests",
        "consent_text",
        "consent_version",
        "consent_source",
        "asked_at",
        "confirmed_at",
        "unsubscribed_at",
        "soft_bounces",
    ]

    @display(
        description=_("status"),
        ordering="status",
        label={"pending": "warning", "active": "success", "unsubscribed": "danger", "stopped": "danger"},
    )
    def state(self, subscriber: Subscriber) -> tuple[str, str]:
        return subscriber.status, subscriber.get_status_display()

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        """Somebody who wants to be forgotten is forgotten with the mails of signing up."""
        forget_subscribers([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        forget_subscribers(queryset.values_list("pk", flat=True))

    @admin.action(description=_("Unsubscribe (asked for by phone or mail)"), permissions=["delete"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        count = subscribing.unsubscribe_on_request(list(queryset.values_list("pk", flat=True)))
        text = ngettext("%(count)s address unsubscribed.", "%(count)s addresses unsubscribed.", count)
        messages.success(request, text % {"count": count})


class ConsentTextForm(forms.ModelForm):
    """New words begin as those in force, and are in force from the moment they are saved."""

    class Meta:
        model = ConsentText
        fields = ["text_nb", "text_nn", "text_en"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["rows"] = 3
            field.initial = consents.words_now(name.removeprefix("text_")).text


@admin.register(ConsentText)
class ConsentTextAdmin(ModelAdmin):
    """What subscribers say yes to. Somebody has said yes to a version, so none is changed: write a new one."""

    form = ConsentTextForm
    list_display = ["version", "in_force_from", "text_nb", "created_by"]
    list_select_related = ["created_by"]
    list_per_page = 25

    def has_change_permission(self, request: HttpRequest, obj: ConsentText | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ConsentText | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ConsentText, form: forms.ModelForm, change: bool) -> None:
        words = {name: form.cleaned_data[name] for name in ("text_nb", "text_nn", "text_en")}
        obj.pk = consents.new_words(**words, by=request.user).pk  # type: ignore[arg-type]  # staff only
        obj.refresh_from_db()


@admin.register(Interest)
class InterestAdmin(ModelAdmin):
    """What subscribers can choose to read about. One that is not to be chosen any more is switched off."""

    list_display = ["name_nb", "slug", "order", "is_active"]
    list_editable = ["order", "is_active"]
    search_fields = ["name_nb", "slug"]
    prepopulated_fields = {"slug": ["name_nb"]}
    list_per_page = 50


@admin.register(Bounce)
class BounceAdmin(ReadOnly, ModelAdmin):
    """What came back, the latest first: to see why an address was stopped."""

    list_display = ["email", "what", "source", "code", "at", "newsletter"]
    list_filter = ["kind", "source"]
    search_fields = ["email"]
    list_select_related = ["newsletter"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["email", "kind", "source", "subscriber", "newsletter", "code", "diagnosis", "at"]

    @display(
        description=_("kind"),
        ordering="kind",
        label={"hard": "danger", "soft": "warning", "complaint": "danger", "reply": "info"},
    )
    def what(self, bounce: Bounce) -> tuple[str, str]:
        return bounce.kind, bounce.get_kind_display()
