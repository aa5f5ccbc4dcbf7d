"""Mails about wishes and offers: one function per fact, each to everybody it concerns, in their own language.

What goes to a partner is filed under ``wish:<wish>:<partner>``, so that it can be forgotten with the partner's people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Membership, Partner
from stemportal.schools.emails.post import quote
from stemportal.schools.emails.wish_facts import facts_for_partner, offer_facts, weeks_words, wish_facts

if TYPE_CHECKING:
    from stemportal.schools.models import Offer, Wish


def about(wish: Wish, partner: Partner | None = None) -> str:
    """Return the key under which mails about the wish are filed."""
    return f"wish:{wish.pk}:{partner.pk}" if partner else f"wish:{wish.pk}"


def people_of(partners: Iterable[Partner]) -> list[Membership]:
    """Return the owners and editors of these partners whose accounts are in use. One query."""
    found = Membership.objects.filter(partner__in=list(partners), role__in=Membership.EDITORS, user__is_active=True)
    return list(found.select_related("user", "partner"))


def people_of_school(wish: Wish) -> list[User]:
    """Return the wish's teacher; where there is none any more, the school's coordinators."""
    from stemportal.schools.models import Teacher

    if wish.teacher is not None and wish.teacher.is_active:
        return [wish.teacher]
    records = Teacher.objects.filter(
        school=wish.school, status=Teacher.Status.VERIFIED, role=Teacher.Role.COORDINATOR, user__is_active=True
    )
    return [record.user for record in records.select_related("user")]


def _queue(person: User, template: str, key: str, make: Callable[[], Letter]) -> None:
    with translation.override(person.language):
        letter = make()
        queue_mail(template=template, to=person.email, language=person.language, letter=letter, about=key)


def _to_partner(wish: Wish, partner: Partner, template: str, make: Callable[[], Letter]) -> None:
    for membership in people_of([partner]):
        _queue(membership.user, template, about(wish, partner), make)


def _to_school(wish: Wish, template: str, make: Callable[[], Letter], partner: Partner | None = None) -> None:
    for person in people_of_school(wish):
        _queue(person, template, about(wish, partner), make)


def _of_partner(partner: Partner) -> str:
    return _("you act for %(partner)s in the portal") % {"partner": partner}


def _of_teacher() -> str:
    return _("you wished for this in the portal")


def _wish_url(wish: Wish) -> str:
    return absolute_url(reverse("schools:wish", args=[wish.pk]))


def _offer_url(wish: Wish, partner: Partner) -> str:
    return absolute_url(reverse("schools:wish_offer", args=[partner.pk, wish.pk]))


def wish_to_partners(wish: Wish, distances: Mapping[Partner, float | None]) -> None:
    """To those who answer for each partner: a class wishes for something that you may have. One query and the mails."""
    for membership in people_of(distances):
        partner, km = membership.partner, distances[membership.partner]

        def make(partner: Partner = partner, km: float | None = km) -> Letter:
            return Letter(
                subject=_("A class at %(school)s wishes for something you may have") % {"school": wish.school},
                paragraphs=[
                    quote(wish.text),
                    _("Could you do it? Offer a time; it is agreed when the teacher says yes. If it does not suit, say "
                      "“not now”, and we ask somebody else."),
                ],
                facts=facts_for_partner(wish, km),
                action_url=_offer_url(wish, partner),
                action_label=_("Look at the wish"),
                reason=_of_partner(partner),
            )  # fmt: skip

        _queue(membership.user, "wish_to_partner", about(wish, partner), make)


def offer_made(offer: Offer) -> None:
    """To the teacher: somebody offers what you wished for."""
    partner = offer.activity.partner

    def make() -> Letter:
        return Letter(
            subject=_("%(partner)s offers what you wished for") % {"partner": partner},
            paragraphs=[
                quote(offer.note),
                _("Say yes, and it is booked. You can also wait for other offers, or decline this one."),
            ],
            facts=offer_facts(offer),
            action_url=_wish_url(offer.wish),
            action_label=_("Answer the offer"),
            reason=_of_teacher(),
        )

    _to_school(offer.wish, "wish_offer_made", make, partner)


def offer_waits(offer: Offer) -> None:
    """To the teacher, once: an offer still waits for an answer."""
    partner = offer.activity.partner

    def make() -> Letter:
        return Letter(
            subject=_("%(partner)s waits for your answer") % {"partner": partner},
            paragraphs=[_("They keep the time free for your class. Please say yes or no, so that they can plan.")],
            facts=offer_facts(offer),
            action_url=_wish_url(offer.wish),
            action_label=_("Answer the offer"),
            reason=_of_teacher(),
        )

    _to_school(offer.wish, "wish_offer_waits", make, partner)


def offer_taken_back(offer: Offer) -> None:
    """To the teacher: the partner cannot do it after all."""
    partner = offer.activity.partner

    def make() -> Letter:
        return Letter(
            subject=_("%(partner)s has taken its offer back") % {"partner": partner},
            paragraphs=[_("Your wish stays open, and the other partners who were asked can still offer something.")],
            facts=offer_facts(offer),
            action_url=_wish_url(offer.wish),
            action_label=_("See your wish"),
            reason=_of_teacher(),
        )

    _to_school(offer.wish, "wish_offer_taken_back", make, partner)


def offer_declined(offer: Offer) -> None:
    """To the partner: the teacher says no to this offer."""
    partner = offer.activity.partner
    _to_partner(
        offer.wish,
        partner,
        "wish_offer_declined",
        lambda: Letter(
            subject=_("Your offer to %(school)s did not suit this time") % {"school": offer.wish.school},
            paragraphs=[_("Thank you for offering. While the wish is open you can offer another time.")],
            facts=offer_facts(offer),
            action_url=_offer_url(offer.wish, partner),
            action_label=_("Look at the wish"),
            reason=_of_partner(partner),
        ),
    )


def offer_overtaken(offer: Offer) -> None:
    """To a partner whose offer was not the one: the class has found something else."""
    partner = offer.activity.partner
    _to_partner(
        offer.wish,
        partner,
        "wish_offer_overtaken",
        lambda: Letter(
            subject=_("The class at %(school)s has accepted another offer") % {"school": offer.wish.school},
            paragraphs=[_("Thank you for offering. The time that you kept free is yours again.")],
            facts=offer_facts(offer),
            action_url=absolute_url(reverse("schools:partner_wishes", args=[partner.pk])),
            action_label=_("See other wishes"),
            reason=_of_partner(partner),
        ),
    )


def wish_withdrawn(offer: Offer) -> None:
    """To a partner that had offered something: the teacher needs it no more."""
    partner = offer.activity.partner
    _to_partner(
        offer.wish,
        partner,
        "wish_withdrawn",
        lambda: Letter(
            subject=_("%(school)s has withdrawn its wish") % {"school": offer.wish.school},
            paragraphs=[_("Thank you for offering. The time that you kept free is yours again.")],
            facts=offer_facts(offer),
            action_url=absolute_url(reverse("schools:partner_wishes", args=[partner.pk])),
            action_label=_("See other wishes"),
            reason=_of_partner(partner),
        ),
    )


def wish_expired(wish: Wish) -> None:
    """To the teacher: the weeks have passed, and what can be done now."""

    def make() -> Letter:
        return Letter(
            subject=_("The weeks of your wish have passed"),
            paragraphs=[
                quote(wish.text),
                _("We are sorry that nothing came of it this time. You can make the same wish for other weeks with one "
                  "click, or look through what partners offer now."),
            ],
            facts=[(_("When"), capfirst(weeks_words(wish.first_week, wish.last_week)))],
            action_url=_wish_url(wish),
            action_label=_("See what you can do"),
            reason=_of_teacher(),
        )  # fmt: skip

    _to_school(wish, "wish_expired", make)


def wish_handed_on(wish: Wish, coordinators: Iterable[User], *, asked: int, days: int) -> None:
    """To the regional coordinators, or to the secretariat where the county has none: nobody offers anything."""

    def make() -> Letter:
        return Letter(
            subject=_("A wish without an offer: %(school)s") % {"school": wish.school},
            paragraphs=[
                quote(wish.text),
                _("%(days)s working days have gone, %(asked)s partners were asked, and the class has no offer that "
                  "waits. Can you ask somebody you know, or write to the teacher?") % {"days": days, "asked": asked},
            ],
            facts=wish_facts(wish),
            action_url=absolute_url(reverse("admin:schools_wish_change", args=[wish.pk])),
            action_label=_("Look at it"),
            reason=_("you look after wishes that nobody answers"),
        )  # fmt: skip

    people = list(coordinators)
    for person in people:
        _queue(person, "wish_handed_on", about(wish), make)
    if not people:
        with translation.override("nb"):
            letter = make()
            queue_mail(
                template="wish_handed_on",
                to=settings.SECRETARIAT_EMAIL,
                language="nb",
                letter=letter,
                about=about(wish),
            )


def line_to_teacher(wish: Wish, text: str) -> None:
    """To the teacher: a line from the secretariat about the wish."""

    def make() -> Letter:
        search = f"{reverse('activities:search')}?{urlencode({'grade': wish.grade})}"
        return Letter(
            subject=_("About your wish"),
            paragraphs=[text, _("Offers for your grade: %(url)s") % {"url": absolute_url(search)}],
            facts=wish_facts(wish),
            action_url=_wish_url(wish),
            action_label=_("See your wish"),
            reason=_of_teacher(),
        )

    _to_school(wish, "wish_line", make)
