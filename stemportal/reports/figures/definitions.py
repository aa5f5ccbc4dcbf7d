"""What each figure means: the words that stand beside it on pages and in files, and in docs/figures.md.

``statements`` counts them, ``rows`` shows what was counted; tests hold all of them, and the documentation, together.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Fields of Figures that are no figures.
NO_FIGURES = {"period_kind", "year", "girls_state"}


class Unit(models.TextChoices):
    """What a figure counts."""

    VISITS = "visits", _("visits")
    PUPILS = "pupils", _("pupils")
    GIRLS = "girls", _("girls")
    PERCENT = "percent", _("percent")
    GROUPS = "groups", _("groups")
    SCHOOLS = "schools", _("schools")
    MUNICIPALITIES = "municipalities", _("municipalities")
    COUNTIES = "counties", _("counties")
    PARTNERS = "partners", _("partners")
    SESSIONS = "sessions", _("sessions")
    HOURS = "hours", _("hours")
    PEOPLE = "people", _("people")
    PLACES = "places", _("places")
    PLAYS = "plays", _("plays")
    REQUESTS = "requests", _("requests")
    BOOKINGS = "bookings", _("bookings")
    DAYS = "days", _("days")
    POINTS = "points", _("points from 1 to 5")
    ANSWERS = "answers", _("answers")
    ORE = "ore", _("øre")
    ROWS = "rows", _("rows")


class Rounding(models.TextChoices):
    """How exactly it is shown; a half is rounded up."""

    EXACT = "exact", _("Exact")
    WHOLE = "whole", _("To whole numbers")
    TENTHS = "tenths", _("To one decimal")


class Source(models.TextChoices):
    """Which rows of the portal it is counted from."""

    VISITS = "visits", _("Completed bookings with the number who came, as the school told it")
    BOOKINGS = "bookings", _("Bookings")
    SESSIONS = "sessions", _("Sessions")
    FEEDBACK = "feedback", _("What schools said after visits")
    PULSE = "pulse", _("The class's own answers before and after the visit")
    LEDGER = "ledger", _("The ledger of transport grants")
    PLEDGES = "pledges", _("Pledges, and visits that took place")
    FILMS = "films", _("Films played in the portal")
    MEETINGS = "meetings", _("Attendance lists of meetings")
    OWN_WORD = "own_word", _("The partner's own word; no school has confirmed it")


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One figure. ``formula`` says in a sentence what is counted.

    is_confirmed: somebody else than the partner has told it, a school most often; else it is named as its own word.
    """

    key: str
    name: str | Promise
    unit: Unit
    formula: str | Promise
    source: Source
    rounding: Rounding = Rounding.EXACT

    @property
    def is_confirmed(self) -> bool:
        """Whether it is more than the partner's own word."""
        return self.source != Source.OWN_WORD


