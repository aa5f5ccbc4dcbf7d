"""Notes of the secretariat: on a partner's own page, and all of them with those to come back to first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget

from stemportal.partners.admin.common import page, partner_to_view, staff
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.partners.models import Note
from stemportal.partners.services.notes import add_note, finish_note

PER_PAGE = 25


class NewNoteForm(forms.ModelForm):
    """A note, and perhaps the day to come back to it; who writes it and when is known."""

    class Meta:
        model = Note
        fields = ["text", "follow_up_on"]
        widgets = {
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "follow_up_on": forms.DateInput({"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d"),
        }
        help_texts = {"follow_up_on": _("From that day on it stands among what waits.")}

    def clean_text(self) -> str:
        return without_personal_number(self.cleaned_data["text"])

    def clean_follow_up_on(self) -> Any:
        day = self.cleaned_data["follow_up_on"]
        if day and day < timezone.localdate() and "follow_up_on" in self.changed_data:
            raise forms.ValidationError(_("This day has passed."))
        return day


def notes(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """A partner's notes, the newest first, and a form for the next one."""
    partner = partner_to_view(model_admin, request, pk)
    if not request.user.has_perm("partners.view_note"):
        raise PermissionDenied
    may_add = request.user.has_perm("partners.add_note")
    form = NewNoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        if form.is_valid():
            data = form.cleaned_data
            add_note(partner=partner, by=staff(request), text=data["text"], follow_up_on=data["follow_up_on"])
            messages.success(request, _("The note is saved."))
            return redirect("admin:partners_partner_notes", partner.pk)
    written = Paginator(partner.notes.select_related("by"), PER_PAGE).get_page(request.GET.get("page"))
    title = gettext("Notes about %(partner)s") % {"partner": partner}
    return page(
        model_admin,
        request,
        "notes",
        title,
        partner=partner,
        here="notes",
        form=form,
        notes=written,
        may_add=may_add,
        may_change=request.user.has_perm("partners.change_note"),
        today=timezone.localdate(),
    )


def note_done(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int, note_pk: int) -> HttpResponse:
    """Take a note off what waits."""
    partner = partner_to_view(model_admin, request, pk)
    if not request.user.has_perm("partners.change_note"):
        raise PermissionDenied
    note = get_object_or_404(partner.notes, pk=note_pk)
    if request.method == "POST":
        if finish_note(note=note):
            messages.success(request, _("The note is marked as done."))
        else:
            messages.info(request, _("The note was done already."))
    return redirect("admin:partners_partner_notes", partner.pk)


class DueFilter(admin.SimpleListFilter):
    """Notes to come back to; without a choice the list has all notes."""

    title = _("follow-up")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("To come back to now")), ("later", _("To come back to later")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Note]) -> QuerySet[Note]:
        if self.value() == "yes":
            return queryset.filter(pk__in=Note.objects.due().order_by().values("pk"))
        if self.value() == "later":
            return queryset.filter(done_at=None, follow_up_on__gt=timezone.localdate())
        return queryset.filter(done_at__isnull=False) if self.value() == "done" else queryset


@admin.register(Note)
class NoteAdmin(ModelAdmin):
    """All notes. They are written on the partner's page, where the rest that is known stands too."""

    list_display = ["short", "partner", "follow_up_on", "state", "by", "at"]
    list_filter = [DueFilter, ("by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["partner", "by"]
    search_fields = ["text", "partner__display_name", "partner__organisation_number"]
    ordering = [F("follow_up_on").asc(nulls_last=True), "-at"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["mark_done"]
    fields = ["partner", "text", "follow_up_on", "by", "at", "done_at"]
    readonly_fields = ["partner", "by", "at", "done_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Note | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=NewNoteForm, **kwargs)

    @display(description=_("note"))
    def short(self, note: Note) -> str:
        return Truncator(note.text).chars(80)

    @display(description=_("status"), label={"done": "success", "due": "warning", "later": "info"})
    def state(self, note: Note) -> tuple[str, Any] | str:
        if note.done_at:
            return "done", _("Done")
        if note.follow_up_on is None:
            return "–"
        return ("due", _("Now")) if note.follow_up_on <= timezone.localdate() else ("later", _("Later"))

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[Note]) -> None:
        done = sum(finish_note(note=note) for note in queryset)
        text = ngettext("%(count)s note is marked as done.", "%(count)s notes are marked as done.", done)
        messages.success(request, text % {"count": done})
