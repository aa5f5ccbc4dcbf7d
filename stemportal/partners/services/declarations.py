"""The declaration that partners sign: which text is in force, signing it, and asking those who have not."""

from __future__ import annotations

import structlog
from django.db import connection, transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.services import hand_over
from stemportal.partners.emails import declarations as emails
from stemportal.partners.models import Declaration, Membership, Partner, Signature, SignatureRequest
from stemportal.partners.queries.declarations import partners_to_ask

logger = structlog.get_logger(__name__)

# So many partners are asked in one transaction; the task goes on with the next ones.
ASK_BATCH = 100


class TextChanged(Exception):
    """Another text is in force than the one that was read; nothing was signed."""


class NotAnOwner(Exception):
    """Only an owner signs for a partner."""


def current_declaration() -> Declaration | None:
    """Return the newest text that is valid today."""
    return Declaration.objects.filter(valid_from__lte=timezone.localdate()).first()


def sign_declaration(*, partner: Partner, fingerprint: str, signed_name: str, by: User) -> tuple[Signature, bool]:
    """Sign the text in force for a partner. Returns the signature and whether it is new.

    ``fingerprint`` is that of the text the person read (``Declaration.fingerprint``). Signing twice, also by a double
    click, keeps the first signature. Raises TextChanged when that text is not the one in force, NotAnOwner.
    """
    with transaction.atomic():
        current = current_declaration()
        if current is None:
            raise TextChanged
        # The admin saves a text under the same lock (``lock_text``), so nobody signs words that change meanwhile.
        current = lock_text(current.pk)
        if current.fingerprint != fingerprint:
            raise TextChanged
        if not partner.memberships.filter(user=by, role=Membership.Role.OWNER).exists():
            raise NotAnOwner
        return Signature.objects.get_or_create(
            partner=partner, declaration=current, defaults={"signed_by": by, "signed_name": signed_name}
        )


def lock_text(pk: int) -> Declaration:
    """Return the text as it is now, locked to the end of the transaction against signing and changing."""
    return Declaration.objects.select_for_update(no_key=True).get(pk=pk)


def begin_asking(declaration: Declaration) -> bool:
    """Begin to ask for signatures on the text in force, and hand the mails to a worker. False: it was begun before."""
    began = Declaration.objects.filter(pk=declaration.pk, asked_at=None).update(asked_at=timezone.now())
    if began:
        transaction.on_commit(announce)
    return bool(began)


def announce() -> None:
    """Tell a worker to ask. Without Valkey the nightly task does it."""
    from stemportal.partners.tasks import ask_for_signatures

    hand_over(ask_for_signatures.delay)


def ask_for_signatures() -> int:
    """Mail the owners of approved partners that have not signed the text in force: each partner once a version.

    Asks a batch and returns how many; a full batch (ASK_BATCH) means that there may be more. Two workers take turns.
    """
    declaration = current_declaration()
    if declaration is None:
        return 0
    Declaration.objects.filter(pk=declaration.pk, asked_at=None).update(asked_at=timezone.now())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('partners.ask_for_signatures', 0))")
        partners = list(partners_to_ask(declaration)[:ASK_BATCH])
        owners = Membership.objects.filter(
            partner__in=partners, role=Membership.Role.OWNER, user__is_active=True
        ).select_related("user", "partner")
        SignatureRequest.objects.bulk_create(
            SignatureRequest(partner=partner, declaration=declaration) for partner in partners
        )
        has_signed = {partner.pk: getattr(partner, "signed_version", None) is not None for partner in partners}
        for membership in owners.order_by("pk"):
            emails.please_sign(
                partner=membership.partner,
                owner=membership.user,
                declaration=declaration,
                has_signed_before=has_signed[membership.partner_id],
            )
    if partners:
        logger.info("signatures_asked_for", version=declaration.version, partners=len(partners))
    return len(partners)
