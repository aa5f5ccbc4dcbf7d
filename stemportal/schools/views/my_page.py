"""The teacher's own page and classes."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.school_year import current_school_year
from stemportal.schools.forms.classes import SchoolClassForm
from stemportal.schools.models import Booking, SchoolClass, Teacher
from stemportal.schools.queries.bookings import bookings_of_teacher, offers_for_teacher
from stemportal.schools.queries.schools import classes_of
from stemportal.schools.queries.teachers import teacher_record

OPEN_LIMIT = 25


def my_page(request: PersonRequest) -> HttpResponse:
    """What needs me, what is coming, what waits, and my classes."""
    record = teacher_record(request.user)
    if record is None:
        return redirect("schools:my_school")
    bookings = bookings_of_teacher(request.user)
    upcoming = list(bookings.upcoming()[:OPEN_LIMIT])
    waiting = list(bookings.waiting_for_partner()[:OPEN_LIMIT])
    missing = list(bookings.missing_attendance()[:OPEN_LIMIT])
    earlier = list(
        bookings.exclude(status__in=[Booking.Status.REQUESTED, Booking.Status.CONFIRMED]).order_by("-created_at")[:10]
    )
    context = {
        "record": record,
        "upcoming": upcoming,
        "waiting": waiting,
        "missing": missing,
        "earlier": earlier,
        # Anybody may say to teach at a school; its classes are for those who do.
        "classes": classes_of(record.school, current_school_year()) if record.is_verified else [],
        "offers": [] if upcoming or waiting or missing else offers_for_teacher(record),
    }
    return render(request, "schools/my_page.html", context)


def _verified(request: PersonRequest) -> Teacher:
    """Return the person's verified record; others may not touch a school's classes."""
    record = teacher_record(request.user)
    if record is None or not record.is_verified:
        raise PermissionDenied
    return record


def class_edit(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """Add a class, or change its name and numbers."""
    school = _verified(request).school
    instance = get_object_or_404(SchoolClass, pk=pk, school=school) if pk else SchoolClass()
    form = SchoolClassForm(request.POST or None, instance=instance, school=school)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("schools:my_page")
    return render(request, "schools/class_edit.html", {"form": form, "school": school, "instance": instance})


@require_POST
def class_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a class; its bookings keep the name and numbers that were agreed."""
    school_class = get_object_or_404(SchoolClass, pk=pk, school=_verified(request).school)
    school_class.delete()
    messages.success(request, _("%(name)s is deleted. Its bookings stay as they are.") % {"name": school_class.name})
    return redirect("schools:my_page")
