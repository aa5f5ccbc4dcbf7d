"""What a new session must keep to, whoever adds it: a form, an import or the admin."""

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

_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class NewSession:
    """A session to be: an aware start, minutes from start to end, places in the unit of the kind."""

    starts_at: datetime
    minutes: int
    capacity: int
    place: str = ""
    link: str = ""

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
    start = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    if start.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, clock):
        raise ValidationError(_("This time does not exist: the clocks go forward that night."), code="skipped")
    return start


def check_sessions(activity: Activity, sessions: Sequence[NewSession]) -> None:
    """Raise SessionErrors unless every session may be added to the activity. One query: the times it has already."""
    if not sessions:
        raise SessionErrors({}, _("Fill in at least one date."))
    if len(sessions) > MOST_AT_ONCE:
        raise SessionErrors({}, _("You can add %(number)s sessions at a time.") % {"number": MOST_AT_ONCE})
    taken = set(
        Session.objects.filter(
            activity=activity, status=Session.Status.OPEN, starts_at__in=[item.starts_at for item in sessions]
        ).values_list("starts_at", flat=True)
    )
    found: dict[int, dict[str, str]] = {}
    for number, item in enumerate(sessions):
        errors = check_session(item, activity.kind.unit)
        if "starts_at" not in errors and item.starts_at in taken:
            errors["starts_at"] = _("There is a session at this time already.")
        taken.add(item.starts_at)
        if errors:
            found[number] = errors
    if found:
        raise SessionErrors(found)


def check_session(item: NewSession, unit: str) -> dict[str, str]:
    """Return what is wrong with one session by itself: field name -> message."""
    errors: dict[str, str] = {}
    now = timezone.now()
    if item.starts_at <= now:
        errors["starts_at"] = _("Choose a time in the future.")
    elif item.starts_at > now + timedelta(days=FARTHEST_YEARS * 365):
        errors["starts_at"] = _("Choose a time within the next five years.")
    if item.minutes < SHORTEST_MINUTES:
        errors["minutes"] = _("It must last at least %(number)s minutes.") % {"number": SHORTEST_MINUTES}
    elif item.minutes > LONGEST_DAYS * 24 * 60:
        errors["minutes"] = _("It can last %(number)s days at most.") % {"number": LONGEST_DAYS}
    most = MOST_PLACES.get(Kind.Unit(unit), 50)
    if item.capacity < 1:
        errors["capacity"] = _("There must be at least one place.")
    elif item.capacity > most:
        errors["capacity"] = _("That is more than %(number)s places. Is it a typing error?") % {"number": most}
    if len(item.place) > 200:
        errors["place"] = _("Use at most %(number)s characters.") % {"number": 200}
    if item.link:
        try:
            _is_web_address(item.link)
        except ValidationError:
            errors["link"] = _("Enter a web address that starts with https://")
    return errors
