"""Who gets a newsletter: those who subscribe, narrowed by role, county, interest and language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Self

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.partners.models import Membership, Partner
from stemportal.schools.models import Teacher


@dataclass(frozen=True, kw_only=True)
class Audience:
    """How a newsletter's receivers are narrowed; an empty part narrows nothing.

    ``counties`` and ``interests`` are primary keys. Who has not said its county is in no county. Who has chosen no
    interests wants to hear of everything, and is in each of them.
    """

    roles: Collection[str] = field(default_factory=frozenset)
    languages: Collection[str] = field(default_factory=frozenset)
    counties: Collection[int] = field(default_factory=frozenset)
    interests: Collection[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, newsletter: Newsletter) -> Self:
        """Return what a saved newsletter's editor chose."""
        return cls(
            roles=frozenset(newsletter.audience_roles),
            languages=frozenset(newsletter.audience_languages),
            counties=frozenset(newsletter.audience_counties.values_list("pk", flat=True)),
            interests=frozenset(newsletter.audience_interests.values_list("pk", flat=True)),
        )

    @property
    def is_everybody(self) -> bool:
        return not (self.roles or self.languages or self.counties or self.interests)


def receivers(newsletter: Newsletter) -> QuerySet[Subscriber]:
    """Return who gets this newsletter if it is sent now, each once, without an order."""
    return chosen(Audience.of(newsletter))


def chosen(audience: Audience) -> QuerySet[Subscriber]:
    """Return the active subscribers of an audience, each once, without an order."""
    found = Subscriber.objects.active().order_by()
    if audience.languages:
        found = found.filter(language__in=audience.languages)
    if audience.counties:
        found = found.filter(county__in=audience.counties)
    if audience.interests:
        of_subscriber = Subscriber.interests.through.objects.filter(subscriber=OuterRef("pk"))
        found = found.filter(Exists(of_subscriber.filter(interest__in=audience.interests)) | ~Exists(of_subscriber))
    if audience.roles and set(audience.roles) != set(Newsletter.Role.values):
        found = found.alias(address=Lower("email")).filter(_has_role(audience.roles))
    return found


def _has_role(roles: Collection[str]) -> Q:
    """By the account with the same address. Who is both partner and teacher is reached as either."""
    partner, teacher = _at_partner(), _at_school()
    wanted = Q()
    if Newsletter.Role.PARTNER in roles:
        wanted |= Q(partner)
    if Newsletter.Role.TEACHER in roles:
        wanted |= Q(teacher)
    if Newsletter.Role.OTHER in roles:
        wanted |= Q(~partner & ~teacher)
    return wanted


def _at_partner() -> Exists:
    """Somebody who can log in and acts for an approved partner has this address."""
    members = Membership.objects.filter(partner__status=Partner.Status.APPROVED, user__is_active=True)
    return Exists(members.alias(user_address=Lower("user__email")).filter(user_address=OuterRef("address")))


def _at_school() -> Exists:
    """A verified teacher has this address."""
    teachers = Teacher.objects.filter(status=Teacher.Status.VERIFIED, user__is_active=True)
    return Exists(teachers.alias(user_address=Lower("user__email")).filter(user_address=OuterRef("address")))


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many an audience is, and by the language they read."""

    total: int
    by_language: dict[str, int]

    @property
    def languages(self) -> list[tuple[str, int]]:
        """The names of the languages with their numbers, in the order of the portal."""
        return [(str(name), self.by_language[code]) for code, name in settings.LANGUAGES if code in self.by_language]


def reach(audience: Audience) -> Reach:
    """Count an audience, in one question."""
    rows = chosen(audience).values_list("language").annotate(number=Count("pk")).order_by("language")
    by_language = dict(rows)
    return Reach(total=sum(by_language.values()), by_language=by_language)
