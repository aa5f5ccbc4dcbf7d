"""What a group could book instead, when its request is not answered, or the answer is no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity
from stemportal.lib.geo import Point
from stemportal.schools.models import Booking

AT_MOST = 3
# A class can be there tomorrow at the earliest, and what is much later is no alternative.
SOONEST = timedelta(days=1)
FARTHEST = timedelta(days=90)
FARTHEST_KM = 120
# As many dates as are looked at to find three of different partners.
CANDIDATES = 30

# The next fitting dates with room, one of each offer, the best first. The distance is the haversine in kilometres.
# What lies outside the square around the school is left out before that is worked out.
FITTING = """
SELECT * FROM (
  SELECT DISTINCT ON (a.id)
         a.id, a.partner_id, s.id AS session_id, s.starts_at, s.ends_at,
         (a.partner_id = %(partner)s)::int * 100
         - (a.kind_id = %(kind)s)::int * 3
         - COALESCE(fit.subjects, 0) * 2
         - (a.policy = 'instant')::int
         + CASE WHEN video.possible THEN LEAST(km.km / 30, 0.7) ELSE LEAST(COALESCE(km.km / 30, 0.7), 4) END
         + LEAST(abs(extract(epoch FROM s.starts_at - %(wanted)s)) / 86400 / 14, 6) AS distance
    FROM activities_session s
    JOIN activities_activity a ON a.id = s.activity_id
    JOIN activities_kind k ON k.id = a.kind_id
    JOIN partners_partner p ON p.id = a.partner_id AND p.status = 'approved'
    LEFT JOIN LATERAL (
         SELECT count(*) AS subjects
           FROM activities_activity_subjects mine
           JOIN activities_activity_subjects theirs ON theirs.subject_id = mine.subject_id
          WHERE theirs.activity_id = %(activity)s AND mine.activity_id = a.id
         ) fit ON true
    CROSS JOIN LATERAL (
         SELECT 12742 * asin(sqrt(
                  power(sin(radians(a.latitude - %(lat)s) / 2), 2)
                  + cos(radians(%(lat)s)) * cos(radians(a.latitude)) * power(sin(radians(a.longitude - %(lon)s) / 2), 2)
                )) AS km
         ) km
    CROSS JOIN LATERAL (
         SELECT a.format = 'digital' OR (a.format = 'hybrid' AND s."where" IN ('', 'video')) AS possible
         ) video
   WHERE s.status = 'open' AND s.starts_at > %(from)s AND s.starts_at < %(to)s
     AND s.capacity - s.places_taken >= CASE k.unit WHEN 'pupils' THEN %(pupils)s ELSE 1 END
     AND (s.pupil_capacity IS NULL OR s.pupil_capacity - s.pupils_taken >= %(pupils)s)
     AND a.status = 'published' AND a.id <> %(activity)s
     AND a.policy <> 'on_request'
     AND a.grade_from <= %(grade)s AND a.grade_to >= %(grade)s AND a.group_max >= %(pupils)s
     AND (
          video.possible
          OR (a.latitude BETWEEN %(lat)s - %(lat_span)s AND %(lat)s + %(lat_span)s AND km.km <= %(km)s)
          OR (a.format = 'at_school' AND a.reach = 'national')
     )
   ORDER BY a.id, abs(extract(epoch FROM s.starts_at - %(wanted)s)), s.id
) found
ORDER BY distance, id
LIMIT %(candidates)s
"""


# An offer, its partner, the date, when it begins and ends; how far it is from what was wished for comes after.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Alternative:
    """An offer with a date that has room for the group. ``km`` is None where nobody has to travel."""

    activity: Activity
    session_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def km(self) -> float | None:
        found: float | None = getattr(self.activity, "km", None)
        return None if self.activity.comes_to_school or (found or 0) > FARTHEST_KM else found

    @property
    def where(self) -> str:
        """Where it is for this school: what is far away and can be digital is digital."""
        far = getattr(self.activity, "km", None) or 0
        is_digital = self.activity.format == Activity.Format.HYBRID and far > FARTHEST_KM
        return _("Digital") if is_digital and not self.activity.kind.travels else self.activity.where_label


def alternatives_for(booking: Booking, *, limit: int = AT_MOST) -> list[Alternative]:
    """Return the best dates with room for the booking's group, of other partners first. Two queries.

    Best is: the same kind, shared subjects, near the school or digital, near in time. ``booking`` comes with its
    activity, session and school. The partner that did not answer comes last, if at all.
    """
    school, now = booking.school, timezone.now()
    wanted = max(booking.starts_at, now + SOONEST)
    asked = {
        "partner": booking.activity.partner_id,
        "activity": booking.activity_id,
        "kind": booking.activity.kind_id,
        "grade": booking.grade,
        "pupils": booking.pupils,
        "lat": school.latitude,
        "lon": school.longitude,
        "lat_span": FARTHEST_KM / 111,
        "km": FARTHEST_KM,
        "wanted": wanted,
        "from": now + SOONEST,
        "to": wanted + FARTHEST,
        "candidates": CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(FITTING, asked)
        rows = cursor.fetchall()
    chosen = _of_different_partners(rows, limit)
    here = Place(label=school.name, point=Point(school.latitude, school.longitude))
    cards = {card.pk: card for card in cards_of([row[0] for row in chosen], near=here)}
    return [
        Alternative(cards[row[0]], session_id=row[2], starts_at=row[3], ends_at=row[4])
        for row in chosen
        if row[0] in cards
    ]


def _of_different_partners(rows: list[Row], limit: int) -> list[Row]:
    """The best of each partner, and more of the same where there are not enough partners."""
    best: dict[int, Row] = {}
    for row in rows:
        best.setdefault(row[1], row)
    first = list(best.values())
    return [*first, *(row for row in rows if row not in first)][:limit]


# States in which a teacher is glad to see other offers.
OVER = (Booking.Status.DECLINED, Booking.Status.EXPIRED, Booking.Status.CANCELLED_BY_PARTNER)


def wants_alternatives(booking: Booking) -> bool:
    """Say whether the page of the booking shows its school other offers: it is late, or came to nothing."""
    if booking.status in OVER:
        return True
    late = booking.reply_by is not None and booking.reply_by < timezone.localdate()
    return booking.status == Booking.Status.REQUESTED and late


def other_offers(booking: Booking, *, is_school: bool) -> dict[str, Any]:
    """Return what the page of a booking shows its school: ``is_late``, and ``alternatives`` where they help."""
    is_late = is_school and booking.status == Booking.Status.REQUESTED and wants_alternatives(booking)
    wanted = is_school and wants_alternatives(booking)
    return {"is_late": is_late, "alternatives": alternatives_for(booking) if wanted else []}
