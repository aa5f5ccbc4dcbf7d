"""Mails about input and hearings: what became of one's own, what came of what one supports, and what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import clock, localized, weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail

if TYPE_CHECKING:
    from stemportal.network.models import Hearing, Input, InputEvent, InputSupport
    from stemportal.partners.models import Partner

RECEIVED, IN_WORK, TAKEN_UP, NOT_TAKEN_UP = "received", "in_work", "taken_up", "not_taken_up"
# As much of a hearing's text as a mail shows; the rest stands on its page.
BEGINNING = 600


def about(input_id: int) -> str:
    """Return the outbox's key for mails about an input."""
    return f"input:{input_id}"


def about_hearing(hearing_id: int) -> str:
    """Return the outbox's key for mails about a hearing."""
    return f"hearing:{hearing_id}"


def input_moved(*, found: Input, step: InputEvent, person: User) -> None:
    """Tell one of the partner's people of one step: received, in work, decided, or answered."""
    with translation.override(person.language):
        subject, first = _words(found, step)
        paragraphs = [first]
        if found.reason and step.from_status and found.status == step.to_status:
            paragraphs += [_("The reason:"), *_quoted(found.reason)]
        if found.answer and found.answered_at is not None and found.answered_at >= step.at:
            paragraphs += [_("The secretariat's answer:"), *_quoted(found.answer)]
        if found.recommendation and found.recommendation.published_at and step.to_status == TAKEN_UP:
            text = _("It is part of a recommendation: “%(title)s”. You find it on the page of your input.")
            paragraphs.append(text % {"title": localized(found.recommendation, "title")})
        letter = Letter(
            subject=subject,
            greeting=_hello(person),
            paragraphs=paragraphs,
            facts=_facts(found),
            action_url=absolute_url(found.get_absolute_url()),
            action_label=_("See your input"),
            reason=_("you act for %(partner)s in the portal") % {"partner": found.partner},
        )
    _send("input_moved", person, letter, about(found.pk))


def _words(found: Input, step: InputEvent) -> tuple[str, str]:
    """The subject, and the first sentence that says what happened."""
    title = {"title": found.title}
    if not step.from_status:
        return (
            _("We have received your input: %(title)s") % title,
            _("Thank you! We read everything, and you get a mail when something happens to it."),
        )
    if step.from_status == step.to_status:
        return _("An answer to your input: %(title)s") % title, _("The secretariat has written something new to you.")
    if step.to_status == IN_WORK:
        return (
            _("We are working on your input: %(title)s") % title,
            _("The secretariat is looking into what you have sent."),
        )
    if step.to_status == TAKEN_UP:
        return (
            _("Your input is taken up: %(title)s") % title,
            _("What you have sent will be used in the programme. Thank you!"),
        )
    return (
        _("Your input is not taken up: %(title)s") % title,
        _("Thank you for taking the time. This time it did not lead to a change."),
    )


def supported_decided(*, found: Input, support: InputSupport, person: User) -> None:
    """Tell somebody whose organisation stands behind an input what came of it."""
    with translation.override(person.language):
        names = {"title": found.title, "partner": found.partner, "status": found.get_status_display()}
        paragraphs = [_("You support input from %(partner)s. It is decided: %(status)s.") % names]
        if found.reason:
            paragraphs += [_("The reason:"), *_quoted(found.reason)]
        if found.answer and found.answer_is_public:
            paragraphs += [_("The secretariat's answer:"), *_quoted(found.answer)]
        letter = Letter(
            subject=_("%(status)s: “%(title)s”, which you support") % names,
            greeting=_hello(person),
            paragraphs=paragraphs,
            facts=_facts(found),
            action_url=absolute_url(found.get_absolute_url()),
            action_label=_("See the input"),
            reason=_("%(partner)s supports this input") % {"partner": support.partner},
        )
    _send("input_supported_decided", person, letter, about(found.pk))


def hearing_opened(*, hearing: Hearing, person: User, partner: Partner) -> None:
    """Ask somebody who answers for an approved partner for input."""
    with translation.override(person.language):
        title = {"title": localized(hearing, "title")}
        beginning = Truncator(str(localized(hearing, "text"))).chars(BEGINNING)
        letter = Letter(
            subject=_("What do you think? %(title)s") % title,
            greeting=_hello(person),
            paragraphs=[
                _("We would like to hear from our partners about “%(title)s”.") % title,
                *_blocks(beginning),
                _("A few lines are enough. You choose whether other partners may read and support them."),
            ],
            facts=[(_("Open until"), _deadline(hearing))],
            action_url=absolute_url(hearing.get_absolute_url()),
            action_label=_("Read and send input"),
            reason=_why(partner),
        )
    _send("hearing_opened", person, letter, about_hearing(hearing.pk))


def hearing_closes_soon(*, hearing: Hearing, person: User, partner: Partner) -> None:
    """Remind somebody whose organisation has not sent anything."""
    with translation.override(person.language):
        title = {"title": localized(hearing, "title"), "partner": partner}
        letter = Letter(
            subject=_("Closes soon: %(title)s") % title,
            greeting=_hello(person),
            paragraphs=[
                _("We have not heard from %(partner)s about “%(title)s”.") % title,
                _("Nothing to say? Then there is nothing to do. This is the only reminder."),
            ],
            facts=[(_("Open until"), _deadline(hearing))],
            action_url=absolute_url(hearing.get_absolute_url()),
            action_label=_("Read and send input"),
            reason=_why(partner),
        )
    _send("hearing_closes_soon", person, letter, about_hearing(hearing.pk))


def _send(template: str, person: User, letter: Letter, key: str) -> None:
    queue_mail(template=template, to=person.email, language=person.language, letter=letter, about=key)


def _hello(person: User) -> str:
    return _("Hello %(name)s") % {"name": person.get_short_name()}


def _why(partner: Partner) -> str:
    return _("you are an owner or editor of %(partner)s, and hearings go to all approved partners") % {
        "partner": partner
    }


def _facts(found: Input) -> list[tuple[str, str]]:
    status = str(found.get_status_display())
    facts = [(_("Title"), found.title), (_("Sent"), weekdate(found.at)), (_("Status"), status)]
    if found.hearing:
        facts.append((_("Hearing"), str(localized(found.hearing, "title"))))
    return facts


def _deadline(hearing: Hearing) -> str:
    day = {"day": weekdate(hearing.closes_at), "clock": clock(hearing.closes_at)}
    return _("%(day)s at %(clock)s") % day


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]


def _quoted(text: str) -> list[str]:
    """What somebody wrote, paragraph by paragraph, marked so that nobody takes it for words of the portal."""
    return ["\n".join(f"> {line}" for line in block.split("\n")) for block in _blocks(text)]
