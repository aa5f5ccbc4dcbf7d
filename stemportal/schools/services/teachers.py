"""Teachers: at which school, and how the portal knows."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.schools.emails import teachers as emails
from stemportal.schools.models import OwnerDomain, School, Teacher


def domain_owns(domain: str, school: School) -> bool:
    """Say whether a mail domain belongs to the school's owner (or is a subdomain of one that does).

    A municipality owns its public lower secondary schools, a county its public upper secondary schools.
    """
    labels = domain.lower().split(".")
    names = [".".join(labels[i:]) for i in range(len(labels) - 1)]
    owner = Q(school=school)
    home = school.municipality
    if home is not None and school.ownership == School.Ownership.PUBLIC:
        owner |= Q(county=home.county) if school.grade_from > 10 else Q(municipality=home)
    return OwnerDomain.objects.filter(owner, domain__in=names).exists()


def add_teacher(*, user: User, school: School) -> Teacher:
    """Note which school the person says to teach at; whether it is so is settled when the address is verified."""
    teacher, _created = Teacher.objects.get_or_create(user=user, school=school)
    return teacher


def settle_teacher(*, teacher: Teacher) -> Teacher:
    """Verify at once where a confirmed address is under the school owner's domain, else ask the secretariat."""
    if teacher.status != Teacher.Status.PENDING:
        return teacher
    confirmed = EmailAddress.objects.filter(user=teacher.user, verified=True).values_list("email", flat=True)
    if any(domain_owns(address.rpartition("@")[2], teacher.school) for address in confirmed):
        return verify_teacher(teacher=teacher, how=Teacher.VerifiedHow.DOMAIN)
    # A form sent again is no second question to the secretariat.
    if not Mail.objects.about(f"teacher:{teacher.pk}").filter(template="teacher_waits").exists():
        with transaction.atomic():
            emails.teacher_waits(teacher)
    return teacher


def verify_teacher(*, teacher: Teacher, how: Teacher.VerifiedHow) -> Teacher:
    """Let the teacher book. Acts once; a second call changes nothing."""
    with transaction.atomic():
        changed = (
            Teacher.objects.filter(pk=teacher.pk)
            .exclude(status=Teacher.Status.VERIFIED)
            .update(status=Teacher.Status.VERIFIED, verified_how=how, verified_at=timezone.now())
        )
        teacher.refresh_from_db()
        if changed and how == Teacher.VerifiedHow.STAFF:
            emails.teacher_verified(teacher)
    return teacher


def decline_teacher(*, teacher: Teacher) -> None:
    """Say no to somebody who is not a teacher at the school, with a mail that says what to do if that is wrong."""
    with transaction.atomic():
        changed = Teacher.objects.filter(pk=teacher.pk, status=Teacher.Status.PENDING).update(
            status=Teacher.Status.DECLINED
        )
        if changed:
            emails.teacher_declined(teacher)
