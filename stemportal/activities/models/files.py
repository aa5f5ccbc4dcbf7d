"""Pictures and files of an activity, templates to begin from, and changes that are not shown yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity
from stemportal.activities.models.kinds import Kind


class ActivityImage(models.Model):
    """A picture, re-encoded and stripped of its metadata. Without a description it is not shown to anybody."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="images", verbose_name=_("activity"))
    file = models.FileField(_("picture"), max_length=120)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    alt_text = models.CharField(_("what the picture shows"), max_length=250)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["order", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(alt_text=""), name="activities_image_is_described")]

    def __str__(self) -> str:
        return self.alt_text


class ActivityFile(models.Model):
    """A file for those who book: the risk assessment, a map, tasks. Served as an attachment only."""

    class Purpose(models.TextChoices):
        RISK = "risk", _("Risk assessment")
        TASKS = "tasks", _("Tasks for the class")
        OTHER = "other", _("Other")

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="files", verbose_name=_("activity"))
    purpose = models.CharField(_("what it is"), max_length=10, choices=Purpose, default=Purpose.OTHER)
    title = models.CharField(_("title"), max_length=120)
    file = models.FileField(_("file"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["purpose", "id"]

    def __str__(self) -> str:
        return self.title


class ActivityTemplate(models.Model):
    """A beginning for a new activity of a kind: texts to change, per language, and usual values.

    ``texts`` is ``{"nb": {"title": "...", ...}, "nn": ..., "en": ...}``, ``values`` are other fields by name.
    """

    kind = models.ForeignKey(Kind, on_delete=models.CASCADE, related_name="templates", verbose_name=_("kind"))
    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_nb = models.CharField(_("name, bokmål"), max_length=120)
    name_nn = models.CharField(_("name, nynorsk"), max_length=120)
    name_en = models.CharField(_("name, English"), max_length=120)
    texts = models.JSONField(_("texts"), default=dict)
    values = models.JSONField(_("values"), default=dict, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["kind__order", "order", "id"]

    def __str__(self) -> str:
        return self.name_nb


class PendingEdit(models.Model):
    """What somebody is changing in a published activity: saved by itself, shown to nobody until it is published."""

    activity = models.OneToOneField(
        Activity, on_delete=models.CASCADE, related_name="pending_edit", verbose_name=_("activity")
    )
    data = models.JSONField(_("what was typed"), default=dict)
    based_on = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )

    class Meta:
        verbose_name = _("unpublished change")
        verbose_name_plural = _("unpublished changes")

    def __str__(self) -> str:
        return str(self.activity)
