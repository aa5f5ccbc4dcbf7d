"""Teachers: at which school, in what role, and how the portal knows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.school import School


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
    ended_at = models.DateTimeField(_("left"), null=True, blank=True)
    created_at = models.DateTimeField(_("signed up"), default=timezone.now)

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
