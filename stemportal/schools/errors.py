"""Why a booking could not be done; each carries the words for the person, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class BookingError(Exception):
    """Something a person can understand and act on. ``field`` names the form field it belongs to, if any."""

    field: str | None = None

    @property
    def words(self) -> str:
        return str(self)


class SessionFull(BookingError):
    """The places went to somebody else."""

    def __init__(self, places_left: int) -> None:
        self.places_left = places_left
        super().__init__(
            _("This session filled up while you were typing. Nothing you wrote is lost: choose another session below.")
            if places_left == 0
            else ngettext(
                "There is only %(count)s place left in this session.",
                "There are only %(count)s places left in this session.",
                places_left,
            )
            % {"count": places_left}
        )


class TooManyPupils(BookingError):
    """There is a place for the group, but not for so many pupils."""

    field = "pupils"

    def __init__(self, pupils_left: int) -> None:
        self.pupils_left = pupils_left
        super().__init__(
            ngettext(
                "There is room for %(count)s more pupil in this session. Choose another one, or bring fewer.",
                "There is room for %(count)s more pupils in this session. Choose another one, or bring fewer.",
                pupils_left,
            )
            % {"count": pupils_left}
        )


class SessionClosed(BookingError):
    """The session has begun, is cancelled, or the activity is not published any more."""

    def __init__(self) -> None:
        super().__init__(_("This session can no longer be booked. Choose another one below."))


class GroupTooLarge(BookingError):
    """More pupils than the activity takes."""

    field = "pupils"

    def __init__(self, group_max: int) -> None:
        super().__init__(
            _("This activity takes groups of up to %(count)s pupils. Divide the class, or ask the partner.")
            % {"count": group_max}
        )


class WrongGrade(BookingError):
    """The activity is for other grades."""

    field = "grade"

    def __init__(self, grades: str) -> None:
        super().__init__(_("This activity is for %(grades)s.") % {"grades": grades})


class AlreadyBooked(BookingError):
    """The same group has this session already."""

    def __init__(self) -> None:
        super().__init__(_("This group already has a place in this session. You find it on your page."))


class TooLate(BookingError):
    """The booking has moved on since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has already answered or changed this booking. Here is how it stands now."))


class TooManyTimes(BookingError):
    """Times were proposed to and fro very often."""

    def __init__(self) -> None:
        super().__init__(
            _("Many times have been proposed already. Call the other side, and then propose the one you agree on anew.")
        )


class WaitingListFull(BookingError):
    """So many wait that another group would wait in vain."""

    def __init__(self) -> None:
        super().__init__(_("The waiting list of this session is full. Choose another session, or ask for a new date."))


class StillRoom(BookingError):
    """Nobody need wait: the session has room for the group."""

    def __init__(self) -> None:
        super().__init__(_("A place has just become free. You can book it now."))


class SameTime(BookingError):
    """The class has another visit at that time; with a reason both can be booked."""

    field = "same_time_reason"

    def __init__(self, other: str) -> None:
        super().__init__(
            _("This class has another visit at that time: %(other)s. If you want both, write why, and send it again.")
            % {"other": other}
        )


class BadTime(BookingError):
    """A proposed time that cannot be."""

    field = "proposed_at"


class TooManyWishes(BookingError):
    """The teacher has as many open wishes as anybody looks after."""

    def __init__(self, at_most: int) -> None:
        super().__init__(
            ngettext(
                "You have %(count)s wish that waits for offers. Withdraw it first, if it is no longer needed.",
                "You have %(count)s wishes that wait for offers. Withdraw one first that is no longer needed.",
                at_most,
            )
            % {"count": at_most}
        )


class WishMovedOn(BookingError):
    """The wish or the offer was answered, withdrawn or has ended since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("This was answered or withdrawn meanwhile. Here is how it stands now."))


class OfferGone(BookingError):
    """What was offered cannot be had any more; the wish stays open."""


class BadOffer(BookingError):
    """An offer that does not fit the wish."""

    def __init__(self, words: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(words)
