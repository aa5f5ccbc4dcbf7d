"""Teachers: at which school, how the portal knows, who looks after the school, and what becomes of those who leave."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.school_year import add_working_days
from stemportal.schools.emails import teachers as emails
from stemportal.schools.models import OwnerDomain, School, Teacher
from stemportal.schools.services import handover

Status, Role, How = Teacher.Status, Teacher.Role, Teacher.VerifiedHow


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
    """Note which school the person says to teach at; whether it is so is settled when the address is verified.

    Whoever had left the school is back and waits again; a no stays a no.
    """
    teacher, _created = Teacher.objects.get_or_create(user=user, school=school)
    if teacher.status == Status.ENDED:
        Teacher.objects.filter(pk=teacher.pk, status=Status.ENDED).update(
            status=Status.PENDING,
            verified_how="",
            verified_at=None,
            verified_by=None,
            ended_at=None,
            from_feide=False,
            asked_at=None,
            secretariat_asked_at=None,
            created_at=timezone.now(),
        )
        teacher.refresh_from_db()
    return teacher


def settle_teacher(*, teacher: Teacher) -> Teacher:
    """Verify at once where a confirmed address is under the school owner's domain, else ask for approval.

    Whom Feide knows as an employee who does not teach is not verified by an address that every employee has.
    """
    if teacher.status != Status.PENDING:
        return teacher
    confirmed = EmailAddress.objects.filter(user=teacher.user, verified=True).values_list("email", flat=True)
    if not teacher.from_feide and any(domain_owns(address.rpartition("@")[2], teacher.school) for address in confirmed):
        return verify_teacher(teacher=teacher, how=How.DOMAIN)
    ask_for_approval(teacher=teacher)
    teacher.refresh_from_db()
    return teacher


def ask_for_approval(*, teacher: Teacher) -> None:
    """Ask the school's coordinators, or the secretariat where it has none. Asked again, it asks nobody again."""
    with transaction.atomic():
        asked = Teacher.objects.filter(pk=teacher.pk, status=Status.PENDING, asked_at=None)
        if not asked.update(asked_at=timezone.now()):
            return
        coordinators = coordinators_of(teacher.school)
        for coordinator in coordinators:
            emails.teacher_waits(teacher, coordinator.user)
        if not coordinators:
            _ask_secretariat(teacher)


def _ask_secretariat(teacher: Teacher) -> bool:
    asked = Teacher.objects.filter(pk=teacher.pk, status=Status.PENDING, secretariat_asked_at=None)
    if not asked.update(secretariat_asked_at=timezone.now()):
        return False
    emails.teacher_waits_for_secretariat(teacher)
    return True


def ask_secretariat_about_waiting() -> int:
    """Tell the secretariat of those whom no coordinator has answered in COLLEAGUE_WORKING_DAYS working days, or whose
    school has no coordinator any more. Returns how many. Beat calls it every hour.
    """
    today = timezone.localdate()
    waiting = Teacher.objects.waiting().filter(asked_at__isnull=False, secretariat_asked_at=None)
    told = 0
    for teacher in waiting.select_related("user", "school__municipality"):
        asked_on = timezone.localdate(teacher.asked_at)
        is_late = today > add_working_days(asked_on, settings.COLLEAGUE_WORKING_DAYS)
        if is_late or not coordinators_of(teacher.school):
            with transaction.atomic():
                told += _ask_secretariat(teacher)
    return told


def coordinators_of(school: School) -> list[Teacher]:
    """Return who looks after the school's bookings and colleagues now."""
    return list(Teacher.objects.coordinators().filter(school=school).select_related("user").order_by("pk"))


def verify_teacher(*, teacher: Teacher, how: Teacher.VerifiedHow, by: User | None = None) -> Teacher:
    """Let the teacher book. Acts once; a second call changes nothing. The person hears of it when a person said so."""
    with transaction.atomic():
        changed = (
            Teacher.objects.filter(pk=teacher.pk)
            .exclude(status=Status.VERIFIED)
            .update(status=Status.VERIFIED, verified_how=how, verified_by=by, verified_at=timezone.now(), ended_at=None)
        )
        teacher.refresh_from_db()
        if changed and how in {How.STAFF, How.COORDINATOR}:
            emails.teacher_verified(teacher)
    return teacher


def decline_teacher(*, teacher: Teacher) -> bool:
    """Say no to somebody who is not a teacher at the school, with a mail that says what to do if that is wrong.

    Returns whether it was said now.
    """
    with transaction.atomic():
        changed = Teacher.objects.filter(pk=teacher.pk, status=Status.PENDING).update(status=Status.DECLINED)
        if changed:
            emails.teacher_declined(teacher)
    return bool(changed)


def end_teacher(*, teacher: Teacher, by: User | None, heir: User | None = None, by_feide: bool = False) -> bool:
    """Note that somebody has left the school; the coming bookings go to ``heir``, a colleague.

    Without an heir they go to a coordinator, else they stand without a teacher in the secretariat's queue. Returns
    whether it was noted now. Somebody whom a person ended is not brought back by Feide (``from_feide``).
    """
    with transaction.atomic():
        # Two coordinators who end each other at the same moment do so one after the other.
        School.objects.select_for_update(no_key=True).get(pk=teacher.school_id)
        changed = Teacher.objects.filter(pk=teacher.pk, status__in=[Status.VERIFIED, Status.PENDING]).update(
            status=Status.ENDED,
            role=Role.TEACHER,
            ended_at=timezone.now(),
            is_main=False,
            chosen_at=None,
            coordinator_asked_at=None,
            from_feide=by_feide,
        )
        if not changed:
            return False
        handover.hand_over_all(user=teacher.user, school=teacher.school, to=heir, by=by)
        teacher.refresh_from_db()
        if by != teacher.user:
            emails.teacher_ended(teacher)
    return True


def make_coordinator(*, teacher: Teacher, by: User | None) -> bool:
    """Let a verified teacher look after the school. Bookings that nobody has any more become the coordinator's.

    Returns whether the person is coordinator from now on.
    """
    with transaction.atomic():
        changed = (
            Teacher.objects.verified()
            .filter(pk__in=[teacher.pk], role=Role.TEACHER)
            .update(role=Role.COORDINATOR, coordinator_asked_at=None)
        )
        if changed:
            teacher.refresh_from_db()
            handover.take_over_the_lost(school=teacher.school, to=teacher.user, by=by)
            if by != teacher.user:
                emails.coordinator_made(teacher)
    return bool(changed)


def resign_as_coordinator(*, teacher: Teacher) -> bool:
    """A coordinator goes on as a teacher. When it was the last one, the secretariat approves colleagues again."""
    return bool(Teacher.objects.filter(pk=teacher.pk, role=Role.COORDINATOR).update(role=Role.TEACHER))


def ask_to_be_coordinator(*, teacher: Teacher) -> bool:
    """Tell the coordinators, or the secretariat where there is none, that a teacher would look after the school."""
    with transaction.atomic():
        changed = (
            Teacher.objects.verified()
            .filter(pk__in=[teacher.pk], role=Role.TEACHER, coordinator_asked_at=None)
            .update(coordinator_asked_at=timezone.now())
        )
        if changed:
            emails.coordinator_asked(teacher, [coordinator.user for coordinator in coordinators_of(teacher.school)])
    return bool(changed)


def choose_school(*, teacher: Teacher) -> None:
    """Work for this school from now on: bookings, classes and pages are about it."""
    Teacher.objects.filter(pk=teacher.pk, status__in=[Status.VERIFIED, Status.PENDING]).update(chosen_at=timezone.now())
