"""Offers as cards show them, in one statement: every list of offers is read here, so it is written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.utils import timezone

from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Kind
from stemportal.activities.search.cells import km_between
from stemportal.lib.geo import Point
from stemportal.lib.memo import Remembered, remember
from stemportal.partners.models import Partner
from stemportal.places.models import Municipality

Row = TypeVar("Row", bound=Model)


def _columns(model: type[Model], *names: str) -> tuple[str, ...]:
    """Return the columns in the order of the model, as ``from_db`` wants them; all others are deferred."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


# What cards show.
ACTIVITY = _columns(
    Activity,
    "id",
    "partner_id",
    "kind_id",
    "municipality_id",
    "title",
    "summary",
    "format",
    "languages",
    "grade_from",
    "grade_to",
    "group_max",
    "duration_minutes",
    "place",
    "latitude",
    "longitude",
    "reach",
    "link",
    "policy",
    "status",
    "published_at",
    "updated_at",
)
PARTNER = _columns(Partner, "id", "display_name", "slug", "kind", "status")
# Kinds and municipalities are remembered for so long.
SECONDS = 60

CARDS = f"""
SELECT {", ".join(f"a.{name}" for name in ACTIVITY)}, {", ".join(f"p.{name}" for name in PARTNER)},
       s.starts_at, s.places
  FROM activities_activity a
  JOIN partners_partner p ON p.id = a.partner_id AND p.status = 'approved'
  LEFT JOIN LATERAL (
       SELECT starts_at, capacity - places_taken AS places
         FROM activities_session
        WHERE activity_id = a.id AND status = 'open' AND places_taken < capacity
          AND (pupil_capacity IS NULL OR pupils_taken < pupil_capacity)
          AND starts_at > %(now)s AND starts_at >= %(first)s AND starts_at < %(end)s
        ORDER BY starts_at LIMIT 1
       ) s ON true
 WHERE a.id = ANY(%(ids)s) AND a.status = 'published'
"""  # noqa: S608  # the names stand above


def cards_of(
    ids: Sequence[int], *, days: tuple[date | None, date | None] = (None, None), near: Place | None = None
) -> list[Activity]:
    """Load those of these activities that are published for cards, in this order. One query.

    Adds ``next_session_at`` and ``next_session_places`` (the next free session, within the first and the last of
    ``days``; None without one), ``km`` (distance from ``near`` in kilometres; None for digital offers and without a
    place) and ``fingerprint``: all that a card shows of the offer to everybody, as a key for ``{% remembered %}``.
    """
    if not ids:
        return []
    first, last = days
    asked: dict[str, Any] = {
        "ids": list(ids),
        "now": timezone.now(),
        "first": midnight(first) if first else "-infinity",
        "end": midnight(last + timedelta(days=1)) if last else "infinity",
    }
    with connection.cursor() as cursor:
        cursor.execute(CARDS, asked)
        point, today = near.point if near else None, timezone.localdate()
        cards = {row[0]: _card(row, point, today) for row in cursor.fetchall()}
    return [cards[pk] for pk in ids if pk in cards]


def _card(row: Sequence[Any], point: Point | None, today: date) -> Activity:
    end = len(ACTIVITY)
    card = Activity.from_db(DEFAULT_DB_ALIAS, ACTIVITY, row[:end])
    card.partner = Partner.from_db(DEFAULT_DB_ALIAS, PARTNER, row[end : end + len(PARTNER)])
    card.kind = _remembered(kinds, card.kind_id)
    card.municipality = _remembered(municipalities, card.municipality_id) if card.municipality_id else None
    card.next_session_at, card.next_session_places = row[-2:]  # type: ignore[attr-defined]
    card.km = km = _km_between(point, card)  # type: ignore[attr-defined]
    # A date is told with its year where that is not today's.
    facts = tuple([tuple(value) if isinstance(value, list) else value for value in row])
    card.fingerprint = (facts, "" if km is None else km, today)  # type: ignore[attr-defined]
    return card


def _km_between(point: Point | None, activity: Activity) -> float | None:
    if point is None or activity.format == Activity.Format.DIGITAL:
        return None
    if activity.latitude is None or activity.longitude is None:
        return None
    return km_between(point, activity.latitude, activity.longitude)


def midnight(day: date) -> datetime:
    """Return the moment at which the day begins in Norway."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _remembered(rows: Remembered[[], Mapping[int, Row]], pk: int) -> Row:
    """Return a row of a register; one that is younger than what is remembered is asked for."""
    if pk not in rows():
        rows.forget()
    return rows()[pk]


@remember(SECONDS)
def kinds() -> Mapping[int, Kind]:
    """Return all kinds by their identity."""
    return Kind.objects.in_bulk()


@remember(SECONDS)
def municipalities() -> Mapping[int, Municipality]:
    """Return all municipalities by their identity."""
    return Municipality.objects.in_bulk()
