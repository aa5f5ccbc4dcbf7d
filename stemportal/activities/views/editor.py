"""The editor of an offer: beginning one, writing, and what saves itself meanwhile."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.access import activity_for_member
from stemportal.activities.beginnings import from_template
from stemportal.activities.forms.editor import ActivityForm
from stemportal.activities.forms.editor_state import (
    Basis,
    Meeting,
    begin,
    fingerprints,
    meet,
    pending_form,
    saved_values,
    sent_basis,
    stamp,
    valid_values,
)
from stemportal.activities.models import Activity, ActivityTemplate, Kind, Language, PendingEdit
from stemportal.activities.queries.authoring import kinds_to_choose, offers_to_copy
from stemportal.activities.queries.offers import coming_sessions
from stemportal.activities.queries.role_models import profile_of
from stemportal.activities.rules import missing_for_publishing
from stemportal.activities.services import activities as services
from stemportal.activities.services import authoring
from stemportal.activities.views.listings import publish_or_say
from stemportal.lib.ratelimit import allowed
from stemportal.lib.templatetags.portal import clock
from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Partner

CODE = re.compile(r"[\w-]{1,60}")
CONFLICT, REFUSED, TOO_MANY = 409, 422, 429


def create(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Choose a kind, a template or an earlier offer, then write; nothing is shown before it is published."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    draft, template = _begun(request, partner)
    if draft is None:
        return _choose(request, partner)
    if request.method != "POST":
        form = ActivityForm(kind=draft.kind, instance=draft, initial=from_template(template, get_language()))
        return _editor(request, form, draft)
    form = ActivityForm(request.POST, kind=draft.kind, instance=draft)
    if not form.is_valid():
        return _editor(request, form, draft, status=REFUSED)
    if refusal := _too_many(request):
        form.add_error(None, refusal)
        return _editor(request, form, draft, status=TOO_MANY)
    try:
        activity = services.create_activity(partner=partner, kind=draft.kind, facts=form.facts)
    except services.TooManyDrafts:
        form.add_error(None, _many_drafts())
        return _editor(request, form, draft, status=REFUSED)
    return _saved(request, activity)


def _begun(request: HttpRequest, partner: Partner) -> tuple[Activity | None, ActivityTemplate | None]:
    """Return an offer that is not saved yet, of the kind or the template that was chosen; None: choose first."""
    template = None
    code = request.GET.get("template", "")
    if CODE.fullmatch(code):
        template = ActivityTemplate.objects.select_related("kind").filter(code=code, is_active=True).first()
    asked = request.POST.get("kind") or (template.kind.code if template else request.GET.get("kind", ""))
    kind = Kind.objects.filter(is_active=True, code=asked).first() if CODE.fullmatch(asked) else None
    if kind is None:
        return None, None
    draft = Activity(partner=partner, kind=kind, municipality=partner.municipality, languages=[Language.BOKMAAL])
    if kind.formats:
        draft.format = kind.formats[0]
    if lowest := kind.guards.get("min_grade"):
        draft.grade_from = lowest
    return draft, template


def _choose(request: HttpRequest, partner: Partner) -> HttpResponse:
    context = {
        "partner": partner,
        "room": "listings",
        "kinds": kinds_to_choose(),
        "earlier": offers_to_copy(partner.pk),
    }
    return render(request, "activities/choose_kind.html", context)


def _too_many(request: PersonRequest) -> str:
    if allowed(request, "offer", key=f"user:{request.user.pk}"):
        return ""
    return _("That was many offers in a short time. Nothing is lost: please save it in an hour.")


def _many_drafts() -> str:
    return _("You have %(number)s drafts. Please publish some or put some away before you begin another.") % {
        "number": services.MOST_DRAFTS
    }


def edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change an activity. A published one must stay complete; what it would lack is said at the field."""
    activity = activity_for_member(request.user, pk, edit=True)
    if (profile := profile_of(activity)) is not None:
        return redirect("activities:role_model_edit", profile.pk)
    if request.method != "POST":
        form = ActivityForm(kind=activity.kind, instance=activity)
        pending = authoring.pending_of(activity) if activity.is_published else None
        return _editor(request, form, activity, basis=begin(form, pending), pending=pending)
    form = ActivityForm(request.POST, kind=activity.kind, instance=activity)
    valid = form.is_valid()
    action, typed = request.POST.get("action"), _typed(request, form)
    try:
        if action in {"keep", "preview"} and valid:
            activity, pending = authoring.save_typed(activity=activity, typed=typed, by=request.user)
            return _kept(request, activity, pending, action)
        if valid:
            return _saved(request, authoring.publish_typed(activity=activity, typed=typed))
    except services.CannotPublish as refusal:
        form.add_missing(refusal.missing)
    except services.ChangedMeanwhile:
        return _meet(request, form, pk)
    return _editor(request, form, activity, basis=sent_basis(request.POST), status=REFUSED)


