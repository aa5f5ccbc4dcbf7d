"""Role models: the directory and a profile for everybody, and the partner's room where profiles are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import role_model_for_member, role_model_of_photo, role_model_visible_to
from stemportal.activities.forms.role_models import DirectoryForm, RoleModelForm
from stemportal.activities.models import RoleModel
from stemportal.activities.queries import role_models as queries
from stemportal.activities.services import consents
from stemportal.activities.services import role_models as services
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import content_type
from stemportal.lib.uploads import upload_was_too_large
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.models import Partner

PAGE_SIZE, CARDS = 25, 24
# Asked for each time, for a person may take the photo back at any moment.
ASK_EACH_TIME = "private, no-cache"
# The file is no page: should a browser ever open it as one, it may load and run nothing.
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


# For everybody


@login_not_required
@require_safe
def role_models(request: HttpRequest) -> HttpResponse:
    """All role models that are shown, by what was asked for."""
    form = DirectoryForm(request.GET)
    page = Paginator(queries.directory(form.asked), CARDS).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "is_filtered": bool(form.asked), "index": not request.GET}
    return render(request, "activities/role_models/directory.html", context)


@login_not_required
@require_safe
def role_model(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One role model. The number counts; another end of the address leads to the right one."""
    sight = role_model_visible_to(request.user, pk)
    found = sight.role_model
    if slug != found.slug:
        return redirect(found, permanent=True)
    context: dict[str, Any] = {
        "role_model": found,
        "partner": found.partner,
        "sight": sight,
        "subjects": found.subjects.all(),
        "counties": queries.counties_of(found),
        "offers": queries.offers_with(found) if sight.is_public else [],
    }
    if sight.is_member:
        context["standing"] = queries.standing_of(found)
        context["missing"] = [] if context["standing"].said_yes else services.missing_for_showing(found)
    return render(request, "activities/role_models/detail.html", context)


@login_not_required
@require_safe
def role_model_photo(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A photo while its role model is shown; members of the partner see it always."""
    found = role_model_of_photo(request.user, name)
    # A name is never used for another picture.
    tag = f'"{name}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse | FileResponse = HttpResponseNotModified()
    else:
        response = stored_photo(found)
    response["ETag"], response["Cache-Control"] = tag, ASK_EACH_TIME
    return response


def stored_photo(found: RoleModel) -> FileResponse:
    """Stream a role model's photo. Raises Http404 when the file is gone."""
    name = str(found.photo.name)
    try:
        content = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404("the file is gone") from error
    response = FileResponse(content, content_type=content_type(name))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    return response


# The partner's room


def partner_role_models(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """A partner's profiles, and where each stands."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    page = Paginator(queries.role_models_of(partner.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "room": "role_models",
        "page_obj": page,
        "rows": [(found, queries.standing_of(found)) for found in page.object_list],
        "may_edit": membership.may_edit and partner.status not in READ_ONLY,
    }
    return render(request, "activities/role_models/room.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def role_model_add(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Write a new profile; nobody sees it before its person has said yes."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    if request.method != "POST":
        return _editor(request, partner, RoleModelForm())
    form = RoleModelForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not form.is_valid():
        return _editor(request, partner, form)
    try:
        found = services.create_role_model(partner=partner, facts=form.facts, picture=form.picture)
    except services.TooManyRoleModels:
        form.add_error(
            None,
            _("You have %(number)s profiles, which is as many as fit. Delete one that you no longer need.")
            % {"number": services.MOST_A_PARTNER},
        )
        return _editor(request, partner, form)
    messages.success(request, _("Saved. Look at it, and ask the person for consent."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def role_model_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a profile. One that is shown must stay complete, and its person is told what changed."""
    found = role_model_for_member(request.user, pk, edit=True)
    if request.method != "POST":
        return _editor(request, found.partner, RoleModelForm(role_model=found))
    form = RoleModelForm(request.POST, request.FILES, role_model=found, too_large=upload_was_too_large(request))
    if not form.is_valid():
        return _editor(request, found.partner, form)
    had_yes = services.standing_consent(found) is not None
    try:
        changed = services.update_role_model(
            role_model=found, facts=form.facts, picture=form.picture, without_photo=form.without_photo_chosen
        )
    except services.NotComplete as refusal:
        form.add_missing(refusal.missing)
        return _editor(request, found.partner, form)
    messages.success(request, _words_for(changed, had_yes=had_yes))
    found.refresh_from_db()
    return redirect(found)


def _words_for(changed: list[str], *, had_yes: bool) -> str:
    if not changed:
        return _("Nothing was different.")
    if had_yes and services.IDENTITY & set(changed):
        return _("Saved. Name or address are new, so the profile is not shown until you have asked for consent anew.")
    if had_yes and set(changed) - services.UNSEEN:
        return _("Saved. We have written to the person what is new.")
    return _("Saved.")


def _editor(request: PersonRequest, partner: Partner, form: RoleModelForm) -> HttpResponse:
    context = {
        "partner": partner,
        "room": "role_models",
        "form": form,
        "role_model": form.role_model,
        "most": services.MOST_A_PARTNER,
    }
    return render(request, "activities/role_models/edit.html", context, status=422 if form.errors else 200)


@require_POST
def role_model_ask(request: PersonRequest, pk: int) -> HttpResponse:
    """Mail the person the link to say yes."""
    found = role_model_for_member(request.user, pk, edit=True)
    if not allowed(request, "role_model_ask", key=f"user:{request.user.pk}") or not allowed(
        request, "role_model_ask_person", key=f"role_model:{found.pk}:{found.email}"
    ):
        messages.warning(request, _("We have written to this person often enough for now. Please wait some days."))
        return redirect(found)
    try:
        consents.ask_for_consent(role_model=found)
    except services.NotComplete as refusal:
        messages.warning(request, _("The person was not asked yet. Missing: %(what)s.") % {"what": _listed(refusal)})
    else:
        messages.success(request, _("We have written to %(email)s.") % {"email": found.email})
    return redirect(found)


def _listed(refusal: services.NotComplete) -> str:
    return "; ".join(str(item.what) for item in refusal.missing)


@require_POST
def role_model_show(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a hidden profile again; the person's yes still stands."""
    found = role_model_for_member(request.user, pk, edit=True)
    try:
        if services.show_role_model(role_model=found):
            messages.success(request, _("Shown again. Schools find the profile now."))
    except services.NotComplete as refusal:
        messages.warning(request, _("It cannot be shown yet. Missing: %(what)s.") % {"what": _listed(refusal)})
    return redirect(found)


def _change(service: Callable[..., bool], text: Callable[[], str]) -> Callable[[PersonRequest, int], HttpResponse]:
    @require_POST
    def view(request: PersonRequest, pk: int) -> HttpResponse:
        found = role_model_for_member(request.user, pk, edit=True)
        if service(role_model=found):
            messages.success(request, text())
        return redirect("activities:partner_role_models", found.partner_id)

    return view


role_model_hide = _change(
    services.hide_role_model,
    lambda: _("Hidden. Schools do not see the profile any more. Visits that are agreed still take place."),
)
role_model_delete = _change(services.delete_role_model, lambda: _("The profile and everything in it is deleted."))
