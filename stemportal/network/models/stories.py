"""News and stories: short articles of the secretariat, of partners and of teachers, and their pictures."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models.ecosystems import Ecosystem
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, School


class StoryQuerySet(models.QuerySet["Story"]):
    """Phrases about stories."""

    def published(self) -> Self:
        """What everybody may read, the newest first."""
        return self.filter(status=Story.Status.PUBLISHED, published_at__lte=timezone.now()).order_by(
            "-published_at", "-pk"
        )

    def waiting(self) -> Self:
        """What the secretariat has to read, oldest first."""
        return self.filter(status=Story.Status.SUBMITTED).order_by("submitted_at")


@keep_history("StoryChange")
class Story(models.Model):
    """A short article in one language. A partner's or teacher's waits for the secretariat, which edits and publishes.

    A picture is shown only with the word of the one who sent it that everybody in it has agreed (``StoryPhoto``).
    """

    class Kind(models.TextChoices):
        NEWS = "news", _("News")
        STORY = "story", _("Story from a visit")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Sent to the secretariat")
        RETURNED = "returned", _("Sent back with a question")
        PUBLISHED = "published", _("Published")
        DECLINED = "declined", _("Not published")
        WITHDRAWN = "withdrawn", _("Taken down")

    # Its own people are writing it.
    WRITTEN = (Status.DRAFT, Status.RETURNED)
    # Its own people may delete it: nobody else works with it.
    AT_REST = (Status.DRAFT, Status.RETURNED, Status.DECLINED, Status.WITHDRAWN)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.STORY)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    slug = models.SlugField(_("address of the page"), max_length=140, unique=True, null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="nb")
    title = models.CharField(_("title"), max_length=140)
    lead = models.CharField(_("first lines"), max_length=400, blank=True)
    text = models.TextField(_("text (Markdown)"), max_length=10_000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="stories",
        verbose_name=_("written by"),
    )
    # The name that stands below the article; empty: the partner's or school's.
    byline = models.CharField(_("byline"), max_length=120, blank=True)
    partner = models.ForeignKey(
        Partner, on_delete=models.SET_NULL, null=True, blank=True, related_name="stories", verbose_name=_("partner")
    )
    school = models.ForeignKey(
        School, on_delete=models.SET_NULL, null=True, blank=True, related_name="stories", verbose_name=_("school")
    )
    booking = models.ForeignKey(
        Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="stories", verbose_name=_("visit")
    )
    ecosystem = models.ForeignKey(
        Ecosystem,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stories",
        verbose_name=_("ecosystem"),
    )
    on_front_page = models.BooleanField(_("may stand on the front page"), default=True)
    reply = models.TextField(_("what the secretariat wrote back"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    submitted_at = models.DateTimeField(_("sent in"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("edited by"),
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("news and stories")
        ordering = ["-published_at", "-id"]
        indexes = [
            models.Index(fields=["-published_at"], name="network_story_newest", condition=Q(status="published")),
            models.Index(fields=["submitted_at"], name="network_story_waiting", condition=Q(status="submitted")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False, slug__isnull=False),
                name="network_story_published_has_page",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("network:story", args=[self.slug]) if self.slug else ""

    @property
    def voice(self) -> str:
        """By whom it is told, as a name: the teacher's school, else the partner, else the ecosystem; maybe empty."""
        for teller in (self.school, self.partner):
            if teller is not None:
                return str(teller)
        return str(localized(self.ecosystem, "name")) if self.ecosystem else ""

    @property
    def is_published(self) -> bool:
        return self.status == Story.Status.PUBLISHED

    @property
    def may_be_written(self) -> bool:
        """Whether its own people may change its words and pictures: it is not with the secretariat, and not out."""
        return self.status in Story.WRITTEN

    @property
    def first_photo(self) -> StoryPhoto | None:
        """The picture that stands on top and on cards."""
        return next(iter(self.photos.all()), None)


class StoryPhoto(models.Model):
    """A picture of a story, re-encoded and without metadata. Shown only with a description and a consent."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="photos", verbose_name=_("story"))
    file = models.FileField(_("picture"), max_length=120)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    alt_text = models.CharField(_("what the picture shows"), max_length=250)
    photographer = models.CharField(_("photographer"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    # The words that were agreed to, by whom and when: everybody who can be recognised has said yes, for pupils under 15
    # their guardians too (personal data law; åndsverkloven § 104).
    consent_text = models.TextField(_("consent"))
    consent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("given by")
    )
    consent_at = models.DateTimeField(_("given"), default=timezone.now)

    class Meta:
        verbose_name = _("picture of a story")
        verbose_name_plural = _("pictures of stories")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(alt_text=""), name="network_photo_is_described"),
            models.CheckConstraint(condition=~Q(consent_text=""), name="network_photo_has_consent"),
        ]

    def __str__(self) -> str:
        return self.alt_text
