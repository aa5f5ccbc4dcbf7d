"""Reads about teachers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, Q, QuerySet, Value, When

from stemportal.accounts.models import User
from stemportal.schools.models import Booking, BookingQuerySet, School, Teacher, TeacherQuerySet

# Colleagues are shown and chosen from on one page.
MOST_COLLEAGUES = 300


def records_of(user: User) -> QuerySet[Teacher]:
    """Return the schools of a person, the one to work for now first: one where the person may book, and of those the
    one that was chosen last, else the main one.
    """
    best = Case(
        When(status=Teacher.Status.VERIFIED, school__is_active=True, then=Value(0)),
        When(status=Teacher.Status.VERIFIED, then=Value(1)),
        default=Value(2),
    )
    return (
        Teacher.objects.filter(user=user)
        .exclude(status__in=[Teacher.Status.DECLINED, Teacher.Status.ENDED])
        .select_related("school__municipality")
        .order_by(best, F("chosen_at").desc(nulls_last=True), "-is_main", "created_at", "pk")
    )


def teacher_record(user: User | AnonymousUser) -> Teacher | None:
    """Return the person's record at the school to work for now (``records_of``), or None."""
    return records_of(user).first() if user.is_authenticated else None


def colleagues_of(school: School) -> TeacherQuerySet:
    """Return who teaches at the school, coordinators first, then by name."""
    teachers = Teacher.objects.verified().filter(school=school).select_related("user")
    first = Case(When(role=Teacher.Role.COORDINATOR, then=Value(0)), default=Value(1))
    return teachers.order_by(first, "user__full_name", "user__email", "pk")


def waiting_at(school: School) -> TeacherQuerySet:
    """Return who waits for approval at the school and has proved an address; the longest first."""
    return Teacher.objects.waiting().filter(school=school, asked_at__isnull=False).select_related("user")


def bookings_of_school(school: School) -> BookingQuerySet:
    """Return all bookings of the school with all that lists say about them."""
    return Booking.objects.filter(school=school).with_facts()


def possible_takers(booking: Booking) -> TeacherQuerySet:
    """Return the colleagues who could take the booking over: everybody who teaches there, but the one who has it."""
    return colleagues_of(booking.school).exclude(Q(user=booking.teacher_id) if booking.teacher_id else Q(pk=None))
