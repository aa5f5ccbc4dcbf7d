"""What both sides say after a visit."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, Feedback


def give_feedback(
    *, booking: Booking, side: Feedback.Side, rating: int, learned: int | None, text: str, may_quote: bool
) -> Feedback:
    """Write down what one side says, or change it as long as the other side has not seen it.

    Raises BookingError for a visit that is not completed, and when the other side has seen it. Only a school's words
    are ever quoted, for only those stand with an offer.
    """
    if booking.status != Booking.Status.COMPLETED:
        raise BookingError(_("You can tell how it was once the visit is completed."))
    with transaction.atomic():
        # Both sides may tell at the same moment; the one who is second sees the first.
        Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
        given = {feedback.side: feedback for feedback in Feedback.objects.filter(booking=booking)}
        earlier = given.get(side)
        if earlier is not None and earlier.is_shown(both=len(given) > 1):
            raise BookingError(_("The other side has read what you wrote, so it can no longer be changed."))
        feedback, _created = Feedback.objects.update_or_create(
            booking=booking,
            side=side,
            defaults={
                "rating": rating,
                "learned": learned,
                "text": text,
                "may_quote": may_quote and bool(text) and side == Feedback.Side.SCHOOL,
            },
        )
    return feedback


def take_quotes_down(feedback_ids: list[int]) -> int:
    """Keep these words off the public pages, as for a name in them; the sums stay. Returns how many."""
    return Feedback.objects.filter(pk__in=feedback_ids, may_quote=True).update(may_quote=False)
