"""Reads about messages: the conversation of a booking, and what waits unread."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from stemportal.accounts.models import User
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingQuerySet, Message
from stemportal.schools.queries.bookings import bookings_of_teacher

Side = Message.Side


def conversation(booking: Booking) -> QuerySet[Message]:
    """Return what was written, the oldest first, with who wrote it and its files. Two queries."""
    return booking.messages.select_related("by").prefetch_related("files").order_by("at", "pk")


def unread_of_teacher(user: User) -> BookingQuerySet:
    """Return the teacher's bookings in which the partner wrote something new, with how many lines as ``unread``."""
    waits = Q(messages__read_at=None, messages__side=Side.PARTNER)
    return (
        bookings_of_teacher(user).annotate(unread=Count("messages", filter=waits)).filter(unread__gt=0).order_by("pk")
    )


def unread_lines_of_schools() -> QuerySet[Message]:
    """Return the lines of schools that nobody of the partner has read."""
    return Message.objects.filter(read_at=None, side=Side.SCHOOL)


def unread_lines(partner: Partner) -> QuerySet[Message]:
    """Return those of them that are about a partner's visits."""
    return unread_lines_of_schools().filter(booking__activity__partner=partner)
