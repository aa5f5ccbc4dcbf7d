"""Deciding about partners: one at a time or many, with the consequences shown first. Everything happens on POST."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import Letter
from stemportal.partners.admin.common import answer, back_to, page, partner_to_change, staff
from stemportal.partners.emails.applications import decline_letter
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.partners.models import DeclineReason, Partner
from stemportal.partners.services import decisions, ending

Status = Partner.Status
# As many as one person reads through before pressing the button.
AT_ONCE = 100


class ReasonField(forms.ModelChoiceField):
    """Ready reasons that are in use, in the language of the one who decides."""

    def label_from_instance(self, obj: DeclineReason) -> str:
        return str(localized(obj, "title"))


class DeclineForm(forms.Form):
    """Why an application is declined: a ready sentence, words of one's own, or both."""

    reason = ReasonField(
        DeclineReason.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        label=_("Reason"),
        empty_label=_("Only my own words"),
        widget=UnfoldAdminSelectWidget,
    )
    words = forms.CharField(
        required=False,
        max_length=700,
        label=_("In your own words"),
        help_text=_("Goes into the mail as it stands, after the ready sentence if you chose one."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )

    def clean_words(self) -> str:
        return without_personal_number(self.cleaned_data["words"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("reason") and not data.get("words") and not self.errors:
            self.add_error("words", _("Choose a reason or write one, so that the organisation knows why."))
        return data

    def text(self, language: str) -> str:
        """Return the reason as it will stand in the mail."""
        with translation.override(language):
            ready = localized(self.cleaned_data["reason"], "text") if self.cleaned_data["reason"] else ""
        return "\n\n".join(part for part in (ready, self.cleaned_data["words"]) if part)


class NoteForm(forms.Form):
    """Why something is done; only the secretariat reads it."""

    note = forms.CharField(
        required=False,
        max_length=1000,
        label=_("Why"),
        help_text=_("For the history. Only the secretariat reads it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def clean_note(self) -> str:
        return without_personal_number(self.cleaned_data["note"])


class EndForm(NoteForm):
    """Why a partnership ends, and what the teachers are told who lose a visit by it."""

    message = forms.CharField(
        required=False,
        max_length=700,
        label=_("A word to the teachers"),
        help_text=_("Stands in the mail to those whose visit is called off."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def clean_message(self) -> str:
        return without_personal_number(self.cleaned_data["message"])


# One partner


def approve(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Let an application in."""
    partner = partner_to_change(model_admin, request, pk)
    if request.method != "POST":
        return back_to(partner)
    moved = decisions.approve_partner(partner=partner, by=staff(request))
    return answer(request, partner, moved, _("%(partner)s is approved and gets a mail about it."))


def pause(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a pause means, then pause."""
    partner = partner_to_change(model_admin, request, pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if partner.status != Status.APPROVED:
        return answer(request, partner, False, "")
    if request.method == "POST" and form.is_valid():
        moved = decisions.pause_partner(partner=partner, by=staff(request), note=form.cleaned_data["note"])
        return answer(request, partner, moved, _("%(partner)s is paused; its page and offers are not shown."))
    title = gettext("Pause %(partner)s") % {"partner": partner}
    return page(model_admin, request, "pause", title, partner=partner, form=form)


def resume(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a paused partner back."""
    partner = partner_to_change(model_admin, request, pk)
    if request.method != "POST":
        return back_to(partner)
    moved = decisions.resume_partner(partner=partner, by=staff(request))
    return answer(request, partner, moved, _("%(partner)s is active again."))


def end(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Show what happens to offers and bookings, then end the partnership."""
    partner = partner_to_change(model_admin, request, pk)
    form = EndForm(request.POST if request.method == "POST" else None)
    if partner.status not in {Status.APPROVED, Status.PAUSED}:
        return answer(request, partner, False, "")
    if request.method == "POST" and form.is_valid():
        moved = ending.end_partner(partner=partner, by=staff(request), **form.cleaned_data)
        return answer(request, partner, moved, _("The partnership with %(partner)s has ended."))
    title = gettext("End the partnership with %(partner)s") % {"partner": partner}
    return page(
        model_admin,
        request,
        "end",
        title,
        partner=partner,
        form=form,
        consequences=ending.consequences_of(partner),
        kept_until=ending.kept_until(partner),
    )


def reopen(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a partnership that had ended."""
    partner = partner_to_change(model_admin, request, pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if partner.status != Status.ENDED or partner.merged_into_id:
        return answer(request, partner, False, "")
    if request.method == "POST" and form.is_valid():
        try:
            moved = ending.reopen_partner(partner=partner, by=staff(request), note=form.cleaned_data["note"])
        except ending.NeedsOwner:
            text = _("Nobody is left who could own it. Add an owner under its people first, then open it again.")
            messages.error(request, text)
            return back_to(partner)
        return answer(request, partner, moved, _("%(partner)s is a partner again."))
    title = gettext("Open %(partner)s again") % {"partner": partner}
    return page(model_admin, request, "reopen", title, partner=partner, form=form)


# Declining, one or many


def decline(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Decline one application with a reason."""
    partner = partner_to_change(model_admin, request, pk)
    if partner.status != Status.APPLIED:
        return answer(request, partner, False, "")
    return _decline(model_admin, request, [partner], gettext("Decline %(partner)s") % {"partner": partner})


def decline_chosen(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Decline the applications named in the address (``?ids=1,2``) with one reason, each in its contact's language."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    ids = [int(pk) for pk in request.GET.get("ids", "").split(",") if pk.isdecimal()][:AT_ONCE]
    chosen = list(Partner.objects.filter(pk__in=ids).order_by("applied_at", "pk"))
    waiting = [partner for partner in chosen if partner.status == Status.APPLIED]
    if not waiting:
        messages.warning(request, _("None of the chosen ones waits for an answer."))
        return redirect("admin:partners_partner_changelist")
    title = ngettext("Decline %(count)s application", "Decline %(count)s applications", len(waiting))
    others = [partner for partner in chosen if partner.status != Status.APPLIED]
    return _decline(model_admin, request, waiting, title % {"count": len(waiting)}, others=others)


def _decline(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    waiting: list[Partner],
    title: str,
    others: list[Partner] | None = None,
) -> HttpResponse:
    """Ask for the reason, show the mail when that is wished, and decline when it is sent."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    contacts = decisions.contacts_of(waiting)
    languages = {pk: contact.language if contact else settings.LANGUAGE_CODE for pk, contact in contacts.items()}
    count = Counter(languages.values())
    previews: list[tuple[str, Letter]] = []
    if request.method == "POST" and form.is_valid():
        if "preview" not in request.POST:
            texts = {code: form.text(code) for code in set(languages.values())}
            return _decline_all(request, waiting, texts, languages)
        first = {languages[partner.pk]: partner for partner in reversed(waiting)}
        for code, name in settings.LANGUAGES:
            if code in first:
                partner = first[code]
                letter = decline_letter(partner=partner, contact=contacts[partner.pk], reason=form.text(code))
                previews.append((str(name), letter))
    return page(
        model_admin,
        request,
        "decline",
        title,
        partner=waiting[0] if len(waiting) == 1 and others is None else None,
        form=form,
        waiting=waiting,
        others=others or [],
        languages=[(name, count[code]) for code, name in settings.LANGUAGES if code in count],
        previews=previews,
        reasons=DeclineReason.objects.filter(is_active=True),
    )


def _decline_all(
    request: HttpRequest, waiting: list[Partner], texts: dict[str, str], languages: dict[int, str]
) -> HttpResponse:
    """Decline each in a transaction of its own: one that somebody else decided meanwhile stops no other."""
    by = staff(request)
    declined = sum(
        decisions.decline_partner(partner=partner, by=by, reason=texts[languages[partner.pk]]) for partner in waiting
    )
    if len(waiting) == 1:
        told = _("%(partner)s is declined and gets a mail with the reason.")
        return answer(request, waiting[0], bool(declined), told)
    if declined:
        text = ngettext(
            "%(count)s application is declined; its contact gets a mail with the reason.",
            "%(count)s applications are declined; their contacts get a mail with the reason.",
            declined,
        )
        messages.success(request, text % {"count": declined})
    tell_left(request, len(waiting) - declined)
    return redirect("admin:partners_partner_changelist")


def tell_left(request: HttpRequest, left: int) -> None:
    """Say how many of the chosen ones were not waiting for an answer."""
    if left:
        text = ngettext(
            "%(count)s was not waiting for an answer and stays as it is.",
            "%(count)s were not waiting for an answer and stay as they are.",
            left,
        )
        messages.warning(request, text % {"count": left})
