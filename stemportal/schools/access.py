"""Who may see and do what with a booking: one function fetches and authorises."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from stemportal.accounts.models import User
from stemportal.partners.models import Membership
from stemportal.schools.models import Booking, Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.states import Side


@dataclass(frozen=True)
class BookingAccess:
    """A booking and the side on which this person stands; ``may_act`` is false for a partner's readers."""

    booking: Booking
    side: Side
    may_act: bool


def booking_for(user: User, pk: int, *, act: Side | None = None) -> BookingAccess:
    """Return the booking for its teacher, a coordinator of its school or a member of its partner. Strangers get 404.

    With ``act`` the person must stand on that side and may act there, else 403.
    """
    booking = Booking.objects.with_facts().filter(pk=pk).first()
    if booking is None:
        raise Http404
    found: list[BookingAccess] = []
    if booking.teacher_id == user.pk or is_coordinator_at(user, booking.school_id):
        found.append(BookingAccess(booking, Side.SCHOOL, True))
    membership = Membership.objects.filter(partner=booking.activity.partner_id, user=user).first()
    if membership is not None:
        found.append(BookingAccess(booking, Side.PARTNER, membership.may_edit))
    if not found:
        raise Http404
    if act is None:
        return found[0]
    # Somebody may be the teacher and a member of the partner at once: take the side that is asked for.
    for access in found:
        if access.side == act and access.may_act:
            return access
    raise PermissionDenied


def is_coordinator_at(user: User, school_id: int) -> bool:
    """Say whether the person looks after this school's bookings and colleagues."""
    return Teacher.objects.coordinators().filter(user=user, school=school_id).exists()


def working_record(user: User) -> Teacher:
    """Return the verified record at the school to work for now; others may not look into a school: 403."""
    record = teacher_record(user)
    if record is None or not record.is_verified:
        raise PermissionDenied
    return record


def coordinator_record(user: User) -> Teacher:
    """Return the record of a coordinator at the school to work for now; other people get 403."""
    record = working_record(user)
    if not record.is_coordinator:
        raise PermissionDenied
    return record


def colleague_for(user: User, pk: int) -> Teacher:
    """Return a colleague at the school that the person coordinates. Those of other schools are 404."""
    record = coordinator_record(user)
    return get_object_or_404(Teacher.objects.select_related("user", "school"), pk=pk, school=record.school_id)
