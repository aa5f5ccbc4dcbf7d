"""The two kinds of year that reports are made for: school years and calendar years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.school_year import FIRST_MONTH, current_school_year, label


class PeriodKind(models.TextChoices):
    """Which year: from August to July, or from January to December."""

    SCHOOL = "school", _("school year")
    CALENDAR = "calendar", _("calendar year")


@dataclass(frozen=True)
class Period:
    """One year of either kind; ``year`` is the one in which it begins."""

    kind: str
    year: int

    @classmethod
    def current(cls, kind: str = PeriodKind.SCHOOL) -> Period:
        """Return the year of this kind that goes on today."""
        return cls(kind, current_school_year() if kind == PeriodKind.SCHOOL else timezone.localdate().year)

    @classmethod
    def from_slug(cls, slug: str) -> Period:
        """Read "2025-26" (school year) or "2025" (calendar year). Raises ValueError for anything else."""
        first, dash, _second = slug.partition("-")
        if not (first.isascii() and first.isdigit() and len(first) == 4):
            raise ValueError(slug)
        period = cls(PeriodKind.SCHOOL if dash else PeriodKind.CALENDAR, int(first))
        if period.slug != slug:
            raise ValueError(slug)
        return period

    @property
    def is_school_year(self) -> bool:
        """Whether it runs from August to July."""
        return self.kind == PeriodKind.SCHOOL

    @property
    def first_day(self) -> date:
        """1 August or 1 January."""
        return date(self.year, FIRST_MONTH if self.is_school_year else 1, 1)

    @property
    def last_day(self) -> date:
        """31 July or 31 December."""
        return date(self.year + 1, FIRST_MONTH - 1, 31) if self.is_school_year else date(self.year, 12, 31)

    @property
    def start(self) -> datetime:
        """The first moment, as an aware datetime."""
        return _midnight(self.first_day)

    @property
    def end(self) -> datetime:
        """The first moment after it, as an aware datetime."""
        return _midnight(self.following.first_day)

    @property
    def previous(self) -> Period:
        """The year before, of the same kind."""
        return Period(self.kind, self.year - 1)

    @property
    def following(self) -> Period:
        """The year after, of the same kind."""
        return Period(self.kind, self.year + 1)

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.last_day < timezone.localdate()

    @property
    def months(self) -> list[str]:
        """Its twelve months in order, as "2025-08"."""
        first = self.first_day.month - 1
        return [f"{self.year + (first + n) // 12}-{(first + n) % 12 + 1:02d}" for n in range(12)]

    @property
    def programme_year(self) -> int:
        """The school year in which it ends: whose levels and pledges stand beside it."""
        return self.year

    @property
    def label(self) -> str:
        """How people write it: "2025/26" or "2025"."""
        return label(self.year) if self.is_school_year else str(self.year)

    @property
    def slug(self) -> str:
        """The same for addresses and file names: "2025-26" or "2025"."""
        return self.label.replace("/", "-")

    def __str__(self) -> str:
        return self.label


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


class OfPeriod(models.Model):
    """A row about one year, school or calendar."""

    period_kind = models.CharField(
        _("kind of year"), max_length=10, choices=PeriodKind, default=PeriodKind.SCHOOL, db_default="school"
    )
    year = models.PositiveSmallIntegerField(_("year in which it begins"))

    class Meta:
        abstract = True

    @property
    def period(self) -> Period:
        """The year it is about."""
        return Period(self.period_kind, self.year)
