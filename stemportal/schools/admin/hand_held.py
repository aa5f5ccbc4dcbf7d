"""Booking for a school by hand: the school, then what, then the group. Each step is an address that can be sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from stemportal.activities.models import GRADES, Activity, Session
from stemportal.lib.school_year import current_school_year
from stemportal.partners.admin.common import staff
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.schools.errors import BookingError
from stemportal.schools.models import MAX_PUPILS, Booking, School, SchoolClass, Teacher
from stemportal.schools.placements import APPROVED_AS_ORIENTATION, ONLY_AS_ORIENTATION, is_placement
from stemportal.schools.queries.schools import classes_of, find_schools
from stemportal.schools.services.hand_held import book_for_school

OFFERS_AT_MOST = 15
DATES_AT_MOST = 20


class GroupForm(forms.Form):
    """Who books, and for which group: a class of the school, or quick numbers."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    person = forms.ModelChoiceField(
        Teacher.objects.none(),
        label=_("In the name of"),
        help_text=_("Gets the mails and sees the booking on the own page."),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    day = forms.DateField(label=_("Day"), widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))
    at = forms.TimeField(label=_("At"), widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}))
    school_class = forms.ModelChoiceField(
        SchoolClass.objects.none(),
        required=False,
        label=_("Class"),
        empty_label=_("Another group"),
        help_text=_("The three fields below may then be left empty."),
        widget=UnfoldAdminSelectWidget,
    )
    group_name = forms.CharField(
        required=False, max_length=30, label=_("Class or group"), widget=UnfoldAdminTextInputWidget
    )
    grade = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), *GRADES],
        label=_("Grade"),
        widget=UnfoldAdminSelectWidget,
    )
    pupils = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_PUPILS,
        label=_("Number of pupils"),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    adults = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_PUPILS, label=_("Adults"), widget=UnfoldAdminIntegerFieldWidget
    )
    message = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Message to the partner"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    same_time_reason = forms.CharField(
        required=False,
        max_length=200,
        label=_("Why twice at the same time"),
        help_text=_("Only when the group has another visit then."),
        widget=UnfoldAdminTextInputWidget,
    )

    orientation = forms.BooleanField(
        label=APPROVED_AS_ORIENTATION,
        error_messages={"required": ONLY_AS_ORIENTATION},
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args: Any, school: School, activity: Activity, proposes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_placement(activity.kind):
            del self.fields["orientation"]
        person, school_class = self.fields["person"], self.fields["school_class"]
        assert isinstance(person, forms.ModelChoiceField)
        assert isinstance(school_class, forms.ModelChoiceField)
        person.queryset = people_of(school)
        person.label_from_instance = lambda obj: f"{obj.user} ({obj.get_role_display()})"  # type: ignore[method-assign]
        school_class.queryset = classes_of(school, current_school_year())
        if not proposes:
            del self.fields["day"], self.fields["at"]

    def clean_message(self) -> str:
        return without_personal_number(self.cleaned_data["message"])

    def clean_group_name(self) -> str:
        return without_personal_number(self.cleaned_data["group_name"].strip())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = data.get("school_class")
        for name, value in (
            ("group_name", chosen and chosen.name),
            ("grade", chosen and chosen.grade),
            ("pupils", chosen and chosen.pupils),
        ):
            data[name] = data.get(name) or value
            if not data[name] and name not in self.errors:
                self.add_error(name, _("Choose a class, or fill this in."))
        return data

    @property
    def group(self) -> dict[str, Any]:
        """What the service wants to know of the group."""
        data = self.cleaned_data
        names = (
            "person",
            "school_class",
            "group_name",
            "grade",
            "pupils",
            "message",
            "same_time_reason",
            "request_key",
        )
        group = {name: data[name] for name in names} | {"adults": data["adults"] or 0}
        return group | {"orientation": data.get("orientation", False)}

    @property
    def proposed_at(self) -> datetime | None:
        """The time that is asked for, where there is no date to choose."""
        data = self.cleaned_data
        if "day" not in data:
            return None
        return datetime.combine(data["day"], data["at"], tzinfo=timezone.get_default_timezone())


def people_of(school: School) -> Any:
    """Return those who may book for the school, its coordinators first."""
    first = Case(When(role=Teacher.Role.COORDINATOR, then=Value(0)), default=Value(1), output_field=IntegerField())
    verified = Teacher.objects.filter(school=school, status=Teacher.Status.VERIFIED, user__is_active=True)
    return verified.select_related("user", "school__municipality").order_by(first, "user__full_name", "pk")


def book(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """One page, three steps: which school, what, and for whom. Only the last one changes anything."""
    if not model_admin.has_hand_hold_permission(request):
        raise PermissionDenied
    school = (
        School.objects.active().select_related("municipality__county").filter(pk=_number(request, "school")).first()
    )
    session = _sessions().filter(pk=_number(request, "session")).first()
    activity = session.activity if session else _offers().filter(pk=_number(request, "activity")).first()
    context: dict[str, Any] = {"school": school, "session": session, "activity": activity}
    if school is None:
        words = request.GET.get("q", "")
        context |= {"step": "school", "q": words, "found": find_schools(words, limit=20)}
    elif activity is None:
        context |= {"step": "offer", "q": request.GET.get("q", ""), "found": _search(request.GET.get("q", ""), school)}
    elif session is None and not activity.is_on_request:
        dates = Session.objects.open().with_places_left().filter(activity=activity).order_by("starts_at")
        context |= {"step": "date", "found": dates[:DATES_AT_MOST]}
    else:
        return _book(model_admin, request, school, session, activity, context)
    return _page(model_admin, request, context)


def _book(
    model_admin: Any,
    request: HttpRequest,
    school: School,
    session: Session | None,
    activity: Activity,
    context: dict[str, Any],
) -> HttpResponse:
    form = GroupForm(
        request.POST if request.method == "POST" else None,
        school=school,
        activity=activity,
        proposes=session is None,
        initial={"request_key": uuid.uuid4()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            booking = book_for_school(
                staff=staff(request),
                session_id=session.pk if session else None,
                activity=activity,
                proposed_at=form.proposed_at,
                **form.group,
            )
        except BookingError as error:
            form.add_error(error.field if error.field in form.fields else None, error.words)
        else:
            is_agreed = booking.status == Booking.Status.CONFIRMED
            said = _("Booked for the school.") if is_agreed else _("Sent to the partner for the school.")
            messages.success(request, f"{said} {_('The mails say that the secretariat did it.')}")
            return redirect("admin:schools_booking_change", booking.pk)
    return _page(model_admin, request, context | {"step": "group", "form": form, "people": people_of(school).exists()})


def _offers() -> Any:
    return Activity.objects.published().select_related("partner", "kind", "municipality")


def _sessions() -> Any:
    published = Q(activity__status=Activity.Status.PUBLISHED, activity__partner__status="approved")
    return Session.objects.open().filter(published).select_related("activity__partner", "activity__kind")


def _search(words: str, school: School) -> Any:
    """Published offers for the school's grades by words of the title or the partner; the soonest free dates first."""
    found = _offers().filter(grade_from__lte=school.grade_to, grade_to__gte=school.grade_from)
    for word in words.replace("\x00", " ").split()[:6]:
        found = found.filter(Q(title__icontains=word[:60]) | Q(partner__display_name__icontains=word[:60]))
    bookable = Q(next_free_at__gt=timezone.now()) | Q(policy=Activity.Policy.ON_REQUEST)
    return found.filter(bookable).order_by("next_free_at", "pk")[:OFFERS_AT_MOST]


def _number(request: HttpRequest, name: str) -> int:
    """The number in the address; 0, which no row has, for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _page(model_admin: ModelAdmin[Any], request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    whole = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Book for a school"),
        **context,
    }
    return TemplateResponse(request, "schools/admin/hand_held.html", whole)
