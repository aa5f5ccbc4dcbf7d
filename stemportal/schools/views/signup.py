"""Finding a school while typing, and saying where one teaches."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.schools.forms.signup import SchoolPicker
from stemportal.schools.models import Teacher
from stemportal.schools.queries.schools import find_schools
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services import teachers

# Substitutes work at several schools; nobody at more.
MOST_SCHOOLS = 20


@login_not_required
def school_suggest(request: HttpRequest) -> HttpResponse:
    """The matches under the school field, as htmx asks for them while one types."""
    if not ratelimit.allowed(request, "school_suggest"):
        return HttpResponse(status=429)
    text = request.GET.get("school_text", "")[:120]
    return render(
        request,
        "schools/_school_choices.html",
        {"matches": find_schools(text), "text": text, "chosen": request.GET.get("school", "")},
    )


def _declined(teacher: Teacher) -> str:
    text = _("We could not confirm that you teach at %(school)s") % {"school": teacher.school}
    what_to_do = _("If this is a mistake, please write to %(email)s from your address at the school.")
    return f"{text}. {what_to_do % {'email': settings.SECRETARIAT_EMAIL}}"


def _thanks(teacher: Teacher) -> str:
    if teacher.is_verified:
        return _("Welcome! You can book visits for your classes now.")
    if teacher.secretariat_asked_at:
        return _("Thank you. The secretariat will confirm your school, usually within a working day.")
    return _("Thank you. A coordinator at your school confirms that you teach there.")


def my_school(request: PersonRequest) -> HttpResponse:
    """A person who is logged in says where they teach."""
    record = teacher_record(request.user)
    form = SchoolPicker(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if Teacher.objects.filter(user=request.user).count() >= MOST_SCHOOLS:
            messages.warning(request, _("You are registered at very many schools. Please write to us to add one more."))
            return redirect("schools:my_schools")
        teacher = teachers.add_teacher(user=request.user, school=form.cleaned_data["school"])
        teacher = teachers.settle_teacher(teacher=teacher)
        if teacher.status == Teacher.Status.DECLINED:
            messages.warning(request, _declined(teacher))
            return redirect("schools:my_school")
        teachers.choose_school(teacher=teacher)
        messages.success(request, _thanks(teacher))
        return redirect("schools:my_page")
    return render(request, "schools/my_school.html", {"form": form, "record": record})
