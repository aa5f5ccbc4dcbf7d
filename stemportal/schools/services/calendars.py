"""A person's calendar to subscribe to: a secret address, which can be renewed, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.calendar_entry import Entry, Status, to_feed, uid_for
from stemportal.outbox.letters import absolute_url
from stemportal.schools.emails.facts import where
from stemportal.schools.models import Booking
from stemportal.schools.queries.calendar import ASKED, CALLED_OFF, bookings_in_feed, ends_at

SALT = "schools.calendar"
# How long what is over or called off is still named: calendars that ask seldom are to see that it is gone.
LOOK_BACK = timedelta(days=60)
AT_MOST = 500
# What later apps put into a person's calendar beside visits, since a moment. Called in the person's language.
more_entries: list[Callable[[User, datetime], Iterable[Entry]]] = []


def token_of(user: User) -> str:
    """Return the secret of the person's calendar: the person and the number of the address, with a signature."""
    return _signer().sign(f"{user.pk}-{user.calendar_revision}")


def user_of(token: str) -> User | None:
    """Return whose calendar it is; None for a false or renewed secret, and for an account that is closed."""
    try:
        pk, _mark, revision = _signer().unsign(token).partition("-")
    except BadSignature:
        return None
    return User.objects.filter(pk=int(pk), calendar_revision=int(revision), is_active=True).first()


def address_of(user: User) -> str:
    """Return the full address to subscribe to, the same in all languages."""
    with translation.override(settings.LANGUAGE_CODE):
        return absolute_url(reverse("schools:calendar_feed", args=[token_of(user)]))


def renew_address(*, user: User) -> None:
    """Give the person's calendar a new address; the old one finds nothing from now on."""
    User.objects.filter(pk=user.pk).update(calendar_revision=F("calendar_revision") + 1)
    user.refresh_from_db(fields=["calendar_revision"])


def feed_of(user: User) -> str:
    """Return the person's visits, and what later apps add, as a calendar in the person's language. One query each.

    No people's names, no numbers of pupils, nothing that somebody wrote: calendars are kept by other companies.
    """
    with translation.override(user.language):
        since = timezone.now() - LOOK_BACK
        bookings = bookings_in_feed(user, since=since, limit=AT_MOST)
        entries = [entry_of(booking, changed_at=booking.changed_at) for booking in bookings]  # type: ignore[attr-defined]
        more = [entry for added in more_entries for entry in added(user, since)]
        return to_feed(
            [*entries, *more],
            name=_("Visits, %(portal)s") % {"portal": settings.PORTAL_NAME},
        )


def file_of(booking: Booking) -> str:
    """Return one booking as a calendar file to open."""
    return to_feed([entry_of(booking, changed_at=timezone.now())])


def entry_of(booking: Booking, *, changed_at: datetime) -> Entry:
    """Return a booking as it stands in a published calendar, in the active language."""
    if booking.status in CALLED_OFF:
        status = Status.CANCELLED
    else:
        status = Status.TENTATIVE if booking.status in ASKED else Status.CONFIRMED
    group = f"{booking.group_name}, {booking.school.name}"
    summary = f"{booking.activity.title} ({group})"
    if status == Status.TENTATIVE:
        summary = _("Not agreed yet: %(visit)s") % {"visit": summary}
    url = absolute_url(booking.get_absolute_url())
    return Entry(
        uid=uid_for(f"booking-{booking.pk}"),
        sequence=booking.calendar_sequence,
        starts_at=booking.starts_at,
        ends_at=ends_at(booking),
        summary=summary,
        description=f"{booking.activity.partner.display_name}\n{booking.get_status_display()}\n{url}",
        location=where(booking),
        url=url,
        changed_at=changed_at,
        status=status,
    )


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
