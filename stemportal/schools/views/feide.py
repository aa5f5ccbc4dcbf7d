"""Feide for a teacher: joining it to the account one has, and taking classes over."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.socialaccount.internal.flows.connect import do_connect
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.feide import FeideClass
from stemportal.lib.school_year import current_school_year
from stemportal.schools.access import working_record
from stemportal.schools.adapter import CLASSES, WAITING_LOGIN, waiting_login
from stemportal.schools.forms.feide import FeideClassForm
from stemportal.schools.models import SchoolClass
from stemportal.schools.services.feide import import_classes
from stemportal.settings.feide import PROVIDER_ID


@login_not_required
def feide_connect(request: HttpRequest) -> HttpResponse:
    """An account has the address that Feide told: whoever proves the address may join the two.

    A visitor is sent a login code; whoever is logged in with that address, confirmed, joins them by a button.
    """
    login = waiting_login(request)
    if login is None:
        return redirect("socialaccount_connections" if request.user.is_authenticated else "account_login")
    context = {"email": login.user.email, "name": login.user.full_name}
    if not request.user.is_authenticated:
        return render(request, "schools/feide_connect.html", context)
    proved = EmailAddress.objects.filter(user=request.user, email__iexact=login.user.email, verified=True)
    if not proved.exists():
        del request.session[WAITING_LOGIN]
        messages.warning(request, _("You are logged in with another address than Feide has. Nothing was connected."))
        return redirect("socialaccount_connections")
    if request.method == "POST":
        del request.session[WAITING_LOGIN]
        login.lookup()
        try:
            do_connect(request, login)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
            return redirect("socialaccount_connections")
        messages.success(request, _("From now on you can log in with Feide."))
        return redirect("my_start")
    return render(request, "schools/feide_connect.html", context)


def feide_classes(request: PersonRequest) -> HttpResponse:
    """The groups that Feide named at the last login, to take over as classes: names and counts, never members."""
    record = working_record(request.user)
    school, year = record.school, current_school_year()
    known = set(
        SchoolClass.objects.filter(school=school, school_year=year)
        .exclude(feide_group="")
        .values_list("feide_group", flat=True)
    )
    groups = [FeideClass(**kept) for kept in request.session.get(CLASSES, [])]
    groups = [group for group in groups if group.number == school.number and group.id not in known]
    data = request.POST if request.method == "POST" else None
    forms = [FeideClassForm(data, prefix=f"g{n}", group=group, school=school) for n, group in enumerate(groups)]
    valid = [form.is_valid() for form in forms]
    if request.method == "POST" and all(valid):
        chosen = [form.facts() for form in forms if form.cleaned_data["take"]]
        made = import_classes(school=school, chosen=chosen)
        if not chosen:
            messages.warning(request, _("Tick the classes that you want to take over."))
            return redirect("schools:feide_classes")
        text = ngettext("%(count)s class is taken over.", "%(count)s classes are taken over.", len(made))
        messages.success(request, text % {"count": len(made)})
        if len(made) < len(chosen):
            messages.info(request, _("The others were here already, under the same names."))
        return redirect("schools:my_page")
    context = {
        "record": record,
        "forms": forms,
        "taken": len(known),
        "is_connected": SocialAccount.objects.filter(user=request.user, provider=PROVIDER_ID).exists(),
    }
    return render(request, "schools/feide_classes.html", context)
