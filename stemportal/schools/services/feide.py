"""What Feide says about a teacher becomes schools and roles, anew at each login."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from stemportal.accounts.models import User
from stemportal.lib.feide import FeideAnswer, FeideSchool
from stemportal.lib.school_year import current_school_year
from stemportal.schools.models import School, SchoolClass, Teacher
from stemportal.schools.services.teachers import ask_for_approval, end_teacher, verify_teacher

Status, How = Teacher.Status, Teacher.VerifiedHow


@dataclass
class Outcome:
    """What came of an answer: names of schools that are not in the register or are closed, and who waits for whom."""

    unknown: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)


def schools_in_register(answer: FeideAnswer) -> dict[str, School]:
    """Return the answer's schools that can be worked for here, by number."""
    numbers = [school.number for school in answer.schools]
    return {school.number: school for school in School.objects.active().filter(number__in=numbers)}


@transaction.atomic
def take_answer(*, user: User, answer: FeideAnswer) -> Outcome:
    """Bring the person's schools in line with Feide's answer.

    Who teaches is verified at once; an employee who does not waits for approval. What a person said stays: a school
    that Feide does not name ends only if it came from Feide, and one that a person ended does not come back. An answer
    without any organisation ends nothing. A call again with the same answer changes nothing.
    """
    # Two logins at once take their turns.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known, outcome = schools_in_register(answer), Outcome()
    for said in answer.schools:
        school = known.get(said.number)
        if school is None:
            outcome.unknown.append(said.name or said.number)
            continue
        _take_school(user, school, said, outcome)
    if any(said.is_main for said in answer.schools):
        mains = [said.number for said in answer.schools if said.is_main]
        mine = Teacher.objects.filter(user=user)
        mine.filter(is_main=True).exclude(school__number__in=mains).update(is_main=False)
        mine.filter(is_main=False, school__number__in=mains[:1]).exclude(status=Status.ENDED).update(is_main=True)
    if answer.knows_orgs:
        named = [said.number for said in answer.schools]
        gone = Teacher.objects.filter(user=user, from_feide=True, status__in=[Status.VERIFIED, Status.PENDING])
        for teacher in gone.exclude(school__number__in=named).select_related("user", "school"):
            end_teacher(teacher=teacher, by=None, by_feide=True)
    return outcome


def _take_school(user: User, school: School, said: FeideSchool, outcome: Outcome) -> None:
    teacher, created = Teacher.objects.get_or_create(user=user, school=school, defaults={"from_feide": True})
    if teacher.status == Status.ENDED and not teacher.from_feide:
        return
    if said.teaches:
        if teacher.status != Status.VERIFIED:
            Teacher.objects.filter(pk=teacher.pk).update(from_feide=True)
            verify_teacher(teacher=teacher, how=How.FEIDE)
            outcome.verified.append(school.name)
        return
    no_longer_teaches = teacher.is_verified and teacher.verified_how == How.FEIDE
    if created or no_longer_teaches or teacher.status == Status.ENDED:
        Teacher.objects.filter(pk=teacher.pk).update(
            status=Status.PENDING,
            role=Teacher.Role.TEACHER,
            verified_how="",
            verified_at=None,
            ended_at=None,
            asked_at=None,
            secretariat_asked_at=None,
        )
        teacher.refresh_from_db()
        ask_for_approval(teacher=teacher)
    if teacher.status == Status.PENDING:
        outcome.waiting.append(school.name)


def import_classes(*, school: School, chosen: Iterable[dict[str, object]]) -> list[SchoolClass]:
    """Take classes over from Feide: ``chosen`` has name, grade, pupils and feide_group of each. Only counts and names.

    A group that was taken over this year already, or whose name the school has, is left as it is. Returns the new ones.
    """
    year = current_school_year()
    made = []
    with transaction.atomic():
        School.objects.select_for_update(no_key=True).get(pk=school.pk)
        for facts in chosen:
            same = SchoolClass.objects.filter(school=school, school_year=year)
            if (
                same.filter(feide_group=facts["feide_group"]).exists()
                or same.filter(name__iexact=facts["name"]).exists()
            ):
                continue
            made.append(SchoolClass.objects.create(school=school, school_year=year, **facts))
    return made
