"""Meetings of the network, of an ecosystem or a working group; who is invited and who comes."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.lib.model_texts import Described, Titled
from stemportal.lib.tokens import new_token
from stemportal.network.models.ecosystems import Ecosystem
from stemportal.network.models.groups import GroupMember, WorkingGroup
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools.models import School

MOST_GUESTS = 10


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Phrases about meetings."""

    def published(self) -> Self:
        """Meetings that are announced, those that were called off among them."""
        return self.exclude(status=Meeting.Status.DRAFT)

    def coming(self) -> Self:
        """Announced meetings that are not over, the next one first."""
        return self.filter(status=Meeting.Status.PUBLISHED, ends_at__gt=timezone.now()).order_by("starts_at", "pk")

    def without_attendance(self) -> Self:
        """Those that are over and to which somebody came by the list, as long as nobody has noted who was there."""
        answers = Rsvp.objects.filter(meeting=OuterRef("pk"))
        over = self.filter(status=Meeting.Status.PUBLISHED, ends_at__lte=timezone.now())
        return over.filter(Exists(answers.attending()), ~Exists(answers.filter(came__isnull=False)))

    def public(self) -> Self:
        """Those whose time, place and programme everybody may know."""
        return self.published().filter(is_public=True)


# Every answer counts places anew: that alone is no state of the meeting worth keeping.
@keep_history("MeetingChange", quiet=["places_taken", "sequence", "forgot_at"])
class Meeting(Titled, Described):
    """A meeting with a place, a video link or both. ``places_taken`` counts everybody who comes, guests too."""

    class Kind(models.TextChoices):
        NETWORK = "network", _("Network meeting")
        REGION = "region", _("Meeting of an ecosystem")
        GROUP = "group", _("Meeting of a working group")
        COURSE = "course", _("Course or webinar")
        OTHER = "other", _("Other meeting")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Announced")
        CANCELLED = "cancelled", _("Called off")

    class Audience(models.TextChoices):
        """Who is invited when the invitations go out; several together."""

        PARTNERS = "partners", _("People of approved partners")
        TEACHERS = "teachers", _("Teachers")
        GROUP = "group", _("Members of the working group")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.NETWORK)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=160, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    video_link = models.URLField(
        _("video link"), max_length=500, blank=True, help_text=_("Shown to those who come, to nobody else.")
    )
    capacity = models.PositiveSmallIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as want to come.")
    )
    places_taken = models.PositiveIntegerField(_("places taken"), default=0, editable=False)
    guests_at_most = models.PositiveSmallIntegerField(
        _("guests each may bring"), default=0, validators=[MaxValueValidator(MOST_GUESTS)]
    )
    asks_diet = models.BooleanField(
        _("ask about dietary needs"),
        default=False,
        help_text=_("The answers are deleted some days after the meeting."),
    )
    rsvp_until = models.DateTimeField(_("answer by"), null=True, blank=True)
    audience = ArrayField(
        models.CharField(max_length=10, choices=Audience), default=list, blank=True, verbose_name=_("who is invited")
    )
    # Empty: from the whole country.
    counties = models.ManyToManyField(County, blank=True, related_name="+", verbose_name=_("from these counties"))
    ecosystem = models.ForeignKey(
        Ecosystem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("ecosystem"),
    )
    group = models.ForeignKey(
        WorkingGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("working group"),
    )
    is_public = models.BooleanField(
        _("shown to everybody"), default=True, help_text=_("Time, place and programme; never the video link.")
    )
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("organiser")
    )
    # Counts up with every change that calendars must hear of.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(_("announced"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("called off"), null=True, blank=True)
    cancel_reason = models.CharField(_("why it was called off"), max_length=500, blank=True)
    minutes = models.TextField(_("minutes (Markdown)"), max_length=20_000, blank=True)
    minutes_at = models.DateTimeField(_("minutes published"), null=True, blank=True)
    # Dietary needs and names of guests were deleted.
    forgot_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["starts_at"], name="network_meeting_coming", condition=Q(status="published"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="network_meeting_ends_after_start",
                violation_error_message=_("The meeting must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(places_taken__lte=F("capacity")),
                name="network_meeting_not_overfull",
                violation_error_message=_("More people have said yes than this. Call some first."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("network:meeting", args=[self.pk])

    @property
    def places_left(self) -> int | None:
        """Free places; None where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.places_taken)

    @property
    def has_begun(self) -> bool:
        return bool(self.starts_at <= timezone.now())

    @property
    def is_over(self) -> bool:
        return bool(self.ends_at <= timezone.now())

    def takes_answers(self, now: datetime | None = None) -> bool:
        """Whether people can still say yes: it is announced, has not begun, and the last day is not over."""
        now = now or timezone.now()
        last = self.rsvp_until or self.starts_at
        return self.status == Meeting.Status.PUBLISHED and now < min(last, self.starts_at)


class ProgrammeItem(models.Model):
    """A line of a meeting's programme."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="programme", verbose_name=_("meeting"))
    starts_at = models.TimeField(_("time"), null=True, blank=True)
    title = models.CharField(_("what"), max_length=200)
    speaker = models.CharField(_("speaker"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("line of the programme")
        verbose_name_plural = _("programme")
        ordering = ["starts_at", "order", "id"]

    def __str__(self) -> str:
        return self.title


class MeetingFile(models.Model):
    """Slides, a hand-out or minutes as a file; for those who were invited, or for everybody."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="files", verbose_name=_("meeting"))
    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("file"), max_length=120)
    name = models.CharField(_("name of the file"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    is_public = models.BooleanField(_("for everybody"), default=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("file of a meeting")
        verbose_name_plural = _("files of meetings")
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("network:meeting_file", args=[self.pk])


# Who was there, or said yes where nobody noted who came.
WAS_THERE = Q(came__gt=0) | Q(came=None, status="attending")


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    """Phrases about answers to invitations."""

    def attending(self) -> Self:
        """Those who have a place."""
        return self.filter(status=Rsvp.Status.ATTENDING)

    def in_line(self) -> Self:
        """The waiting list, the first one first."""
        return self.filter(status=Rsvp.Status.WAITING).order_by("waiting_since", "pk")

    def that_count(self) -> Self:
        """All but those to a working group's own meetings of people who take part in the group no more.

        A partner that is paused, or that the person left, closes a member's meetings with the group. Who was invited
        by name after having left the group is a guest.
        """
        status = GroupMember.Status
        mine = GroupMember.objects.filter(group=OuterRef("meeting__group"), user=OuterRef("user"))
        were_in = mine.filter(status__in=[status.LEFT, status.DECLINED], joined_at__isnull=False)
        gone = were_in.filter(asked_at__gt=OuterRef("invited_at"))
        away = mine.filter(status=status.MEMBER).exclude(pk__in=GroupMember.objects.in_good_standing().values("pk"))
        return self.exclude(Q(meeting__is_public=False) & (Exists(gone) | Exists(away)))


class Rsvp(models.Model):
    """One person and one meeting: invited, coming, waiting for a place, or not coming.

    Of somebody whose account is deleted only how many came stays, and for whom: the partner's yearly report counts it.
    ``guests`` come along; their names and all dietary needs are deleted some days after the meeting
    (``MEETING_RETENTION_DAYS``), as they say things about people that nobody needs any more.
    """

    class Status(models.TextChoices):
        INVITED = "invited", _("Invited, no answer yet")
        ATTENDING = "attending", _("Comes")
        WAITING = "waiting", _("On the waiting list")
        DECLINED = "declined", _("Does not come")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="rsvps", verbose_name=_("meeting"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="rsvps", verbose_name=_("person")
    )
    # For whom the person comes; at most one of the two.
    partner = models.ForeignKey(
        Partner, on_delete=models.SET_NULL, null=True, blank=True, related_name="rsvps", verbose_name=_("partner")
    )
    school = models.ForeignKey(
        School, on_delete=models.SET_NULL, null=True, blank=True, related_name="rsvps", verbose_name=_("school")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.INVITED)
    guests = models.PositiveSmallIntegerField(_("guests"), default=0, validators=[MaxValueValidator(MOST_GUESTS)])
    guest_names = models.CharField(_("names of the guests"), max_length=500, blank=True)
    diet = models.CharField(_("dietary needs"), max_length=500, blank=True)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    # When the invitation mail was written; empty for who came by themselves.
    mailed_at = models.DateTimeField(_("mail written"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waits since"), null=True, blank=True)
    # After the meeting: who was there, guests included. Counts in the yearly report.
    came = models.PositiveSmallIntegerField(_("how many came"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    # ``Meeting.sequence`` that the person was last told of by mail: below it there is news (services.telling).
    told_sequence = models.PositiveIntegerField(db_default=0, default=0, editable=False)
    minutes_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RsvpQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to an invitation")
        verbose_name_plural = _("answers to invitations")
        ordering = ["user__full_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="network_rsvp_once"),
            models.CheckConstraint(
                condition=Q(status="waiting", waiting_since__isnull=False) | ~Q(status="waiting"),
                name="network_rsvp_waits_since",
            ),
        ]
        indexes = [
            models.Index(
                fields=["meeting"],
                name="network_rsvp_unmailed",
                condition=Q(mailed_at__isnull=True, status="invited"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user or '–'} · {self.meeting}"

    @property
    def places(self) -> int:
        """How many places the answer takes: the person and the guests."""
        return 1 + self.guests
