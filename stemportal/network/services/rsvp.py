"""Who comes to a meeting: places are counted here and nowhere else, with guests, under the meeting's lock.

Lock the meeting, look, write: an answer, a change of capacity and the waiting list all take the same row
(``FOR NO KEY UPDATE``). A check constraint (places taken <= capacity) is the net. Who waits gets a place in order of
time; somebody with guests for whom there is too little room is passed over by the first that fits.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.network.emails import meetings as emails
from stemportal.network.models import Meeting, Rsvp
from stemportal.partners.models import Partner
from stemportal.schools.models import School

Status = Rsvp.Status


class MeetingError(Exception):
    """Something a person can understand and act on; ``field`` names the form field it belongs to, if any."""

    field: str | None = None

    @property
    def words(self) -> str:
        return str(self)


class AnswersClosed(MeetingError):
    """It is called off, has begun, or the last day for an answer is over."""

    def __init__(self) -> None:
        super().__init__(_("This meeting takes no more answers here. Write to the organiser if something has changed."))


class TooManyGuests(MeetingError):
    """More people than one answer may bring, or than there is room for."""

    field = "guests"

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(
            ngettext("You can bring %(count)s guest at most.", "You can bring %(count)s guests at most.", most)
            % {"count": most}
            if most
            else _("There is no room for guests.")
        )


def lock_meeting(meeting_id: int) -> Meeting:
    """Return the meeting with its row locked until the transaction ends. Call inside ``atomic``."""
    return Meeting.objects.select_for_update(no_key=True).get(pk=meeting_id)


def answer_of(meeting: Meeting, user: User) -> Rsvp:
    """Return the person's answer about a locked meeting, or a new one.

    Its row is locked too, for the marks of mails that a worker is writing about it this moment.
    """
    mine = Rsvp.objects.select_for_update(no_key=True, of=("self",)).filter(meeting=meeting, user=user)
    return mine.first() or Rsvp(meeting=meeting, user=user)


def count_places(meeting: Meeting) -> int:
    """Count everybody who comes, guests too."""
    return Rsvp.objects.filter(meeting=meeting).attending().aggregate(n=Sum(F("guests") + 1))["n"] or 0


def recount(meeting: Meeting) -> None:
    """Write how many places of a locked meeting are taken."""
    taken = count_places(meeting)
    if taken != meeting.places_taken:
        meeting.places_taken = taken
        meeting.save(update_fields=["places_taken"])


@transaction.atomic
def say_yes(
    *,
    meeting_id: int,
    user: User,
    guests: int = 0,
    guest_names: str = "",
    diet: str = "",
    partner: Partner | None = None,
    school: School | None = None,
) -> Rsvp:
    """Take a place for the person and the guests, or a place in the line; who has one may change it.

    Raises AnswersClosed or TooManyGuests; what the person had before stays then. A second click changes nothing.
    """
    meeting = lock_meeting(meeting_id)
    if not meeting.takes_answers():
        raise AnswersClosed
    rsvp = answer_of(meeting, user)
    before = rsvp.status if rsvp.pk else Status.INVITED
    rsvp.status = _status_for(meeting, rsvp, guests)
    rsvp.guests, rsvp.guest_names = guests, guest_names if guests else ""
    rsvp.diet = diet if meeting.asks_diet else ""
    rsvp.partner, rsvp.school = partner, None if partner else school
    _answered(meeting, rsvp, before)
    if rsvp.status != before:
        (emails.confirmed if rsvp.status == Status.ATTENDING else emails.waiting)(rsvp)
    return rsvp


def _status_for(meeting: Meeting, rsvp: Rsvp, guests: int) -> Rsvp.Status:
    """Whether so many get a place or wait. Who has a place never loses it by asking for more than there is."""
    capacity = meeting.capacity
    most = meeting.guests_at_most if capacity is None else min(meeting.guests_at_most, max(capacity - 1, 0))
    if guests > most:
        raise TooManyGuests(most)
    held = rsvp.places if rsvp.pk and rsvp.status == Status.ATTENDING else 0
    free = None if capacity is None else capacity - meeting.places_taken + held
    if free is None or 1 + guests <= free:
        return Status.ATTENDING
    if held:
        raise TooManyGuests(free - 1)
    return Status.WAITING


@transaction.atomic
def say_no(*, meeting_id: int, user: User) -> Rsvp:
    """Tell that the person does not come, until the meeting begins; who waits for a place gets the one that is free.

    Raises AnswersClosed when the meeting has begun or is called off.
    """
    meeting = lock_meeting(meeting_id)
    if meeting.status != Meeting.Status.PUBLISHED or meeting.starts_at <= timezone.now():
        raise AnswersClosed
    rsvp = answer_of(meeting, user)
    if rsvp.status != Status.DECLINED:
        had_place = _give_up(meeting, rsvp)
        if had_place:
            emails.declined(rsvp)
    return rsvp


@transaction.atomic
def take_off_list(*, rsvp_id: int) -> bool:
    """The secretariat gives a person's place to those who wait; the person is told. False when there was none."""
    found = Rsvp.objects.filter(pk=rsvp_id).values_list("meeting_id", flat=True).first()
    if found is None:
        return False
    meeting = lock_meeting(found)
    held = Rsvp.objects.select_for_update(no_key=True, of=("self",)).filter(pk=rsvp_id)
    rsvp = held.filter(status__in=[Status.ATTENDING, Status.WAITING]).first()
    if rsvp is None or meeting.starts_at <= timezone.now():
        return False
    had_place = _give_up(meeting, rsvp)
    emails.taken_off(rsvp, had_place=had_place)
    return True


