"""What the time after visits adds to partners and offers: a task, what classes said, the copy of data, forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.activities import page_parts
from stemportal.lib.redact import blank_words
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.schools.filters import UNSAID
from stemportal.schools.models import Booking, BookingEvent, Feedback, Pulse
from stemportal.schools.queries.afterwards import what_classes_said, without_feedback
from stemportal.schools.queries.bookings import bookings_of_partner
from stemportal.schools.queries.pulse import pulse_results


def feedback_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say after how many visits the partner has not told how it was, to those who may. One query."""
    if not membership.may_edit:
        return
    partner = membership.partner
    count = without_feedback(bookings_of_partner(partner), Feedback.Side.PARTNER).count()
    if not count:
        return
    title = ngettext("%(count)s visit is over. How was it?", "%(count)s visits are over. How were they?", count)
    yield extensions.Task(
        title=title % {"count": count},
        text=_("Two minutes help the teacher, and you see what the class said."),
        url=f"{reverse('schools:partner_bookings', args=[partner.pk])}?status={UNSAID}",
        action=_("Tell how it was"),
        order=50,
        icon="ChatElipsis",
    )


def feedback(partner: Partner) -> Iterator[dict[str, Any]]:
    """What both sides said after the partner's visits, as far as the partner sees it."""
    rows = Feedback.objects.filter(booking__activity__partner=partner).order_by("booking_id", "side")
    given: dict[int, list[Feedback]] = {}
    for row in rows.iterator():
        given.setdefault(row.booking_id, []).append(row)
    for said in given.values():
        both = len(said) > 1
        for row in said:
            if row.side == Feedback.Side.PARTNER or row.is_shown(both=both):
                yield {
                    "booking": row.booking_id,
                    "side": row.side,
                    "given_at": row.given_at,
                    "rating": row.rating,
                    "learned": row.learned,
                    "text": row.text,
                }


def pulses(partner: Partner) -> Iterator[dict[str, Any]]:
    """What classes answered before and after visits, as averages from five answers up."""
    rows = Pulse.objects.filter(booking__activity__partner=partner).select_related("booking__session")
    for pulse in rows.order_by("booking_id").iterator():
        results = pulse_results(pulse)
        for question in results.questions if results.any_shown else ():
            yield {
                "booking": pulse.booking_id,
                "question": question.words,
                "before": question.before,
                "before_answers": results.before_count if results.before_shown else None,
                "after": question.after,
                "after_answers": results.after_count if results.after_shown else None,
            }


def forget(partner: Partner, people: extensions.People) -> None:
    """Delete what the partner's people wrote, and take their names out of what teachers wrote; the ratings stay."""
    given = Feedback.objects.filter(booking__activity__partner=partner)
    given.filter(side=Feedback.Side.PARTNER).exclude(text="").update(text="")
    blank_words(given, ["text"], people.words)
    no_shows = BookingEvent.objects.filter(booking__activity__partner=partner, to_status=Booking.Status.NO_SHOW)
    no_shows.exclude(note="").update(note="")


def register() -> None:
    """Add what stands here to partners and offers. Called once, when the app is ready."""
    page_parts.below_texts.append(what_classes_said)
    extensions.today.append(feedback_tasks)
    section = extensions.DataSection
    extensions.data_sections += [
        section(name="feedback", about=gettext_lazy("what you and schools said after visits"), rows=feedback),
        section(
            name="class_pulses",
            about=gettext_lazy("what classes answered before and after visits, as averages"),
            rows=pulses,
        ),
    ]
    extensions.forget.append(forget)
