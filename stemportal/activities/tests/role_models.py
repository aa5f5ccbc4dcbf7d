"""Role models for tests: complete profiles, asked, and with a yes that went through the services."""

from __future__ import annotations

from typing import Any

from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.services import consents
from stemportal.partners.models import Partner
from stemportal.testing.factories import CountyFactory, RoleModelFactory, SubjectFactory


def complete(partner: Partner, **facts: Any) -> RoleModel:
    """A draft that lacks nothing."""
    role_model = RoleModelFactory(partner=partner, **facts)
    role_model.subjects.add(SubjectFactory())
    role_model.counties.add(CountyFactory())
    return role_model


def asked(role_model: RoleModel) -> RoleModelConsent:
    """Asked for consent; the profile is made complete first."""
    role_model.subjects.add(SubjectFactory())
    role_model.counties.add(CountyFactory())
    return consents.ask_for_consent(role_model=role_model)


def agree(consent: RoleModelConsent) -> RoleModel:
    """The person says yes to what stands there now."""
    role_model = RoleModel.objects.select_related("partner").get(pk=consent.role_model_id)
    seen = consents.fingerprint(role_model, consents.consent_text(role_model.partner, "en"))
    consents.give_consent(consent=consent, seen=seen, language="en")
    return RoleModel.objects.select_related("offer__kind", "partner").get(pk=role_model.pk)


def said_yes(partner: Partner, **facts: Any) -> RoleModel:
    """A role model who is shown, with the offer."""
    return agree(asked(complete(partner, **facts)))
