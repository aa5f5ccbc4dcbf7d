"""Which partners are asked for a wish, and in which order.

Asked is only who may be: an approved partner with somebody who answers for it, that was not asked for this wish before,
that can reach the class, and whose offers or role models have to do with the wish. A partner that has published nothing
yet is asked too when it is near: nobody knows what it can do, and nobody would ever ask it otherwise.
Role models count only while they are published, and that they are only while their own consent stands.

Each partner gets points, and those with most are asked first:

- up to 40 for being near, none from 200 km on; a wish for a video link gives 40 to everybody who meets classes online,
  and where it may be anything or at the school, meeting online or travelling that far counts as 24,
- 25 for an offer towards the very goal, else 20 for one (or a role model) in its subject,
- 15 for the kind, and 10 for offers held where the class wishes,
- 10 for an offer that suits the grade and the size of the group,
- 15 for a free date in those weeks with room for the group, else 8 for one that can be asked for a date then,
- minus 6 for each wish it was told of in the last year (24 at most), minus 2 for each booking (16 at most).

The last line shares the asking out: among alike partners the one that was never asked comes first, and somebody who is
asked all the time is overtaken by the next best, so that no company's offer lies unseen. Equal points: the fewer asked,
the nearer, the older registration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, RoleModel, Session
from stemportal.activities.models.session import FREE_PLACES
from stemportal.lib.geo import Point, distance_km
from stemportal.partners.models import Membership, Partner
from stemportal.schools.emails import wishes as emails
from stemportal.schools.models import Booking, Wish, WishMatch

FARTHEST_KM = 200.0
NEAR, FROM_AFAR = 40.0, 24.0
GOAL, SUBJECT, KIND, PLACE, GROUP, FREE_DATE, ON_REQUEST = 25.0, 20.0, 15.0, 10.0, 10.0, 15.0, 8.0
PER_WISH, WISHES_AT_MOST, PER_BOOKING, BOOKINGS_AT_MOST = 6.0, 24.0, 2.0, 16.0
COUNTED_DAYS = 365
# Where an offer of these formats can be held.
FORMATS = {
    Wish.Where.PARTNER: (Activity.Format.ON_SITE, Activity.Format.HYBRID),
    Wish.Where.SCHOOL: (Activity.Format.AT_SCHOOL, Activity.Format.HYBRID),
    Wish.Where.VIDEO: (Activity.Format.DIGITAL, Activity.Format.HYBRID),
    Wish.Where.ANY: tuple(Activity.Format.values),
}


@dataclass(frozen=True)
class Chosen:
    """A partner to ask: how far away it is (None where nobody knows) and a role model that fits, if it has one."""

    partner: Partner
    km: float | None
    role_model_id: int | None


def ask_first(wish_id: int) -> int:
    """Tell the best partners of a new wish; a second call does nothing. Returns how many were told."""
    with transaction.atomic():
        if not Wish.objects.filter(pk=wish_id, status=Wish.Status.OPEN, rounds=0).update(rounds=1):
            return 0
        return ask_more(wish_id=wish_id, count=settings.WISH_TELL_PARTNERS)


@transaction.atomic
def ask_more(*, wish_id: int, count: int) -> int:
    """Tell the next best partners of an open wish, until so many know of it as anybody should be bothered with.

    Returns how many were told. Seven queries, and the mails.
    """
    open_wishes = Wish.objects.select_for_update(no_key=True, of=("self",)).filter(status=Wish.Status.OPEN)
    wish = (
        open_wishes.select_related("school__municipality", "kind", "subject", "goal__plan").filter(pk=wish_id).first()
    )
    if wish is None:
        return 0
    known = WishMatch.objects.filter(wish=wish).aggregate(number=Count("pk"), last=Coalesce(Max("rank"), 0))
    chosen = best_partners(wish, limit=min(count, settings.WISH_TELL_AT_MOST - known["number"]))
    tell(wish, chosen, first_rank=known["last"] + 1)
    return len(chosen)


def tell(wish: Wish, chosen: Sequence[Chosen], *, first_rank: int) -> None:
    """Note whom the wish was shown to, and write to those who answer for them. Call it inside ``atomic``."""
    matches = [
        WishMatch(wish=wish, partner=item.partner, role_model_id=item.role_model_id, rank=rank)
        for rank, item in enumerate(chosen, start=first_rank)
    ]
    WishMatch.objects.bulk_create(matches)
    if matches:
        emails.wish_to_partners(wish, {item.partner: item.km for item in chosen})


def best_partners(wish: Wish, *, limit: int) -> list[Chosen]:
    """Return the partners to ask next, the best first. Two queries, however many partners there are."""
    if limit <= 0:
        return []
    partners = list(ranked(wish)[:limit])
    fitting = role_models_for(wish).filter(partner__in=partners)
    if subject := subject_of(wish):
        fitting = fitting.annotate(of_subject=Exists(_of_subject(subject))).order_by("partner_id", "-of_subject", "pk")
    else:
        fitting = fitting.order_by("partner_id", "pk")
    guides = dict(fitting.distinct("partner_id").values_list("partner_id", "pk"))
    return [Chosen(partner, partner.km, guides.get(partner.pk)) for partner in partners]  # type: ignore[attr-defined]


def ranked(wish: Wish) -> QuerySet[Partner]:
    """Return the partners that may be asked with ``points`` and ``km``, in the order of this module's docstring."""
    partners = (
        Partner.objects.approved()
        .filter(_somebody_answers(), ~Exists(WishMatch.objects.filter(wish=wish, partner=OuterRef("pk"))))
        .select_related("municipality")
        .annotate(**_place(wish))
        .annotate(**_theme(wish), **_capacity(wish), asked=_asked(), booked=_booked())
    )
    return (
        partners.filter(_in_reach(wish), Q(has_theme=True) | Q(has_published=False, km__lte=FARTHEST_KM))
        .annotate(points=_points(wish))
        .order_by("-points", "asked", "booked", F("km").asc(nulls_last=True), "pk")
    )


