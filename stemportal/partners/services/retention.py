"""Deleting the personal data of partners that ended or were declined, once the retention period is over.

What goes: the people, their names and addresses, what was written about them, the mails, the copies, and their accounts
where nothing else is theirs. What stays: the organisation, that and when it signed, and every figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from stemportal.accounts.deletion import delete_unused_account
from stemportal.lib.redact import blank_words
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.emails import leaving as emails
from stemportal.partners.emails.common import about
from stemportal.partners.models import (
    Engagement,
    ImportRow,
    Partner,
    PartnerEvent,
    Signature,
    new_token,
)
from stemportal.partners.queries.members import owners_of
from stemportal.partners.queries.people import changes_in, people_of
from stemportal.partners.services.ending import kept_until

logger = structlog.get_logger(__name__)

Status = Partner.Status
# Owners are told so long before, once.
TELL_DAYS = 30
# What stands in a signature when the name is gone: the fact, the day and the version stay.
NO_NAME = "–"


def partners_to_forget() -> QuerySet[Partner]:
    """Partners that ended or were declined before the period began and still have personal data, the oldest first."""
    begun = _midnight(timezone.localdate() - timedelta(days=settings.PARTNER_RETENTION_DAYS))
    over = Q(status=Status.ENDED, ended_at__lt=begun) | Q(status=Status.DECLINED, decided__lt=begun)
    partners = Partner.objects.annotate(decided=Coalesce("decided_at", "applied_at"))
    return partners.filter(over, personal_data_deleted_at__isnull=True).order_by("pk")


def partners_to_tell() -> QuerySet[Partner]:
    """Ended partners whose data is deleted within ``TELL_DAYS``."""
    days = max(settings.PARTNER_RETENTION_DAYS - TELL_DAYS, 0)
    soon = _midnight(timezone.localdate() - timedelta(days=days) + timedelta(days=1))
    ended = Partner.objects.filter(status=Status.ENDED, ended_at__lt=soon, personal_data_deleted_at__isnull=True)
    return ended.exclude(pk__in=partners_to_forget().values("pk")).order_by("pk")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def tell_owners() -> int:
    """Mail the owners of every partner whose data is deleted soon. Each is told once. Returns how many partners."""
    return sum(_one_by_one(partners_to_tell(), _tell))


def delete_personal_data() -> int:
    """Delete the personal data of every partner that is due, one transaction each. Returns how many were done.

    Safe to run twice, and at once: a partner that fails is logged and tried again the next night, the rest go on.
    """
    return sum(_one_by_one(partners_to_forget(), forget_partner))


def _one_by_one(partners: QuerySet[Partner], act: Any) -> Iterable[bool]:
    for pk in list(partners.values_list("pk", flat=True)):
        try:
            yield act(pk)
        except Exception:  # whatever is wrong with one partner must not keep the data of the others
            logger.exception("retention_failed", partner=pk, act=act.__name__)


@transaction.atomic
def _tell(pk: int) -> bool:
    partner = partners_to_tell().select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if partner is None:
        return False
    told = Mail.objects.about(about(partner)).filter(template=emails.DELETED_SOON, created_at__gte=partner.ended_at)
    owners = owners_of(partner)
    if told.exists() or not owners:
        return False
    for owner in owners:
        emails.deleted_soon(partner=partner, owner=owner, kept_until=kept_until(partner))
    return True


def forget_partner(pk: int) -> bool:
    """Delete the personal data of one partner that is due. False when somebody did, or it is not due any more."""
    partner = partners_to_forget().filter(pk=pk).first()
    if partner is None:
        return False
    # Files first: should the rest fail, the rows still name what is already gone, and the next night goes on.
    for name in _files(partner):
        default_storage.delete(name)
    with transaction.atomic():
        partner = partners_to_forget().select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
        if partner is None:
            return False
        people = people_of(partner)
        _forget_rows(partner, people)
        for forget in extensions.forget:
            forget(partner, people)
        _forget_partner_itself(partner, people)
        _forget_history(partner, people)
        Mail.objects.about(about(partner)).delete()
        log = LogEntry.objects.filter(content_type__app_label="partners")
        blank_words(log, ["object_repr", "change_message"], people.words)
        for user_pk in sorted(people.pks):
            if address := delete_unused_account(user_pk=user_pk):
                _mails_to(address).delete()
    logger.info("personal_data_deleted", partner=pk)
    return True


def _mails_to(address: str) -> QuerySet[Mail]:
    """Mails to somebody who is gone, but for those that another row counts on: a newsletter has its own consent."""
    counted_on = {f"{relation.name}__isnull": True for relation in Mail._meta.related_objects}
    return Mail.objects.filter(to_email__iexact=address, **counted_on)


def _files(partner: Partner) -> list[str]:
    """The partner's logos, old ones too, and its copies of the data. A merger may have given a logo to another one."""
    logos = {
        partner.logo.name,
        *changes_in("PartnerChange").filter(pgh_obj_id=partner.pk).values_list("logo", flat=True),
    }
    of_others = Partner.objects.exclude(pk=partner.pk).filter(logo__in=logos).values_list("logo", flat=True)
    copies = partner.data_exports.values_list("file", flat=True)
    return sorted({name for name in [*(logos - {*of_others}), *copies] if name})


def _forget_rows(partner: Partner, people: extensions.People) -> None:
    partner.memberships.all().delete()
    partner.invitations.all().delete()
    partner.notes.all().delete()
    partner.data_exports.all().delete()
    Signature.objects.filter(partner=partner).update(signed_name=NO_NAME, signed_by=None)
    Engagement.objects.filter(partner=partner, chosen_by__in=people.pks).update(chosen_by=None)
    events = PartnerEvent.objects.filter(partner=partner)
    events.exclude(note="").update(note="")
    events.filter(by__in=people.pks).update(by=None)
    ImportRow.objects.filter(partner=partner).update(values={}, changes={}, errors=[])


def _forget_partner_itself(partner: Partner, people: extensions.People) -> None:
    rows = Partner.objects.filter(pk=partner.pk)
    rows.update(
        contact_name="",
        contact_email="",
        contact_role="",
        answers={},
        decline_reason="",
        logo="",
        confirm_token=new_token(),
        personal_data_deleted_at=timezone.now(),
    )
    blank_words(rows, ["about", "address"], people.words)


def _forget_history(partner: Partner, people: extensions.People) -> None:
    """After all else: the triggers have written what was deleted down once more."""
    mine = {"partner_id": partner.pk}
    facts = changes_in("PartnerChange").filter(pgh_obj_id=partner.pk)
    facts.update(contact_name="", contact_email="", contact_role="", answers={}, decline_reason="", logo="")
    blank_words(facts, ["about", "address"], people.words)
    changes_in("MembershipChange").filter(**mine).delete()
    changes_in("SignatureChange").filter(**mine).update(signed_name=NO_NAME, signed_by=None)
    changes_in("EngagementChange").filter(**mine, chosen_by__in=people.pks).update(chosen_by=None)
