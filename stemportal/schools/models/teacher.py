"""Teachers: at which school, in what role, and how the portal knows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.school import School


class TeacherQuerySet(models.QuerySet["Teacher"]):
    """Phrases about teachers."""

    def verified(self) -> Self:
        """People who teach at their school, with an account in use."""
        return self.filter(status=Teacher.Status.VERIFIED, user__is_active=True)

    def coordinators(self) -> Self:
        """Those of them who look after the school's bookings and colleagues."""
        return self.verified().filter(role=Teacher.Role.COORDINATOR)

    def wanting_to_coordinate(self) -> Self:
        """Teachers who ask to be coordinator where nobody at the school can say yes."""
        there = Teacher.objects.coordinators().filter(school=OuterRef("school"))
        return self.verified().filter(~Exists(there), coordinator_asked_at__isnull=False)

    def waiting(self) -> Self:
        """People who wait to be approved, the longest first."""
        return self.filter(status=Teacher.Status.PENDING).order_by("created_at", "pk")


class Teacher(models.Model):
    """A person at a school. Only a verified teacher may book; a coordinator looks after the school's bookings too."""

    class Role(models.TextChoices):
        TEACHER = "teacher", _("Teacher")
        COORDINATOR = "coordinator", _("School coordinator")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        VERIFIED = "verified", _("Verified")
        DECLINED = "declined", _("Declined")
        ENDED = "ended", _("Has left the school")

    class VerifiedHow(models.TextChoices):
        DOMAIN = "domain", _("Mail domain of the school's owner")
        STAFF = "staff", _("The secretariat")
        COORDINATOR = "colleague", _("A coordinator at the school")
        FEIDE = "feide", _("Feide")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="teacher_records", verbose_name=_("person")
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="teachers", verbose_name=_("school"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    verified_how = models.CharField(_("verified by"), max_length=10, choices=VerifiedHow, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.TEACHER)
    # Of several schools the one the person works at first; what a new booking begins with.
    is_main = models.BooleanField(_("main school"), default=False)
    # The school the person works for now, where there are several: the one that was chosen last.
    chosen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Feide says so: the row ends when Feide does not say so any more. A person's word makes it the person's own.
    from_feide = models.BooleanField(_("known from Feide"), default=False)
    # When the school's coordinators, and when the secretariat, were asked to approve.
    asked_at = models.DateTimeField(_("colleagues were asked"), null=True, blank=True)
    secretariat_asked_at = models.DateTimeField(_("the secretariat was asked"), null=True, blank=True)
    # The teacher would like to be coordinator.
    coordinator_asked_at = models.DateTimeField(_("asks to be coordinator"), null=True, blank=True)
    ended_at = models.DateTimeField(_("left"), null=True, blank=True)
    created_at = models.DateTimeField(_("signed up"), default=timezone.now)

    objects = TeacherQuerySet.as_manager()

    class Meta:
        verbose_name = _("teacher")
        verbose_name_plural = _("teachers")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "school"], name="schools_teacher_unique")]
        indexes = [models.Index(fields=["created_at"], name="schools_teacher_waiting", condition=Q(status="pending"))]

    def __str__(self) -> str:
        return f"{self.user}, {self.school}"

    @property
    def is_coordinator(self) -> bool:
        return self.is_verified and self.role == self.Role.COORDINATOR

    @property
    def is_verified(self) -> bool:
        return self.status == self.Status.VERIFIED

    @property
    def colleagues_waiting(self) -> int:
        """How many wait for this coordinator's approval; nobody waits for a teacher. One query for a coordinator."""
        if not self.is_coordinator:
            return 0
        return Teacher.objects.waiting().filter(school=self.school_id, asked_at__isnull=False).count()

    @property
    def may_book(self) -> bool:
        """Nobody books for a school that is closed."""
        return self.is_verified and self.school.is_active
