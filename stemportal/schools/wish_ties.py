"""What wishes add to a partner: today's task, what ends with it, its copy of the data, and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts.models import User
from stemportal.lib.redact import blank_words
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who
from stemportal.schools.emails.wish_facts import SMALLEST_COUNT
from stemportal.schools.models import Offer, Wish, WishMatch
from stemportal.schools.queries.wishes import still_to_answer
from stemportal.schools.services.offers import end_offers


def wish_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say how many classes wish for something that the partner may have. One query."""
    partner = membership.partner
    if not membership.may_edit or not partner.is_approved:
        return
    if count := still_to_answer(partner).count():
        title = ngettext(
            "%(count)s class wishes for something you may have",
            "%(count)s classes wish for something you may have",
            count,
        )
        yield extensions.Task(
            title=title % {"count": count},
            text=_("Offer a time, or say “not now”, so that we can ask somebody else."),
            url=reverse("schools:partner_wishes", args=[partner.pk]),
            action=_("See the wishes"),
            order=15,
            icon="HandHeart",
        )


class WishesAtEnd:
    """Offers that wait for a teacher are taken back."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        count = Offer.objects.filter(activity__partner=partner, status=Offer.Status.OPEN).count()
        return [
            extensions.Consequence(
                text=ngettext(
                    "%(count)s offer to a class that wished for something is taken back. The teacher is told.",
                    "%(count)s offers to classes that wished for something are taken back. The teachers are told.",
                    count,
                )
                % {"count": count},
                count=count,
                to_teachers=True,
            )
        ]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        end_offers(partner)


def wishes(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every wish that the partner was told of, as it saw it: no teacher, no small number of pupils."""
    rows = WishMatch.objects.filter(partner=partner).select_related(
        "wish__school__municipality", "wish__kind", "wish__subject", "wish__goal"
    )
    for match in rows.order_by("told_at", "pk").iterator():
        wish = match.wish
        yield {
            "number": wish.pk,
            "told_at": match.told_at,
            "said_not_now_at": match.not_now_at,
            "school": wish.school.name,
            "place": wish.school.place_name,
            "kind": localized(wish.kind, "name") if wish.kind else "",
            "subject": localized(wish.subject, "name") if wish.subject else "",
            "goal": wish.goal.code if wish.goal else "",
            "grade": wish.grade,
            "pupils": wish.pupils if wish.pupils >= SMALLEST_COUNT else f"< {SMALLEST_COUNT}",
            "first_week": wish.first_week,
            "last_week": wish.last_week,
            "text": wish.text,
            "status": wish.status,
        }


def offers(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every offer to a wish, with the line that was written."""
    rows = Offer.objects.filter(activity__partner=partner).select_related("offered_by", "activity")
    for offer in rows.order_by("offered_at", "pk").iterator():
        yield {
            "wish": offer.wish_id,
            "listing": offer.activity_id,
            "title": offer.activity.title,
            "starts_at": offer.starts_at,
            "ends_at": offer.ends_at,
            "where": offer.where,
            "text": offer.note,
            "offered_by": who(offer.offered_by),
            "offered_at": offer.offered_at,
            "status": offer.status,
            "booking": offer.booking_id,
        }


def forget(partner: Partner, people: extensions.People) -> None:
    """Delete what the partner's people wrote with offers, who offered, and the copies of mails; the offers stay."""
    theirs = Offer.objects.filter(activity__partner=partner)
    theirs.exclude(note="").update(note="")
    theirs.filter(offered_by__in=people.pks).update(offered_by=None)
    told = WishMatch.objects.filter(partner=partner)
    blank_words(Wish.objects.filter(matches__in=told), ["text"], people.words)
    keys = told.order_by().values_list(
        Concat(Value("wish:"), Cast("wish_id", CharField()), Value(f":{partner.pk}")), flat=True
    )
    Mail.objects.filter(about__in=keys).delete()


def register() -> None:
    """Add what wishes know to what every partner has. Called once, when the app is ready."""
    extensions.today.append(wish_tasks)
    extensions.at_end.append(WishesAtEnd())
    extensions.forget.append(forget)
    extensions.data_sections += [
        extensions.DataSection(
            name="wishes", about=gettext_lazy("Wishes of classes that you were told of."), rows=wishes
        ),
        extensions.DataSection(
            name="wish_offers", about=gettext_lazy("What you offered to those classes."), rows=offers
        ),
    ]
