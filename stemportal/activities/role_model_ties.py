"""What role models add to a partner: what ends with it, its copy of the data, and the people it must forget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities.emails import role_models as emails
from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.services.consent_links import kill_link
from stemportal.activities.services.role_models import erase, hide_role_model, lock_role_model
from stemportal.lib.templatetags.portal import localized
from stemportal.partners import extensions
from stemportal.partners.models import Partner

EXAMPLES = 3


class RoleModelsAtEnd:
    """Role models are not shown any more, and are told."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        names = list(_shown(partner).values_list("full_name", flat=True))
        text = ngettext(
            "%(count)s role model is no longer shown, and is told.",
            "%(count)s role models are no longer shown, and are told.",
            len(names),
        )
        return [extensions.Consequence(text=text % {"count": len(names)}, count=len(names), examples=names[:EXAMPLES])]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        """Hidden, not deleted: the consents stand, should the partnership be taken up again."""
        for role_model in _shown(partner):
            if hide_role_model(role_model=role_model):
                emails.partnership_ended(role_model=role_model)


def _shown(partner: Partner) -> Any:
    rows = RoleModel.objects.filter(partner=partner, status=RoleModel.Status.PUBLISHED)
    return rows.select_related("partner").order_by("pk")


def role_models(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every profile, whatever its state."""
    rows = RoleModel.objects.filter(partner=partner).prefetch_related("subjects", "counties", "activities")
    for role_model in rows.order_by("pk").iterator(chunk_size=200):
        yield {
            "number": role_model.pk,
            "status": role_model.status,
            "name": role_model.full_name,
            "email": role_model.email,
            "language": role_model.language,
            "job_title": role_model.job_title,
            "intro": role_model.intro,
            "path": role_model.path,
            "steps": role_model.steps,
            "subjects": [localized(subject, "name") for subject in role_model.subjects.all()],
            "languages": role_model.languages,
            "counties": [county.name for county in role_model.counties.all()],
            "visits_schools": role_model.visits_schools,
            "meets_online": role_model.meets_online,
            "grade_from": role_model.grade_from,
            "grade_to": role_model.grade_to,
            "film_link": role_model.film_link,
            "photo_alt": role_model.photo_alt,
            "offer": role_model.offer_id,
            "takes_part_in": [activity.pk for activity in role_model.activities.all()],
            "consented_at": role_model.consented_at,
            "created_at": role_model.created_at,
            "updated_at": role_model.updated_at,
            "published_at": role_model.published_at,
        }


def consents(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every asking for consent with its answer; never the link."""
    rows = RoleModelConsent.objects.filter(role_model__partner=partner)
    for consent in rows.order_by("asked_at", "pk").iterator():
        yield {
            "role_model": consent.role_model_id,
            "asked_at": consent.asked_at,
            "given_at": consent.given_at,
            "withdrawn_at": consent.withdrawn_at,
            "text": consent.text,
        }


def photos(partner: Partner) -> Iterable[extensions.File]:
    """The photos, each named by its role model's number."""
    rows = RoleModel.objects.filter(partner=partner).exclude(photo="").order_by("pk")
    for pk, name in rows.values_list("pk", "photo"):
        yield f"role_models/{pk}.{name.rpartition('.')[2]}", name


def forget(partner: Partner, people: extensions.People) -> None:
    """Erase every profile and let the mailed links open nothing; that there were consents, and when, stays."""
    for pk in list(RoleModel.objects.filter(partner=partner).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            current = lock_role_model(pk)
            erase(current)
            for consent in current.consents.all():
                kill_link(consent)


def register() -> None:
    """Add role models to what every partner has. Called once, when the app is ready."""
    section = extensions.DataSection
    extensions.at_end.append(RoleModelsAtEnd())
    extensions.forget.append(forget)
    extensions.data_sections += [
        section(name="role_models", about=_("your role models' profiles"), rows=role_models, files=photos),
        section(name="role_model_consents", about=_("when they said yes or no, and to which words"), rows=consents),
    ]
