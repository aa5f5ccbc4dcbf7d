"""Mails to who signs up or asks for the way to the choices."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.newsletters import links
from stemportal.newsletters.models import Subscriber
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail


def confirm_subscription(subscriber: Subscriber) -> Mail:
    """The link of the double opt-in. It opens a page with a button; opening it changes nothing."""
    with translation.override(subscriber.language):
        letter = Letter(
            subject=_("Confirm that you want our newsletter"),
            paragraphs=[
                _("Thank you for your interest. Press the button and say yes on the page that opens."),
                _("If it was not you who asked, do nothing: then we send nothing more."),
            ],
            action_url=absolute_url(reverse("newsletters:confirm", args=[subscriber.confirm_token])),
            action_label=_("Confirm the subscription"),
            reason=_form_reason(),
        )
    return _queue("newsletter_confirm", subscriber, letter)


def already_subscribed(subscriber: Subscriber) -> Mail:
    """Only the owner of the address learns that it subscribes."""
    with translation.override(subscriber.language):
        letter = Letter(
            subject=_("You already get our newsletter"),
            paragraphs=[_("Somebody, probably you, signed this address up once more. You already get it.")],
            action_url=links.choices_url(subscriber.pk, subscriber.language),
            action_label=_("Choose what you get"),
            reason=_form_reason(),
            unsubscribe_url=links.leave_url(subscriber.unsubscribe_token, subscriber.language),
        )
    return _queue("newsletter_already", subscriber, letter)


def new_link(subscriber: Subscriber) -> Mail:
    """A fresh link to the choices for one whose link has run out."""
    with translation.override(subscriber.language):
        letter = Letter(
            subject=_("Your link to the choices of our newsletter"),
            paragraphs=[_("Here is the new link. It opens the page where you choose language and topics.")],
            action_url=links.choices_url(subscriber.pk, subscriber.language),
            action_label=_("Choose what you get"),
            reason=_("somebody who has an old newsletter of yours asked for it"),
            unsubscribe_url=links.leave_url(subscriber.unsubscribe_token, subscriber.language),
        )
    return _queue("newsletter_link", subscriber, letter)


def about(subscriber_id: int) -> str:
    """What mails about a subscription are filed under."""
    return f"subscriber:{subscriber_id}"


def _form_reason() -> str:
    return _("somebody entered this address in the newsletter form of %(portal)s") % {"portal": settings.PORTAL_NAME}


def _queue(template: str, subscriber: Subscriber, letter: Letter) -> Mail:
    return queue_mail(
        template=template,
        to=subscriber.email,
        language=subscriber.language,
        letter=letter,
        about=about(subscriber.pk),
    )