def _give_up(meeting: Meeting, rsvp: Rsvp) -> bool:
    """Empty an answer of a locked meeting and fill its places. Returns whether it had one."""
    before = rsvp.status if rsvp.pk else Status.INVITED
    rsvp.status = Status.DECLINED
    rsvp.guests, rsvp.guest_names, rsvp.diet = 0, "", ""
    _answered(meeting, rsvp, before)
    fill_places(meeting)
    return before == Status.ATTENDING


def _answered(meeting: Meeting, rsvp: Rsvp, before: str) -> None:
    """Write an answer and what follows from it. A reminder about the answer is no reminder of the meeting."""
    now = timezone.now()
    rsvp.meeting = meeting
    rsvp.answered_at = now
    rsvp.told_sequence = meeting.sequence
    if rsvp.status != before:
        rsvp.reminded_at = None
    if rsvp.status == Status.WAITING:
        rsvp.waiting_since = rsvp.waiting_since or now
    else:
        rsvp.waiting_since = None
    rsvp.save()
    recount(meeting)
    if before == Status.ATTENDING and rsvp.status == Status.ATTENDING:
        fill_places(meeting)  # fewer guests than before


def fill_places(meeting: Meeting) -> list[Rsvp]:
    """Give what is free in a locked meeting to those who wait, the first that fits first. Returns who got a place.

    Everybody who gets one is told by mail. After the meeting has begun nobody is called any more.
    """
    if meeting.status != Meeting.Status.PUBLISHED or meeting.starts_at <= timezone.now():
        return []
    came_up = []
    for rsvp in Rsvp.objects.filter(meeting=meeting, user__is_active=True).in_line().select_related("user"):
        if meeting.places_left is not None and rsvp.places > meeting.places_left:
            continue
        rsvp.meeting = meeting
        rsvp.status, rsvp.waiting_since = Status.ATTENDING, None
        rsvp.told_sequence, rsvp.reminded_at = meeting.sequence, None
        rsvp.save(update_fields=["status", "waiting_since", "told_sequence", "reminded_at"])
        recount(meeting)
        emails.place_free(rsvp)
        came_up.append(rsvp)
    return came_up


def release_answers(rsvps: Iterable[Rsvp]) -> int:
    """Take answers out of meetings to come, for people who leave: places go to those who wait. Returns how many.

    Meetings are locked in the order of their ids. Nobody is written to but those who get a place. Call in ``atomic``.
    """
    count = 0
    for rsvp in sorted(rsvps, key=lambda one: (one.meeting_id, one.pk)):
        meeting = lock_meeting(rsvp.meeting_id)
        rows = Rsvp.objects.select_for_update(no_key=True, of=("self",)).filter(pk=rsvp.pk)
        held = rows.exclude(status=Status.DECLINED).first()
        if held is not None and meeting.starts_at > timezone.now():
            _give_up(meeting, held)
            count += 1
    return count
