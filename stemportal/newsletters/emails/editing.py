"""The newsletter as its editor gets it."""

from __future__ import annotations

from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from stemportal.newsletters.models import Newsletter
from stemportal.newsletters.rendering import EditionFacts, fill, marks
from stemportal.outbox.letters import absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_rendered


def newsletter_test(newsletter: Newsletter, to: str, edition: EditionFacts) -> Mail:
    """The mail as subscribers get it, marked as a test. It has nobody to unsubscribe: those links open the sign-up."""
    with translation.override(edition.language):
        subject = _("[Test] %(subject)s") % {"subject": edition.subject}
        values = example_values()
    return queue_rendered(
        template="newsletter_test",
        to=to,
        language=edition.language,
        subject=subject,
        text=fill(edition.text, values),
        html=fill(edition.html, values),
        about=f"newsletter:{newsletter.pk}",
    )


def example_values() -> dict[str, str]:
    """Return what stands in tests and previews where each receiver's own words go, in the language that is on."""
    page = absolute_url(reverse("newsletters:subscribe"))
    return {
        marks.UNSUBSCRIBE: page,
        marks.PREFERENCES: page,
        marks.SINCE: formats.date_format(timezone.localdate(), "DATE_FORMAT"),
    }
