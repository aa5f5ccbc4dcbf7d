"""A school's page for those who work there."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.school_year import current_school_year, label
from stemportal.schools.queries.schools import classes_of, visits_of
from stemportal.schools.queries.teachers import bookings_of_school, colleagues_of, teacher_record

# Colleagues are named, so many of them; their own page has them all.
NAMED = 12
NEXT_VISITS = 5


def school(request: PersonRequest) -> HttpResponse:
    """Facts, classes, colleagues and visits. Who teaches nowhere finds no such page; who waits for approval may not."""
    record = teacher_record(request.user)
    if record is None:
        raise Http404
    if not record.is_verified:
        raise PermissionDenied
    here = record.school
    colleagues = list(colleagues_of(here)[: NAMED + 1])
    context = {
        "record": record,
        "school": here,
        "year": label(current_school_year()),
        "classes": classes_of(here, current_school_year()),
        "colleagues": colleagues[:NAMED],
        "more_colleagues": len(colleagues) > NAMED,
        "visits": visits_of(here),
        # Whose visits they are and how they stand is for those who look after them.
        "next_visits": list(bookings_of_school(here).upcoming()[:NEXT_VISITS]) if record.is_coordinator else [],
    }
    return render(request, "schools/school.html", context)
