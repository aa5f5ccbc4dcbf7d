"""Reads about teachers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Value, When

from stemportal.accounts.models import User
from stemportal.schools.models import Teacher


def teacher_record(user: User | AnonymousUser) -> Teacher | None:
    """Return the person's record as a teacher: a verified one before one that waits, or None."""
    if not user.is_authenticated:
        return None
    return (
        Teacher.objects.filter(user=user)
        .exclude(status=Teacher.Status.DECLINED)
        .select_related("school__municipality")
        .order_by(Case(When(status=Teacher.Status.VERIFIED, then=Value(0)), default=Value(1)), "created_at")
        .first()
    )
