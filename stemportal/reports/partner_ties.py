"""What reports add to a partner's copy of its data: bookings and visits as the partner may see them, and its reports.

Here and not in schools, because the rule that hides small counts of pupils stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import school_year_of
from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.partners.own_data import who
from stemportal.reports.documents.files import file_name
from stemportal.reports.figures.figures import shown
from stemportal.reports.figures.rows import visit_lines
from stemportal.reports.models import Nudge, PartnerReport, ReportEvent
from stemportal.schools.models import Booking, BookingEvent, Visit


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
    """How many came to each visit held, as the reports list them: hidden where it is few, or would tell one.

    Not how many of them were girls: beside the sums of the reports that would tell small counts.
    """
    span = Visit.objects.filter(partner=partner).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if span["first"] is None:
        return
    first, last = (school_year_of(timezone.localdate(span[name])) for name in ("first", "last"))
    for year in range(first, last + 1):
        for line in visit_lines(Period(PeriodKind.SCHOOL, year), partner):
            yield {
                "booking": line.booking,
                "day": line.day,
                "title": line.activity,
                "school": line.school,
                "grade": line.grade,
                "hours": line.hours,
                "pupils": line.pupils,
            }


def annual_reports(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every version that was published, with its figures, and the partner's words also in what is being made."""
    for report in _own_reports(partner).select_related("words_by"):
        is_out = not report.is_open
        yield {
            "year": report.period.label,
            "period": report.period_kind,
            "version": report.version,
            "status": report.status if is_out else "in the making",
            "code": report.code if is_out else "",
            "reason": report.reason,
            "published_at": report.published_at,
            "replaced_at": report.superseded_at,
            "foreword": report.foreword,
            "sustainability": report.esg_text,
            "words_by": who(report.words_by),
            "words_at": report.words_at,
            "figures": report.figures if is_out else {},
        }


def _own_reports(partner: Partner) -> QuerySet[PartnerReport]:
    """What the partner has had, and what is being made for it; previews are the secretariat's."""
    had = PartnerReport.objects.handed_out() | PartnerReport.objects.open().filter(is_preview=False)
    return had.filter(partner=partner).order_by("-year", "period_kind", "-version")


def report_files(partner: Partner) -> Iterator[extensions.File]:
    """All files of what was published."""
    for report in PartnerReport.objects.handed_out().filter(partner=partner).prefetch_related("files"):
        for file in report.files.all():
            name = file_name("report", report.period, report.version, file.format, file.language)
            yield name, str(file.file.name)


def asked(partner: Partner) -> Iterator[dict[str, Any]]:
    """What the secretariat asked the partner to do because the figures said so, in its own words."""
    for nudge in Nudge.objects.filter(partner=partner).order_by("sent_at", "pk").iterator():
        yield {"what": nudge.kind, "asked_at": nudge.sent_at, "text": nudge.text}


def forget(partner: Partner, people: extensions.People) -> None:
    """Nobody is known any more as who wrote a report's words. What was published stays as it is: it was published in
    the partner's name, and its files are what their codes confirm. Words that were never published are deleted."""
    reports = PartnerReport.objects.filter(partner=partner)
    reports.filter(words_by__in=people.pks).update(words_by=None)
    reports.open().update(foreword="", esg_text="", words_at=None)
    ReportEvent.objects.filter(report__partner=partner, by__in=people.pks).update(by=None)


def register() -> None:
    """Add what this app knows to every partner's copy. Called once, when the app is ready."""
    section = extensions.DataSection
    extensions.data_sections += [
        section(name="bookings", about=_("what schools asked for, and what was agreed"), rows=bookings),
        section(name="booking_messages", about=_("the history of each booking with what was written"), rows=messages),
        section(name="visits", about=_("how many came to the visits that took place"), rows=visits),
        section(
            name="reports",
            about=_("your annual reports, their figures and your own words in them"),
            rows=annual_reports,
            files=report_files,
        ),
        section(name="asked", about=_("what the secretariat asked you to do"), rows=asked),
    ]
    extensions.forget.append(forget)
