"""The page from which anybody writes to a partner."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stemportal.lib.ratelimit import allowed
from stemportal.partners.access import partner_to_write_to
from stemportal.partners.forms.contact import ContactForm
from stemportal.partners.models import Partner
from stemportal.partners.services.contact import Message, write_to_partner

TOO_MANY = 429


@login_not_required
@sensitive_post_parameters("message")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """A form; what is written goes to the contact person by mail, whose address stays with us."""
    partner = partner_to_write_to(slug)
    user = request.user
    if request.method != "POST":
        begins = {"name": user.full_name, "email": user.email} if user.is_authenticated else {}
        return _page(request, partner, ContactForm(initial=begins))
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, partner, form)
    message = form.written()
    if not _may_write(request, partner, message, has_proof=form.has_proof):
        form.only_say(_("That was many messages in a short time. Nothing is lost: please send it in an hour."))
        return _page(request, partner, form, status=TOO_MANY)
    is_known = user.is_authenticated and user.email.lower() == message.email.lower()
    write_to_partner(partner=partner, message=message, language=get_language() or "nb", is_known=is_known)
    messages.success(
        request,
        _("Your message is on its way to %(partner)s. The answer comes to %(email)s, and so does a copy.")
        % {"partner": partner.display_name, "email": message.email},
    )
    return redirect(partner)


def _may_write(request: HttpRequest, partner: Partner, message: Message, *, has_proof: bool) -> bool:
    """Limits of the visitor, of the address that gets the copy, and of what one partner has to stand."""
    if not allowed(request, "partner_message"):
        return False
    # A browser without JavaScript can not do the work; somebody who is logged in need not.
    if not has_proof and not request.user.is_authenticated and not allowed(request, "partner_message_without_proof"):
        return False
    return allowed(request, "partner_message_address", key=message.email) and allowed(
        request, "partner_message_partner", key=f"partner:{partner.pk}"
    )


def _page(request: HttpRequest, partner: Partner, form: ContactForm, status: int = 200) -> HttpResponse:
    return render(request, "partners/write.html", {"partner": partner, "form": form}, status=status)
