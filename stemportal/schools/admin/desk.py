"""One booking on the desk of the secretariat: what concerns it, and what staff can do for the two sides."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from stemportal.activities.models import Session
from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.partners.admin.common import staff
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.schools.emails.facts import facts
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, TransportGrant
from stemportal.schools.queries.bookings import other_sessions
from stemportal.schools.services import hand_held, promise
from stemportal.schools.services.proposals import Time

AT_ONCE = 100
SESSIONS = 20


def desk_of(booking: Booking, *, may_act: bool) -> dict[str, Any]:
    """Return what stands above the history of a booking. Never what the group needs, nor what the two wrote."""
    booking = Booking.objects.with_facts().select_related("made_by").get(pk=booking.pk)
    return {
        "booking": booking,
        "booking_facts": facts(booking),
        "may_act": may_act,
        "may_answer": may_act and booking.status == Booking.Status.REQUESTED,
        "is_late": booking.reply_by is not None and booking.reply_by < timezone.localdate(),
        "messages_count": booking.messages.count(),
        "reminders": booking.reminders.order_by("-sent_at")[:20],
        "proposals": booking.proposals.select_related("by").order_by("made_at", "id"),
        "grant": TransportGrant.objects.filter(booking=booking).first(),
    }


class AnswerForm(forms.Form):
    """The partner's answer, given by staff."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (hand_held.Answer.CONFIRM, _("Yes, the class may come")),
            (hand_held.Answer.OFFER, _("Offer another time")),
            (hand_held.Answer.DECLINE, _("No")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )
    session = forms.ModelChoiceField(
        Session.objects.none(),
        required=False,
        label=_("Other date"),
        empty_label=_("None of these"),
        help_text=_("Only for another time: dates of the same offer with room for the group."),
        widget=UnfoldAdminSelectWidget,
    )
    day = forms.DateField(
        required=False, label=_("Or another day"), widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    at = forms.TimeField(required=False, label=_("At"), widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}))
    line = forms.CharField(
        required=False,
        max_length=1000,
        label=_("A line to the teacher"),
        help_text=_("The mail begins with “The secretariat answers on behalf of” the partner."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ModelChoiceField)
        sessions = other_sessions(booking.activity, pupils=booking.pupils, besides=booking.session_id, limit=SESSIONS)
        field.queryset = Session.objects.filter(pk__in=list(sessions.values_list("pk", flat=True))).order_by(
            "starts_at"
        )
        field.label_from_instance = lambda obj: f"{weekdate(obj.starts_at)} {clock(obj.starts_at)}"  # type: ignore[method-assign]

    def clean_line(self) -> str:
        return without_personal_number(self.cleaned_data["line"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        answer = data.get("answer")
        if answer == hand_held.Answer.OFFER and not data.get("session") and not (data.get("day") and data.get("at")):
            self.add_error("session", _("Choose a date, or give a day and a time."))
        if answer == hand_held.Answer.DECLINE and not data.get("line") and "line" not in self.errors:
            self.add_error("line", _("Write a line, so that the teacher knows why."))
        return data

    @property
    def time(self) -> Time | None:
        """The time that is offered."""
        data = self.cleaned_data
        if data.get("session"):
            return Time(session_id=data["session"].pk)
        if data.get("day") and data.get("at"):
            day: datetime = datetime.combine(data["day"], data["at"], tzinfo=timezone.get_default_timezone())
            return Time(starts_at=day)
        return None


class WriteForm(forms.Form):
    """A line to both sides."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        max_length=2000,
        label=_("To the school and the partner"),
        help_text=_("Both get it by mail, and it stands on the page of the booking."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )

    def clean_text(self) -> str:
        return without_personal_number(self.cleaned_data["text"])


def remind(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """POST: ask the partner for the answer now."""
    booking = _to_act_on(model_admin, request, pk)
    if request.method == "POST":
        try:
            promise.remind_now(booking=booking, by=staff(request))
        except BookingError as error:
            messages.warning(request, error.words)
        else:
            text = _("%(partner)s is reminded by mail.") % {"partner": booking.activity.partner}
            messages.success(request, text)
    return redirect("admin:schools_booking_change", pk)


def remind_all(request: HttpRequest, bookings: QuerySet[Booking]) -> tuple[int, int]:
    """Remind of each of the chosen ones; return how many were, and how many were left out."""
    reminded = left = 0
    for booking in bookings.with_facts()[:AT_ONCE]:  # type: ignore[attr-defined]
        try:
            promise.remind_now(booking=booking, by=staff(request))
            reminded += 1
        except BookingError:
            left += 1
    return reminded, left


def answer(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a request in the partner's place."""
    booking = _to_act_on(model_admin, request, pk)
    if booking.status != Booking.Status.REQUESTED:
        messages.warning(request, _("Nothing waits for the partner's answer here."))
        return redirect("admin:schools_booking_change", pk)
    form = AnswerForm(request.POST if request.method == "POST" else None, booking=booking)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            hand_held.answer_for_partner(
                booking=booking,
                staff=staff(request),
                answer=hand_held.Answer(data["answer"]),
                line=data["line"],
                time=form.time,
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("Answered. Both have a mail, which says that the secretariat did it."))
            return redirect("admin:schools_booking_change", pk)
    title = _("Answer for %(partner)s") % {"partner": booking.activity.partner}
    return _page(model_admin, request, "answer", title, booking=booking, form=form)


def write(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Write a line to both sides."""
    booking = _to_act_on(model_admin, request, pk)
    form = WriteForm(request.POST if request.method == "POST" else None, initial={"request_key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["request_key"] or uuid.uuid4()
        try:
            hand_held.write_to_both(
                booking=booking, staff=staff(request), text=form.cleaned_data["text"], request_key=key
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("Written. Both get a mail in a few minutes."))
            return redirect("admin:schools_booking_change", pk)
    return _page(model_admin, request, "write", _("Write to both"), booking=booking, form=form)


def _to_act_on(model_admin: Any, request: HttpRequest, pk: int) -> Booking:
    """Return the booking for somebody who may act on it. Raises PermissionDenied, Http404."""
    if not model_admin.has_act_permission(request):
        raise PermissionDenied
    return get_object_or_404(Booking.objects.with_facts(), pk=pk)


def _page(
    model_admin: ModelAdmin[Any], request: HttpRequest, name: str, title: Any, *, booking: Booking, form: forms.Form
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "booking": booking,
        "booking_facts": facts(booking),
        "form": form,
    }
    return TemplateResponse(request, f"schools/admin/{name}.html", context)
