"""What reports add to a partner's copy of its data: bookings and visits as the partner may see them, and its reports.

Here and not in schools, because the rule that hides small counts of pupils stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.partners.own_data import who
from stemportal.reports.figures.figures import shown
from stemportal.reports.models import PartnerReport
from stemportal.reports.queries.reports import reports_of_partner
from stemportal.schools.models import Booking, BookingEvent


def bookings(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every booking, as the partner sees it; not the needs of a group, which are deleted soon after the visit."""
    rows = Booking.objects.filter(activity__partner=partner).with_facts().order_by("created_at", "pk")
    for booking in rows.iterator():
        session = booking.session
        yield {
            "number": booking.pk,
            "listing": booking.activity_id,
            "title": booking.activity.title,
            "status": booking.status,
            "starts_at": booking.starts_at,
            "ends_at": session.ends_at if session else None,
            "school": booking.school.name,
            "place": booking.school.place_name,
            "teacher": str(booking.teacher or ""),
            "group": booking.group_name,
            "grade": booking.grade,
            "pupils": shown(booking.pupils),
            "message": booking.message,
            "reply": booking.reply,
            "booked_at": booking.created_at,
            "reply_by": booking.reply_by,
            "answered_at": booking.answered_at,
        }


def messages(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every move of every booking with the line that was written."""
    rows = BookingEvent.objects.filter(booking__activity__partner=partner).select_related("by")
    for event in rows.order_by("booking_id", "at", "pk").iterator():
        yield {
            "booking": event.booking_id,
            "at": event.at,
            "from": event.from_status,
            "to": event.to_status,
            "by": who(event.by),
            "text": event.note,
        }


def visits(partner: Partner) -> Iterator[dict[str, Any]]:
    """How many came to each visit held. Counts under five are empty, and so are girls where it would tell the rest."""
    rows = Booking.objects.completed().filter(activity__partner=partner, attendance__isnull=False)
    rows = rows.select_related("attendance", "session", "activity__kind", "school__municipality")
    for booking in rows.order_by("session__starts_at", "pk").iterator():
        came, girls = booking.attendance.pupils, booking.attendance.girls
        others = None if girls is None else came - girls
        tells_nothing = shown(came) is not None and shown(others) is not None
        yield {
            "booking": booking.pk,
            "starts_at": booking.starts_at,
            "title": booking.activity.title,
            "school": booking.school.name,
            "grade": booking.grade,
            "pupils": shown(came),
            "girls": shown(girls) if tells_nothing else None,
        }


def annual_reports(partner: Partner) -> Iterator[dict[str, Any]]:
    """The newest report of each school year with its figures."""
    for report in reports_of_partner(partner):
        yield {
            "year": report.period.label,
            "built_at": report.built_at,
            "figures": report.figures,
        }


def report_files(partner: Partner) -> Iterator[extensions.File]:
    """Their PDFs."""
    report: PartnerReport
    for report in reports_of_partner(partner):
        for file in report.files.all():
            ending = f"-{file.language}.{file.format}" if file.language else f".{file.format}"
            yield f"report-{report.period.slug}{ending}", str(file.file.name)


def register() -> None:
    """Add what this app knows to every partner's copy. Called once, when the app is ready."""
    section = extensions.DataSection
    extensions.data_sections += [
        section(name="bookings", about=_("what schools asked for, and what was agreed"), rows=bookings),
        section(name="booking_messages", about=_("the history of each booking with what was written"), rows=messages),
        section(name="visits", about=_("how many came to the visits that took place"), rows=visits),
        section(
            name="reports", about=_("your annual reports and their figures"), rows=annual_reports, files=report_files
        ),
    ]
