"""After the form: look at the newsletter as readers get it, test it, approve it, send it, and see what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from stemportal.accounts.models import User
from stemportal.newsletters import readiness
from stemportal.newsletters.audience import Audience, reach
from stemportal.newsletters.emails.editing import example_values
from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Newsletter
from stemportal.newsletters.queries import held_up
from stemportal.newsletters.rendering import FALLBACK, edition, fill, written_languages
from stemportal.newsletters.services import editing, sending
from stemportal.newsletters.statistics import statistics

LOOKS = {
    "wide": _("Wide"),
    "narrow": _("Narrow, as on a phone"),
    "dark": _("Dark"),
    "plain": _("Plain text"),
}
DARK = "@media (prefers-color-scheme: dark)"


class WhenForm(forms.Form):
    """When it is sent by itself."""

    at = forms.DateTimeField(
        label=_("Send at"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("Norwegian time."),
    )


def editor(request: HttpRequest) -> User:
    """Return who works at the desk. The admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def to_preview(newsletter: Newsletter) -> HttpResponse:
    return redirect("admin:newsletters_newsletter_preview", object_id=newsletter.pk)


def preview(site: ModelAdmin[Newsletter], request: HttpRequest, newsletter: Newsletter) -> HttpResponse:
    """Show one language in one look; both are chosen by links."""
    language = _one_of(request.GET.get("language"), dict(settings.LANGUAGES))
    look = _one_of(request.GET.get("look"), LOOKS)
    if request.method == "POST":
        _act(request, newsletter, {"test": _test, "approve": _approve})
        return to_preview(newsletter)
    written = written_languages(newsletter)
    with translation.override(language):
        text = fill(edition(newsletter, language).text, example_values()) if look == "plain" else ""
    context = _context(site, request, newsletter, gettext("Preview")) | {
        "language": language,
        "languages": [(code, name, code in written) for code, name in settings.LANGUAGES],
        "is_written": language in written,
        "look": look,
        "looks": LOOKS.items(),
        "text": text,
        "fingerprint": readiness.fingerprint(newsletter),
        "may_approve": settings.NEWSLETTER_TWO_PERSONS and newsletter.edited_by_id != editor(request).pk,
    }
    return TemplateResponse(request, "newsletters/admin/preview.html", context)


def _one_of(value: str | None, known: dict[str, Any]) -> str:
    return value if value in known else next(iter(known))


def mail(request: HttpRequest, newsletter: Newsletter) -> HttpResponse:
    """The HTML part by itself. It may show pictures and run nothing, wherever it is opened."""
    language = _one_of(request.GET.get("language"), dict(settings.LANGUAGES))
    with translation.override(language):
        html = fill(edition(newsletter, language).html, example_values())
    # A frame cannot be told to be dark, so the mail is told that it always is, or never.
    html = html.replace(DARK, "@media all" if request.GET.get("look") == "dark" else "@media not all")
    response = HttpResponse(html)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' {settings.PORTAL_BASE_URL}; "
        "frame-ancestors 'self'; sandbox"
    )
    return response


def send(site: ModelAdmin[Newsletter], request: HttpRequest, newsletter: Newsletter) -> HttpResponse:
    """What can be done with it in its state, each by a button of its own."""
    when = WhenForm(request.POST if request.POST.get("do") == "schedule" else None)
    if request.method == "POST" and (not when.is_bound or when.is_valid()):
        at: datetime | None = when.cleaned_data["at"] if when.is_bound else None
        _act(request, newsletter, _deeds(at))
        return redirect("admin:newsletters_newsletter_send", object_id=newsletter.pk)
    is_out = newsletter.status in Newsletter.OUT
    is_polled = bool(request.headers.get("HX-Request"))
    if is_polled and newsletter.status != Newsletter.Status.SENDING:
        # Its buttons are others now.
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = _context(site, request, newsletter, gettext("Send")) | {
        "when": when,
        "is_out": is_out,
        "numbers": statistics(newsletter) if is_out else None,
        "held_up": held_up(newsletter) if is_out else None,
        "reach": None if is_out else reach(Audience.of(newsletter)),
        "counts_clicks": settings.NEWSLETTER_COUNT_CLICKS,
        "now": timezone.localtime(),
    }
    part = "#progress" if is_polled else ""
    return TemplateResponse(request, f"newsletters/admin/send.html{part}", context)


