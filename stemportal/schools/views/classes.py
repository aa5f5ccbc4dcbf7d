"""A school's classes: this school year's and the next one's, and carrying them over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.school_year import current_school_year, label
from stemportal.schools.access import working_record
from stemportal.schools.adapter import CLASSES
from stemportal.schools.forms.classes import SchoolClassForm
from stemportal.schools.models import SchoolClass
from stemportal.schools.queries.schools import class_years
from stemportal.schools.services.classes import Carried, carry_over


def classes(request: PersonRequest) -> HttpResponse:
    """All classes of this and the next school year."""
    record = working_record(request.user)
    context = {
        "record": record,
        "years": class_years(record.school),
        # Groups that Feide named at the last login.
        "from_feide": bool(request.session.get(CLASSES)),
    }
    return render(request, "schools/classes.html", context)


def class_edit(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """Add a class, or change its name, numbers and subjects."""
    school = working_record(request.user).school
    instance = get_object_or_404(SchoolClass, pk=pk, school=school) if pk else SchoolClass()
    form = SchoolClassForm(request.POST or None, instance=instance, school=school, school_year=_year_asked(request))
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("schools:classes")
    context = {"form": form, "school": school, "instance": instance, "year": label(form.instance.school_year)}
    return render(request, "schools/class_edit.html", context)


def _year_asked(request: HttpRequest) -> int | None:
    """The next school year where the page asks for it; any other is this one."""
    after = current_school_year() + 1
    return after if request.GET.get("year") == str(after) else None


@require_POST
def class_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a class; its bookings keep the name and numbers that were agreed."""
    school_class = get_object_or_404(SchoolClass, pk=pk, school=working_record(request.user).school)
    school_class.delete()
    messages.success(request, _("%(name)s is deleted. Its bookings stay as they are.") % {"name": school_class.name})
    return redirect("schools:classes")


@require_POST
def classes_carry(request: PersonRequest) -> HttpResponse:
    """Carry the chosen classes over to the next school year; without a choice all of them."""
    record = working_record(request.user)
    current = current_school_year()
    # Whoever forgot it before the summer does it afterwards.
    from_year = current - 1 if request.POST.get("from") == str(current - 1) else current
    chosen = [int(pk) for pk in request.POST.getlist("class") if pk.isdecimal() and len(pk) < 19]
    if not chosen and "choice" in request.POST:
        messages.warning(request, _("No class was chosen, so none was carried over."))
        return redirect("schools:classes")
    result = carry_over(school=record.school, from_year=from_year, class_ids=chosen or None)
    _tell(request, result, label(from_year + 1))
    return redirect("schools:classes")


def _tell(request: HttpRequest, result: Carried, year: str) -> None:
    """Say what was carried over, and what was not and why."""
    if result.carried:
        text = ngettext(
            "%(names)s is ready for %(year)s. Correct the number of pupils when you know it.",
            "%(names)s are ready for %(year)s. Correct the numbers of pupils when you know them.",
            len(result.carried),
        )
        messages.success(request, text % {"names": _names(result.carried), "year": year})
    if result.leaving:
        text = ngettext(
            "%(names)s is in its last year and was left out.",
            "%(names)s are in their last year and were left out.",
            len(result.leaving),
        )
        messages.info(request, text % {"names": _names(result.leaving)})
    if result.taken:
        text = ngettext(
            "%(year)s already has a class called %(names)s. It was left as it is.",
            "%(year)s already has classes called %(names)s. They were left as they are.",
            len(result.taken),
        )
        messages.info(request, text % {"names": _names(result.taken), "year": year})
    if not result.carried and result.before and not result.taken:
        messages.info(request, _("These classes were carried over to %(year)s already.") % {"year": year})


def _names(names: list[str]) -> str:
    return get_text_list(names, _("and"))
