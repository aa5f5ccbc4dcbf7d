"""Schools, teachers, classes and bookings: an agreement, its history, what took place, and what goes with it."""

from stemportal.schools.models.afterwards import (
    PULSE_ANSWERS,
    PULSE_QUESTIONS,
    SMALLEST_SUM,
    Feedback,
    Moment,
    Pulse,
    PulseCount,
    Reminder,
    pulse_token,
)
from stemportal.schools.models.attendance import Attendance
from stemportal.schools.models.booking import Booking, BookingEvent, BookingQuerySet, Proposal
from stemportal.schools.models.classes import MAX_PUPILS, SchoolClass
from stemportal.schools.models.messages import Attachment, Message
from stemportal.schools.models.register import SchoolChange, SchoolRegisterRun
from stemportal.schools.models.rules import BookingRules, booking_rules
from stemportal.schools.models.school import OwnerDomain, School, SchoolQuerySet
from stemportal.schools.models.teacher import Teacher, TeacherQuerySet
from stemportal.schools.models.transport import GrantPot, LedgerEntry, TransportGrant, TransportRate
from stemportal.schools.models.visits import Visit
from stemportal.schools.models.wishes import Offer, RegionalCoordinator, Wish, WishMatch

__all__ = [
    "MAX_PUPILS",
    "PULSE_ANSWERS",
    "PULSE_QUESTIONS",
    "SMALLEST_SUM",
    "Attachment",
    "Attendance",
    "Booking",
    "BookingEvent",
    "BookingQuerySet",
    "BookingRules",
    "Feedback",
    "GrantPot",
    "LedgerEntry",
    "Message",
    "Moment",
    "Offer",
    "OwnerDomain",
    "Proposal",
    "Pulse",
    "PulseCount",
    "RegionalCoordinator",
    "Reminder",
    "School",
    "SchoolChange",
    "SchoolClass",
    "SchoolQuerySet",
    "SchoolRegisterRun",
    "Teacher",
    "TeacherQuerySet",
    "TransportGrant",
    "TransportRate",
    "Visit",
    "Wish",
    "WishMatch",
    "booking_rules",
    "pulse_token",
]
