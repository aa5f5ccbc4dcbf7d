"""The blocks of a newsletter in its form: each says in up to three languages what it says, and shows what it shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from stemportal.lib import images
from stemportal.network.models import Meeting, Story
from stemportal.newsletters.models import Block, Newsletter
from stemportal.newsletters.pictures import LONGEST
from stemportal.newsletters.rendering.pieces import uploaded_path
from stemportal.newsletters.services import editing

NEWEST = 50
KIND = Block.Kind
# What a block of a kind cannot be without, in bokmål.
NEEDED = {
    KIND.HEADING: ["title_nb"],
    KIND.TEXT: ["text_nb"],
    KIND.IMAGE: ["title_nb"],
    KIND.BUTTON: ["title_nb", "url"],
    KIND.ACTIVITY: ["activity"],
    KIND.STORY: ["story"],
    KIND.EVENT: ["meeting"],
}


class BlockForm(forms.ModelForm):
    """One block. The picture is drawn anew before it is kept."""

    upload = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text=_("PNG, JPEG or WebP. The title says what it shows, for those who do not see it."),
    )
    story = forms.ModelChoiceField(
        label=_("Story"), queryset=Story.objects.all(), required=False, widget=UnfoldAdminSelectWidget
    )
    meeting = forms.ModelChoiceField(
        label=_("Meeting"), queryset=Meeting.objects.all(), required=False, widget=UnfoldAdminSelectWidget
    )

    picture: images.Picture | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, _name in settings.LANGUAGES:
            self.fields[f"text_{code}"].widget.attrs["rows"] = 6

    def has_changed(self) -> bool:
        """Say whether somebody wrote anything: a place in the order alone makes no block."""
        return bool(self.changed_data if self.instance.pk else set(self.changed_data) - {"order"})

    def clean_upload(self) -> Any:
        """Draw the picture anew now, so that one that cannot be shown is refused here."""
        upload = self.cleaned_data["upload"]
        if upload:
            try:
                self.picture = images.prepare(upload, longest=LONGEST, photo=images.JPEG)
            except images.ImageRefused as error:
                raise forms.ValidationError(str(error)) from error
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in NEEDED.get(data.get("kind", ""), []):
            if name in data and not data[name]:
                self.add_error(name, _("This block needs it."))
        if data.get("kind") == KIND.IMAGE and "upload" in data and not (data["upload"] or self.instance.file):
            self.add_error("upload", _("Choose a picture."))
        return data

    def save(self, commit: bool = True) -> Any:
        if self.picture:
            editing.put_picture(block=self.instance, picture=self.picture)
        return super().save(commit)


class BlockFormSet(BaseInlineFormSet):
    """New blocks stand below those that are there, until somebody moves them."""

    @cached_property
    def first_free(self) -> int:
        """The place in the order after the last block."""
        return max((block.order + 1 for block in self.get_queryset()), default=0)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        if index is None or index >= self.initial_form_count():
            new = 0 if index is None else index - self.initial_form_count()
            kwargs["initial"] = {"order": self.first_free + new}
        return kwargs


class BlockInline(StackedInline):
    """Blocks in their order. Fields that a kind does not use are hidden where scripts run."""

    model = Block
    form = BlockForm
    formset = BlockFormSet
    ordering = ["order", "pk"]
    ordering_field = "order"
    max_num = 40
    autocomplete_fields = ["activity"]
    readonly_fields = ["seen"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("kind", "order"),
                    "activity",
                    "story",
                    "meeting",
                    "upload",
                    "seen",
                    "title_nb",
                    "text_nb",
                    "url",
                ]
            },
        ),
        (_("Norwegian nynorsk"), {"fields": ["title_nn", "text_nn"], "classes": ["collapse"]}),
        (_("English"), {"fields": ["title_en", "text_en"], "classes": ["collapse"]}),
    ]

    class Media:
        js = ("js/newsletter-blocks.js",)

    def get_extra(self, request: HttpRequest, obj: Newsletter | None = None, **kwargs: Any) -> int:
        """Without scripts no rows can be added, so some stand ready."""
        return 1 if obj and obj.blocks.exists() else 3

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Offer what can be shown, and what is chosen already; the lists are read once, not for every block."""
        formset = super().get_formset(request, obj, **kwargs)
        fields = formset.form.base_fields
        if "story" in fields:
            fields["story"].choices = _choices(_stories(obj))
            fields["meeting"].choices = _choices(_meetings(obj))
        return formset

    @admin.display(description=_("picture now"))
    def seen(self, block: Block) -> SafeString | str:
        if not (block.pk and block.file):
            return "–"
        return format_html(
            '<img src="{}" alt="{}" style="max-width: 12rem; height: auto">', uploaded_path(block), block.title_nb
        )


def _choices(rows: QuerySet[Any]) -> list[tuple[Any, str]]:
    return [("", "---------"), *((row.pk, str(row)) for row in rows)]


def _stories(newsletter: Newsletter | None) -> QuerySet[Story]:
    newest = Story.objects.published().values("pk")[:NEWEST]
    chosen = Block.objects.filter(newsletter=newsletter, story__isnull=False).values("story") if newsletter else []
    return Story.objects.filter(Q(pk__in=newest) | Q(pk__in=chosen)).order_by("-published_at", "-pk")


def _meetings(newsletter: Newsletter | None) -> QuerySet[Meeting]:
    coming = Meeting.objects.coming().filter(is_public=True).values("pk")[:NEWEST]
    chosen = Block.objects.filter(newsletter=newsletter, meeting__isnull=False).values("meeting") if newsletter else []
    return Meeting.objects.filter(Q(pk__in=coming) | Q(pk__in=chosen)).order_by("starts_at", "pk")
