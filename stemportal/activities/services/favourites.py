"""A person keeps an offer to find it again, or lets it go."""

from __future__ import annotations

from django.db import transaction

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Favourite

# More than anybody looks through; a bound against programs that keep everything.
MOST_KEPT = 300


class TooManyKept(Exception):
    """The person keeps as much as one may."""


@transaction.atomic
def keep_offer(*, user: User, activity: Activity) -> bool:
    """Keep an offer; return whether it is new among the favourites. Raises TooManyKept."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    kept = Favourite.objects.filter(user=user)
    if kept.filter(activity=activity).exists():
        return False
    if kept.count() >= MOST_KEPT:
        raise TooManyKept
    Favourite.objects.create(user=user, activity=activity)
    return True


def let_go(*, user: User, activity_id: int) -> bool:
    """Take an offer out of the favourites; return whether it was there."""
    deleted, _rows = Favourite.objects.filter(user=user, activity_id=activity_id).delete()
    return bool(deleted)
