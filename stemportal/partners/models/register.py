"""Comparing partners with Enhetsregisteret: nightly runs, and what they propose to change."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models.partner import Partner


class RegisterRun(models.Model):
    """One comparison of all partners with the register. It goes through them by id, so it can stop and go on."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Which worker is at it: the moment of its claim, none between two slices. It writes in seen_at that it is alive;
    # the sweep goes on with a run whose worker is gone.
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    # Not before this time: what the register asked for with Retry-After.
    resume_at = models.DateTimeField(_("goes on at"), null=True, blank=True)
    last_pk = models.BigIntegerField(_("compared up to partner"), default=0)
    total = models.PositiveIntegerField(_("partners"), default=0)
    done = models.PositiveIntegerField(_("compared"), default=0)
    proposed = models.PositiveIntegerField(_("changes proposed"), default=0)
    flagged = models.PositiveIntegerField(_("flagged"), default=0)
    unanswered = models.PositiveIntegerField(_("without an answer"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )

    class Meta:
        verbose_name = _("comparison with the register")
        verbose_name_plural = _("comparisons with the register")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="partners_registerrun_one_running"
            )
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"


class ProposalQuerySet(models.QuerySet["RegisterProposal"]):
    """Phrases about proposals."""

    def waiting(self) -> Self:
        """Proposals to decide, the oldest first."""
        return self.filter(status=RegisterProposal.Status.WAITING).order_by("found_at", "id")


class RegisterProposal(models.Model):
    """The register says something else than we do about one fact; staff decide. An empty answer proposes nothing."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        OUTDATED = "outdated", _("Outdated")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("partner"))
    run = models.ForeignKey(
        RegisterRun,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("comparison"),
    )
    field = models.CharField(_("fact"), max_length=40)
    ours = models.CharField(_("we have"), max_length=300, blank=True)
    theirs = models.CharField(_("the register has"), max_length=300)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal from the register")
        verbose_name_plural = _("proposals from the register")
        ordering = ["-found_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "field"], condition=Q(status="waiting"), name="partners_proposal_waiting_once"
            )
        ]
        indexes = [models.Index(fields=["found_at"], name="partners_proposal_waiting", condition=Q(status="waiting"))]

    def __str__(self) -> str:
        return f"{self.partner}: {self.field}"
