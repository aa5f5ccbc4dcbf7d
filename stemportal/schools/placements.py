"""Pupils at work: what the law asks before they go, as far as a booking can know it.

Arbeidsmiljøloven § 11-1: who has turned 14 may work as part of the schooling or vocational orientation. § 3-1: the
employer has a written risk assessment. Which kinds of offer this concerns stands in the kind's guards.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Activity, Kind
from stemportal.schools.errors import BookingError

APPROVED_AS_ORIENTATION = gettext_lazy(
    "The school has approved this as part of its vocational orientation, and every pupil is 14 or older."
)
ONLY_AS_ORIENTATION = gettext_lazy(
    "Pupils can come only as part of the school's vocational orientation, and from the age of 14."
)


class NotOrientation(BookingError):
    """The school has not said that it is a part of its vocational orientation, or that everybody is old enough."""

    field = "orientation"

    def __init__(self) -> None:
        super().__init__(str(ONLY_AS_ORIENTATION))


class NoRiskAssessment(BookingError):
    """The partner has no written risk assessment, or none that was made before the pupils come."""

    def __init__(self) -> None:
        super().__init__(
            _("The partner has no written risk assessment for this, so pupils cannot come yet. Write to the partner.")
        )


def is_placement(kind: Kind) -> bool:
    """Say whether pupils are at work in this kind of offer: work week and job shadow."""
    return bool(kind.guards.get("risk_assessment"))


def check_placement(activity: Activity, *, orientation: bool, on: date) -> None:
    """Raise NotOrientation or NoRiskAssessment when pupils may not be at work there on that day.

    Does nothing for other kinds of offers. The grade is checked with the group's other facts.
    """
    if not is_placement(activity.kind):
        return
    if not orientation:
        raise NotOrientation
    if activity.risk_assessed_on is None or activity.risk_assessed_on > on:
        raise NoRiskAssessment
