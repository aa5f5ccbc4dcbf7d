"""Schools, teachers, classes and bookings: an agreement, its history, what took place, and what goes with it."""

from stemportal.schools.models.afterwards import Feedback, Pulse, PulseCount, Reminder, pulse_token
from stemportal.schools.models.attendance import Attendance
from stemportal.schools.models.booking import Booking, BookingEvent, BookingQuerySet, Proposal
from stemportal.schools.models.classes import MAX_PUPILS, SchoolClass
from stemportal.schools.models.messages import Attachment, Message
from stemportal.schools.models.register import SchoolChange, SchoolRegisterRun
from stemportal.schools.models.school import OwnerDomain, School, SchoolQuerySet
from stemportal.schools.models.teacher import Teacher
from stemportal.schools.models.transport import GrantPot, LedgerEntry, TransportGrant, TransportRate
from stemportal.schools.models.wishes import Offer, Wish, WishMatch

__all__ = [
    "MAX_PUPILS",
    "Attachment",
    "Attendance",
    "Booking",
    "BookingEvent",
    "BookingQuerySet",
    "Feedback",
    "GrantPot",
    "LedgerEntry",
    "Message",
    "Offer",
    "OwnerDomain",
    "Proposal",
    "Pulse",
    "PulseCount",
    "Reminder",
    "School",
    "SchoolChange",
    "SchoolClass",
    "SchoolQuerySet",
    "SchoolRegisterRun",
    "Teacher",
    "TransportGrant",
    "TransportRate",
    "Wish",
    "WishMatch",
    "Offer",
    "pulse_token",
]
