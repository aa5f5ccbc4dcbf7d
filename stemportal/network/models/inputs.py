"""Input (innspill) from partners, who supports it, what the secretariat answers, and recommendations."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Described, Titled
from stemportal.partners.models import Partner

UNDECIDED = ("received", "in_work")


class HearingQuerySet(models.QuerySet["Hearing"]):
    """Phrases about hearings."""

    def open(self) -> Self:
        """Hearings that take input today, the one that ends first before the others."""
        now = timezone.now()
        return self.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at", "pk")

    def without_summary(self) -> Self:
        """Hearings that are over, and whose page does not say what came of them, oldest first."""
        return self.filter(closes_at__lte=timezone.now(), summary="").order_by("closes_at", "pk")

    def announced(self) -> Self:
        """Hearings that have begun, those that are over among them."""
        return self.filter(opens_at__lte=timezone.now())


class Hearing(Titled, Described):
    """A topic on which partners are asked for input until a deadline (høringsrunde)."""

    opens_at = models.DateTimeField(_("opens"), default=timezone.now)
    closes_at = models.DateTimeField(_("closes"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    # All partners were told that it opened, and that it closes soon; until then everybody whose account has this id or
    # a lower one. It moves in the transaction that writes their mails, so that nobody gets two.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_until = models.BigIntegerField(default=0, db_default=0, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_until = models.BigIntegerField(default=0, db_default=0, editable=False)
    summary = models.TextField(_("what came of it (Markdown)"), max_length=10_000, blank=True)

    objects = HearingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hearing")
        verbose_name_plural = _("hearings")
        ordering = ["-closes_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opens_at")),
                name="network_hearing_closes_after",
                violation_error_message=_("The hearing must close after it opens."),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("network:hearing", args=[self.pk])

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether input is taken now."""
        return self.opens_at <= (now or timezone.now()) < self.closes_at


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    """Phrases about recommendations."""

    def published(self) -> Self:
        """Those that everybody may read, the newest first."""
        return self.filter(published_at__lte=timezone.now()).order_by("-published_at", "-pk")


class Recommendation(Titled, Described):
    """What the programme recommends on the ground of several inputs, and to whom."""

    addressed_to = models.CharField(_("to whom"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["-published_at", "-id"]

    def get_absolute_url(self) -> str:
        return reverse("network:recommendation", args=[self.pk])


class InputQuerySet(models.QuerySet["Input"]):
    """Phrases about input."""

    def waiting(self) -> Self:
        """What the secretariat has not begun with, oldest first."""
        return self.filter(status=Input.Status.RECEIVED).order_by("at")

    def undecided(self) -> Self:
        """What is not decided or withdrawn yet: it can be supported and withdrawn."""
        return self.filter(status__in=UNDECIDED)

    def with_supporters(self) -> Self:
        """Adds ``supporters``: how many other partners stand behind it."""
        others = models.Count("supports", filter=~Q(supports__partner=models.F("partner")), distinct=True)
        return self.annotate(supporters=others)


class Input(models.Model):
    """What a partner tells the programme: to a hearing, or freely. Shared with the other partners, or for the
    secretariat alone; the answer likewise.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        IN_WORK = "in_work", _("In work")
        TAKEN_UP = "taken_up", _("Taken up")
        NOT_TAKEN_UP = "not_taken_up", _("Not taken up")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="inputs", verbose_name=_("partner"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    hearing = models.ForeignKey(
        Hearing, on_delete=models.PROTECT, null=True, blank=True, related_name="inputs", verbose_name=_("hearing")
    )
    recommendation = models.ForeignKey(
        Recommendation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="inputs",
        verbose_name=_("recommendation"),
    )
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text (Markdown)"), max_length=6000)
    is_shared = models.BooleanField(_("other partners may read and support it"), default=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.RECEIVED)
    at = models.DateTimeField(_("sent"), default=timezone.now)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    answer = models.TextField(_("answer (Markdown)"), max_length=6000, blank=True)
    # Whether all who may read the input may read the answer; else its partner alone.
    answer_is_public = models.BooleanField(_("the answer is public"), default=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    # The same form sent twice carries the same key and gives one input.
    request_key = models.UUIDField(unique=True, editable=False)

    objects = InputQuerySet.as_manager()

    class Meta:
        verbose_name = _("input")
        verbose_name_plural = _("input")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["status", "at"], name="network_input_status")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="not_taken_up") | ~Q(reason=""),
                name="network_input_refused_with_reason",
                violation_error_message=_("Say why it is not taken up."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("network:input", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether nothing is decided yet."""
        return self.status in UNDECIDED


class InputSupport(models.Model):
    """A partner that stands behind another partner's input."""

    input = models.ForeignKey(Input, on_delete=models.CASCADE, related_name="supports", verbose_name=_("input"))
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="input_supports", verbose_name=_("partner")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    # The partner was told what came of it.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["input", "partner"], name="network_support_once")]

    def __str__(self) -> str:
        return f"{self.partner} · {self.input}"


class InputEvent(models.Model):
    """One step of an input: who moved it, when, from which status to which.

    An answer that leaves the status as it was is a step, too. The mails are made from steps that are not told.
    """

    input = models.ForeignKey(Input, on_delete=models.CASCADE, related_name="events", verbose_name=_("input"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    from_status = models.CharField(_("from"), max_length=12, choices=Input.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=Input.Status)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("step of an input")
        verbose_name_plural = _("steps of input")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.input}: {self.to_status}"
