"""Mails about what is new in working groups: for each line as it comes, or once a day."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.network.emails.groups import name_of, send
from stemportal.network.models import GroupMember, WorkingGroup
from stemportal.network.queries.groups import News
from stemportal.outbox.letters import Letter, absolute_url

MOST_TOLD = 10
LONGEST_QUOTE = 500


def each(member: GroupMember, news: Sequence[News]) -> None:
    """To a member who wants to hear of each: what came in the last minutes. ``news`` is not empty."""
    group = member.group

    def letter() -> Letter:
        return Letter(
            subject=_subject(group, news),
            paragraphs=_told(news),
            action_url=absolute_url(news[0].path if len(news) == 1 else group.get_absolute_url()),
            action_label=_("Read and answer"),
            reason=_("you asked for a mail for each post in this working group; you can change that on its page"),
        )

    send("group_news", group, member.user, letter)


def daily(members: Sequence[tuple[GroupMember, list[News]]]) -> None:
    """To one person, once a day: what is new in her or his groups. None of the lists is empty."""
    first, news = members[0]

    def letter() -> Letter:
        if len(members) == 1:
            return Letter(
                subject=_subject(first.group, news),
                paragraphs=_told(news),
                action_url=absolute_url(news[0].path if len(news) == 1 else first.group.get_absolute_url()),
                action_label=_("Read and answer"),
                reason=_reason(),
            )
        count = sum(len(found) for _member, found in members)
        subject = ngettext("%(count)s new in your working groups", "%(count)s new in your working groups", count)
        paragraphs = []
        for member, found in members:
            paragraphs.append(f"{name_of(member.group)}: {absolute_url(member.group.get_absolute_url())}")
            paragraphs += _told(found)
        return Letter(
            subject=subject % {"count": count},
            paragraphs=paragraphs,
            action_url=absolute_url(reverse("network:groups")),
            action_label=_("See your groups"),
            reason=_reason(),
        )

    send("group_day", first.group, first.user, letter)


def _reason() -> str:
    return _("you take part in these working groups and get one mail a day; you can change that on their pages")


def _subject(group: WorkingGroup, news: Sequence[News]) -> str:
    if len(news) == 1:
        return _("%(group)s: %(title)s") % {"group": name_of(group), "title": news[0].title}
    text = ngettext("%(group)s: %(count)s new", "%(group)s: %(count)s new", len(news))
    return text % {"group": name_of(group), "count": len(news)}


def _told(news: Sequence[News]) -> list[str]:
    """One or two paragraphs a line, the first ones; then how many more there are."""
    words = [text for item in news[:MOST_TOLD] for text in _words(item)]
    if (more := len(news) - MOST_TOLD) > 0:
        words.append(_("And %(count)s more on the page of the group.") % {"count": more})
    return words


def _words(item: News) -> list[str]:
    facts = {"who": item.who or _("Somebody"), "title": item.title, "number": item.number}
    if item.is_document and item.number > 1:
        said = _("%(who)s has put up version %(number)s of “%(title)s”.") % facts
    elif item.is_document:
        said = _("%(who)s has shared the document “%(title)s”.") % facts
    elif item.is_answer:
        said = _("%(who)s has answered in “%(title)s”:") % facts
    else:
        said = _("%(who)s has written “%(title)s”:") % facts
    text = " ".join(item.text.split())
    if not text:
        return [said]
    return [said, f"«{text[:LONGEST_QUOTE].rstrip()}…»" if len(text) > LONGEST_QUOTE else f"«{text}»"]