def _typed(request: HttpRequest, form: ActivityForm) -> authoring.Typed:
    """What a form holds that was sent and looked at, as the services take it."""
    return authoring.Typed(facts=form.facts, values=valid_values(form), **asdict(sent_basis(request.POST)))


def _meet(request: HttpRequest, form: ActivityForm, pk: int) -> HttpResponse:
    """Show what somebody else has saved meanwhile beside what was typed; nothing of either is lost."""
    saved = activity_for_member(request.user, pk, edit=True)
    pending = authoring.pending_of(saved) if saved.is_published else None
    sent = sent_basis(request.POST)
    others = pending is not None and stamp(pending) != sent.pending
    meeting = meet(form, pending_state(pending, saved) if pending and others else saved)
    basis = Basis(
        revision=saved.revision,
        seen=fingerprints(saved_values(saved)),
        pending=stamp(pending) if pending else "",
    )
    return _editor(request, form, saved, basis=basis, meeting=meeting, status=CONFLICT)


def pending_state(pending: PendingEdit, activity: Activity) -> Activity:
    """Return the activity as it would be once its unpublished change is published; nothing is written."""
    return authoring.with_facts(activity, pending_form(pending, activity).facts)


def _editor(
    request: HttpRequest,
    form: ActivityForm,
    activity: Activity,
    *,
    basis: Basis | None = None,
    pending: PendingEdit | None = None,
    meeting: Meeting | None = None,
    status: int = 200,
) -> HttpResponse:
    form.mark_needed()
    saved = activity if activity.pk else None
    context: dict[str, Any] = {
        "partner": activity.partner,
        "room": "listings",
        "kind": activity.kind,
        "activity": saved,
        "form": form,
        "basis": basis,
        "meeting": meeting,
        "autosave_url": _autosave_url(activity),
        **(_rail(activity, pending) if saved else {}),
    }
    return render(request, "activities/edit.html", context, status=status)


def _autosave_url(activity: Activity) -> str:
    if activity.pk:
        return reverse("activities:autosave", args=[activity.pk])
    return reverse("activities:autosave_new", args=[activity.partner_id])


def _rail(activity: Activity, pending: PendingEdit | None) -> dict[str, Any]:
    """What stands beside the editor of a saved offer: what is missing, the next sessions, the change that waits."""
    if pending is not None:
        activity = pending_state(pending, activity)
    return {
        "missing": missing_for_publishing(activity),
        "coming": coming_sessions(activity, limit=5),
        "pending": pending,
        "pending_stamp": stamp(pending) if pending else "",
    }


