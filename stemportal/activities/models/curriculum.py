"""Curricula and their competence goals (Grep).

``valid_to`` is the first day on which a curriculum or goal is no longer in force. A goal is over when it or its
curriculum is. Goals are never deleted: offers point at them, and the page says what came after.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
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
    # When Grep last changed it, in Grep's own words; empty: it comes from the file that the portal is delivered with.
    register_changed = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    @property
    def is_in_force(self) -> bool:
        return _in_force(self.valid_from, self.valid_to)


class GoalQuerySet(models.QuerySet["Goal"]):
    """Phrases about goals."""

    def in_force(self, day: date | None = None) -> Self:
        """Goals that a class works towards on the day (today): neither over nor still to come."""
        day = day or timezone.localdate()
        begun = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
        begun &= Q(plan__valid_from__isnull=True) | Q(plan__valid_from__lte=day)
        open_ended = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        open_ended &= Q(plan__valid_to__isnull=True) | Q(plan__valid_to__gt=day)
        return self.filter(begun & open_ended)

    def expired(self, day: date | None = None) -> Self:
        """Goals that were in force before the day (today)."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_to__lte=day) | Q(plan__valid_to__lte=day))

    def for_reading(self) -> Self:
        """With curricula, subjects and successors, by curriculum and grade, as lists show them: one query."""
        return self.select_related("plan__subject", "plan__successor", "successor__plan").order_by(
            "plan__title", F("plan__valid_from").desc(nulls_last=True), "plan__code", "pk"
        )


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
    # As for the plan: what has not changed since is not asked for again.
    register_changed = models.CharField(max_length=40, blank=True, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("competence goal")
        verbose_name_plural = _("competence goals")
        ordering = ["plan__code", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="activities_goal_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.text_nb[:80]}"

    @property
    def expired_on(self) -> date | None:
        """The first day on which it was no longer in force, None while it is. Reads its plan."""
        ends = [day for day in (self.valid_to, self.plan.valid_to) if day]
        return min(ends) if ends and min(ends) <= timezone.localdate() else None


def _in_force(first: date | None, end: date | None) -> bool:
    today = timezone.localdate()
    return (first is None or first <= today) and (end is None or end > today)
