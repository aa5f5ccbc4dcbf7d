"""Applying to become a partner and confirming the address."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from stemportal.accounts.deletion import delete_unused_account
from stemportal.accounts.models import User
from stemportal.accounts.services import find_or_create_person
from stemportal.lib.brreg import Answer, Unit
from stemportal.lib.constraints import violated
from stemportal.lib.school_year import add_working_days
from stemportal.outbox.models import Mail
from stemportal.partners.emails import applications as emails
from stemportal.partners.emails.common import about
from stemportal.partners.models import Membership, Partner, PartnerEvent, Signature, new_token
from stemportal.partners.services.declarations import current_declaration
from stemportal.partners.slugs import free_slug
from stemportal.places.models import Municipality

Status = Partner.Status

# The secretariat answers an application within this many working days; pages and mails say so.
DECISION_WORKING_DAYS = 5
# A mailed confirmation link is good this long.
CONFIRM_DAYS = 14

NUMBER_CONSTRAINT = "partners_partner_number_unique"
# Statuses that hold a number: nobody else may register it meanwhile (see the constraint).
HOLDING = [Status.APPLIED, Status.APPROVED, Status.PAUSED, Status.ENDED]

# What history keeps of an application, and the column that names it.
HISTORIES = {"PartnerChange": "pgh_obj_id", "MembershipChange": "partner_id", "SignatureChange": "partner_id"}


class NumberTaken(Exception):
    """The organisation number belongs to an application or partner already."""


class NothingToSign(Exception):
    """The secretariat has not written a declaration yet."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """What an organisation says about itself in the form. Texts are trimmed, the number is the country's digits only.

    ``answers`` are those to the questions of its kind (partners.questions), by code.
    """

    organisation_number: str
    legal_name: str
    display_name: str
    kind: str
    contact_name: str
    contact_email: str
    signed_name: str
    country: str = "NO"
    contact_role: str = ""
    address: str = ""
    postal_code: str = ""
    postal_place: str = ""
    municipality: Municipality | None = None
    website: str = ""
    about: str = ""
    answers: dict[str, str | int | bool] = field(default_factory=dict)


def holder_of(number: str, country: str = "NO") -> Partner | None:
    """Return the application or partner that has this number, so that nobody else can register it."""
    return Partner.objects.filter(country=country, organisation_number=number, status__in=HOLDING).first()


def answer_by(applied_at: datetime) -> date:
    """Return the day by which the secretariat will have answered an application."""
    return add_working_days(timezone.localtime(applied_at).date(), DECISION_WORKING_DAYS)


def new_form_key() -> str:
    """Return a key for one shown form: sending that form twice makes one application."""
    return secrets.token_urlsafe(18)


def confirm_token(form_key: str, number: str, email: str) -> str:
    """Return the link token of the application that a form makes; cannot be guessed from what the form says.

    Number and address are part of it: who goes back in the browser to mend one of them sends a new application.
    """
    what = "|".join([form_key or new_form_key(), number, email.lower()])
    return salted_hmac("partners.confirm", what, algorithm="sha256").hexdigest()[:40]


@contextmanager
def one_submission(token: str) -> Iterator[Partner | None]:
    """Run one sending of a form at a time; gives the application that an earlier sending of it made, if any.

    A double click sends a form twice at once. The second waits here until the first is written, and finds it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"partners.form.{token}"])
        yield Partner.objects.filter(confirm_token=token).first()


def register_partner(
    *,
    application: Application,
    language: str,
    has_proof: bool,
    register: Unit | None = None,
    parent: Unit | None = None,
    token: str = "",
) -> Partner:
    """Write an application down with its contact person as owner and its signature, and mail what comes next.

    With proof of work it waits for the secretariat at once. Without (no JavaScript) it is unconfirmed and counts for
    nothing until the person has opened the mailed link (``confirm_application``). ``register`` is what Enhetsregisteret
    said; only sector, size, the organisation it belongs to (``parent``) and the answer itself are taken from it.
    ``token`` (see ``confirm_token``) makes sending a form twice one application. An existing account is never changed.

    Raises NumberTaken when somebody else has the number, NothingToSign when there is no declaration.
    """
    declaration = current_declaration()
    if declaration is None:
        raise NothingToSign
    with transaction.atomic():
        partner = _insert(
            Partner(
                country=application.country,
                organisation_number=application.organisation_number,
                legal_name=application.legal_name,
                display_name=application.display_name,
                kind=application.kind,
                address=application.address,
                postal_code=application.postal_code,
                postal_place=application.postal_place,
                municipality=application.municipality,
                website=application.website,
                about=application.about,
                contact_name=application.contact_name,
                contact_email=application.contact_email,
                contact_role=application.contact_role,
                answers=application.answers,
                **(_register_facts(register, parent) if register else {}),
                status=Status.APPLIED if has_proof else Status.UNCONFIRMED,
                confirm_token=token or new_token(),
            )
        )
        owner, _is_new = find_or_create_person(
            email=application.contact_email, full_name=application.contact_name, language=language
        )
        Membership.objects.create(partner=partner, user=owner, role=Membership.Role.OWNER)
        Signature.objects.create(
            partner=partner, declaration=declaration, signed_by=owner, signed_name=application.signed_name
        )
        PartnerEvent.objects.create(partner=partner, by=owner, to_status=partner.status)
        if has_proof:
            emails.application_received(partner=partner, contact=owner, answer_by=answer_by(partner.applied_at))
            emails.new_application(partner=partner)
        else:
            emails.confirm_application(partner=partner, contact=owner, days=CONFIRM_DAYS)
    return partner


