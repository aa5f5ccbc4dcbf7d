"""Classes and teaching groups: a name and counts."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES, Subject
from stemportal.schools.models.school import School

MAX_PUPILS = 500


# After these a class is a class no more: pupils leave, or choose a programme and are divided anew.
LAST_GRADES = (10, 13)


def is_last_grade(grade: int, school: School) -> bool:
    """Say whether a class of this grade has no next year at the school."""
    return grade in LAST_GRADES or grade >= school.grade_to


class SchoolClass(models.Model):
    """A class or teaching group in one school year: a name and counts, never pupils' names."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="classes", verbose_name=_("school"))
    name = models.CharField(_("class"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADES)
    pupils = models.PositiveSmallIntegerField(
        _("number of pupils"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PUPILS)]
    )
    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    subjects = models.ManyToManyField(Subject, blank=True, related_name="+", verbose_name=_("subjects"))
    # Last year's class that this one continues, so that a class is carried over once.
    carried_from = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="carried_to",
        verbose_name=_("continues"),
    )
    # Feide's name of the group it was taken over from; empty for a class that was typed.
    feide_group = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ["grade", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year", "name"], name="schools_schoolclass_unique")
        ]

    def __str__(self) -> str:
        return self.name
