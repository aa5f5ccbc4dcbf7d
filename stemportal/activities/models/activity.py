"""An activity: what a partner offers to classes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.curriculum import Goal
from stemportal.activities.models.kinds import Kind, Subject
from stemportal.partners.models import Partner
from stemportal.places.models import County, Municipality

# Trinn 8-10 are lower secondary; 11-13 stand for Vg1-Vg3.
GRADES = [
    (8, _("8th grade")),
    (9, _("9th grade")),
    (10, _("10th grade")),
    (11, _("Vg1")),
    (12, _("Vg2")),
    (13, _("Vg3")),
]


def grades_in_words(first: int, last: int) -> str:
    """Return a span of grades as people say it: "9th grade", "8th to 10th grade", "8th grade to Vg1"."""
    names = dict(GRADES)
    if first == last:
        return str(names[first])
    if first >= 11:
        return f"{names[first]}–{names[last]}"
    if last <= 10:
        return gettext("%(first)sth to %(last)sth grade") % {"first": first, "last": last}
    return gettext("%(first)s to %(last)s") % {"first": names[first], "last": names[last]}


WORKING_DAY_MINUTES = 8 * 60


class Language(models.TextChoices):
    """Languages an activity can be held in."""

    BOKMAAL = "nb", _("Norwegian bokmål")
    NYNORSK = "nn", _("Norwegian nynorsk")
    ENGLISH = "en", _("English")
    NORTHERN_SAMI = "se", _("Northern Sámi")


class AccessFeature(models.TextChoices):
    """What a place or a film has for those who need it. Only what a partner says is there is shown."""

    STEP_FREE = "step_free", _("No steps, or a lift")
    TOILET = "toilet", _("Accessible toilet")
    PARKING = "parking", _("Accessible parking")
    HEARING = "hearing", _("Hearing loop or microphone")
    SIGN_LANGUAGE = "sign_language", _("Can be held in Norwegian sign language")
    LOW_VISION = "low_vision", _("Suits pupils with low vision")
    QUIET = "quiet", _("A quiet room to withdraw to")
    EASY_PACE = "easy_pace", _("Can be taken at an easier pace")


def format_label(value: str, kind: Kind) -> str:
    """Return where an activity of this kind takes place; what is on site for others is at school for who travels."""
    if value == Activity.Format.HYBRID and kind.travels:
        return gettext("At the school or digital")
    return str(Activity.Format(value).label)


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Phrases about activities."""

    def published(self) -> Self:
        """What teachers may find and book: published, by an approved partner."""
        return self.filter(status=Activity.Status.PUBLISHED, partner__status=Partner.Status.APPROVED)


