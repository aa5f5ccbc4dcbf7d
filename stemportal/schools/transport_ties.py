"""What pots for journeys add to a partner: tasks, what ends with it, its copy of the data, and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts.models import User
from stemportal.lib.money import ORE
from stemportal.lib.redact import blank_words
from stemportal.lib.school_year import label
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who
from stemportal.schools.models import GrantPot, LedgerEntry, TransportGrant
from stemportal.schools.queries.transport import count_waiting


def grant_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say which schools wait for money out of the partner's pots. One query."""
    applied, claimed = count_waiting(membership.partner)
    found = (
        (
            applied,
            ngettext(
                "%(count)s school asks for money for the journey",
                "%(count)s schools ask for money for the journey",
                applied,
            ),
            _("They order the bus when they know."),
        ),
        (
            claimed,
            ngettext("%(count)s receipt is to be settled", "%(count)s receipts are to be settled", claimed),
            _("The school has paid for the journey already."),
        ),
    )
    for count, title, text in found:
        if count:
            yield extensions.Task(
                title=title % {"count": count},
                text=text,
                url=reverse("schools:partner_pots", args=[membership.partner_id]),
                action=_("Look at it"),
                order=20,
                icon="Bus",
            )


class PotsAtEnd:
    """Pots are closed; what is approved stays, and what waits goes to the secretariat."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        names = list(_closing(partner).order_by("name").values_list("name", flat=True))
        text = ngettext(
            "%(count)s pot for journeys is closed. What is approved is paid all the same.",
            "%(count)s pots for journeys are closed. What is approved is paid all the same.",
            len(names),
        )
        return [extensions.Consequence(text=text % {"count": len(names)}, count=len(names), examples=names[:3])]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        TransportGrant.objects.filter(pot__partner=partner, status=TransportGrant.Status.APPLIED).update(pot=None)
        _closing(partner).update(is_open=False)


def _closing(partner: Partner) -> Any:
    """The pots that are open."""
    return GrantPot.objects.filter(partner=partner, is_open=True)


def pots(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every pot of the partner, in kroner."""
    for pot in GrantPot.objects.filter(partner=partner).select_related("county").order_by("school_year", "pk"):
        yield {
            "number": pot.pk,
            "name": pot.name,
            "programme_year": label(pot.school_year),
            "county": pot.county.name if pot.county else "",
            "amount": pot.amount_ore / ORE,
            "reserved": pot.reserved_ore / ORE,
            "paid": pot.paid_ore / ORE,
            "is_open": pot.is_open,
        }


def grants(partner: Partner) -> Iterator[dict[str, Any]]:
    """What schools asked for out of the partner's pots, without the size of the group."""
    rows = TransportGrant.objects.filter(pot__partner=partner).with_facts().select_related("decided_by")
    rows = rows.prefetch_related("entries").order_by("pk")
    for grant in rows.iterator(chunk_size=200):
        yield {
            "number": grant.pk,
            "pot": grant.pot_id,
            "school": grant.booking.school.name,
            "visit": grant.booking.activity.title,
            "starts_at": grant.booking.starts_at,
            "km": grant.km,
            "travelling": grant.mode,
            "why": grant.why,
            "applied_for": grant.applied_ore / ORE,
            "approved": None if grant.approved_ore is None else grant.approved_ore / ORE,
            "paid": None if grant.settled_ore is None else grant.settled_ore / ORE,
            "status": grant.status,
            "answer": grant.reply,
            "applied_at": grant.applied_at,
            "decided_at": grant.decided_at,
            "decided_by": who(grant.decided_by),
            "settled_at": grant.settled_at,
            "movements": [f"{entry.at:%Y-%m-%d} {entry.kind} {entry.ore / ORE}" for entry in grant.entries.all()],
        }


def forget(partner: Partner, people: extensions.People) -> None:
    """Take the partner's people out of what they decided and wrote, and their names out of what schools wrote.

    Amounts and the ledger stay; only who made an entry is not told any more.
    """
    mine = TransportGrant.objects.filter(pot__partner=partner)
    mine.filter(decided_by__in=people.pks).update(decided_by=None, reply="")
    LedgerEntry.objects.filter(by__in=people.pks, pot__partner=partner).update(by=None)
    blank_words(mine, ["why", "reply"], people.words)
    keys = mine.order_by().values_list(Concat(Value("booking:"), Cast("booking_id", CharField())), flat=True)
    Mail.objects.filter(about__in=keys, template__startswith="grant_").delete()


def register() -> None:
    """Add what this part knows to what every partner has. Called once, when the app is ready."""
    extensions.today.append(grant_tasks)
    extensions.at_end.append(PotsAtEnd())
    extensions.data_sections += [
        extensions.DataSection(
            name="transport_pots", about=gettext_lazy("Your pots for journeys, in kroner."), rows=pots
        ),
        extensions.DataSection(
            name="transport_grants",
            about=gettext_lazy("What schools asked for out of your pots, and every movement of the money."),
            rows=grants,
        ),
    ]
    extensions.forget.append(forget)
