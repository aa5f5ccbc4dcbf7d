"""A partner's own part of its copy of the data: the organisation, its people, and what they signed and chose."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.lib.school_year import label
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.declaration_document import make_pdf
from stemportal.partners.emails.common import about
from stemportal.partners.models import Partner
from stemportal.partners.queries.people import changes_in, people_of

# What the organisation has said about itself, or the register; not what the secretariat keeps for its own work.
FACTS = (
    "country",
    "organisation_number",
    "legal_name",
    "display_name",
    "slug",
    "kind",
    "parent_number",
    "parent_name",
    "sector_code",
    "sector_revision",
    "sector_name",
    "employees",
    "address",
    "postal_code",
    "postal_place",
    "municipality_id",
    "website",
    "about",
    "contact_name",
    "contact_email",
    "contact_role",
    "answers",
    "logo",
    "register_status",
    "status",
    "decline_reason",
    "applied_at",
    "decided_at",
    "ended_at",
)
SECRETARIAT = "secretariat"


def who(user: User | None) -> str:
    """Return who did something: a member by name, the secretariat as such."""
    if user is None:
        return ""
    return SECRETARIAT if user.is_staff else str(user)


def organisation(partner: Partner) -> Iterator[dict[str, Any]]:
    """One row: everything the organisation has said about itself."""
    row = {name: _plain(partner, name) for name in FACTS}
    yield row | {"municipality": partner.municipality.name if partner.municipality else ""}


def _plain(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return str(value) if name == "logo" else value


def logo(partner: Partner) -> Iterator[extensions.File]:
    """The logo as it is shown."""
    if partner.logo.name:
        yield f"logo{os.path.splitext(partner.logo.name)[1]}", partner.logo.name


def members(partner: Partner) -> Iterator[dict[str, Any]]:
    """People who act for the partner."""
    for membership in partner.memberships.select_related("user").order_by("joined_at", "pk").iterator():
        yield {
            "name": membership.user.full_name,
            "email": membership.user.email,
            "role": membership.role,
            "language": membership.user.language,
            "joined_at": membership.joined_at,
            "last_login": membership.user.last_login,
        }


def invitations(partner: Partner) -> Iterator[dict[str, Any]]:
    """Everybody who was invited, and what came of it."""
    rows = partner.invitations.select_related("invited_by", "accepted_by").order_by("invited_at", "pk")
    for invitation in rows.iterator():
        yield {
            "email": invitation.email,
            "role": invitation.role,
            "invited_at": invitation.invited_at,
            "invited_by": who(invitation.invited_by),
            "expires_at": invitation.expires_at,
            "accepted_at": invitation.accepted_at,
            "accepted_by": who(invitation.accepted_by),
            "revoked_at": invitation.revoked_at,
        }


def status_history(partner: Partner) -> Iterator[dict[str, Any]]:
    """Each move of the status. What the secretariat wrote beside it is its own note, and is left out."""
    for event in partner.events.select_related("by").order_by("at", "pk").iterator():
        yield {
            "at": event.at,
            "from": event.from_status,
            "to": event.to_status,
            "by": who(event.by),
            "note": event.note if event.by and not event.by.is_staff else "",
        }


def changes(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every change of a fact: when, who, from what to what."""
    history = changes_in("PartnerChange").filter(pgh_obj_id=partner.pk)
    names = _Names()
    before: Any = None
    for change in history.select_related("pgh_context").order_by("pgh_id").iterator():
        for field in FACTS:
            old, new = (_plain(before, field) if before else None), _plain(change, field)
            if before is not None and old != new:
                yield {
                    "at": change.pgh_created_at,
                    "by": names.of(change.pgh_context),
                    "fact": field,
                    "from": old,
                    "to": new,
                }
        before = change


class _Names:
    """Names of those behind changes, each looked up once."""

    def __init__(self) -> None:
        self.known: dict[int, str] = {}

    def of(self, context: Any) -> str:
        pk = context.metadata.get("user") if context else None
        if not isinstance(pk, int):
            return ""
        if pk not in self.known:
            self.known[pk] = who(User.objects.filter(pk=pk).first())
        return self.known[pk]


def signatures(partner: Partner) -> Iterator[dict[str, Any]]:
    """Which version of the declaration was signed, by whom and when."""
    for signature in partner.signatures.select_related("declaration").order_by("signed_at", "pk").iterator():
        yield {
            "declaration_version": signature.declaration.version,
            "signed_name": signature.signed_name,
            "signed_at": signature.signed_at,
        }


def declarations(partner: Partner) -> Iterator[extensions.File]:
    """Each signed declaration as a PDF, in the active language."""
    for signature in partner.signatures.select_related("declaration", "partner").order_by("signed_at", "pk"):
        yield f"declaration-version-{signature.declaration.version}.pdf", partial(make_pdf, signature)


def engagements(partner: Partner) -> Iterator[dict[str, Any]]:
    """The level picked for each programme year."""
    rows = partner.engagements.select_related("level", "chosen_by").order_by("school_year", "pk")
    for engagement in rows.iterator():
        yield {
            "programme_year": label(engagement.school_year),
            "level": localized(engagement.level, "name"),
            "chosen_at": engagement.chosen_at,
            "chosen_by": who(engagement.chosen_by),
        }


def mails(partner: Partner) -> Iterator[dict[str, Any]]:
    """What the portal has mailed to the partner's own people about it; mail to the secretariat and to others is not."""
    addresses = {word.lower() for word in people_of(partner).words if "@" in word} - {settings.SECRETARIAT_EMAIL}
    sent = Mail.objects.about(about(partner)).annotate(to=Lower("to_email")).filter(to__in=addresses)
    for mail in sent.order_by("pk").iterator():
        yield {"to": mail.to_email, "subject": mail.subject, "written_at": mail.created_at, "sent_at": mail.sent_at}


def sections() -> Iterable[extensions.DataSection]:
    """Return the sections of this app, in the order in which they stand in the copy."""
    section = extensions.DataSection
    return [
        section(
            name="organisation", about=_("what you have told us about the organisation"), rows=organisation, files=logo
        ),
        section(name="members", about=_("the people who act for it"), rows=members),
        section(name="invitations", about=_("who was invited, and what came of it"), rows=invitations),
        section(name="status_history", about=_("when it applied, was approved, paused or ended"), rows=status_history),
        section(name="changes", about=_("each change of a fact: when, who, from what to what"), rows=changes),
        section(
            name="signatures",
            about=_("versions of the declaration that were signed"),
            rows=signatures,
            files=declarations,
        ),
        section(name="engagements", about=_("the level picked for each programme year"), rows=engagements),
        section(name="mails", about=_("mails sent to you about the partnership"), rows=mails),
    ]
