"""The National School Register: runs that fetch it, and what each changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.school import School


class SchoolRegisterRun(models.Model):
    """One import from the National School Register: whole, or what changed since a day. It can stop and go on."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    changed_since = models.DateField(_("changes since"), null=True, blank=True)
    page = models.PositiveIntegerField(_("pages read"), default=0)
    pages = models.PositiveIntegerField(_("pages in all"), null=True, blank=True)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    closed = models.PositiveIntegerField(_("closed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("left out"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    moved_at = models.DateTimeField(_("last step"), default=timezone.now)
    # The worker that is at it, and until when the run rests because the register asked it to or does not answer.
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    resume_at = models.DateTimeField(_("goes on"), null=True, blank=True)
    # Of a whole import: numbers of our open schools that the pages have not named yet. They are asked about at the end.
    unseen = models.JSONField(default=list, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("import from the school register")
        verbose_name_plural = _("imports from the school register")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=models.Q(status="running"), name="schools_run_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def is_whole(self) -> bool:
        """Whether it reads the whole register, not only what changed since a day."""
        return self.changed_since is None


class SchoolChange(models.Model):
    """What a run added, changed or closed at one school: fields with what was and what is."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Open again")

    run = models.ForeignKey(
        SchoolRegisterRun, on_delete=models.CASCADE, related_name="changes", verbose_name=_("import")
    )
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, related_name="register_changes", verbose_name=_("school")
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("change from the school register")
        verbose_name_plural = _("changes from the school register")
        ordering = ["school__name", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "school"], name="schools_change_once_a_run")]

    def __str__(self) -> str:
        return f"{self.school}: {self.get_kind_display()}"
