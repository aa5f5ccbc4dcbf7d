"""News and stories on the desk of the secretariat: editing, asking back, publishing, declining, taking down.

Words and decision stand in one form: saving writes the words, then does what was chosen. The status moves by
compare-and-set, so two people who decide at once are told who was first.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from stemportal.lib import images
from stemportal.network.models import Story, StoryPhoto
from stemportal.network.photos import LONGEST, MAX_BYTES, url_of
from stemportal.network.services import stories as services
from stemportal.partners.admin.common import staff
from stemportal.partners.forms.forgetting import without_personal_number

Status = Story.Status
PUBLISH, RETURN, DECLINE, TAKE_DOWN = "publish", "return", "decline", "take_down"
DECISIONS = {
    PUBLISH: _("Publish"),
    RETURN: _("Send back with a question"),
    DECLINE: _("Do not publish"),
    TAKE_DOWN: _("Take down"),
}
POSSIBLE = {
    Status.DRAFT: [PUBLISH],
    Status.SUBMITTED: [PUBLISH, RETURN, DECLINE],
    Status.RETURNED: [PUBLISH, DECLINE],
    Status.PUBLISHED: [TAKE_DOWN],
    Status.WITHDRAWN: [PUBLISH],
    Status.DECLINED: [],
}
# These are told to the author with the reason.
WITH_WORDS = {RETURN, DECLINE, TAKE_DOWN}
WORDS = ["title", "lead", "text", "byline"]


class StoryForm(forms.ModelForm):
    """The words of a story, and what is decided about it."""

    decision = forms.ChoiceField(
        required=False,
        label=_("What happens to it"),
        help_text=_("Saving does it, and tells the one who wrote it."),
        widget=UnfoldAdminSelectWidget,
    )
    reply_now = forms.CharField(
        required=False,
        max_length=2_000,
        label=_("To the one who wrote it"),
        help_text=_("The question, or the reason. Goes into the mail as it stands."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )

    class Meta:
        model = Story
        fields = ["kind", "language", *WORDS, "partner", "school", "ecosystem", "on_front_page"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "decision" in self.fields:
            status = self.instance.status if self.instance.pk else Status.DRAFT
            choices = [("", "–"), *((name, DECISIONS[name]) for name in POSSIBLE[Status(status)])]
            self.fields["decision"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        for name in (*WORDS, "reply_now"):
            if facts.get(name):
                try:
                    without_personal_number(facts[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if facts.get("decision") in WITH_WORDS and not facts.get("reply_now"):
            self.add_error("reply_now", gettext("Say why, so that the one who wrote it knows."))
        if facts.get("decision") == PUBLISH and not (facts.get("lead") and facts.get("text")):
            self.add_error("lead", gettext("A story is published with its first lines and its text."))
        return facts


class PhotoForm(forms.ModelForm):
    """A picture: its words can be changed; a new one needs a file and the word of those in it."""

    upload = forms.FileField(required=False, label=_("new picture"), widget=UnfoldAdminFileFieldWidget)
    consent = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    picture: images.Picture | None = None

    class Meta:
        model = StoryPhoto
        fields = ["alt_text", "photographer", "order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("upload", "consent"):
                self.fields[name].widget = forms.HiddenInput()
        else:
            self.fields["consent"].label = services.consent_words()

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload:
            try:
                self.picture = images.prepare(upload, longest=LONGEST, max_bytes=MAX_BYTES)
            except images.ImageRefused as refused:
                raise forms.ValidationError(str(refused)) from refused
        return upload

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not self.instance.pk and not self.errors:
            if self.picture is None:
                self.add_error("upload", gettext("Choose a picture first."))
            if not facts.get("consent"):
                self.add_error("consent", gettext("A picture can be shown only when those in it have said yes."))
        return facts


class PhotoInline(StackedInline):
    model = StoryPhoto
    form = PhotoForm
    extra = 0
    max_num = services.MOST_PHOTOS
    tab = True
    fields = ["shown", "upload", "alt_text", "photographer", "order", "consent", "consented"]
    readonly_fields = ["shown", "consented"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoryPhoto]:
        return super().get_queryset(request).select_related("consent_by")

    @display(description=_("picture"))
    def shown(self, photo: StoryPhoto) -> SafeString | str:
        if not photo.pk:
            return "–"
        return format_html('<img src="{}" alt="{}" width="240" loading="lazy">', url_of(photo), photo.alt_text)

    @display(description=_("consent"))
    def consented(self, photo: StoryPhoto) -> SafeString | str:
        if not photo.pk:
            return "–"
        return format_html("{}<br>{} {:%d.%m.%Y}", photo.consent_text, photo.consent_by or "", photo.consent_at)


@admin.register(Story)
class StoryAdmin(ModelAdmin):
    """What partners and teachers send in, and the secretariat's own news."""

    form = StoryForm
    list_display = ["title", "kind", "voice_name", "state", "submitted_at", "published_at", "on_front_page"]
    list_filter = ["status", "kind", "language", "on_front_page", ("ecosystem", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["title", "lead", "partner__display_name", "school__name", "author__email"]
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["partner", "school"]
    readonly_fields = ["status", "author", "visit", "submitted_at", "published_at", "edited_by", "reply"]
    inlines = [PhotoInline]
    fieldsets = [
        (None, {"fields": ["status", "decision", "reply_now"]}),
        (_("Texts"), {"fields": ["title", "lead", "text", "byline", ("kind", "language")]}),
        (_("Where it stands"), {"fields": ["partner", "school", "ecosystem", "on_front_page"]}),
        (_("Facts"), {"fields": ["author", "visit", "submitted_at", "published_at", "edited_by", "reply"]}),
    ]

    def view_on_site(self, obj: Story) -> str | None:
        """The page for everybody, once there is one."""
        return obj.get_absolute_url() if obj.is_published else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Story]:
        """All but what others are still writing: a draft is nobody else's to read."""
        stories = super().get_queryset(request).exclude(Q(status=Status.DRAFT) & ~Q(author__is_staff=True))
        return stories.select_related("partner", "school", "ecosystem", "booking__activity", "author", "edited_by")

    @display(description=_("told by"))
    def voice_name(self, story: Story) -> str:
        return story.byline or story.voice or "–"

    @display(
        description=_("status"),
        ordering="status",
        label={Status.SUBMITTED: "warning", Status.PUBLISHED: "success", Status.RETURNED: "info"},
    )
    def state(self, story: Story) -> tuple[str, str]:
        return story.status, story.get_status_display()

    @display(description=_("visit"))
    def visit(self, story: Story) -> str:
        return story.booking.activity.title if story.booking else "–"

    def save_model(self, request: HttpRequest, obj: Story, form: Any, change: bool) -> None:
        """Write the words; the status is never written here, so a decision of somebody else stays."""
        obj.edited_by = staff(request)
        if change:
            obj.save(
                update_fields=[*(name for name in form.changed_data if name in StoryForm.Meta.fields), "edited_by"]
            )
        else:
            obj.author = staff(request)
            obj.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Pictures go through the service: drawn anew, with the words that were agreed to."""
        for photo_form in formset.forms:
            if formset.can_delete and formset._should_delete_form(photo_form):
                if photo_form.instance.pk:
                    services.remove_photo(photo=photo_form.instance)
            elif photo_form.instance.pk:
                if photo_form.has_changed():
                    photo_form.save()
            elif photo_form.picture is not None:
                self._add(request, form.instance, photo_form)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def _add(self, request: HttpRequest, story: Story, photo_form: Any) -> None:
        facts = photo_form.cleaned_data
        try:
            services.add_photo(
                story=story,
                picture=photo_form.picture,
                alt_text=facts["alt_text"],
                photographer=facts["photographer"],
                consent=services.consent_words(),
                by=staff(request),
                staff=True,
            )
        except services.StoryRefused as refused:
            messages.warning(request, refused.words)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The pictures, and then what was decided: a story is published with all that belongs to it."""
        super().save_related(request, form, formsets, change)
        decision, reply = form.cleaned_data.get("decision"), form.cleaned_data.get("reply_now") or ""
        if not decision:
            return
        facts = {"story": form.instance, "by": staff(request)}
        match decision:
            case "publish":
                moved = services.publish_story(**facts)
            case "return":
                moved = services.return_story(**facts, reply=reply)
            case "decline":
                moved = services.decline_story(**facts, reply=reply)
            case _:
                moved = services.take_down(**facts, reply=reply)
        form.instance.refresh_from_db()
        if moved:
            messages.success(request, gettext("Done: %(status)s.") % {"status": form.instance.get_status_display()})
        else:
            text = gettext("Somebody else was faster: the story is “%(status)s” now.")
            messages.warning(request, text % {"status": form.instance.get_status_display()})

    def has_delete_permission(self, request: HttpRequest, obj: Story | None = None) -> bool:
        """What is out is taken down first, so that its author hears of it."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.status in Story.AT_REST)

    def delete_model(self, request: HttpRequest, obj: Story) -> None:
        services.delete_story(story=obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the one that deletes many: each deletion takes pictures and history along."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
