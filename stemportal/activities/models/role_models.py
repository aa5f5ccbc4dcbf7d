"""Role models: people at a partner who visit classes, with their own recorded consent to be shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import GRADES, Activity, Language
from stemportal.activities.models.kinds import Subject
from stemportal.activities.portraits import Portrait, portrait_of
from stemportal.lib.history import keep_history
from stemportal.partners.models import Partner
from stemportal.places.models import County

# A request for consent that nobody answers runs out after so many days.
CONSENT_DAYS = 60


class RoleModelQuerySet(models.QuerySet["RoleModel"]):
    """Phrases about role models."""

    def published(self) -> Self:
        """Those everybody may see: they said yes, the partner shows them, and the partner is approved."""
        return self.filter(status=RoleModel.Status.PUBLISHED, partner__status=Partner.Status.APPROVED)


@keep_history("RoleModelChange")
class RoleModel(models.Model):
    """A person who tells pupils about a job and the way there. Shown only while the person's own consent stands.

    ``steps`` is the way there: a list of ``{"year": "2014", "text": "..."}`` in order. Texts are Markdown.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        HIDDEN = "hidden", _("Hidden")

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="role_models", verbose_name=_("partner")
    )
    full_name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language of mails"), max_length=5, default="nb")
    job_title = models.CharField(_("what the person does"), max_length=120)
    intro = models.CharField(_("in one or two sentences"), max_length=240, blank=True)
    path = models.TextField(_("which choices took me here"), max_length=4000, blank=True)
    steps = models.JSONField(_("the way there, step by step"), default=list, blank=True)
    subjects = models.ManyToManyField(Subject, blank=True, related_name="role_models", verbose_name=_("subjects"))
    languages = ArrayField(
        models.CharField(max_length=5, choices=Language), default=list, blank=True, verbose_name=_("languages")
    )
    counties = models.ManyToManyField(
        County, blank=True, related_name="role_models", verbose_name=_("counties where the person visits schools")
    )
    visits_schools = models.BooleanField(_("visits schools"), default=True)
    meets_online = models.BooleanField(_("meets classes by video"), default=False)
    grade_from = models.PositiveSmallIntegerField(_("from grade"), choices=GRADES, default=8)
    grade_to = models.PositiveSmallIntegerField(_("to grade"), choices=GRADES, default=13)
    film_link = models.URLField(_("film"), max_length=300, blank=True)
    photo = models.FileField(_("photo"), max_length=120, blank=True)
    photo_alt = models.CharField(_("what the photo shows"), max_length=200, blank=True)
    # What classes book: an activity on request, made from the profile and kept in step with it.
    offer = models.OneToOneField(
        Activity, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="role_model"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    # Copied from the consent that stands, so that the database refuses to show anybody without one.
    consented_at = models.DateTimeField(_("said yes"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = RoleModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("role model")
        verbose_name_plural = _("role models")
        ordering = ["full_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(consented_at__isnull=False),
                name="activities_rolemodel_consented",
            ),
            models.CheckConstraint(condition=Q(grade_from__lte=F("grade_to")), name="activities_rolemodel_grades"),
        ]
        indexes = [
            models.Index(fields=["-published_at"], name="activities_rolemodel_new", condition=Q(status="published"))
        ]

    def __str__(self) -> str:
        return self.full_name or "–"

    def get_absolute_url(self) -> str:
        return reverse("activities:role_model", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """Readable end of the page's address; the number before it is what counts."""
        return slugify(self.full_name.translate(str.maketrans("æøåÆØÅ", "aoaAOA"))) or "rollemodell"

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def is_erased(self) -> bool:
        """Its personal data is deleted: what is left says only that there was a consent, and when."""
        return not self.email

    @property
    def portrait(self) -> Portrait | None:
        """The photo as pages show it; asks the database nothing."""
        return portrait_of(self.photo.name or "")

    @property
    def path_steps(self) -> list[dict[str, str]]:
        """The steps in the shape of components/timeline.html."""
        return [{"time": step.get("year", ""), "title": step.get("text", "")} for step in self.steps]

    # Worded as those of an offer: both have the same columns.
    grades_label = Activity.grades_label
    language_names = Activity.language_names


class RoleModelConsent(models.Model):
    """One asking for a role model's consent: the text that was shown, when it was given, when it was withdrawn.

    The mailed link (only its hash is kept) opens a page on which the person says yes, and later takes it back.
    """

    role_model = models.ForeignKey(
        RoleModel, on_delete=models.CASCADE, related_name="consents", verbose_name=_("role model")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    text = models.TextField(_("text that was agreed to"), blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent of a role model")
        verbose_name_plural = _("consents of role models")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["role_model"],
                condition=Q(given_at__isnull=False, withdrawn_at__isnull=True),
                name="activities_consent_one_stands",
            )
        ]

    @property
    def expires_at(self) -> datetime:
        """When the link stops working if nobody answers."""
        return self.asked_at + timedelta(days=CONSENT_DAYS)

    @property
    def stands(self) -> bool:
        """The person said yes, and has not taken it back."""
        return self.given_at is not None and self.withdrawn_at is None

    @property
    def is_answered(self) -> bool:
        """The person said yes, or no, or yes and later no."""
        return self.given_at is not None or self.withdrawn_at is not None

    @property
    def is_open(self) -> bool:
        """It can still be answered."""
        return not self.is_answered and self.expires_at > timezone.now()

    def __str__(self) -> str:
        return f"{self.role_model} {timezone.localtime(self.asked_at):%Y-%m-%d}"
