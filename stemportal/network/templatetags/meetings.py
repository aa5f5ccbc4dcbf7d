"""Meetings on pages of other apps."""

from __future__ import annotations

from typing import Any

from django import template

from stemportal.accounts.models import User
from stemportal.network.models import Rsvp
from stemportal.network.queries.meetings import own_invitations

register = template.Library()


@register.inclusion_tag("network/meetings/_mine.html")
def my_meetings(user: Any) -> dict[str, Any]:
    """A person's meetings to come, but for refused ones: {% my_meetings user %}. One query."""
    rows = own_invitations(user).exclude(status=Rsvp.Status.DECLINED) if isinstance(user, User) else []
    return {"meetings": [_with_answer(rsvp) for rsvp in rows]}


def _with_answer(rsvp: Rsvp) -> Any:
    rsvp.meeting.answer = rsvp.status  # type: ignore[attr-defined]  # as queries.meetings.with_answer does
    return rsvp.meeting
