"""Reads about declarations and who signed them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.partners.extensions import Task
from stemportal.partners.models import Declaration, Membership, Partner, Signature, SignatureRequest

Status = Partner.Status
# Whose owners are asked for a signature in their room.
SIGNING = {Status.APPLIED, Status.APPROVED, Status.PAUSED}


def with_signature_count(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Add ``signature_count``, ``unsigned_count`` (approved partners that did not sign) and ``in_force``."""
    newest = Declaration.objects.filter(valid_from__lte=timezone.localdate()).order_by("-version").values("pk")[:1]
    approved = Partner.objects.approved().order_by().values("status").annotate(count=Count("pk")).values("count")
    signed_by_approved = Count("signatures", filter=Q(signatures__partner__status=Status.APPROVED))
    return declarations.annotate(
        signature_count=Count("signatures"),
        unsigned_count=Coalesce(Subquery(approved, output_field=IntegerField()), 0) - signed_by_approved,
        in_force=Case(When(pk=Subquery(newest), then=True), default=False),
    )


def signatures_of(partner: Partner) -> QuerySet[Signature]:
    """Every version the partner signed, the newest first."""
    return partner.signatures.select_related("declaration", "signed_by").order_by("-declaration__version")


def unsigned_partners(declaration: Declaration) -> QuerySet[Partner]:
    """Approved partners that have not signed this version, by name.

    Adds ``signed_version``, the newest version they did sign, and ``asked_at``, when they were asked for this one.
    """
    signatures = Signature.objects.filter(partner=OuterRef("pk"))
    asked = SignatureRequest.objects.filter(partner=OuterRef("pk"), declaration=declaration)
    return (
        Partner.objects.approved()
        .filter(~Exists(signatures.filter(declaration=declaration)))
        .annotate(
            signed_version=Subquery(signatures.order_by("-declaration__version").values("declaration__version")[:1]),
            asked_at=Subquery(asked.values("asked_at")[:1]),
        )
        .order_by("display_name", "pk")
    )


def partners_to_ask(declaration: Declaration) -> QuerySet[Partner]:
    """Partners that have not signed, have an owner who can, and were not asked for this version; the oldest first."""
    owners = Membership.objects.filter(partner=OuterRef("pk"), role=Membership.Role.OWNER, user__is_active=True)
    asked = SignatureRequest.objects.filter(partner=OuterRef("pk"), declaration=declaration)
    return unsigned_partners(declaration).filter(Exists(owners), ~Exists(asked)).order_by("pk")


def version_before(declaration: Declaration) -> Declaration | None:
    """The version that came before this one."""
    return Declaration.objects.filter(version__lt=declaration.version).order_by("-version").first()


def declaration_tasks(membership: Membership) -> Iterator[Task]:
    """Ask an owner to sign the text in force when the partner has not. One query."""
    if membership.role != Membership.Role.OWNER or membership.partner.status not in SIGNING:
        return
    signatures = Signature.objects.filter(partner=membership.partner_id)
    current = (
        Declaration.objects.filter(valid_from__lte=timezone.localdate())
        .annotate(
            is_signed=Exists(signatures.filter(declaration=OuterRef("pk"))),
            is_newer=Exists(signatures.filter(declaration__version__lt=OuterRef("version"))),
        )
        .first()
    )
    if current is None or current.is_signed:
        return
    yield Task(
        title=_("Sign the new declaration") if current.is_newer else _("Sign the declaration"),
        text=_("There you see what is new.") if current.is_newer else "",
        url=reverse("partners:declaration", args=[membership.partner_id]),
        action=_("Read and sign"),
        order=30,
        icon="PencilWriting",
    )