def _register_facts(unit: Unit, parent: Unit | None) -> dict[str, Any]:
    """What is kept of the register's answer, besides what the person has confirmed in the form."""
    return {
        "sector_code": unit.sector_code[:10],
        "sector_name": unit.sector_name[:160],
        "employees": unit.employees,
        "parent_number": unit.parent_number[:12],
        "parent_name": parent.name[:200] if parent else "",
        "register_status": unit.answer,
        "register_checked_at": None if unit.answer == Answer.UNAVAILABLE else timezone.now(),
    }


def _insert(partner: Partner) -> Partner:
    """Save a new partner under a free address; the database says whether the number is still free."""
    for _attempt in range(5):
        partner.slug = free_slug(partner.display_name)
        try:
            with transaction.atomic():
                partner.save(force_insert=True)
        except IntegrityError as error:
            if violated(error) == NUMBER_CONSTRAINT:
                raise NumberTaken from error
            if "slug" not in violated(error):
                raise
        else:
            return partner
    raise RuntimeError("no free address for a partner page after five tries")


def confirm_application(*, partner: Partner) -> bool:
    """Count an application whose mailed link was opened and whose button was pressed. False: it was counted before.

    Raises NumberTaken when another application got the number meanwhile.
    """
    try:
        with transaction.atomic():
            now = timezone.now()
            changed = Partner.objects.filter(pk=partner.pk, status=Status.UNCONFIRMED).update(
                status=Status.APPLIED, applied_at=now
            )
            if not changed:
                return False
            partner.status, partner.applied_at = Status.APPLIED, now
            PartnerEvent.objects.create(partner=partner, from_status=Status.UNCONFIRMED, to_status=Status.APPLIED)
            emails.new_application(partner=partner)
            return True
    except IntegrityError as error:
        partner.status = Status.UNCONFIRMED
        if violated(error) == NUMBER_CONSTRAINT:
            raise NumberTaken from error
        raise


def link_is_old(partner: Partner) -> bool:
    """Say whether the confirmation link of an unconfirmed application has run out."""
    return partner.status == Status.UNCONFIRMED and partner.applied_at < timezone.now() - timedelta(days=CONFIRM_DAYS)


def delete_unconfirmed_applications() -> int:
    """Delete applications whose confirmation link ran out unused, with everything that came with them; how many.

    Their history and mails go too, and the account of the person where such an application made it and nothing else
    is the person's. One transaction each: safe to run twice, and at once.
    """
    return sum(_delete_unconfirmed(pk) for pk in list(_with_old_links().values_list("pk", flat=True)))


def _with_old_links() -> QuerySet[Partner]:
    begun = timezone.now() - timedelta(days=CONFIRM_DAYS)
    return Partner.objects.filter(status=Status.UNCONFIRMED, applied_at__lt=begun).order_by("pk")


@transaction.atomic
def _delete_unconfirmed(pk: int) -> bool:
    """False when somebody else deleted or confirmed it first."""
    partner = _with_old_links().select_for_update().filter(pk=pk).first()
    if partner is None:
        return False
    # Made by this application, or by an earlier one that is gone by now: an account that was there long before stays.
    since = partner.applied_at - timedelta(days=CONFIRM_DAYS + 2)
    people = User.objects.filter(memberships__partner=partner, last_login=None, date_joined__gte=since)
    made = sorted(people.values_list("pk", flat=True))
    Mail.objects.about(about(partner)).delete()
    partner.delete()
    # The database wrote the deletion into the history; nobody knows whether the address was the person's own.
    for name, column in HISTORIES.items():
        apps.get_model("partners", name)._default_manager.filter(**{column: pk}).delete()
    for user_pk in made:
        delete_unused_account(user_pk=user_pk)
    return True
