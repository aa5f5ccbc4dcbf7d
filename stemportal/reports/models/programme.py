"""The programme's own yearly report: figures, texts that the secretariat writes, and what was published."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Described, Titled
from stemportal.lib.periods import OfPeriod
from stemportal.network.models import Story
from stemportal.reports.models.files import ReportFile
from stemportal.reports.models.partner_reports import new_code


class ProgrammeReportQuerySet(models.QuerySet["ProgrammeReport"]):
    """Phrases about the programme's reports."""

    def published(self) -> Self:
        """What everybody may read, the latest year first: the school year 2025/26 ends after the year 2025."""
        return self.filter(status=ProgrammeReport.Status.PUBLISHED).order_by("-year", "-period_kind")


class ProgrammeReport(OfPeriod):
    """One version of the programme's report on one year.

    draft → publishing → published → superseded. The figures of a draft are counted when it is looked at; publishing
    freezes them and has the PDFs made by a worker. Other figures or words later are a new version, with a reason.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHING = "publishing", _("Being published")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Replaced by a newer version")

    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    reason = models.CharField(_("why there is a new version"), max_length=500, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True, editable=False)
    stories = models.ManyToManyField(Story, blank=True, related_name="+", verbose_name=_("stories"))
    fingerprint = models.CharField(_("fingerprint of the data"), max_length=64, blank=True, editable=False)
    code = models.CharField(_("verification code"), max_length=14, unique=True, default=new_code, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.TextField(_("error"), blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)

    objects = ProgrammeReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme report")
        verbose_name_plural = _("programme reports")
        ordering = ["-year", "period_kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["period_kind", "year", "version"], name="reports_programme_version"),
            models.UniqueConstraint(
                fields=["period_kind", "year"], condition=Q(status="published"), name="reports_programme_one_published"
            ),
            models.UniqueConstraint(
                fields=["period_kind", "year"],
                condition=Q(status__in=["draft", "publishing"]),
                name="reports_programme_one_open",
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="reports_programme_reason"),
        ]

    def __str__(self) -> str:
        return self.period.label

    def get_absolute_url(self) -> str:
        return reverse("reports:programme_year", args=[self.period.slug])


class ProgrammeSection(Titled, Described):
    """A text part of the programme's report; the ones with a ``place`` stand beside that part of the figures."""

    class Place(models.TextChoices):
        FOREWORD = "foreword", _("foreword")
        TARGETS = "targets", _("beside the targets")
        REGIONS = "regions", _("beside the counties")
        KINDS = "kinds", _("beside the kinds of activity")
        EQUALITY = "equality", _("beside equal chances")
        END = "end", _("at the end")

    report = models.ForeignKey(
        ProgrammeReport, on_delete=models.CASCADE, related_name="sections", verbose_name=_("report")
    )
    place = models.CharField(_("where it stands"), max_length=10, choices=Place, default=Place.END)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("text of the programme report")
        verbose_name_plural = _("texts of the programme report")
        ordering = ["order", "id"]


class ProgrammeReportFile(ReportFile):
    """One file of the programme's report."""

    report = models.ForeignKey(
        ProgrammeReport, on_delete=models.CASCADE, related_name="files", verbose_name=_("report")
    )

    class Meta(ReportFile.Meta):
        constraints = [
            models.UniqueConstraint(fields=["report", "format", "language"], name="reports_programmefile_once")
        ]
        indexes = [models.Index(fields=["sha256"], name="reports_programmefile_sha")]