def _saved(request: HttpRequest, activity: Activity) -> HttpResponse:
    """After saving: publish when that was the button, else stay in the editor and say what is missing."""
    action = request.POST.get("action")
    if action == "publish" and not activity.is_published:
        return publish_or_say(request, activity)
    if action == "preview":
        return redirect("activities:preview", activity.pk)
    missing = missing_for_publishing(activity)
    if activity.is_published:
        messages.success(request, _("Saved. Teachers see the new text now."))
    elif missing:
        messages.success(request, _("Saved. Only you and your colleagues see it. What is missing stands beside it."))
    else:
        messages.success(request, _("Saved. It is ready to be published."))
    return redirect("activities:edit", activity.pk)


def _kept(request: HttpRequest, activity: Activity, pending: PendingEdit | None, action: str) -> HttpResponse:
    if action == "preview":
        return redirect("activities:preview", activity.pk)
    if pending:
        messages.success(request, _("Kept for later. Teachers still see the published text."))
    else:
        messages.success(request, _("Saved. Only you and your colleagues see it. What is missing stands beside it."))
    return redirect("activities:edit", activity.pk)


# What saves itself


@require_POST
def autosave(request: PersonRequest, pk: int) -> JsonResponse:
    """Save what is right so far, in the draft or beside the published offer; never over something newer."""
    activity = activity_for_member(request.user, pk, edit=True)
    form = ActivityForm(request.POST, kind=activity.kind, instance=activity)
    form.is_valid()
    if not allowed(request, "autosave", key=f"user:{request.user.pk}"):
        return _not_saved(_("Saving by itself takes a break. Please use the button."), TOO_MANY)
    typed = _typed(request, form)
    try:
        activity, pending = authoring.save_typed(activity=activity, typed=typed, by=request.user)
    except services.ChangedMeanwhile:
        text = _(
            "Somebody else has saved this offer meanwhile, so it does not save itself here. "
            "Press the button to see both."
        )
        return _not_saved(text, CONFLICT)
    return _told(request, activity, form, pending)


@require_POST
def autosave_new(request: PersonRequest, partner_pk: int) -> JsonResponse:
    """Make a draft of an offer that has got a title."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    draft, _template = _begun(request, partner)
    if draft is None:
        return _not_saved(_("This kind of offer is not in use any more."), REFUSED)
    form = ActivityForm(request.POST, kind=draft.kind, instance=draft)
    form.is_valid()
    if "title" in form.errors:
        return _not_saved(_("It saves itself as soon as it has a title."), REFUSED)
    if refusal := _too_many(request):
        return _not_saved(refusal, TOO_MANY)
    try:
        activity = services.create_activity(partner=partner, kind=draft.kind, facts=form.facts)
    except services.TooManyDrafts:
        return _not_saved(_many_drafts(), REFUSED)
    return _told(request, activity, form, None)


def _told(request: HttpRequest, activity: Activity, form: ActivityForm, pending: PendingEdit | None) -> JsonResponse:
    """When it was saved and what was left out, and the page's new beginnings: the rail, and what it is made from."""
    when = {"time": clock(timezone.now())}
    if left_out := [str(form.fields[name].label) for name in form.errors if name in form.fields]:
        text = _("Saved %(time)s, but not: %(fields)s") % {**when, "fields": ", ".join(left_out)}
    elif pending:
        text = _("Saved %(time)s. Teachers see it when you publish it.") % when
    else:
        text = _("Saved %(time)s") % when
    if pending:
        basis = Basis(revision=pending.based_on, seen=pending.data["seen"], pending=stamp(pending))
    else:
        basis = Basis(revision=activity.revision, seen=fingerprints(saved_values(activity)))
    context = {"partner": activity.partner, "kind": activity.kind, "activity": activity, **_rail(activity, pending)}
    return JsonResponse(
        {
            "text": text,
            "basis": asdict(basis),
            "edit_url": reverse("activities:edit", args=[activity.pk]),
            "autosave_url": _autosave_url(activity),
            "rail": render_to_string("activities/_rail.html", context, request=request),
        }
    )


def _not_saved(text: str, status: int) -> JsonResponse:
    return JsonResponse({"text": text}, status=status)
