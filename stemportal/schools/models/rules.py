"""The rules of the programme about answers: one row that the secretariat edits."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.lib.memo import remember

ONLY = 1
MOST_DAYS = 30
# A process remembers the rules for so long: every booking asks for them.
SECONDS = 60


def reply_working_days() -> int:
    """Return the promise that the programme begins with."""
    return int(settings.REPLY_WORKING_DAYS)


def place_offer_working_days() -> int:
    """Return how long the school has to answer what it is offered, as the programme begins."""
    return int(settings.PLACE_OFFER_WORKING_DAYS)


@keep_history("BookingRulesChange")
class BookingRules(models.Model):
    """How soon a request is to be answered, in working days. There is one row; without it the defaults count."""

    reply_working_days = models.PositiveSmallIntegerField(
        _("a request is answered within, working days"),
        default=reply_working_days,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_(
            "Weekends, public holidays and the holidays of the school's county do not count. "
            "Requests that have been sent keep the deadline they were given."
        ),
    )
    remind_working_days_before = models.PositiveSmallIntegerField(
        _("the partner is reminded before the deadline, working days"),
        default=1,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("0 reminds on the last day itself."),
    )
    place_offer_working_days = models.PositiveSmallIntegerField(
        _("the school answers another time or a place that became free within, working days"),
        default=place_offer_working_days,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_("After that the place goes to the next group on the waiting list."),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("rules for bookings")
        verbose_name_plural = _("rules for bookings")
        constraints = [models.CheckConstraint(condition=Q(pk=ONLY), name="schools_rules_one_row")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def stored(cls) -> Self:
        """Return the row, or the defaults where nobody has changed anything. One query."""
        return cls.objects.filter(pk=ONLY).first() or cls(pk=ONLY)


@remember(SECONDS)
def booking_rules() -> BookingRules:
    """Return the rules as they stand; a change by staff shows in other processes after a minute at most."""
    return BookingRules.stored()