_DEFINITIONS = (
    # How much: visits that schools have confirmed.
    Definition(
        key="visits",
        name=_("Visits held"),
        unit=Unit.VISITS,
        formula=_("Bookings that were completed, and of which the school has told how many came, by their first day."),
        source=Source.VISITS,
    ),
    Definition(
        key="pupils",
        name=_("Pupils reached"),
        unit=Unit.PUPILS,
        formula=_(
            "Pupils who came to the visits, added up. A pupil who came twice counts twice, a teacher not at all."
        ),
        source=Source.VISITS,
    ),
    Definition(
        key="girls",
        name=_("Of whom girls"),
        unit=Unit.GIRLS,
        formula=_("Girls who came to the visits of which the school told how many girls came."),
        source=Source.VISITS,
    ),
    Definition(
        key="girls_share",
        name=_("Share of girls"),
        unit=Unit.PERCENT,
        formula=_("Girls in percent of the pupils of those visits of which the school told how many girls came."),
        source=Source.VISITS,
        rounding=Rounding.WHOLE,
    ),
    Definition(
        key="girls_visits",
        name=_("Visits that told how many girls came"),
        unit=Unit.VISITS,
        formula=_("Visits of which the school told how many girls came, also where none did."),
        source=Source.VISITS,
    ),
    Definition(
        key="groups",
        name=_("Different groups"),
        unit=Unit.GROUPS,
        formula=_("Groups with the same name and grade at the same school in the same school year count once."),
        source=Source.VISITS,
    ),
    Definition(
        key="schools",
        name=_("Schools reached"),
        unit=Unit.SCHOOLS,
        formula=_("Different schools among the visits."),
        source=Source.VISITS,
    ),
    Definition(
        key="municipalities",
        name=_("Municipalities reached"),
        unit=Unit.MUNICIPALITIES,
        formula=_("Different municipalities of the schools reached. Svalbard and schools abroad are in none."),
        source=Source.VISITS,
    ),
    Definition(
        key="counties",
        name=_("Counties reached"),
        unit=Unit.COUNTIES,
        formula=_("Different counties of the schools reached."),
        source=Source.VISITS,
    ),
    Definition(
        key="partners",
        name=_("Partners engaged"),
        unit=Unit.PARTNERS,
        formula=_("Different partners that had at least one visit."),
        source=Source.VISITS,
    ),
    Definition(
        key="companies",
        name=_("Companies engaged"),
        unit=Unit.PARTNERS,
        formula=_("Those of the partners engaged that are companies."),
        source=Source.VISITS,
    ),
    # What was given.
    Definition(
        key="sessions",
        name=_("Sessions held"),
        unit=Unit.SESSIONS,
        formula=_("Different sessions among the visits: several groups in one session count once."),
        source=Source.VISITS,
    ),
    Definition(
        key="hours",
        name=_("Hours given"),
        unit=Unit.HOURS,
        formula=_("The length of the sessions held, each counted once. Over several days: the hours of each day."),
        source=Source.VISITS,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="pupil_hours",
        name=_("Hours times pupils"),
        unit=Unit.HOURS,
        formula=_(
            "For each visit its hours times the pupils who came. Visits with a hidden number of pupils count with the "
            "average length of those visits."
        ),
        source=Source.VISITS,
        rounding=Rounding.WHOLE,
    ),
    Definition(
        key="people_hours",
        name=_("Hours times the partner's people"),
        unit=Unit.HOURS,
        formula=_("For each session held its hours times the role models named with the offer, at least one person."),
        source=Source.VISITS,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="role_models",
        name=_("Role models"),
        unit=Unit.PEOPLE,
        formula=_("Different role models named with the offers of which there were visits."),
        source=Source.VISITS,
    ),
    Definition(
        key="places",
        name=_("Places offered, booked and used"),
        unit=Unit.PLACES,
        formula=_(
            "Offered: places of sessions that were not cancelled, of offers that were published. Booked: places that "
            "bookings hold or held there. Used: groups, or pupils, who came."
        ),
        source=Source.SESSIONS,
    ),
    Definition(
        key="homework_places",
        name=_("Places in homework help"),
        unit=Unit.PLACES,
        formula=_("Places offered in homework help."),
        source=Source.SESSIONS,
    ),
    Definition(
        key="film_plays",
        name=_("Films played"),
        unit=Unit.PLAYS,
        formula=_("How often the partner's films were started in the portal."),
        source=Source.FILMS,
    ),
    Definition(
        key="meetings",
        name=_("Meetings of the network"),
        unit=Unit.ROWS,
        formula=_("Meetings to which the partner sent people who came, with how many."),
        source=Source.MEETINGS,
    ),
    Definition(
        key="pledges",
        name=_("Pledged and delivered"),
        unit=Unit.ROWS,
        formula=_("What was pledged for the school year, and what visits delivered of it, in the unit of the pledge."),
        source=Source.PLEDGES,
    ),
    # How it was to ask.
    Definition(
        key="enquiries",
        name=_("Requests"),
        unit=Unit.REQUESTS,
        formula=_("Requests made in the year that asked for an answer and were not withdrawn before one came."),
        source=Source.BOOKINGS,
    ),
    Definition(
        key="answered",
        name=_("Requests answered"),
        unit=Unit.REQUESTS,
        formula=_("Those of the requests that were answered, with yes, no, or another time."),
        source=Source.BOOKINGS,
    ),
    Definition(
        key="median_days",
        name=_("Days until the answer"),
        unit=Unit.DAYS,
        formula=_("Half of the answered requests were answered within so many days (the median)."),
        source=Source.BOOKINGS,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="cancelled_by_partner",
        name=_("Cancelled by the partner"),
        unit=Unit.BOOKINGS,
        formula=_("Bookings that the partner cancelled, by the day of the visit."),
        source=Source.BOOKINGS,
    ),
    Definition(
        key="cancelled_by_school",
        name=_("Cancelled by the school"),
        unit=Unit.BOOKINGS,
        formula=_("Bookings that the school cancelled, by the day of the visit."),
        source=Source.BOOKINGS,
    ),
    Definition(
        key="no_shows",
        name=_("Groups that did not come"),
        unit=Unit.BOOKINGS,
        formula=_("Bookings whose group did not come, by the day of the visit."),
        source=Source.BOOKINGS,
    ),
    # What came of it.
    Definition(
        key="rating",
        name=_("What schools thought of it"),
        unit=Unit.POINTS,
        formula=_("The mean of what schools gave the visits, from five answers up."),
        source=Source.FEEDBACK,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="ratings",
        name=_("Answers from schools"),
        unit=Unit.ANSWERS,
        formula=_("Visits of which the school said what it thought."),
        source=Source.FEEDBACK,
    ),
    Definition(
        key="pulse_before",
        name=_("Class pulse before the visit"),
        unit=Unit.POINTS,
        formula=_("The mean of all answers to the three questions before the visits whose pulse counts."),
        source=Source.PULSE,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="pulse_after",
        name=_("Class pulse after the visit"),
        unit=Unit.POINTS,
        formula=_("The mean of all answers to the three questions after the visits whose pulse counts."),
        source=Source.PULSE,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="pulse_change",
        name=_("Change of the class pulse"),
        unit=Unit.POINTS,
        formula=_("The pulse after the visits less the pulse before, both as they are shown."),
        source=Source.PULSE,
        rounding=Rounding.TENTHS,
    ),
    Definition(
        key="pulse_visits",
        name=_("Visits whose pulse counts"),
        unit=Unit.VISITS,
        formula=_("Visits before and after which at least five pupils answered."),
        source=Source.PULSE,
    ),
    # Money for transport.
    Definition(
        key="paid_ore",
        name=_("Transport paid by the partner"),
        unit=Unit.ORE,
        formula=_("What was paid out in the year from the partner's own pots, wherever the journeys went."),
        source=Source.LEDGER,
    ),
    Definition(
        key="travel_ore",
        name=_("Transport to the partner"),
        unit=Unit.ORE,
        formula=_("What was paid out in the year for journeys to the partner's visits, from whichever pot."),
        source=Source.LEDGER,
    ),
    # By the partner's own word.
    Definition(
        key="own_visits",
        name=_("Done outside the portal"),
        unit=Unit.VISITS,
        formula=_("What the partner says that it did for pupils outside the portal, by its first day."),
        source=Source.OWN_WORD,
    ),
    Definition(
        key="own_pupils",
        name=_("Pupils reached outside the portal"),
        unit=Unit.PUPILS,
        formula=_("Pupils whom the partner says that it reached outside the portal."),
        source=Source.OWN_WORD,
    ),
    Definition(
        key="own_girls",
        name=_("Of whom girls, outside the portal"),
        unit=Unit.GIRLS,
        formula=_("Girls among them, where the partner told."),
        source=Source.OWN_WORD,
    ),
    Definition(
        key="own_hours",
        name=_("Hours outside the portal"),
        unit=Unit.HOURS,
        formula=_("Hours that the partner says it lasted."),
        source=Source.OWN_WORD,
        rounding=Rounding.TENTHS,
    ),
    # The visits broken down.
    Definition(
        key="kinds",
        name=_("By kind of activity"),
        unit=Unit.ROWS,
        formula=_("Visits and pupils by the kind of the offer."),
        source=Source.VISITS,
    ),
    Definition(
        key="months",
        name=_("By month"),
        unit=Unit.ROWS,
        formula=_("Visits and pupils by the month in which the session began, in Norwegian time."),
        source=Source.VISITS,
    ),
    Definition(
        key="regions",
        name=_("By county"),
        unit=Unit.ROWS,
        formula=_("Visits, pupils and schools by the county of the school, as it belongs today."),
        source=Source.VISITS,
    ),
    Definition(
        key="grades",
        name=_("By grade"),
        unit=Unit.ROWS,
        formula=_("Visits and pupils by the grade of the group."),
        source=Source.VISITS,
    ),
    Definition(
        key="points",
        name=_("Schools on the map"),
        unit=Unit.ROWS,
        formula=_("Each school reached with the number of visits; never with the number of pupils."),
        source=Source.VISITS,
    ),
)

FIGURES: dict[str, Definition] = {definition.key: definition for definition in _DEFINITIONS}
