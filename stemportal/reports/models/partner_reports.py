"""Yearly reports to partners, their versions and files, and the runs that build them."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.periods import OfPeriod, Period
from stemportal.partners.models import Partner
from stemportal.reports.models.files import ReportFile

# No letter that looks like another one on paper; 31 of them, twelve times over, are 59 bits.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_code() -> str:
    """Return a verification code to type from paper: three groups of four letters, "K7MB-2QXD-9RTA"."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _place in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


class ReportRun(OfPeriod):
    """One press on "Build annual reports": for whom, how many there are, how many are done."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Building")
        DONE = "done", _("Done")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    # Medians of the year's figures by level, counted once when the run starts, so that all its reports compare with the
    # same: {level code: {"partners": 12, "pupils": 140.5, ...}}.
    medians = models.JSONField(
        _("medians of the levels"), default=dict, db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["period_kind", "year"], condition=Q(status="running"), name="reports_run_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.period.label


class PartnerReportQuerySet(models.QuerySet["PartnerReport"]):
    """Phrases about reports."""

    def of_period(self, period: Period) -> Self:
        """Reports on this year."""
        return self.filter(period_kind=period.kind, year=period.year)

    def open(self) -> Self:
        """Reports that are still worked on: one a partner and year at most."""
        return self.filter(status__in=PartnerReport.OPEN)

    def to_check(self) -> Self:
        """Drafts that wait for the secretariat, oldest first. There is nothing to check in a preview."""
        return self.filter(status=PartnerReport.Status.DRAFT, is_preview=False).order_by("built_at", "pk")

    def to_publish(self) -> Self:
        """Checked ones that somebody has said are to be published, and a worker has not come to yet."""
        return self.filter(status=PartnerReport.Status.CHECKED, publish_asked_at__isnull=False)

    def published(self) -> Self:
        """What the partner has in its hands: one a partner and year at most."""
        return self.filter(status=PartnerReport.Status.PUBLISHED)

    def handed_out(self) -> Self:
        """Published at some time, also those that a newer version has taken the place of."""
        return self.filter(status__in=[PartnerReport.Status.PUBLISHED, PartnerReport.Status.SUPERSEDED])


class PartnerReport(OfPeriod):
    """One version of one partner's report on one year.

    waiting → building → draft → checked → published → superseded, each by compare-and-set; a build that fails too often
    is *failed*. A draft or checked report that is built again, or gets other words, goes back and must be checked
    again. What is published stays as it is: other figures make a new version, with a reason, and the old one is
    superseded by it in the same transaction. ``figures`` and the files are frozen when it is built.

    A report begun before its year was over is a preview ("so far"): it is never checked nor published, and a run that
    is started after the year makes a report of it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        BUILDING = "building", _("Building")
        FAILED = "failed", _("Failed")
        DRAFT = "draft", _("Draft")
        CHECKED = "checked", _("Checked by the secretariat")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Replaced by a newer version")

    OPEN = (Status.WAITING, Status.BUILDING, Status.FAILED, Status.DRAFT, Status.CHECKED)

    run = models.ForeignKey(ReportRun, on_delete=models.CASCADE, related_name="reports", verbose_name=_("run"))
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="reports", verbose_name=_("partner"))
    version = models.PositiveSmallIntegerField(_("version"), default=1, db_default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    created_at = models.DateTimeField(_("begun"), default=timezone.now, db_default=Now())
    is_preview = models.BooleanField(
        _("preview"), default=False, db_default=False, help_text=_("Begun before the year was over.")
    )
    # Why there is a new version of what was published.
    reason = models.CharField(_("why there is a new version"), max_length=500, blank=True, db_default="")
    # The partner's own words, in its own language; the reports in all languages have them as they are.
    foreword = models.TextField(_("foreword"), max_length=3000, blank=True, db_default="")
    esg_text = models.TextField(_("own text on sustainability"), max_length=3000, blank=True, db_default="")
    words_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("words by"),
    )
    words_at = models.DateTimeField(_("words changed"), null=True, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    # SHA-256 of the data document (figures, words and the visits behind them) from which all files are made.
    fingerprint = models.CharField(_("fingerprint of the data"), max_length=64, blank=True, db_default="")
    code = models.CharField(_("verification code"), max_length=14, unique=True, default=new_code)
    # Which attempt holds the report: its files have it in their names.
    claim = models.CharField(max_length=32, blank=True, db_default="", editable=False)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    built_at = models.DateTimeField(_("built"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )
    # Somebody has pressed "publish"; a worker does it.
    publish_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("first fetched by the partner"), null=True, blank=True)

    objects = PartnerReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner report")
        verbose_name_plural = _("partner reports")
        ordering = ["-year", "period_kind", "partner__display_name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "period_kind", "year", "version"], name="reports_partnerreport_version"
            ),
            models.UniqueConstraint(
                fields=["partner", "period_kind", "year"],
                condition=Q(status="published"),
                name="reports_partnerreport_one_published",
            ),
            models.UniqueConstraint(
                fields=["partner", "period_kind", "year"],
                condition=Q(status__in=["waiting", "building", "failed", "draft", "checked"]),
                name="reports_partnerreport_one_open",
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="reports_partnerreport_reason"),
            models.CheckConstraint(
                condition=Q(is_preview=False) | ~Q(status__in=["checked", "published", "superseded"]),
                name="reports_partnerreport_preview",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-year"], name="reports_partnerreport_partner"),
            models.Index(fields=["built_at"], name="reports_partnerreport_to_check", condition=Q(status="draft")),
            models.Index(
                fields=["claimed_at"],
                name="reports_partnerreport_at_work",
                condition=Q(status__in=["waiting", "building"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.period.label}"

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.status in self.OPEN

    @property
    def takes_words(self) -> bool:
        """Whether the partner may still change its foreword and own text."""
        return self.is_open


class ReportEvent(models.Model):
    """One step of a report: who moved it, when, from which status to which, and what was said to it.

    Each try of a worker is no step; that the report was built, or could not be, is one.
    """

    report = models.ForeignKey(PartnerReport, on_delete=models.CASCADE, related_name="events", verbose_name=_("report"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    from_status = models.CharField(_("from"), max_length=10, choices=PartnerReport.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=PartnerReport.Status)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("step of a report")
        verbose_name_plural = _("steps of reports")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.report}: {self.to_status}"


class PartnerReportFile(ReportFile):
    """One file of a report: the PDF or the spreadsheet in one language, or the data as JSON (no language)."""

    report = models.ForeignKey(PartnerReport, on_delete=models.CASCADE, related_name="files", verbose_name=_("report"))

    class Meta(ReportFile.Meta):
        constraints = [
            models.UniqueConstraint(fields=["report", "format", "language"], name="reports_partnerreportfile_once")
        ]
        indexes = [models.Index(fields=["sha256"], name="reports_partnerreportfile_sha")]
