"""What a new session must keep to, whoever adds it: a form, a series, an import or the admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.activities.models import Activity, Kind, Session

MOST_AT_ONCE = 60
SHORTEST_MINUTES = 15
LONGEST_DAYS = 14
FARTHEST_YEARS = 5
# More than this is a typing error: groups at one time, pupils at one time.
MOST_PLACES = {Kind.Unit.GROUPS: 50, Kind.Unit.PUPILS: 2000}
MOST_PUPILS = MOST_PLACES[Kind.Unit.PUPILS]
# Formats whose dates may differ in where they are held.
VARYING = {Activity.Format.HYBRID, Activity.Format.AT_SCHOOL}

_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class NewSession:
    """A session to be: an aware start, minutes from start to end, places in the unit of the kind.

    ``pupil_capacity`` limits the pupils besides, where places are groups; ``where`` is a Session.Where or empty.
    """

    starts_at: datetime
    minutes: int
    capacity: int
    place: str = ""
    link: str = ""
    pupil_capacity: int | None = None
    where: str = ""

    @property
    def ends_at(self) -> datetime:
        """Real minutes later, also across a change of the clocks."""
        return self.starts_at.astimezone(UTC) + timedelta(minutes=self.minutes)


class SessionErrors(ValidationError):
    """``by_session`` says for each position that is wrong: field name -> message; ``general`` concerns all."""

    def __init__(self, by_session: dict[int, dict[str, str]], general: str = "") -> None:
        super().__init__(general or "; ".join(text for errors in by_session.values() for text in errors.values()))
        self.by_session = by_session
        self.general = general


def local_start(day: date, clock: time) -> datetime:
    """Return the moment (in UTC, so that it compares) of a day and time in the portal's time zone.

    Raises ValidationError for a time that the clocks skip in spring; in autumn the first of two equal times is meant.
    """
    zone = timezone.get_default_timezone()
    try:
        start = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    except OverflowError:  # the very first and last days that there are
        raise ValidationError(_("Choose a time within the next five years."), code="far") from None
    if start.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, clock):
        raise ValidationError(_("This time does not exist: the clocks go forward that night."), code="skipped")
    return start


def check_sessions(activity: Activity, sessions: Sequence[NewSession], *, most: int = MOST_AT_ONCE) -> None:
    """Raise SessionErrors unless every session may be added to the activity. One query: the times it has already."""
    if not sessions:
        raise SessionErrors({}, _("Fill in at least one date."))
    if len(sessions) > most:
        raise SessionErrors({}, _("You can add %(number)s sessions at a time.") % {"number": most})
    taken = taken_times(activity, [item.starts_at for item in sessions])
    found: dict[int, dict[str, str]] = {}
    for number, item in enumerate(sessions):
        errors = check_session(item, activity)
        if "starts_at" not in errors and item.starts_at in taken:
            errors["starts_at"] = _("There is a session at this time already.")
        taken.add(item.starts_at)
        if errors:
            found[number] = errors
    if found:
        raise SessionErrors(found)


def taken_times(activity: Activity, starts: Sequence[datetime], *, besides: Sequence[int] = ()) -> set[datetime]:
    """Return those of the moments at which the activity has an open session already, not counting some of its own."""
    sessions = Session.objects.filter(activity=activity, status=Session.Status.OPEN, starts_at__in=starts)
    return set(sessions.exclude(pk__in=besides).values_list("starts_at", flat=True))


def check_session(item: NewSession, activity: Activity) -> dict[str, str]:
    """Return what is wrong with one session by itself: field name -> message."""
    errors: dict[str, str] = {}
    now = timezone.now()
    if item.starts_at <= now:
        errors["starts_at"] = _("Choose a time in the future.")
    elif item.starts_at > farthest():
        errors["starts_at"] = _("Choose a time within the next five years.")
    if item.minutes < SHORTEST_MINUTES:
        errors["minutes"] = _("It must last at least %(number)s minutes.") % {"number": SHORTEST_MINUTES}
    elif item.minutes > LONGEST_DAYS * 24 * 60:
        errors["minutes"] = _("It can last %(number)s days at most.") % {"number": LONGEST_DAYS}
    errors |= check_places(item.capacity, item.pupil_capacity, activity.kind.unit)
    if item.where and (item.where not in Session.Where.values or activity.format not in VARYING):
        errors["where"] = _("Choose where it takes place.")
    if len(item.place) > 200:
        errors["place"] = _("Use at most %(number)s characters.") % {"number": 200}
    if item.link:
        try:
            _is_web_address(item.link)
        except ValidationError:
            errors["link"] = _("Enter a web address that starts with https://")
    return errors


def check_places(capacity: int, pupil_capacity: int | None, unit: str) -> dict[str, str]:
    """Return what is wrong with how many may come: field name -> message."""
    errors: dict[str, str] = {}
    most = MOST_PLACES.get(Kind.Unit(unit), 50)
    if capacity < 1:
        errors["capacity"] = _("There must be at least one place.")
    elif capacity > most:
        errors["capacity"] = _("That is more than %(number)s places. Is it a typing error?") % {"number": most}
    if pupil_capacity is not None and pupil_capacity < 1:
        errors["pupil_capacity"] = _("There must be room for at least one pupil.")
    elif pupil_capacity is not None and pupil_capacity > MOST_PUPILS:
        text = _("That is more than %(number)s pupils. Is it a typing error?")
        errors["pupil_capacity"] = text % {"number": MOST_PUPILS}
    return errors


def farthest() -> datetime:
    """Return the last moment at which a session may begin."""
    return timezone.now() + timedelta(days=FARTHEST_YEARS * 365)