def subject_of(wish: Wish) -> int | None:
    """Return the subject that was wished for: its own, or that of the goal's curriculum."""
    return wish.subject_id or (wish.goal.plan.subject_id if wish.goal else None)


def role_models_for(wish: Wish) -> QuerySet[RoleModel]:
    """Return the role models who can meet the class: shown, for its grade, and coming or online as it wishes."""
    found = RoleModel.objects.filter(
        status=RoleModel.Status.PUBLISHED, grade_from__lte=wish.grade, grade_to__gte=wish.grade
    )
    home = wish.school.municipality
    comes = Q(visits_schools=True)
    if home is not None:
        # A subquery and not a join: a person who visits two counties is one person.
        there = RoleModel.counties.through.objects.filter(county_id=home.county_id).values("rolemodel_id")
        comes &= Q(pk__in=there)
    if wish.where == Wish.Where.VIDEO:
        return found.filter(meets_online=True)
    if wish.where == Wish.Where.SCHOOL:
        return found.filter(comes)
    if wish.where == Wish.Where.ANY:
        return found.filter(comes | Q(meets_online=True))
    return found


def _of_subject(subject_id: int) -> QuerySet[Any]:
    return RoleModel.subjects.through.objects.filter(rolemodel=OuterRef("pk"), subject_id=subject_id)


def _published() -> QuerySet[Activity]:
    return Activity.objects.filter(partner=OuterRef("pk"), status=Activity.Status.PUBLISHED)


def _for_group(wish: Wish) -> Q:
    return Q(grade_from__lte=wish.grade, grade_to__gte=wish.grade, group_max__gte=wish.pupils)


def _somebody_answers() -> Exists:
    return Exists(Membership.objects.filter(partner=OuterRef("pk"), role__in=Membership.EDITORS, user__is_active=True))


def _place(wish: Wish) -> dict[str, Any]:
    here = Point(wish.school.latitude, wish.school.longitude)
    nearest = (
        _published()
        .exclude(format=Activity.Format.DIGITAL)
        .order_by()
        .values("partner")
        .annotate(nearest=Min(distance_km(here)))
        .values("nearest")
    )
    home = wish.school.municipality
    afar = Q(reach=Activity.Reach.NATIONAL)
    if home is not None:
        served = Activity.serves.through.objects.filter(county_id=home.county_id).values("activity_id")
        afar |= Q(reach=Activity.Reach.COUNTY) & (Q(pk__in=served) | Q(municipality__county=home.county_id))
    travels = Q(format__in=FORMATS[Wish.Where.SCHOOL])
    online = Q(format__in=FORMATS[Wish.Where.VIDEO])
    guides = role_models_for(wish).filter(partner=OuterRef("pk"))
    return {
        "km": Least(
            distance_km(here, "municipality__latitude", "municipality__longitude"),
            Subquery(nearest, output_field=FloatField()),
        ),
        "online": Exists(_published().filter(online)) | Exists(guides.filter(meets_online=True)),
        "travels": Exists(_published().filter(travels & afar)) | Exists(guides.filter(visits_schools=True)),
        "as_wished": Exists(_published().filter(format__in=FORMATS[Wish.Where(wish.where)])),
    }


