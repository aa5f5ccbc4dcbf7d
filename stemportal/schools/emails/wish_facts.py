"""A wish and an offer in words, for mails and pages, in the active language."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.lib.templatetags.portal import localized

if TYPE_CHECKING:
    from stemportal.schools.models import Offer, Wish

# A smaller number of pupils is never shown outside the school (domain.md, minors).
SMALLEST_COUNT = 5
LONGEST_GOAL = 160

Facts = list[tuple[str, str]]


def weeks_words(first: date, last: date) -> str:
    """Return weeks by number and days, in the middle of a sentence: "weeks 10 to 12 (8 March – 28 March 2027)"."""
    sunday = last + timedelta(days=6)
    numbers = {"first": first.isocalendar().week, "last": last.isocalendar().week}
    days = f"{date_format(first, 'MONTH_DAY_FORMAT')} – {date_format(sunday, 'DATE_FORMAT')}"
    if first == last:
        return _("week %(first)s") % numbers + f" ({days})"
    return _("weeks %(first)s to %(last)s") % numbers + f" ({days})"


def pupils_words(pupils: int) -> str:
    """Return how many come, as it may be told outside the school."""
    if pupils < SMALLEST_COUNT:
        return _("fewer than five pupils")
    return ngettext("%(count)s pupil", "%(count)s pupils", pupils) % {"count": pupils}


def theme_words(wish: Wish) -> str:
    """Return what is wished for in a few words: kind and subject or goal."""
    parts = [localized(wish.kind, "name") if wish.kind else ""]
    if wish.goal:
        parts.append(Truncator(localized(wish.goal, "text") or wish.goal.text_nb).chars(LONGEST_GOAL))
    elif wish.subject:
        parts.append(localized(wish.subject, "name"))
    return " · ".join(part for part in parts if part)


def wish_facts(wish: Wish) -> Facts:
    """Return what the school and the secretariat see of a wish, as (label, value) pairs."""
    return [
        (_("What"), theme_words(wish)),
        (_("Group"), f"{wish.group_name}, {wish.get_grade_display()}, {_own_pupils(wish)}"),
        (_("When"), capfirst(weeks_words(wish.first_week, wish.last_week))),
        (_("Where"), wish.get_where_display()),
        (_("School"), f"{wish.school}, {wish.school.place_name}"),
    ]


def facts_for_partner(wish: Wish, km: float | None = None) -> Facts:
    """Return what a partner sees of a wish: never who the teacher is, never a small number of pupils."""
    school = f"{wish.school}, {wish.school.place_name}"
    if km is not None:
        school = _("%(school)s, about %(km)s km from you") % {"school": school, "km": max(round(km), 1)}
    return [
        (_("What"), theme_words(wish)),
        (_("Group"), f"{wish.get_grade_display()}, {pupils_words(wish.pupils)}"),
        (_("When"), capfirst(weeks_words(wish.first_week, wish.last_week))),
        (_("Where"), wish.get_where_display()),
        (_("School"), school),
    ]


def offer_facts(offer: Offer) -> Facts:
    """Return what is offered, as (label, value) pairs."""
    return [
        (_("Activity"), offer.activity.title),
        (_("Partner"), offer.activity.partner.display_name),
        (_("When"), offer_time(offer)),
        (_("Where"), offer_place(offer)),
    ]


def offer_time(offer: Offer) -> str:
    """Return the time that is offered: "Tuesday 9 March 2027 at 10:00–12:00"."""
    start, end = timezone.localtime(offer.starts_at), timezone.localtime(offer.ends_at)
    day = _("%(weekday)s %(date)s at %(time)s") % {
        "weekday": date_format(start, "l"),
        "date": date_format(start, "DATE_FORMAT"),
        "time": f"{start:%H:%M}",
    }
    if end.date() != start.date():
        return f"{day} – {date_format(end, 'DATE_FORMAT')} {end:%H:%M}"
    return f"{day}–{end:%H:%M}"


def offer_place(offer: Offer) -> str:
    """Return where the offer would be held."""
    activity = offer.activity
    where = offer.where if offer.where in Session.Where.values else WHERE_OF_FORMAT.get(activity.format, "")
    if where == Session.Where.PARTNER:
        return activity.place or f"{activity.partner}, {activity.municipality or ''}".rstrip(", ")
    return str(Session.Where(where).label) if where else activity.where_label


def _own_pupils(wish: Wish) -> str:
    return ngettext("%(count)s pupil", "%(count)s pupils", wish.pupils) % {"count": wish.pupils}
