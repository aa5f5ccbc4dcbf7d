"""Tables of what stands in the portal: organisations, offers, bookings, money, meetings. No names of people.

Counts of pupils are not among them: what a booking was made for, and who came, is told in classes by ``visits`` and in
sums by the tables of years.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity, Kind, Pledge, Session
from stemportal.network.models import Meeting, Rsvp
from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.newsletters.statistics import statistics
from stemportal.partners.models import Engagement, Partner
from stemportal.places.models import County, Municipality
from stemportal.reports.exports.tables.columns import Column, Row, Table, column, of_model
from stemportal.reports.models import PartnerReport, Target, TargetValue
from stemportal.schools.models import Booking, GrantPot, LedgerEntry, School, TransportGrant

ORE = _("øre")


def _columns(model: Any, *paths: str | Column) -> list[Column]:
    return [path if isinstance(path, Column) else column(model, path) for path in paths]


def _partners() -> QuerySet[Partner]:
    return Partner.objects.exclude(status=Partner.Status.UNCONFIRMED)


def _sessions() -> QuerySet[Session]:
    """Places that are pupils would tell how many came; places that are groups tell nothing of them."""
    groups = Case(When(activity__kind__unit=Kind.Unit.GROUPS, then=F("places_taken")))
    return Session.objects.annotate(groups=groups)


def _bookings() -> QuerySet[Booking]:
    return Booking.objects.annotate(groups=Case(When(activity__kind__unit=Kind.Unit.GROUPS, then=F("places"))))


def _meetings() -> QuerySet[Meeting]:
    coming = Count("rsvps", filter=Q(rsvps__status=Rsvp.Status.ATTENDING))
    return Meeting.objects.annotate(asked=Count("rsvps"), coming=coming, came=Coalesce(Sum("rsvps__came"), 0))


def _groups(source: str) -> Column:
    return Column(
        name="groups",
        type="integer",
        meaning=_("Groups, where places are counted in groups; empty where they are pupils."),
        source=source,
        unit=_("groups"),
        path="groups",
    )


def _counted(name: str, meaning: Any, source: str, *, path: str = "") -> Column:
    return Column(name=name, type="integer", meaning=meaning, source=source, unit=_("people"), path=path or name)


def _newsletter_rows() -> Iterator[Row]:
    status = Delivery.Status
    for letter in Newsletter.objects.exclude(sent_at=None).order_by("pk").prefetch_related("links"):
        found = statistics(letter)
        counts = [found.by_status[kind] for kind in (status.SENT, status.FAILED, status.BOUNCED, status.UNKNOWN)]
        yield [letter.pk, letter.subject_nb, letter.sent_at, *counts, found.unsubscribed, found.clicks]


def _letters(name: str, meaning: Any) -> Column:
    return Column(name=name, type="integer", meaning=meaning, source="newsletters.Delivery", unit=_("mails"))


TABLES: list[Table] = [
    of_model(
        "counties",
        County.objects.all,
        title=_("Counties"),
        meaning=_("Counties with the time in which they were counties."),
        columns=_columns(County, "pk", "country", "number", "name", "valid_from", "valid_to"),
    ),
    of_model(
        "municipalities",
        Municipality.objects.all,
        title=_("Municipalities"),
        meaning=_("Municipalities with the time in which they were municipalities."),
        columns=_columns(
            Municipality,
            *("pk", "number", "name", "county__number", "language_form", "latitude", "longitude"),
            *("valid_from", "valid_to"),
        ),
    ),
    of_model(
        "kinds",
        Kind.objects.all,
        title=_("Kinds of activity"),
        meaning=_("What partners can offer, and in which unit its places are counted."),
        columns=_columns(
            Kind, "pk", "code", "name_nb", "name_nn", "name_en", "unit", "pledge_unit", "order", "is_active"
        ),
    ),
    of_model(
        "partners",
        _partners,
        title=_("Partners"),
        meaning=_("Organisations that applied, whatever became of it; without the people."),
        columns=_columns(
            Partner,
            *("pk", "country", "organisation_number", "legal_name", "display_name", "kind", "status", "sector_code"),
            *("sector_revision", "sector_name", "employees", "municipality__number", "municipality__county__number"),
            *("parent_number", "applied_at", "decided_at", "ended_at", "merged_into_id"),
        ),
    ),
    of_model(
        "levels",
        lambda: Engagement.objects.exclude(partner__status=Partner.Status.UNCONFIRMED),
        title=_("Engagement levels"),
        meaning=_("Which level each partner picked in each programme year."),
        columns=_columns(
            Engagement,
            *("pk", "partner_id", "school_year", "level__code"),
            *("level__name_nb", "level__name_nn", "level__name_en", "chosen_at"),
        ),
    ),
    of_model(
        "pledges",
        lambda: Pledge.objects.exclude(partner__status=Partner.Status.UNCONFIRMED),
        title=_("Pledges"),
        meaning=_("What partners mean to give in a programme year."),
        columns=_columns(
            Pledge, "pk", "partner_id", "school_year", "kind__code", "quantity", "kind__pledge_unit", "pledged_at"
        ),
    ),
    of_model(
        "activities",
        Activity.objects.all,
        title=_("Activities"),
        meaning=_("What partners offer, drafts and what is over included."),
        columns=_columns(
            Activity,
            *("pk", "partner_id", "kind__code", "title", "status", "format", "policy", "reach", "languages"),
            *("grade_from", "grade_to", "group_max"),
            column(Activity, "duration_minutes", unit=_("minutes")),
            *("municipality__number", "created_at", "published_at", "views_count", "enquiries_count"),
        ),
    ),
    of_model(
        "sessions",
        _sessions,
        title=_("Sessions"),
        meaning=_("When each activity is, or was, held."),
        columns=_columns(
            Session,
            *("pk", "activity_id", "starts_at", "ends_at", "where", "status", "activity__kind__unit", "capacity"),
            _groups("activities.Session.places_taken"),
        ),
    ),
    of_model(
        "bookings",
        _bookings,
        title=_("Bookings"),
        meaning=_("What schools asked for, and what became of it."),
        columns=_columns(
            Booking,
            *("pk", "activity_id", "session_id", "school_id", "grade", "status", "travel", "created_at"),
            *("answered_at", "reply_by"),
            _groups("schools.Booking.places"),
        ),
    ),
    of_model(
        "schools",
        School.objects.all,
        title=_("Schools"),
        meaning=_("Schools of the register, closed ones included."),
        columns=_columns(
            School,
            *("pk", "number", "name", "municipality__number", "municipality__county__number", "ownership"),
            *("language_form", "grade_from", "grade_to", "latitude", "longitude", "point_is_exact", "is_active"),
            *("closed_on",),
        ),
    ),
    of_model(
        "pots",
        GrantPot.objects.all,
        title=_("Pots for transport"),
        meaning=_("Money for journeys, and how much of it is used."),
        columns=_columns(
            GrantPot,
            *("pk", "name", "partner_id", "county__number", "school_year"),
            *(column(GrantPot, name, unit=ORE) for name in ("amount_ore", "reserved_ore", "paid_ore")),
            "is_open",
        ),
    ),
    of_model(
        "grants",
        TransportGrant.objects.all,
        title=_("Transport grants"),
        meaning=_("What schools applied for and were paid for the way to a visit."),
        columns=_columns(
            TransportGrant,
            *("pk", "booking_id", "pot_id", "status", "mode", "vehicles"),
            column(TransportGrant, "km", unit=_("kilometres")),
            *(
                column(TransportGrant, name, unit=ORE)
                for name in ("reasonable_ore", "applied_ore", "approved_ore", "claimed_ore", "settled_ore")
            ),
            *("applied_at", "decided_at", "settled_at"),
        ),
    ),
    of_model(
        "ledger",
        LedgerEntry.objects.all,
        title=_("Ledger"),
        meaning=_("Every movement of the money for journeys; never changed."),
        columns=_columns(LedgerEntry, "pk", "pot_id", "grant_id", "kind", column(LedgerEntry, "ore", unit=ORE), "at"),
    ),
    of_model(
        "meetings",
        _meetings,
        title=_("Meetings"),
        meaning=_("Meetings of the network, and how many people came."),
        columns=_columns(
            Meeting,
            *("pk", "title_nb", "kind", "status", "starts_at", "ends_at", "is_public", "capacity"),
            _counted("invited", _("People who were invited or asked for a place."), "network.Rsvp", path="asked"),
            _counted("coming", _("Of them those who said that they come."), "network.Rsvp.status"),
            _counted("came", _("How many came, guests included."), "network.Rsvp.came"),
        ),
    ),
    Table(
        code="newsletters",
        title=_("Newsletters"),
        meaning=_("Newsletters that were sent, with sums of what became of the mails."),
        columns=[
            column(Newsletter, "pk"),
            column(Newsletter, "subject_nb"),
            column(Newsletter, "sent_at"),
            _letters("sent", _("Mails that were handed over.")),
            _letters("refused", _("Mails that the server refused.")),
            _letters("came_back", _("Mails that came back.")),
            _letters("unknown", _("Mails of which it is not known whether they were sent.")),
            _letters("unsubscribed", _("Readers who left by this newsletter.")),
            _letters("clicks", _("How often its links were followed.")),
        ],
        make_rows=_newsletter_rows,
    ),
    of_model(
        "targets",
        Target.objects.all,
        title=_("Targets"),
        meaning=_("What the programme wants to reach, and by when."),
        columns=_columns(
            Target,
            *("pk", "title_nb", "title_nn", "title_en", "measure", "period_kind", "unit", "baseline"),
            *("baseline_year", "goal", "due_year", "source", "is_public"),
        ),
    ),
    of_model(
        "target_values",
        TargetValue.objects.all,
        title=_("Values of targets"),
        meaning=_("What was entered for a target, with its source."),
        columns=_columns(TargetValue, "pk", "target_id", "year", "value", "source", "entered_at"),
    ),
    of_model(
        "reports",
        PartnerReport.objects.all,
        title=_("Partner reports"),
        meaning=_("Yearly reports of partners and their versions; what they say stands in the tables of years."),
        columns=_columns(
            PartnerReport,
            *("pk", "partner_id", "period_kind", "year", "version", "status", "is_preview", "created_at"),
            *("published_at", "reason", "fingerprint"),
        ),
    ),
]
