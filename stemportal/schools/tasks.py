"""What is done about schools and bookings outside of anybody's request."""

from __future__ import annotations

from celery import shared_task

from stemportal.activities.search_index import refresh_availability
from stemportal.schools.models import Booking
from stemportal.schools.services import (
    closing,
    expiry,
    grant_clock,
    matching,
    messages,
    offers,
    promise,
    register_import,
    reminders,
    retention,
    teachers,
    telling,
    waiting,
    wishes,
)


@shared_task
def tell(booking_id: int) -> None:
    """Write the mails of what happened to a booking, and bring what lists order by up to date."""
    telling.tell(booking_id)
    refresh_availability(list(Booking.objects.filter(pk=booking_id).values_list("activity_id", flat=True)))


@shared_task
def sweep_untold() -> None:
    """Find history whose mails nobody wrote."""
    telling.sweep()


@shared_task
def work_on_school_import(run_id: int) -> None:
    """One slice of an import from the National School Register; the next is handed over by the service."""
    register_import.work(run_id)


@shared_task
def start_school_import() -> None:
    """Every week: what changed in the National School Register, or once in a while all of it."""
    register_import.start_weekly_run()


@shared_task
def sweep_school_import() -> None:
    """Every minute: go on with an import whose worker died, or whose rest is over."""
    register_import.sweep()


@shared_task
def ask_partners(wish_id: int) -> None:
    """Tell the best partners of a new wish."""
    matching.ask_first(wish_id)


@shared_task
def sweep_wishes() -> None:
    """Every minute: find new wishes that no partner was told of."""
    wishes.sweep_new()


@shared_task
def look_after_wishes() -> None:
    """Every hour: more partners, the regional coordinator, reminders, what is over, and what is to be forgotten."""
    wishes.expire_wishes()
    offers.expire_offers()
    wishes.tell_more_partners()
    wishes.hand_on_wishes()
    offers.remind_of_offers()
    wishes.forget_old_wishes()


@shared_task
def tell_messages() -> None:
    """Every minute: mail what schools and partners wrote to each other some minutes ago."""
    messages.sweep()


@shared_task
def forget_old_words() -> None:
    """Every night: the needs of groups, and what was written about bookings, when the time for keeping them is over."""
    retention.delete_needs()
    retention.delete_messages()


@shared_task
def grants_of_today() -> None:
    """Remind schools of receipts, end grants without one, and delete old receipts."""
    grant_clock.run()


@shared_task
def keep_promises() -> None:
    """Every few minutes: what nobody answered in time, and reminders before and after the deadline of an answer."""
    expiry.expire_due()
    promise.keep_promises()


@shared_task
def sweep_waiting() -> None:
    """Take freed places back that nobody answered in time, and offer what is free to those who wait."""
    waiting.expire_place_offers()
    waiting.offer_forgotten_places()


@shared_task
def remind_of_visits() -> None:
    """Reminders before visits, and to teachers who have not told how many came."""
    reminders.send_due()


@shared_task
def close_untold_visits() -> None:
    """Complete visits that nobody told about for long."""
    closing.close_untold()


@shared_task
def ask_secretariat_about_teachers() -> None:
    """Every hour: tell the secretariat of teachers whom no coordinator has answered."""
    teachers.ask_secretariat_about_waiting()
