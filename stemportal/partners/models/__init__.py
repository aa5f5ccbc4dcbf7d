"""Partners: organisations, their people, what they sign and promise, and what the secretariat keeps about them."""

from stemportal.partners.models.brand import BrandMaterial
from stemportal.partners.models.care import DeclineReason, Note
from stemportal.partners.models.declarations import Declaration, Signature, SignatureRequest
from stemportal.partners.models.drafts import DRAFT_DAYS, RegistrationDraft
from stemportal.partners.models.engagement import Engagement, Level
from stemportal.partners.models.exports import DataExport
from stemportal.partners.models.imports import ImportRow, PartnerImport
from stemportal.partners.models.members import INVITATION_DAYS, Invitation, Membership, token_hash
from stemportal.partners.models.partner import Partner, PartnerEvent, PartnerQuerySet, new_token
from stemportal.partners.models.register import RegisterProposal, RegisterRun

__all__ = [
    "DRAFT_DAYS",
    "INVITATION_DAYS",
    "BrandMaterial",
    "DataExport",
    "DeclineReason",
    "Declaration",
    "Engagement",
    "ImportRow",
    "Invitation",
    "Level",
    "Membership",
    "Note",
    "Partner",
    "PartnerEvent",
    "PartnerImport",
    "PartnerQuerySet",
    "RegisterProposal",
    "RegisterRun",
    "RegistrationDraft",
    "Signature",
    "SignatureRequest",
    "new_token",
    "token_hash",
]
