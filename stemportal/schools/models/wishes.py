"""Wishes: what a teacher asks for because it is not offered, and what partners offer in answer."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES, Activity, Goal, Kind, RoleModel, Session, Subject
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools.models.booking import Booking
from stemportal.schools.models.classes import MAX_PUPILS
from stemportal.schools.models.school import School


class Wish(models.Model):
    """A teacher's wish. ``first_week`` and ``last_week`` are Mondays."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for offers")
        FULFILLED = "fulfilled", _("An offer was accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("The weeks have passed")

    class Where(models.TextChoices):
        ANY = "any", _("Wherever it suits")
        PARTNER = "partner", _("At the partner's place")
        SCHOOL = "school", _("At the school")
        VIDEO = "video", _("By video link")

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="wishes", verbose_name=_("school"))
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="wishes", verbose_name=_("teacher")
    )
    kind = models.ForeignKey(
        Kind, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind")
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("subject")
    )
    goal = models.ForeignKey(
        Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("competence goal")
    )
    group_name = models.CharField(_("class or group"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADES)
    pupils = models.PositiveSmallIntegerField(
        _("number of pupils"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PUPILS)]
    )
    first_week = models.DateField(_("from the week of"))
    last_week = models.DateField(_("to the week of"))
    where = models.CharField(_("where"), max_length=10, choices=Where, default=Where.ANY)
    text = models.TextField(_("what you wish for"), max_length=1000)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("wished"), default=timezone.now)
    # How many times partners were looked for and told: once when it is made, once more when nobody offers.
    rounds = models.PositiveSmallIntegerField(default=0, editable=False)
    # When the regional coordinator was asked to help, because nobody had offered anything.
    handed_on_at = models.DateTimeField(_("handed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_week__gte=F("first_week")), name="schools_wish_weeks"),
            models.CheckConstraint(condition=Q(pupils__gte=1, pupils__lte=MAX_PUPILS), name="schools_wish_pupils"),
        ]
        indexes = [models.Index(fields=["created_at"], name="schools_wish_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return self.text[:80]


class WishMatch(models.Model):
    """A partner (or a role model of it) that was told of a wish, and as the how manieth choice."""

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="matches", verbose_name=_("wish"))
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+", verbose_name=_("partner"))
    role_model = models.ForeignKey(
        RoleModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("role model")
    )
    rank = models.PositiveSmallIntegerField(_("rank"))
    told_at = models.DateTimeField(_("told"), default=timezone.now)
    not_now_at = models.DateTimeField(_("said not now"), null=True, blank=True)

    class Meta:
        verbose_name = _("partner told of a wish")
        verbose_name_plural = _("partners told of a wish")
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["wish", "partner"], name="schools_wishmatch_once")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.wish}"


class Offer(models.Model):
    """A partner's answer to a wish: an activity and a time. The first one that is accepted becomes a booking."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for the teacher")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OVERTAKEN = "overtaken", _("Another offer was accepted")
        EXPIRED = "expired", _("The time has passed")

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="offers", verbose_name=_("wish"))
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", verbose_name=_("activity"))
    # One of the activity's dates; empty for a free time, which becomes a date of its own when it is accepted.
    session = models.ForeignKey(
        Session,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # nobody looks for the offers of a date
        verbose_name=_("session"),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    # ``Wish.Where.ANY``: where the activity takes place.
    where = models.CharField(_("where"), max_length=10, choices=Wish.Where, default=Wish.Where.PARTNER)
    note = models.TextField(_("a line to the teacher"), max_length=1000, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("offered by")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    offered_at = models.DateTimeField(_("offered"), default=timezone.now)
    # When the teacher was reminded that it waits; once.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    booking = models.OneToOneField(
        Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="offer", verbose_name=_("booking")
    )

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["offered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["wish"], condition=Q(status="accepted"), name="schools_offer_one_accepted"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schools_offer_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.wish}"


class RegionalCoordinator(models.Model):
    """Somebody in the secretariat who looks after the schools and partners of a county; a county may have several."""

    county = models.ForeignKey(
        County, on_delete=models.CASCADE, related_name="regional_coordinators", verbose_name=_("county")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="coordinated_counties",
        limit_choices_to={"is_staff": True},
        verbose_name=_("person"),
    )

    class Meta:
        verbose_name = _("regional coordinator")
        verbose_name_plural = _("regional coordinators")
        ordering = ["county__number", "person__email"]
        constraints = [models.UniqueConstraint(fields=["county", "person"], name="schools_regionalcoordinator_once")]

    def __str__(self) -> str:
        return f"{self.county}: {self.person}"
