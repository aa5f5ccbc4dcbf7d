"""Sessions that need the same role model at the same time: the partner is warned, and decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from stemportal.activities.models import Activity, RoleModel, Session

# More names than this help nobody; the first ones show what is wrong.
AT_MOST = 10


@dataclass(frozen=True)
class Overlap:
    """A time that clashes: who is needed twice, in which other activity, and when. ``starts_at`` is the new one's."""

    starts_at: datetime
    role_model: str
    other_title: str
    other_starts_at: datetime
    other_ends_at: datetime


def overlaps(
    activity: Activity, spans: Sequence[tuple[datetime, datetime]], *, besides: Collection[int] = ()
) -> list[Overlap]:
    """Return what clashes with new times (start, end) of an activity, also among themselves; soonest first.

    ``besides`` are sessions that do not count, such as those that are being moved. At most ``AT_MOST`` are returned.
    Two queries; one where the activity has no role models.
    """
    people = list(RoleModel.objects.filter(Q(activities=activity) | Q(offer=activity)).distinct().order_by("full_name"))
    if not people or not spans:
        return []
    theirs = Q(activity__role_models__in=people) | Q(activity__role_model__in=people)
    others = (
        Session.objects.filter(
            theirs,
            status=Session.Status.OPEN,
            starts_at__lt=max(end for _start, end in spans),
            ends_at__gt=min(start for start, _end in spans),
        )
        .exclude(pk__in=besides)
        .select_related("activity")
        .prefetch_related("activity__role_models")
        .distinct()
        .order_by("starts_at", "pk")
    )
    names = {person.pk: person.full_name for person in people}
    busy = [(other.starts_at, other.ends_at, other.activity.title, _who(other.activity, names)) for other in others]
    first = people[0].full_name
    found = [
        Overlap(start, who, title, other_start, other_end)
        for start, end in spans
        for other_start, other_end, title, who in busy
        if start < other_end and other_start < end
    ]
    ordered = sorted(spans)
    for (start, end), (next_start, _next_end) in zip(ordered, ordered[1:], strict=False):
        if next_start < end:
            found.append(Overlap(next_start, first, activity.title, start, end))
    return sorted(found, key=lambda item: (item.starts_at, item.other_starts_at))[:AT_MOST]


def _who(activity: Activity, names: dict[int, str]) -> str:
    """Name who is needed in both: one of the role models of the other activity, or whose own offer it is."""
    shared = [names[person.pk] for person in activity.role_models.all() if person.pk in names]
    return shared[0] if shared else next(iter(names.values()))
