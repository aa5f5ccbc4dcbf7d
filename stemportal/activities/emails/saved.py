"""The mail of a saved search: what is new, why it came, and how to end it with one click."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import Activity, SavedSearch
from stemportal.lib.identifiers import portal_host
from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail

# As many offers stand in a mail; the button leads to all.
MOST_IN_A_MAIL = 10


def new_offers(*, saved: SavedSearch, offers: Sequence[Activity]) -> Mail:
    """Tell the owner of a saved search of new offers (cards), in the language of the account."""
    language = saved.user.language
    with translation.override(language):
        number = len(offers)
        shown = offers[:MOST_IN_A_MAIL]
        letter = Letter(
            subject=ngettext("%(number)s new offer: %(name)s", "%(number)s new offers: %(name)s", number)
            % {"number": number, "name": saved.name},
            paragraphs=[
                ngettext(
                    "Something new fits your saved search “%(name)s”:",
                    "%(number)s new offers fit your saved search “%(name)s”:",
                    number,
                )
                % {"number": number, "name": saved.name}
            ],
            body_html=_as_html(shown, number),
            body_text=_as_text(shown, number),
            action_url=absolute_url(saved.get_absolute_url()),
            action_label=_("See everything that fits"),
            reason=_("you saved the search “%(name)s”") % {"name": saved.name},
            unsubscribe_url=absolute_url(reverse("activities:search_stop", args=[saved.stop_token])),
        )
    return queue_mail(
        template="saved_search",
        to=saved.user.email,
        language=language,
        letter=letter,
        about=f"savedsearch:{saved.pk}",
        headers=_list_headers(saved),
    )


def _list_headers(saved: SavedSearch) -> dict[str, str]:
    """RFC 8058 (one click), RFC 2369 and RFC 2919 (which list this is)."""
    one_click = absolute_url(reverse("activities_machine:one_click", args=[saved.stop_token]))
    return {
        "List-Unsubscribe": f"<{one_click}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<saved-searches.{portal_host()}>",
    }


def _facts(offer: Activity) -> str:
    """Who, where and when, in one line."""
    when = weekdate(offer.next_session_at) if offer.next_session_at else ""  # type: ignore[attr-defined]
    if not when and offer.is_on_request:
        when = _("you propose the date")
    return " · ".join(part for part in (str(offer.partner), offer.where_label, offer.grades_label, when) if part)


def _more(shown: int, number: int) -> str:
    left = number - shown
    return ngettext("And %(number)s more.", "And %(number)s more.", left) % {"number": left} if left else ""


def _as_html(offers: Sequence[Activity], number: int) -> str:
    rows = format_html_join(
        "",
        '<li><a href="{}">{}</a><br>{}</li>',
        ((absolute_url(offer.get_absolute_url()), offer.title, _facts(offer)) for offer in offers),
    )
    more = _more(len(offers), number)
    return format_html("<ul>{}</ul>", rows) + (format_html("<p>{}</p>", more) if more else "")


def _as_text(offers: Sequence[Activity], number: int) -> str:
    rows = [f"- {offer.title}\n  {_facts(offer)}\n  {absolute_url(offer.get_absolute_url())}" for offer in offers]
    return "\n\n".join([*rows, *filter(None, [_more(len(offers), number)])])
