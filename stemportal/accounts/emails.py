"""Mails about logging in. allauth decides when; the words and the outbox are ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template import loader
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail


def _login_code(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Your login code: %(code)s") % {"code": context["code"]},
        paragraphs=[
            _("Type this code on the page where you asked for it:"),
            context["code"],
            _("It works for a few minutes. If you did not ask for it, you can forget this mail."),
        ],
        reason=_("somebody asked to log in with this e-mail address"),
    )


def _verification_code(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Confirm your e-mail address: %(code)s") % {"code": context["code"]},
        paragraphs=[
            _("Welcome! Type this code on the page that is waiting for it:"),
            context["code"],
            _("If you did not sign up, you can forget this mail."),
        ],
        reason=_("somebody signed up with this e-mail address"),
    )


def _password_reset_code(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Code for a new password: %(code)s") % {"code": context["code"]},
        paragraphs=[
            _("Type this code to choose a new password:"),
            context["code"],
            _("If you did not ask for it, you can forget this mail; your password stays as it is."),
        ],
        reason=_("somebody asked for a new password for this e-mail address"),
    )


def _account_already_exists(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("You already have an account"),
        paragraphs=[_("Somebody tried to sign up with this address, but you already have an account. Just log in.")],
        action_url=absolute_url(reverse("account_login")),
        action_label=_("Log in"),
        reason=_("somebody signed up with this e-mail address"),
    )


def _unknown_account(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("There is no account with this address"),
        paragraphs=[
            _("You, or somebody else, tried to log in with this address, but we know no account with it."),
            _("Perhaps you signed up with another address? If not, you are welcome to sign up."),
        ],
        action_url=absolute_url(reverse("account_signup")),
        action_label=_("Sign up"),
        reason=_("somebody asked to log in with this e-mail address"),
    )


def _feide_connected(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Feide is connected with your account"),
        paragraphs=[
            _("From now on you can log in with Feide."),
            _("If it was not you, disconnect it on the page of your account, and tell us."),
        ],
        action_url=absolute_url(reverse("socialaccount_connections")),
        action_label=_("See your account"),
        reason=_("something changed in how you log in"),
    )


def _feide_disconnected(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Feide is no longer connected with your account"),
        paragraphs=[_("You log in with a mailed code from now on.")],
        action_url=absolute_url(reverse("socialaccount_connections")),
        action_label=_("See your account"),
        reason=_("something changed in how you log in"),
    )


LETTERS: dict[str, Callable[[dict[str, Any]], Letter]] = {
    "account/email/login_code": _login_code,
    "account/email/email_confirmation": _verification_code,
    "account/email/email_confirmation_signup": _verification_code,
    "account/email/password_reset_code": _password_reset_code,
    "account/email/account_already_exists": _account_already_exists,
    "account/email/unknown_account": _unknown_account,
    "socialaccount/email/account_connected": _feide_connected,
    "socialaccount/email/account_disconnected": _feide_disconnected,
}


def _security_notice(template_prefix: str, context: dict[str, Any]) -> Letter:
    """Wrap allauth's own words (password changed, passkey added, ...), which it translates itself."""
    subject = loader.render_to_string(f"{template_prefix}_subject.txt", context)
    text = loader.render_to_string(f"{template_prefix}_message.txt", context)
    return Letter(
        subject=" ".join(subject.split()),
        paragraphs=[" ".join(block.split()) for block in text.split("\n\n") if block.strip()],
        reason=_("something changed in how you log in"),
    )


def account_mail(*, template_prefix: str, to: str, context: dict[str, Any]) -> Mail:
    """Queue the mail that allauth asks for, in the person's language or else the page's."""
    user = User.objects.filter(email__iexact=to).first()
    language = user.language if user else translation.get_language() or "nb"
    with translation.override(language):
        make = LETTERS.get(template_prefix)
        letter = make(context) if make else _security_notice(template_prefix, context)
    return queue_mail(template=template_prefix.rpartition("/")[2], to=to, language=language, letter=letter)
