"""The matters on the radar: the rows of each, how a row is told, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Pledge
from stemportal.activities.pledging import quantity_words
from stemportal.lib.school_year import add_working_days, current_school_year
from stemportal.partners.models import Membership, Partner
from stemportal.partners.queries.members import DEPARTED_REASONS, departed_contacts
from stemportal.schools.models import Booking, GrantPot, School, Visit
from stemportal.schools.queries.pledge_plan import pledges_behind

# A request that is due within so many working days can still be answered in time.
SOON_DAYS = 2
# So long an offer may stand without anybody asking, and a new partner without an offer.
GIVEN_DAYS = 60
# So long somebody may be away before a partner counts as silent. Who is gone for a year has departed.
SILENT = timedelta(days=120)
# A pot with less than this part left will not last.
LOW_PART = 0.15
# A school that nobody has met for so long is a school nobody has met.
UNSEEN_YEARS = 2
WORST = 3


@dataclass(frozen=True)
class Line:
    """One row as people read it: what it is, why it stands here, and the page where it is dealt with."""

    name: str
    note: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Something that goes wrong quietly. ``rows`` come with the most pressing first; ``permission`` is to see them.

    ``all_url`` names the page where several can be dealt with at once, where there is one (``all_label``).
    """

    code: str
    title: Any
    advice: Any
    empty: Any
    permission: str
    rows: Callable[[], QuerySet[Any]]
    line: Callable[[Any], Line]
    all_url: str = ""
    all_label: Any = ""

    def lines(self, count: int = WORST) -> list[Line]:
        """Return the most pressing ones."""
        return [self.line(row) for row in self.rows()[:count]]


def requests_soon() -> QuerySet[Booking]:
    """Return requests that are due today or within two working days, the first due first."""
    today = timezone.localdate()
    waiting = Booking.objects.filter(
        status=Booking.Status.REQUESTED, reply_by__gte=today, reply_by__lte=add_working_days(today, SOON_DAYS)
    )
    return waiting.select_related("activity__partner", "school").order_by("reply_by", "pk")


def never_asked() -> QuerySet[Activity]:
    """Return published offers that stood there for 60 days and that nobody has asked for, the oldest first."""
    then = timezone.now() - timedelta(days=GIVEN_DAYS)
    offers = Activity.objects.published().filter(enquiries_count=0, published_at__lt=then)
    return offers.select_related("partner").order_by("published_at", "pk")


def silent_partners() -> QuerySet[Partner]:
    """Return approved partners of whom nothing is heard, the longest silent first, with ``last_seen``.

    Nobody of it has logged in for 120 days (who never did counts from the day of joining), or it has published nothing
    60 days after it was approved.
    """
    now = timezone.now()
    members = Membership.objects.filter(partner=OuterRef("pk"), user__is_active=True).order_by().values("partner")
    seen = members.annotate(seen=Max(Coalesce("user__last_login", "joined_at"))).values("seen")
    ever_published = Activity.objects.filter(partner=OuterRef("pk"), published_at__isnull=False)
    partners = Partner.objects.approved().annotate(
        last_seen=Coalesce(Subquery(seen), F("decided_at"), F("applied_at")), has_published=Exists(ever_published)
    )
    unheard = Q(last_seen__lt=now - SILENT)
    empty = Q(has_published=False, decided_at__lt=now - timedelta(days=GIVEN_DAYS))
    return partners.filter(unheard | empty).order_by("last_seen", "pk")


def low_pots() -> QuerySet[GrantPot]:
    """Return the open pots of this school year that have less than 15 percent left, the emptiest first."""
    left = F("amount_ore") - F("reserved_ore") - F("paid_ore")
    pots = GrantPot.objects.filter(is_open=True, school_year=current_school_year(), amount_ore__gt=0)
    return pots.annotate(left=left).filter(left__lt=F("amount_ore") * LOW_PART).order_by("left", "pk")


def unseen_schools() -> QuerySet[School]:
    """Return active schools without a visit this school year or the two before, by county, kommune and name."""
    since = date(current_school_year() - UNSEEN_YEARS, 8, 1)
    visits = Visit.objects.filter(school=OuterRef("pk"), starts_at__date__gte=since)
    schools = School.objects.active().filter(~Exists(visits)).select_related("municipality__county")
    return schools.order_by("municipality__county__number", "municipality__name", "name", "pk")


def _change(model: str, pk: int) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


def _day(moment: date | datetime | None) -> str:
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return formats.date_format(moment, "SHORT_DATE_FORMAT") if moment else "–"


def _request(booking: Booking) -> Line:
    note = _("%(school)s · answer by %(day)s") % {"school": booking.school, "day": _day(booking.reply_by)}
    return Line(str(booking.activity.partner), note, _change("schools_booking", booking.pk))


