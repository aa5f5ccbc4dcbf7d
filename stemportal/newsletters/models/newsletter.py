"""Newsletters: what the editor writes, block by block, who it is for, and each language as it was sent."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity
from stemportal.network.models import Meeting, Story
from stemportal.newsletters.models.subscriber import Interest
from stemportal.places.models import County


class NewsletterQuerySet(models.QuerySet["Newsletter"]):
    """Phrases about newsletters."""

    def paused(self) -> Self:
        """Held up in the middle, by somebody or because a mail server refused everybody."""
        return self.filter(status=Newsletter.Status.PAUSED)

    def missed(self) -> Self:
        """Those that were to be sent by themselves and could not be: drafts again, until somebody edits them."""
        return self.filter(status=Newsletter.Status.DRAFT, scheduled_at__isnull=False).order_by("scheduled_at")

    def archived(self) -> Self:
        """Issues that everybody may read on the web, the newest first."""
        return self.filter(is_public=True, slug__isnull=False, status__in=Newsletter.OUT).order_by("-started_at", "-pk")


class Newsletter(models.Model):
    """One issue, in bokmål and as far as translated in nynorsk and English; an empty language falls back to bokmål.

    A language is written when it has a subject and its blocks have texts. Who gets it: subscribers, narrowed by
    ``audience_roles`` (empty: all), languages, counties and interests.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        SENT = "sent", _("Sent")

    class Role(models.TextChoices):
        """What a subscriber is here, by the account with the same address."""

        PARTNER = "partner", _("People of partners")
        TEACHER = "teacher", _("Teachers")
        OTHER = "other", _("Everybody else")

    # On its way or there: what it says stays as it is.
    OUT = (Status.SENDING, Status.PAUSED, Status.SENT)

    subject_nb = models.CharField(_("subject, bokmål"), max_length=160)
    subject_nn = models.CharField(_("subject, nynorsk"), max_length=160, blank=True)
    subject_en = models.CharField(_("subject, English"), max_length=160, blank=True)
    # The line that mail programs show after the subject.
    preheader_nb = models.CharField(_("first line in the inbox, bokmål"), max_length=160, blank=True)
    preheader_nn = models.CharField(_("first line in the inbox, nynorsk"), max_length=160, blank=True)
    preheader_en = models.CharField(_("first line in the inbox, English"), max_length=160, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    slug = models.SlugField(_("address in the archive"), max_length=100, unique=True, null=True, blank=True)
    is_public = models.BooleanField(_("stands in the archive on the web"), default=True)
    audience_roles = ArrayField(
        models.CharField(max_length=10, choices=Role), default=list, blank=True, verbose_name=_("to whom")
    )
    audience_languages = ArrayField(
        models.CharField(max_length=5, choices=settings.LANGUAGES),
        default=list,
        blank=True,
        verbose_name=_("languages"),
    )
    audience_counties = models.ManyToManyField(County, blank=True, related_name="+", verbose_name=_("counties"))
    audience_interests = models.ManyToManyField(Interest, blank=True, related_name="+", verbose_name=_("interests"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written by"),
    )
    # The last hand on the text; with the rule of two persons somebody else approves.
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("last edited by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    scheduled_at = models.DateTimeField(_("is sent at"), null=True, blank=True)
    started_at = models.DateTimeField(_("sending began"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    # Counts by state of the delivery, kept when the deliveries themselves are deleted (NEWSLETTER_DELIVERY_DAYS).
    kept_counts = models.JSONField(default=dict, blank=True, editable=False)

    objects = NewsletterQuerySet.as_manager()

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False), name="newsletters_scheduled_has_time"
            )
        ]
        indexes = [
            models.Index(fields=["scheduled_at"], name="newsletters_scheduled", condition=Q(status="scheduled")),
        ]

    def __str__(self) -> str:
        return self.subject_nb


class Block(models.Model):
    """A part of a newsletter, as data: what it says in three languages, and what it shows.

    Which fields count follows from ``kind``: a heading has ``title``; a text has ``text``; an image has ``file`` with
    ``title`` as its description and may have ``url``; a button has ``title`` and ``url``; the cards take their words
    from the activity, story or meeting and may have a ``text`` of the editor's above.
    """

    class Kind(models.TextChoices):
        HEADING = "heading", _("Heading")
        TEXT = "text", _("Text")
        IMAGE = "image", _("Picture")
        BUTTON = "button", _("Button")
        ACTIVITY = "activity", _("Offer")
        STORY = "story", _("Story or news")
        EVENT = "event", _("Meeting")

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="blocks", verbose_name=_("newsletter")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    title_nb = models.CharField(_("title, bokmål"), max_length=200, blank=True)
    title_nn = models.CharField(_("title, nynorsk"), max_length=200, blank=True)
    title_en = models.CharField(_("title, English"), max_length=200, blank=True)
    text_nb = models.TextField(_("text, bokmål (Markdown)"), max_length=6000, blank=True)
    text_nn = models.TextField(_("text, nynorsk (Markdown)"), max_length=6000, blank=True)
    text_en = models.TextField(_("text, English (Markdown)"), max_length=6000, blank=True)
    url = models.URLField(_("address it leads to"), max_length=500, blank=True)
    file = models.FileField(_("picture"), max_length=120, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    activity = models.ForeignKey(
        Activity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("offer")
    )
    story = models.ForeignKey(
        Story, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("story")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("meeting")
    )

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title_nb or self.text_nb[:40]}"


class Edition(models.Model):
    """A newsletter in one language as it went out: what can be read afterwards, and what resuming sends on.

    ``html`` and ``text`` hold the marks of ``rendering.MARKS`` where each receiver's own links go.
    """

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="editions", verbose_name=_("newsletter")
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=250)
    html = models.TextField(_("HTML"))
    text = models.TextField(_("text"))
    # The content alone, for the page in the archive and the feed.
    web_html = models.TextField(_("HTML on the web"))
    frozen_at = models.DateTimeField(_("frozen"), default=timezone.now)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["newsletter", "language"]
        constraints = [models.UniqueConstraint(fields=["newsletter", "language"], name="newsletters_edition_once")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.language})"


class Link(models.Model):
    """How often a link of a newsletter was followed, where the programme counts that at all: a number, no persons."""

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="links", verbose_name=_("newsletter")
    )
    url = models.URLField(_("address"), max_length=1000)
    clicks = models.PositiveIntegerField(_("times followed"), default=0)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-clicks", "id"]
        constraints = [models.UniqueConstraint(fields=["newsletter", "url"], name="newsletters_link_once")]

    def __str__(self) -> str:
        return self.url
