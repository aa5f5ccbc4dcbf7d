"""What the secretariat needs on one page to decide about an application, and to know a partner again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stemportal.lib.brreg import Answer
from stemportal.outbox.models import Mail
from stemportal.partners.emails.common import about
from stemportal.partners.models import Membership, Note, Partner, PartnerEvent, Signature
from stemportal.partners.queries.applications import Duplicate, possible_duplicates
from stemportal.partners.questions import answered

# What the register's answers are called for those who decide; an empty one means that nobody asked.
REGISTER_ANSWERS: dict[str, Promise] = {
    Answer.FOUND: _("Found, in order"),
    Answer.DELETED: _("Deleted from the register"),
    Answer.BANKRUPT: _("Bankrupt or being closed down"),
    Answer.UNKNOWN: _("Not in the register"),
    Answer.UNAVAILABLE: _("The register did not answer"),
}
# Answers that say: look twice before letting it in.
ALARMING = (Answer.DELETED, Answer.BANKRUPT, Answer.UNKNOWN)
# Rows shown of each kind; the pages behind have all.
SHOWN = 5


@dataclass(frozen=True)
class Desk:
    """Everything about one partner beside its own facts."""

    register_answer: Any
    is_alarming: bool
    proposals: int
    lookalikes: list[Duplicate]
    answers: Sequence[tuple[str, str]]
    earlier: list[Partner]
    mails: list[Mail]
    notes: list[Note]
    events: list[PartnerEvent]
    signatures: list[Signature]
    members: list[Membership]


def desk_of(partner: Partner) -> Desk:
    """Fetch everything for the partner's page in the admin. Constant queries."""
    lookalikes = possible_duplicates(partner, 2 * SHOWN)
    known = {partner.pk, *(found.partner.pk for found in lookalikes)}
    return Desk(
        register_answer=REGISTER_ANSWERS.get(partner.register_status, _("Not asked")),
        is_alarming=partner.register_status in ALARMING,
        proposals=partner.proposals.waiting().count(),
        lookalikes=lookalikes,
        answers=answered(partner),
        earlier=list(of_the_same_contact(partner).exclude(pk__in=known)[:SHOWN]),
        mails=list(mails_about(partner)[:SHOWN]),
        notes=list(partner.notes.select_related("by")[:SHOWN]),
        events=list(partner.events.select_related("by").order_by("-at", "-id")[:SHOWN]),
        signatures=list(partner.signatures.select_related("declaration", "signed_by")),
        members=list(partner.memberships.select_related("user").order_by("joined_at", "pk")),
    )


def of_the_same_contact(partner: Partner) -> QuerySet[Partner]:
    """Other applications and partners with the same contact address, and those merged into this one."""
    same_address = Q(contact_email__iexact=partner.contact_email) if partner.contact_email else Q(pk__in=[])
    others = Partner.objects.filter(same_address | Q(merged_into=partner))
    return others.exclude(pk=partner.pk).order_by("-applied_at")


def mails_about(partner: Partner) -> QuerySet[Mail]:
    """Mails about a partner and the registrations merged into it, the newest first."""
    merged = [about(other) for other in partner.merged.all()]
    return Mail.objects.filter(about__in=[about(partner), *merged]).defer("text", "html", "calendar").order_by("-pk")