def _offer(offer: Activity) -> Line:
    opened = ngettext("opened %(count)s time", "opened %(count)s times", offer.views_count)
    words = {"partner": offer.partner, "day": _day(offer.published_at), "opened": opened % {"count": offer.views_count}}
    note = _("%(partner)s · published %(day)s, %(opened)s") % words
    return Line(offer.title, note, _change("activities_activity", offer.pk))


def _silent(partner: Any) -> Line:
    note = (
        _("nobody has logged in since %(day)s")
        if partner.last_seen < timezone.now() - SILENT
        else _("approved %(day)s, no offer yet")
    )
    since = partner.last_seen if partner.last_seen < timezone.now() - SILENT else partner.decided_at
    return Line(partner.display_name, note % {"day": _day(since)}, _change("partners_partner", partner.pk))


def _departed(partner: Any) -> Line:
    note = f"{DEPARTED_REASONS[partner.departed_reason]} · {_day(partner.departed_since)}"
    return Line(partner.display_name, note, _change("partners_partner", partner.pk))


def _behind(pledge: Any) -> Line:
    words = {
        "kind": pledge.kind,
        "pledged": quantity_words(pledge.kind.pledge_unit, pledge.quantity),
        "done": quantity_words(pledge.kind.pledge_unit, pledge.done),
    }
    note = _("pledged %(pledged)s, so far %(done)s") % words
    return Line(f"{pledge.partner} · {pledge.kind}", note, _change("partners_partner", pledge.partner_id))


def _pot(pot: Any) -> Line:
    words = {"left": formats.number_format(pot.left // 100, force_grouping=True)}
    words["all"] = formats.number_format(pot.amount_ore // 100, force_grouping=True)
    return Line(pot.name, _("%(left)s kr left of %(all)s kr") % words, _change("schools_grantpot", pot.pk))


def _school(school: School) -> Line:
    county = school.municipality.county.name if school.municipality else ""
    note = " · ".join(filter(None, [school.place_name, county, school.grades_label]))
    return Line(school.name, note, _change("schools_school", school.pk))


def _pledges_behind() -> QuerySet[Pledge]:
    return pledges_behind(current_school_year())


# In the order in which something can still be done about them.
MATTERS = (
    Matter(
        code="requests",
        title=gettext_lazy("Requests near their deadline"),
        advice=gettext_lazy("Ring the partner, or answer on its behalf, before the school is let down."),
        empty=gettext_lazy("No request is due in the next two working days."),
        permission="schools.view_booking",
        rows=requests_soon,
        line=_request,
    ),
    Matter(
        code="pots",
        title=gettext_lazy("Pots for journeys that run low"),
        advice=gettext_lazy("Ask for more money, or tell the schools before they count on it."),
        empty=gettext_lazy("Every open pot has enough left."),
        permission="schools.view_grantpot",
        rows=low_pots,
        line=_pot,
    ),
    Matter(
        code="pledges",
        title=gettext_lazy("Pledges behind plan"),
        advice=gettext_lazy("Ask the partner what stands in the way: too few dates, too far away, too few who know."),
        empty=gettext_lazy("Every partner is where its pledge says."),
        permission="activities.view_pledge",
        rows=_pledges_behind,
        line=_behind,
    ),
    Matter(
        code="contacts",
        title=gettext_lazy("Contact persons who seem to have left"),
        advice=gettext_lazy("Ring the switchboard and ask who has taken over."),
        empty=gettext_lazy("Every contact person has been seen."),
        permission="partners.view_partner",
        rows=departed_contacts,
        line=_departed,
    ),
    Matter(
        code="silent",
        title=gettext_lazy("Silent partners"),
        advice=gettext_lazy("Ask how it goes. A short mail brings most of them back."),
        empty=gettext_lazy("Something is heard of every partner."),
        permission="partners.view_partner",
        rows=silent_partners,
        line=_silent,
        all_url="admin:reports_radarday_wake",
        all_label=gettext_lazy("Write to silent partners"),
    ),
    Matter(
        code="unasked",
        title=gettext_lazy("Offers nobody has asked for"),
        advice=gettext_lazy("Look at title, grades and dates with the partner, or put it into the newsletter."),
        empty=gettext_lazy("Every offer that is two months old has been asked for."),
        permission="activities.view_activity",
        rows=never_asked,
        line=_offer,
    ),
    Matter(
        code="schools",
        title=gettext_lazy("Schools nobody has met for two years"),
        advice=gettext_lazy("Invite them, those far from everything first."),
        empty=gettext_lazy("Every school has been met."),
        permission="schools.view_school",
        rows=unseen_schools,
        line=_school,
        all_url="admin:reports_nudge_whitespots",
        all_label=gettext_lazy("See them on the map, and invite them"),
    ),
)
BY_CODE = {matter.code: matter for matter in MATTERS}


def matters_for(user: User | AnonymousUser) -> list[Matter]:
    """Return the matters that this person may see, in order."""
    return [matter for matter in MATTERS if user.has_perm(matter.permission)]
