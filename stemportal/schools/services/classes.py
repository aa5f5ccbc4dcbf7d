"""Carrying a school's classes over to the next school year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from stemportal.schools.models import School, SchoolClass
from stemportal.schools.models.classes import is_last_grade

NAME_LENGTH = 30


@dataclass
class Carried:
    """What became of the classes: new ones by name, and the names of those that stayed behind, by why."""

    carried: list[str] = field(default_factory=list)
    # Carried over before, so that pressing twice is pressing once.
    before: list[str] = field(default_factory=list)
    # In the last grade of lower or upper secondary, or of this school.
    leaving: list[str] = field(default_factory=list)
    # The next year has a class of the new name already, which somebody has typed.
    taken: list[str] = field(default_factory=list)


def carry_over(*, school: School, from_year: int, class_ids: Iterable[int] | None = None) -> Carried:
    """Make next year's classes from this year's, or from those that were chosen: one grade up, with their subjects.

    Safe to do twice, and for two colleagues at once: the school's row is locked while it is done. Where the name
    begins with the grade it moves along (9A becomes 10A, 1STA becomes 2STA). Numbers of pupils stay to be corrected.
    """
    result = Carried()
    with transaction.atomic():
        School.objects.select_for_update(no_key=True).get(pk=school.pk)
        classes = SchoolClass.objects.filter(school=school, school_year=from_year).prefetch_related("subjects")
        if class_ids is not None:
            classes = classes.filter(pk__in=list(class_ids))
        there = list(SchoolClass.objects.filter(school=school, school_year=from_year + 1))
        names = {next_class.name.lower() for next_class in there}
        before = {next_class.carried_from_id for next_class in there}
        for school_class in classes:
            name = next_name(school_class.name, school_class.grade)
            if school_class.pk in before:
                result.before.append(school_class.name)
            elif is_last_grade(school_class.grade, school):
                result.leaving.append(school_class.name)
            elif name.lower() in names:
                result.taken.append(name)
            else:
                carried = SchoolClass.objects.create(
                    school=school,
                    name=name,
                    grade=school_class.grade + 1,
                    pupils=school_class.pupils,
                    school_year=from_year + 1,
                    carried_from=school_class,
                )
                carried.subjects.set(school_class.subjects.all())
                names.add(name.lower())
                result.carried.append(name)
    return result


def next_name(name: str, grade: int) -> str:
    """Return the name of a class one grade up: 9A becomes 10A, Vg1 A becomes Vg2 A; robotics stays robotics."""
    begins = [(grade, grade + 1)]
    if grade > 10:  # Vg1 to Vg3 are written as 1 to 3
        begins.append((grade - 10, grade - 9))
    for now, then in begins:
        found = re.fullmatch(rf"((?:vg)?\s*)0*{now}(?!\d)(.*)", name, re.IGNORECASE | re.DOTALL)
        if found:
            moved = f"{found[1]}{then}{found[2]}"
            return moved if len(moved) <= NAME_LENGTH else name
    return name
