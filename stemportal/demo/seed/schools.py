"""Schools as the secretariat and teachers meet them: subjects of classes, and a school that closed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.activities.models import Subject
from stemportal.demo.seed import world
from stemportal.demo.seed.people import demo_school
from stemportal.lib.organisation_numbers import synthetic
from stemportal.schools.models import School, SchoolChange, SchoolClass, SchoolRegisterRun

# A school that never was, so that no real one is said to be closed.
CLOSED_NUMBER = synthetic(700_001)
CLOSED_NAME = "Prøvevik gamle ungdomsskole"


def seed_schools() -> None:
    """Subjects for the classes; a fictional school that closed and is carried on by the demo teacher's."""
    _seed_subjects()
    if School.objects.filter(number=CLOSED_NUMBER).exists():
        return
    home = demo_school()
    now = timezone.now()
    closed_on = timezone.localdate() - timedelta(days=6)
    closed = School.objects.create(
        number=CLOSED_NUMBER,
        name=CLOSED_NAME,
        municipality=home.municipality,
        address="Prøveveien 1",
        language_form=home.language_form,
        grade_from=8,
        grade_to=10,
        latitude=home.latitude,
        longitude=home.longitude,
        is_active=False,
        closed_on=closed_on,
        successor=home,
        register_changed_at=now - timedelta(days=5),
    )
    run = SchoolRegisterRun.objects.create(
        changed_since=closed_on - timedelta(days=7),
        status=SchoolRegisterRun.Status.DONE,
        page=1,
        pages=1,
        closed=1,
        started_at=now - timedelta(days=5),
        moved_at=now - timedelta(days=5),
        ended_at=now - timedelta(days=5),
    )
    SchoolChange.objects.create(
        run=run, school=closed, kind=SchoolChange.Kind.CLOSED, facts={"closed_on": ["", closed_on.isoformat()]}
    )


def _seed_subjects() -> None:
    """One or two subjects for each class that has none, the same every time."""
    subjects = list(Subject.objects.all())
    through = SchoolClass.subjects.through
    if not subjects or through.objects.exists():
        return
    dice = world.dice("subjects of classes")
    classes = SchoolClass.objects.order_by("school__number", "name").values_list("pk", flat=True)
    through.objects.bulk_create(
        [
            through(schoolclass_id=pk, subject_id=subject.pk)
            for pk in classes
            for subject in dice.sample(subjects, k=min(len(subjects), dice.randint(1, 2)))
        ]
    )
