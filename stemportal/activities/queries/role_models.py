"""Reading role models: the directory, one profile, a partner's list with where each profile stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Case, F, Prefetch, Q, QuerySet, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.models import Activity, RoleModel, RoleModelConsent, Subject
from stemportal.partners.queries.directory import norwegian_order
from stemportal.places.models import County

MOST_WORDS = 6
WORDS_STAND_IN = ("full_name", "job_title", "intro", "path", "partner__display_name")


class State(StrEnum):
    """Where a profile stands, as its partner sees it."""

    DRAFT = "draft"
    WAITING = "waiting"
    EXPIRED = "expired"
    REFUSED = "refused"
    SHOWN = "shown"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


LABELS: Mapping[State, str | Promise] = {
    State.DRAFT: _("Draft"),
    State.WAITING: _("Waiting for consent"),
    State.EXPIRED: _("Not answered in time"),
    State.REFUSED: _("Said no"),
    State.SHOWN: _("Shown"),
    State.HIDDEN: _("Hidden"),
    State.WITHDRAWN: _("Consent withdrawn"),
    State.DELETED: _("Deleted at the person's wish"),
}
COLORS = {
    State.WAITING: "info",
    State.SHOWN: "success",
    State.DRAFT: "warning",
    State.EXPIRED: "warning",
    State.REFUSED: "danger",
    State.WITHDRAWN: "danger",
}
# Where asking (again) makes sense, and where the person has said yes and only wants the link once more.
MAY_ASK = {State.DRAFT, State.WAITING, State.EXPIRED, State.REFUSED, State.WITHDRAWN}
SAID_YES = {State.SHOWN, State.HIDDEN}


@dataclass(frozen=True)
class Standing:
    """A profile's state with its words, and since when."""

    state: State
    since: datetime | None

    @property
    def label(self) -> str | Promise:
        return LABELS[self.state]

    @property
    def color(self) -> str:
        return COLORS.get(self.state, "neutral")

    @property
    def may_ask(self) -> bool:
        """Whether the person can be asked, or asked again."""
        return self.state in MAY_ASK

    @property
    def said_yes(self) -> bool:
        """Whether the person's consent stands, shown or not."""
        return self.state in SAID_YES

    @property
    def is_deleted(self) -> bool:
        return self.state == State.DELETED


def standing_of(role_model: RoleModel) -> Standing:
    """Return where the profile stands. Asks nothing when ``consents`` are prefetched, the newest first."""
    if role_model.is_erased:
        return Standing(State.DELETED, role_model.updated_at)
    if role_model.is_published:
        return Standing(State.SHOWN, role_model.consented_at)
    newest = next(iter(role_model.consents.all()), None)
    return _after(role_model, newest) if newest else Standing(State.DRAFT, None)


def _after(role_model: RoleModel, newest: RoleModelConsent) -> Standing:
    """Where a profile that is not shown stands after its newest request for consent."""
    if newest.stands:
        return Standing(State.HIDDEN, role_model.updated_at)
    if newest.given_at is None:
        if newest.withdrawn_at is not None:
            return Standing(State.REFUSED, newest.withdrawn_at)
        is_open = newest.is_open
        return Standing(State.WAITING if is_open else State.EXPIRED, newest.asked_at if is_open else newest.expires_at)
    if role_model.status == RoleModel.Status.DRAFT:
        # Name or address were changed since: another person, who has not been asked yet.
        return Standing(State.DRAFT, None)
    return Standing(State.WITHDRAWN, newest.withdrawn_at)


def role_models_of(partner_id: int) -> QuerySet[RoleModel]:
    """Return all profiles of a partner with their consents, deleted ones last. Two queries."""
    consents = RoleModelConsent.objects.order_by("-asked_at", "-pk")
    rows = RoleModel.objects.filter(partner_id=partner_id).prefetch_related(Prefetch("consents", queryset=consents))
    deleted_last = Case(When(email="", then=1), default=0)
    return rows.order_by(deleted_last, norwegian_order("full_name"), "pk")


def directory(asked: Mapping[str, Any]) -> QuerySet[RoleModel]:
    """Return the role models that fit, for cards: those with few enquiries first, then new ones. Three queries.

    ``asked`` has ``q`` (words), ``subject`` (code), ``county`` (number), ``language``, ``grade`` and ``way``
    ("school", "online"); what is empty is not asked for. Who meets classes by video is there for every county.
    """
    found: QuerySet[RoleModel] = RoleModel.objects.published()
    for word in str(asked.get("q") or "").split()[:MOST_WORDS]:
        stands_in = Q()
        for column in WORDS_STAND_IN:
            stands_in |= Q(**{f"{column}__icontains": word})
        found = found.filter(stands_in)
    if subject := asked.get("subject"):
        found = found.filter(subjects__code=subject)
    if language := asked.get("language"):
        found = found.filter(languages__contains=[language])
    if grade := asked.get("grade"):
        found = found.filter(grade_from__lte=int(grade), grade_to__gte=int(grade))
    found = _within_reach(found, str(asked.get("county") or ""), str(asked.get("way") or ""))
    order = F("offer__enquiries_count").asc(nulls_first=True)
    found = found.order_by(order, F("published_at").desc(nulls_last=True), "pk")
    return found.select_related("partner").prefetch_related("subjects", _counties())


def _within_reach(found: QuerySet[RoleModel], county: str, way: str) -> QuerySet[RoleModel]:
    visits, online = Q(visits_schools=True), Q(meets_online=True)
    if county:
        # A subquery and not a join: a person who visits two counties is one person.
        there = RoleModel.counties.through.objects.filter(county__number=county).values("rolemodel_id")
        visits &= Q(pk__in=there)
    return found.filter({"school": visits, "online": online}.get(way, visits | online))


def _counties() -> Prefetch:
    return Prefetch("counties", queryset=County.objects.order_by(norwegian_order("name")))


def counties_of(role_model: RoleModel) -> list[County]:
    """Return where the person visits schools, in Norwegian order. One query."""
    return list(role_model.counties.order_by(norwegian_order("name")))


def role_models_on(activity: Activity) -> list[RoleModel]:
    """Return who takes part in an offer, or whom it is about; only those who are shown. One query."""
    found = RoleModel.objects.published().filter(Q(activities=activity) | Q(offer=activity)).distinct()
    return list(found.order_by("full_name", "pk"))


def profile_of(activity: Activity) -> RoleModel | None:
    """Return the profile that an offer is made from, None for other offers. Asks only where the kind allows one."""
    if not activity.kind.code.startswith("role_model"):
        return None
    return RoleModel.objects.filter(offer=activity).first()


def offers_with(role_model: RoleModel) -> list[Activity]:
    """Return cards of other offers that the person takes part in, those with free places first. Two queries."""
    offers = role_model.activities.published().exclude(pk=role_model.offer_id or 0)
    ordered = offers.order_by(F("next_free_at").asc(nulls_last=True), "title", "pk")
    return cards_of(list(ordered.values_list("pk", flat=True)[:12]))


def county_choices() -> list[tuple[str, str]]:
    """Return today's counties as choices by their numbers, in Norwegian order. One query."""
    rows = County.objects.filter(valid_to__isnull=True).order_by(norwegian_order("name"))
    return list(rows.values_list("number", "name"))


def subject_choices() -> list[Subject]:
    """Return the subjects in their order. One query."""
    return list(Subject.objects.all())
