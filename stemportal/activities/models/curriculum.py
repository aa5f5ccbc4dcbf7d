"""Curricula and their competence goals (Grep)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.kinds import Subject


class CurriculumPlan(models.Model):
    """A curriculum (læreplan) of Grep, for example NAT01-05, and the plan that came after it."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    title = models.CharField(_("title"), max_length=160)
    level = models.CharField(_("level"), max_length=40, blank=True)
    subject = models.ForeignKey(
        Subject,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("subject"),
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"


class Goal(models.Model):
    """A competence goal (kompetansemål); the same code may stand in several plans, so plan and code are the key."""

    plan = models.ForeignKey(
        CurriculumPlan, on_delete=models.CASCADE, related_name="goals", verbose_name=_("curriculum")
    )
    code = models.CharField(_("code"), max_length=12)
    after_grade = models.CharField(_("after grade"), max_length=20, blank=True)
    # The set of goals it stands in (kompetansemålsett), for example KV124: one for each stage of the curriculum.
    goal_set = models.CharField(_("set of goals"), max_length=12, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    text_nb = models.TextField(_("text, bokmål"))
    text_nn = models.TextField(_("text, nynorsk"), blank=True)
    text_en = models.TextField(_("text, English"), blank=True)

    class Meta:
        verbose_name = _("competence goal")
        verbose_name_plural = _("competence goals")
        ordering = ["plan__code", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="activities_goal_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.text_nb[:80]}"
