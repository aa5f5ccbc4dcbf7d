"""On the day and after: what both sides thought, the anonymous pulse of the class, and what was sent once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.booking import Booking

# Neither side need wait for the other's words longer than this.
SHOWN_AFTER = timedelta(days=14)
# Sums of fewer answers than this say who gave them.
SMALLEST_SUM = 5


class Feedback(models.Model):
    """What one side says after a visit. The other side sees it; the public sees sums, and words that may be quoted."""

    class Side(models.TextChoices):
        SCHOOL = "school", _("The school")
        PARTNER = "partner", _("The partner")

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("booking"))
    side = models.CharField(_("from"), max_length=10, choices=Side)
    rating = models.PositiveSmallIntegerField(
        _("how it went, 1 to 5"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    learned = models.PositiveSmallIntegerField(
        _("fitted what the class learns, 1 to 5"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    text = models.TextField(_("in own words"), max_length=1000, blank=True)
    # May be shown with the offer, without the name of the school.
    may_quote = models.BooleanField(_("may be quoted without a name"), default=False)
    given_at = models.DateTimeField(_("given"), default=timezone.now)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "side"], name="schools_feedback_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="schools_feedback_rating"),
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.rating}"

    def is_shown(self, *, both: bool) -> bool:
        """Say whether the other side sees it: when both have told, or after a while."""
        return both or self.given_at + SHOWN_AFTER <= timezone.now()


# No letter that looks like another one on a board; 31 of them, ten times over, are 49 bits.
PULSE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
PULSE_QUESTIONS = (1, 2, 3)
PULSE_ANSWERS = (1, 2, 3, 4, 5)


def pulse_token() -> str:
    """Return the secret end of a pulse's address: two groups of five letters that can be typed from the board."""
    letters = [secrets.choice(PULSE_LETTERS) for _place in range(10)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


class Moment(models.TextChoices):
    """The two parts of a pulse; the three questions are the same."""

    BEFORE = "before", _("before")
    AFTER = "after", _("after")


class Pulse(models.Model):
    """A class's three questions before and after a visit. Opened by a QR code; who answered is not known."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="pulse", verbose_name=_("booking"))
    token = models.CharField(max_length=24, unique=True, default=pulse_token, editable=False)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closes_at = models.DateTimeField(_("closes"))
    # From then on the questions are those after the visit; empty: from the middle of the visit on.
    after_from = models.DateTimeField(_("asks about afterwards from"), null=True, blank=True)

    class Meta:
        verbose_name = _("class pulse")
        verbose_name_plural = _("class pulses")

    def __str__(self) -> str:
        return str(self.booking)

    @property
    def is_open(self) -> bool:
        """Whether answers are taken."""
        return self.closes_at > timezone.now()

    @property
    def asks_after_from(self) -> datetime:
        """When the questions about afterwards begin: as the teacher switched, else in the middle of the visit."""
        session = self.booking.session
        if self.after_from is not None or session is None:
            return self.after_from or self.opened_at
        middle: datetime = session.starts_at + (session.ends_at - session.starts_at) / 2
        return middle

    @property
    def moment(self) -> Moment:
        """Which part is asked now."""
        return Moment.AFTER if self.asks_after_from <= timezone.now() else Moment.BEFORE


class PulseCount(models.Model):
    """How many chose an answer: only sums are stored, so no single pupil's answers stand together anywhere."""

    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="counts", verbose_name=_("class pulse"))
    moment = models.CharField(_("moment"), max_length=6, choices=Moment)
    question = models.PositiveSmallIntegerField(_("question"))
    answer = models.PositiveSmallIntegerField(_("answer, 1 to 5"))
    number = models.PositiveIntegerField(_("how many"), default=0)

    class Meta:
        verbose_name = _("sum of answers")
        verbose_name_plural = _("sums of answers")
        ordering = ["moment", "question", "answer"]
        constraints = [
            models.UniqueConstraint(fields=["pulse", "moment", "question", "answer"], name="schools_pulsecount_once"),
            models.CheckConstraint(
                condition=Q(question__gte=1, question__lte=3, answer__gte=1, answer__lte=5),
                name="schools_pulsecount_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moment} {self.question}: {self.answer} × {self.number}"


class Reminder(models.Model):
    """Something that is sent once about a booking: a reminder, a nudge, a deadline that passed."""

    class Kind(models.TextChoices):
        REPLY_SOON = "reply_soon", _("reply deadline is near")
        REPLY_LATE = "reply_late", _("reply deadline has passed")
        WEEK_BEFORE = "week_before", _("a week before")
        DAY_BEFORE = "day_before", _("a day before")
        ATTENDANCE = "attendance", _("attendance is missing")
        ATTENDANCE_AGAIN = "attendance_again", _("attendance is still missing")

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("booking"))
    kind = models.CharField(_("about"), max_length=20, choices=Kind)
    # What it was about: a moved visit is reminded of anew.
    about = models.DateTimeField(_("about the time"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-sent_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["booking", "kind", "about"], name="schools_reminder_once")]

    def __str__(self) -> str:
        return f"{self.booking}: {self.get_kind_display()}"
