"""The secretariat's answer to somebody who looked for something and did not find it."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.activities.models import UnmetSearch
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail


def answer(*, asked: UnmetSearch, text: str) -> Mail:
    """Send the words of the secretariat to the one who asked, with what it was about and the search once more."""
    language = asked.answer_language
    with translation.override(language):
        letter = Letter(
            subject=_("About what you looked for: %(words)s") % {"words": asked.words},
            greeting=_("Hello %(name)s") % {"name": asked.user.get_short_name()} if asked.user else _("Hello"),
            paragraphs=[block.strip() for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()],
            facts=[(_("You looked for"), asked.words), (_("You wrote"), asked.message)],
            action_url=absolute_url(asked.get_absolute_url()),
            action_label=_("Search again"),
            reason=_("you asked for offers that you did not find"),
        )
    return queue_mail(
        template="unmet_search_answer",
        to=asked.answer_to,
        language=language,
        letter=letter,
        about=f"unmetsearch:{asked.pk}",
    )