Deed = Callable[[HttpRequest, Newsletter], str]


def _deeds(at: datetime | None) -> dict[str, Deed]:
    deeds: dict[str, Deed] = {
        "send": _send,
        "unschedule": _unschedule,
        "pause": _pause,
        "resume": _resume,
        "stop": _stop,
    }
    if at:
        deeds["schedule"] = lambda request, newsletter: _schedule(request, newsletter, at)
    return deeds


def _act(request: HttpRequest, newsletter: Newsletter, deeds: dict[str, Deed]) -> None:
    """Do what the pressed button says, and say what happened. Raises Http404 for what is none of the page's buttons."""
    if not request.user.has_perm("newsletters.change_newsletter"):
        raise PermissionDenied
    deed = deeds.get(request.POST.get("do", ""))
    if deed is None:
        raise Http404("no such button")
    try:
        messages.success(request, deed(request, newsletter))
    except NewsletterError as error:
        messages.error(request, str(error))


def _test(request: HttpRequest, newsletter: Newsletter) -> str:
    language = request.POST.get("language", FALLBACK)
    if language not in dict(settings.LANGUAGES):
        raise Http404("no such language")
    person = editor(request)
    editing.send_test(newsletter=newsletter, to=person.email, language=language)
    return gettext("A test is on its way to %(email)s.") % {"email": person.email}


def _approve(request: HttpRequest, newsletter: Newsletter) -> str:
    editing.approve(newsletter=newsletter, by=editor(request), seen=request.POST.get("seen", ""))
    return gettext("Approved. It can be sent now.")


def _send(request: HttpRequest, newsletter: Newsletter) -> str:
    count = sending.send_newsletter(newsletter=newsletter, by=editor(request))
    text = ngettext("On its way to %(count)s subscriber.", "On its way to %(count)s subscribers.", count)
    return text % {"count": count}


def _schedule(request: HttpRequest, newsletter: Newsletter, at: datetime) -> str:
    editing.schedule(newsletter=newsletter, at=at, by=editor(request))
    return gettext("It is sent by itself at that time. Until then you can call it back here.")


def _unschedule(_request: HttpRequest, newsletter: Newsletter) -> str:
    editing.unschedule(newsletter=newsletter)
    return gettext("It is a draft again.")


def _pause(_request: HttpRequest, newsletter: Newsletter) -> str:
    sending.pause_newsletter(newsletter=newsletter)
    return gettext("Paused. Nobody gets it until you go on.")


def _resume(_request: HttpRequest, newsletter: Newsletter) -> str:
    sending.resume_newsletter(newsletter=newsletter)
    return gettext("It goes on where it was.")


def _stop(_request: HttpRequest, newsletter: Newsletter) -> str:
    left = sending.stop_newsletter(newsletter=newsletter)
    text = ngettext("Ended. %(count)s person does not get it.", "Ended. %(count)s people do not get it.", left)
    return text % {"count": left}


def _context(site: ModelAdmin[Newsletter], request: HttpRequest, newsletter: Newsletter, title: str) -> dict[str, Any]:
    is_draft = newsletter.status == Newsletter.Status.DRAFT
    return {
        **site.admin_site.each_context(request),
        "opts": site.opts,
        "newsletter": newsletter,
        "title": f"{title}: {newsletter.subject_nb}",
        "may_change": request.user.has_perm("newsletters.change_newsletter"),
        "two_persons": settings.NEWSLETTER_TWO_PERSONS,
        "problems": readiness.problems(newsletter) if is_draft else [],
    }