class Activity(models.Model):
    """One offer of a partner. Texts are Markdown where they are long."""

    class Format(models.TextChoices):
        ON_SITE = "on_site", _("At the partner's place")
        AT_SCHOOL = "at_school", _("At the school")
        DIGITAL = "digital", _("Digital")
        HYBRID = "hybrid", _("On site or digital")

    class Reach(models.TextChoices):
        LOCAL = "local", _("Schools nearby")
        COUNTY = "county", _("The whole county")
        NATIONAL = "national", _("The whole country")

    class Policy(models.TextChoices):
        INSTANT = "instant", _("Confirmed at once")
        CONFIRM = "confirm", _("We confirm each booking")
        ON_REQUEST = "on_request", _("The teacher proposes a date")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="activities", verbose_name=_("partner"))
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="activities", verbose_name=_("kind"))
    title = models.CharField(_("title"), max_length=90)
    summary = models.CharField(_("in one or two sentences"), max_length=240)
    description = models.TextField(_("what the pupils do"), max_length=5000, blank=True)
    learning = models.TextField(_("what they learn"), max_length=1500, blank=True)
    preparation = models.TextField(_("before the visit"), max_length=1500, blank=True)
    follow_up = models.TextField(_("after the visit"), max_length=1500, blank=True)
    programme = models.TextField(_("the programme, hour by hour"), max_length=2000, blank=True)
    bring = models.TextField(_("what to bring"), max_length=1000, blank=True)
    safety = models.TextField(_("safety"), max_length=1500, blank=True)
    getting_there = models.TextField(_("getting there"), max_length=1000, blank=True)
    practical = models.TextField(_("good to know"), max_length=2000, blank=True)
    accessibility = models.TextField(_("accessibility"), max_length=1000, blank=True)
    access_features = ArrayField(
        models.CharField(max_length=20, choices=AccessFeature),
        default=list,
        blank=True,
        verbose_name=_("accessibility, point by point"),
    )
    format = models.CharField(_("where it takes place"), max_length=10, choices=Format, default=Format.ON_SITE)
    languages = ArrayField(models.CharField(max_length=5, choices=Language), default=list, verbose_name=_("languages"))
    grade_from = models.PositiveSmallIntegerField(_("from grade"), choices=GRADES, default=8)
    grade_to = models.PositiveSmallIntegerField(_("to grade"), choices=GRADES, default=13)
    subjects = models.ManyToManyField(Subject, blank=True, related_name="activities", verbose_name=_("subjects"))
    goals = models.ManyToManyField(Goal, blank=True, related_name="activities", verbose_name=_("competence goals"))
    group_max = models.PositiveSmallIntegerField(
        _("pupils at most in a group"), default=30, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration in minutes"), default=120, validators=[MinValueValidator(15), MaxValueValidator(5 * 8 * 60)]
    )
    place = models.CharField(_("meeting place"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("municipality"),
    )
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    reach = models.CharField(_("for whom"), max_length=10, choices=Reach, default=Reach.COUNTY)
    # Counties whose schools it comes to; empty: the one it is at home in. Asked for where ``reach`` is a county.
    serves = models.ManyToManyField(County, blank=True, related_name="+", verbose_name=_("counties served"))
    season_months = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("months in which it is offered")
    )
    role_models = models.ManyToManyField(
        "activities.RoleModel", blank=True, related_name="activities", verbose_name=_("role models")
    )
    link = models.URLField(
        _("link"), max_length=300, blank=True, help_text=_("The film, or a page with more. Starts with https://")
    )
    captions = ArrayField(
        models.CharField(max_length=5, choices=Language), default=list, blank=True, verbose_name=_("captions in")
    )
    transcript = models.TextField(_("what is said and shown, as text"), max_length=60_000, blank=True)
    grant_amount = models.PositiveIntegerField(
        _("kroner at most for a class"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    policy = models.CharField(_("how bookings are answered"), max_length=10, choices=Policy, default=Policy.CONFIRM)
    risk_assessed_on = models.DateField(_("written risk assessment made on"), null=True, blank=True)
    police_certificate_seen_by = models.CharField(_("police certificate seen by"), max_length=120, blank=True)
    police_certificate_seen_on = models.DateField(_("police certificate seen on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies", verbose_name=_("copied from")
    )
    views_count = models.PositiveIntegerField(_("views"), default=0)
    last_viewed_at = models.DateTimeField(_("last opened"), null=True, blank=True, editable=False)
    # Every booking that was asked for, whatever became of it: what fair exposure goes by. Kept like the next two.
    enquiries_count = models.PositiveIntegerField(_("enquiries"), default=0, editable=False)
    # Kept by search_index.refresh_availability, for ordering only: what a page shows is read from the sessions.
    next_free_at = models.DateTimeField(null=True, editable=False)
    # When it had free dates for the first time; never changed after that. Saved searches tell of it.
    first_free_at = models.DateTimeField(null=True, editable=False)
    booked_places = models.PositiveIntegerField(default=0, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grade_from__lte=F("grade_to"), grade_from__gte=8, grade_to__lte=13),
                name="activities_activity_grades",
            ),
            models.CheckConstraint(condition=Q(group_max__gte=1), name="activities_activity_group_max"),
        ]
        indexes = [
            models.Index(fields=["-published_at"], name="activities_activity_new", condition=Q(status="published")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """Readable end of the page's address; the number before it is what counts."""
        return slugify(self.title.translate(str.maketrans("æøåÆØÅ", "aoaAOA"))) or "tilbud"

    @property
    def grades_label(self) -> str:
        return grades_in_words(self.grade_from, self.grade_to)

    @property
    def duration_label(self) -> str:
        """How long it lasts: "45 min", "2 h 30 min", "5 days"."""
        days, rest = divmod(self.duration_minutes, WORKING_DAY_MINUTES)
        if days > 1 or (days == 1 and rest > 0):
            days += 1 if rest else 0
            return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
        hours, minutes = divmod(self.duration_minutes, 60)
        parts = [gettext("%(number)s h") % {"number": hours}] if hours else []
        return " ".join([*parts, gettext("%(number)s min") % {"number": minutes}] if minutes else parts)

    @property
    def language_names(self) -> list[str]:
        """Names of the languages it can be held in."""
        return [str(Language(code).label) for code in self.languages if code in Language.values]

    @property
    def caption_names(self) -> list[str]:
        """Names of the languages in which its film has captions."""
        return [str(Language(code).label) for code in self.captions if code in Language.values]

    @property
    def comes_to_school(self) -> bool:
        """The class goes nowhere: somebody comes to it, or comes or meets it by video, as role models do."""
        hybrid_at_school = self.format == self.Format.HYBRID and self.kind.travels
        return self.format == self.Format.AT_SCHOOL or hybrid_at_school

    @property
    def format_label(self) -> str:
        """Where it takes place, as the editor and the facts on a page say it."""
        return format_label(self.format, self.kind)

    @property
    def where_label(self) -> str:
        """Where it takes place, in a few words for a list."""
        municipality = self.municipality.name if self.municipality else ""
        match self.format:
            case self.Format.DIGITAL:
                return gettext("Digital")
            case self.Format.AT_SCHOOL:
                return gettext("Comes to your school")
            case self.Format.HYBRID if self.kind.travels:
                return gettext("Comes to your school, or digital")
            case self.Format.HYBRID if municipality:
                return gettext("%(place)s or digital") % {"place": municipality}
        return municipality or self.format_label

    @property
    def is_on_request(self) -> bool:
        """The teacher proposes a date; there need be no sessions."""
        return self.policy == self.Policy.ON_REQUEST

    def end_after(self, start: datetime) -> datetime:
        """Return when a session that starts then is over. What is longer than a working day runs over several days."""
        days = -(-self.duration_minutes // WORKING_DAY_MINUTES)
        return start + timedelta(days=days - 1, minutes=self.duration_minutes / days)

    @property
    def lasts_for_days(self) -> bool:
        """Longer than a working day, such as a work week: its places are given by the week."""
        return self.duration_minutes > WORKING_DAY_MINUTES

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def is_digital(self) -> bool:
        """Can be had by every school, however remote."""
        return self.format in {self.Format.DIGITAL, self.Format.HYBRID}
