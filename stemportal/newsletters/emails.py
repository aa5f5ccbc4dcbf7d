"""Every mail about the newsletter, one function each. Call them in the transaction of the fact they tell of."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.newsletters.rendering import Content
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
            reason=_("somebody entered this address in the newsletter form of %(portal)s")
            % {"portal": settings.PORTAL_NAME},
        )
    return queue_mail(
        template="newsletter_confirm",
        to=subscriber.email,
        language=subscriber.language,
        letter=letter,
        about=f"subscriber:{subscriber.pk}",
    )


def already_subscribed(subscriber: Subscriber) -> Mail:
    """Only the owner of the address learns that it subscribes."""
    with translation.override(subscriber.language):
        letter = Letter(
            subject=_("You already get our newsletter"),
            paragraphs=[_("Somebody, probably you, signed this address up once more. You already get it.")],
            reason=_("somebody entered this address in the newsletter form of %(portal)s")
            % {"portal": settings.PORTAL_NAME},
            unsubscribe_url=human_url(subscriber),
        )
    return queue_mail(
        template="newsletter_already",
        to=subscriber.email,
        language=subscriber.language,
        letter=letter,
        about=f"subscriber:{subscriber.pk}",
    )


def newsletter(issue: Newsletter, subscriber: Subscriber, content: Content) -> Mail:
    """One newsletter to one subscriber, with the one-click headers of RFC 8058 and a link that people see."""
    return queue_mail(
        template="newsletter",
        to=subscriber.email,
        language=content.language,
        letter=newsletter_letter(
            content,
            reason=_reason(subscriber, content.language),
            unsubscribe_url=human_url(subscriber, content.language),
        ),
        about=f"newsletter:{issue.pk}",
        headers=list_headers(subscriber),
    )


def newsletter_test(issue: Newsletter, to: str, content: Content) -> Mail:
    """The same mail to its editor. It has nobody to unsubscribe, and says so."""
    with translation.override(content.language):
        reason = _("you sent yourself a test; subscribers find their unsubscribe link here")
        subject = _("[Test] %(subject)s") % {"subject": content.subject}
    letter = newsletter_letter(content, reason=reason, subject=subject)
    return queue_mail(
        template="newsletter_test", to=to, language=content.language, letter=letter, about=f"newsletter:{issue.pk}"
    )


def newsletter_letter(content: Content, *, reason: str, subject: str = "", unsubscribe_url: str = "") -> Letter:
    """The letter that readers, testers and the preview get alike."""
    return Letter(
        subject=subject or content.subject,
        paragraphs=[],
        body_html=content.html,
        body_text=content.text,
        reason=reason,
        unsubscribe_url=unsubscribe_url,
    )


def human_url(subscriber: Subscriber, language: str = "") -> str:
    """The page with the unsubscribe button, in the language of the mail."""
    with translation.override(language or subscriber.language):
        return absolute_url(reverse("newsletters:unsubscribe", args=[subscriber.unsubscribe_token]))


def list_headers(subscriber: Subscriber) -> dict[str, str]:
    """RFC 8058 (one click), RFC 2369 and RFC 2919 (which list this is)."""
    one_click = absolute_url(reverse("newsletters_machine:one_click", args=[subscriber.unsubscribe_token]))
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    return {
        "List-Unsubscribe": f"<{one_click}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<newsletter.{host}>",
    }


def _reason(subscriber: Subscriber, language: str) -> str:
    with translation.override(language):
        day = formats.date_format(timezone.localtime(subscriber.confirmed_at or subscriber.asked_at), "DATE_FORMAT")
        return _("you subscribed to our newsletter on %(day)s") % {"day": day}
