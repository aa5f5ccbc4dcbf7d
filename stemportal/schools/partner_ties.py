"""What bookings add to a partner: what ends with it, and whom its correspondence must forget."""

from __future__ import annotations

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.lib.redact import blank_words
from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingEvent, BookingQuerySet, Proposal
from stemportal.schools.services.ending import agreed_visits, call_off_everything, coming_dates, open_requests

EXAMPLES = 3
# Moves that only a partner makes: what was written with them are its people's words.
OF_THE_PARTNER = (
    Booking.Status.CONFIRMED,
    Booking.Status.OFFERED,
    Booking.Status.DECLINED,
    Booking.Status.CANCELLED_BY_PARTNER,
    Booking.Status.NO_SHOW,
)


class BookingsAtEnd:
    """Requests are declined, visits to come are called off; what has begun stays."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        visits, requests = agreed_visits(partner), open_requests(partner)
        first = visits.with_facts().first()
        count, asked, dates = visits.count(), requests.count(), coming_dates(partner).count()
        text = ngettext(
            "%(count)s visit agreed is called off, on %(day)s. The teacher is told.",
            "%(count)s visits agreed are called off, the first on %(day)s. The teachers are told.",
            count,
        )
        return [
            extensions.Consequence(
                text=text % {"count": count, "day": weekdate(first.starts_at) if first else ""},
                count=count,
                examples=_examples(visits),
                to_teachers=True,
            ),
            extensions.Consequence(
                text=ngettext(
                    "%(count)s request is declined. The teacher is told.",
                    "%(count)s requests are declined. The teachers are told.",
                    asked,
                )
                % {"count": asked},
                count=asked,
                examples=_examples(requests),
                to_teachers=True,
            ),
            extensions.Consequence(
                text=ngettext(
                    "%(count)s date to come can no longer be booked.",
                    "%(count)s dates to come can no longer be booked.",
                    dates,
                )
                % {"count": dates},
                count=dates,
            ),
        ]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        call_off_everything(partner=partner, by=by, message=message)


def _examples(bookings: BookingQuerySet) -> list[str]:
    return [
        _("%(day)s: %(group)s, %(school)s")
        % {
            "day": weekdate(timezone.localtime(booking.starts_at)),
            "group": booking.group_name,
            "school": booking.school,
        }
        for booking in bookings.with_facts()[:EXAMPLES]
    ]


def forget(partner: Partner, people: extensions.People) -> None:
    """Delete what the partner's people wrote to teachers, and take their names out of what teachers wrote to them.

    The bookings, their days and their figures stay. Copies of mails about them go, as a whole.
    """
    bookings = Booking.objects.filter(activity__partner=partner)
    events = BookingEvent.objects.filter(booking__activity__partner=partner)
    theirs = Q(to_status__in=OF_THE_PARTNER) | Q(by__in=people.pks)
    bookings.exclude(reply="").update(reply="")
    events.filter(theirs).exclude(note="").update(note="")
    events.filter(by__in=people.pks).update(by=None)
    times = Proposal.objects.filter(booking__activity__partner=partner)
    times.filter(Q(side=Proposal.Side.PARTNER) | Q(by__in=people.pks)).update(note="", by=None)
    blank_words(bookings, ["message", "needs"], people.words)
    blank_words(events, ["note"], people.words)
    blank_words(times, ["note"], people.words)
    keys = bookings.order_by().values_list(Concat(Value("booking:"), Cast("pk", CharField())), flat=True)
    Mail.objects.filter(about__in=keys).delete()


def register() -> None:
    """Add what this app knows to what every partner has. Called once, when the app is ready."""
    extensions.at_end.append(BookingsAtEnd())
    extensions.forget.append(forget)
