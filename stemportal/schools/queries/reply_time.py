"""How soon a partner usually answers a request: what teachers see before they ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_high
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.lib.school_year import working_days_between

# Fewer answers say more about the days than about the partner.
ENOUGH = 5
WINDOW = timedelta(days=365)
# What it did lately says enough about a partner that is asked very often.
LATEST = 200
# Slower than that is told as weeks.
SLOW_DAYS = 10

# An answer is a partner's move from "requested": yes, no, or another time. It is counted from the move that made the
# booking wait for it; what the secretariat answered on behalf of a partner says nothing about that partner.
ANSWERS = """
SELECT asked.at, answer.at
  FROM schools_bookingevent answer
  JOIN schools_booking b ON b.id = answer.booking_id
  JOIN activities_activity a ON a.id = b.activity_id
  LEFT JOIN accounts_user u ON u.id = answer.by_id
  JOIN LATERAL (
       SELECT e.at
         FROM schools_bookingevent e
        WHERE e.booking_id = b.id AND e.to_status = 'requested' AND e.from_status <> 'requested'
          AND (e.at, e.id) < (answer.at, answer.id)
        ORDER BY e.at DESC, e.id DESC
        LIMIT 1
       ) asked ON true
 WHERE a.partner_id = %(partner)s
   AND answer.from_status = 'requested' AND answer.to_status IN ('confirmed', 'declined', 'offered')
   AND answer.at > %(since)s AND u.is_staff IS NOT TRUE
 ORDER BY answer.at DESC, answer.id DESC
 LIMIT %(latest)s
"""


@dataclass(frozen=True)
class ReplyTime:
    """How many requests a partner has answered in the last twelve months, and the median in working days.

    0 days is on the same day. ``days`` is None until there are enough answers to tell.
    """

    answers: int
    days: int | None

    @property
    def words(self) -> str:
        """What teachers read; empty until there are enough answers."""
        if self.days is None:
            return ""
        if self.days == 0:
            return _("Usually answers on the same day")
        weeks = -(-self.days // 5)
        number, words = (
            (weeks, ngettext("Usually answers within %(count)s week", "Usually answers within %(count)s weeks", weeks))
            if self.days > SLOW_DAYS
            else (
                self.days,
                ngettext(
                    "Usually answers within %(count)s working day",
                    "Usually answers within %(count)s working days",
                    self.days,
                ),
            )
        )
        return words % {"count": number}

    @property
    def missing(self) -> int:
        """How many answers are missing until it is shown."""
        return max(ENOUGH - self.answers, 0)


def reply_time(partner_id: int) -> ReplyTime:
    """Return how soon the partner answers. One query."""
    asked: dict[str, Any] = {"partner": partner_id, "since": timezone.now() - WINDOW, "latest": LATEST}
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, asked)
        days = [_working_days(*row) for row in cursor.fetchall()]
    return ReplyTime(answers=len(days), days=median_high(days) if len(days) >= ENOUGH else None)


def _working_days(asked: datetime, answered: datetime) -> int:
    return working_days_between(timezone.localdate(asked), timezone.localdate(answered))


def reply_words(partner_id: int) -> str:
    """Return in words how soon the partner answers, for the pages of its offers; empty while nothing can be said."""
    return reply_time(partner_id).words