def _theme(wish: Wish) -> dict[str, Any]:
    """What of the wish the partner has to do with; ``has_theme`` is true where any of it fits."""
    subject, guides = subject_of(wish), role_models_for(wish).filter(partner=OuterRef("pk"))
    goal_fits = Exists(_published().filter(goals=wish.goal_id)) if wish.goal_id else Value(False)
    subject_fits = (
        Exists(_published().filter(subjects=subject)) | Exists(guides.filter(Exists(_of_subject(subject))))
        if subject
        else Value(False)
    )
    kind_fits: Any = Value(False)
    if wish.kind is not None:
        kind_fits = Exists(_published().filter(kind=wish.kind))
        if wish.kind.travels:
            kind_fits |= Exists(guides)
    return {
        "has_goal": goal_fits,
        "has_subject": subject_fits,
        "has_kind": kind_fits,
        "has_theme": Case(
            When(Q(has_goal=True) | Q(has_subject=True) | Q(has_kind=True), then=Value(True)), default=Value(False)
        ),
        "has_published": Exists(_published()),
    }


def _capacity(wish: Wish) -> dict[str, Any]:
    begin, end = bounds_of_weeks(wish)
    group = Q(
        activity__grade_from__lte=wish.grade,
        activity__grade_to__gte=wish.grade,
        activity__group_max__gte=wish.pupils,
    )
    places = Case(When(activity__kind__unit=Kind.Unit.PUPILS, then=Value(wish.pupils)), default=Value(1))
    free = (
        Session.objects.open(after=max(begin, timezone.now()))
        .filter(group, activity__partner=OuterRef("pk"), activity__status=Activity.Status.PUBLISHED)
        .filter(Q(pupil_capacity=None) | Q(pupils_taken__lte=F("pupil_capacity") - wish.pupils))
        .annotate(free=FREE_PLACES, needed=places)
        .filter(starts_at__lt=end, free__gte=F("needed"))
    )
    months = sorted({(begin + timedelta(days=n)).month for n in range(0, (end - begin).days, 7)})
    in_season = Q(season_months=[]) | Q(season_months__overlap=months)
    can_be_asked = _published().filter(_for_group(wish), in_season, policy=Activity.Policy.ON_REQUEST)
    return {
        "suits_group": Exists(_published().filter(_for_group(wish))),
        "has_free_date": Exists(free),
        "on_request": Exists(can_be_asked),
    }


def bounds_of_weeks(wish: Wish) -> tuple[datetime, datetime]:
    """Return the first moment of the wished weeks and the first moment after them."""
    zone = timezone.get_default_timezone()
    end = wish.last_week + timedelta(days=7)
    return datetime.combine(wish.first_week, time(), tzinfo=zone), datetime.combine(end, time(), tzinfo=zone)


def _asked() -> Coalesce:
    since = timezone.now() - timedelta(days=COUNTED_DAYS)
    rows = WishMatch.objects.filter(partner=OuterRef("pk"), told_at__gte=since).order_by()
    return _number(rows.values("partner"))


def _booked() -> Coalesce:
    since = timezone.now() - timedelta(days=COUNTED_DAYS)
    rows = Booking.objects.filter(activity__partner=OuterRef("pk"), created_at__gte=since).order_by()
    return _number(rows.values("activity__partner"))


def _number(grouped: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(grouped.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _in_reach(wish: Wish) -> Q:
    near = Q(km__lte=FARTHEST_KM)
    match wish.where:
        case Wish.Where.VIDEO:
            return Q(online=True)
        case Wish.Where.PARTNER:
            return near
        case Wish.Where.SCHOOL:
            return near | Q(travels=True)
    return near | Q(online=True) | Q(travels=True)


def _points(wish: Wish) -> Any:
    near = Coalesce((Value(1.0) - Least(F("km"), Value(FARTHEST_KM)) / FARTHEST_KM) * NEAR, Value(0.0))
    match wish.where:
        case Wish.Where.VIDEO:
            place: Any = Value(NEAR)  # everybody who may be asked meets classes online
        case Wish.Where.PARTNER:
            place = near
        case Wish.Where.SCHOOL:
            place = Greatest(near, _when(FROM_AFAR, travels=True))
        case _:
            place = Greatest(near, _when(FROM_AFAR, travels=True), _when(FROM_AFAR, online=True))
    subject = Case(
        When(has_goal=True, then=Value(GOAL)), When(has_subject=True, then=Value(SUBJECT)), default=Value(0.0)
    )
    dates = Case(
        When(has_free_date=True, then=Value(FREE_DATE)),
        When(on_request=True, then=Value(ON_REQUEST)),
        default=Value(0.0),
    )
    theme = subject + _when(KIND, has_kind=True) + _when(PLACE, as_wished=True)
    asked = Least(F("asked") * PER_WISH, Value(WISHES_AT_MOST)) + Least(
        F("booked") * PER_BOOKING, Value(BOOKINGS_AT_MOST)
    )
    points = place + theme + _when(GROUP, suits_group=True) + dates - asked
    return ExpressionWrapper(points, output_field=FloatField())


def _when(points: float, **condition: bool) -> Case:
    return Case(When(**condition, then=Value(points)), default=Value(0.0))
