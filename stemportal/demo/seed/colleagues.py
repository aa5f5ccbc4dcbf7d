"""Colleagues of the demo world: a coordinator, and somebody whom she is to approve."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.demo.seed import world
from stemportal.demo.seed.people import demo_school, ensure_users
from stemportal.schools.models import Teacher

NEW_COLLEAGUE_EMAIL, NEW_COLLEAGUE_NAME = "silje.aas@privat.example.no", "Silje Aas"


def seed_colleagues() -> None:
    """The demo teacher is coordinator of her school; a colleague with a private address waits for her."""
    Teacher.objects.filter(
        user__email=world.TEACHER_EMAIL, school=demo_school(), status=Teacher.Status.VERIFIED
    ).update(role=Teacher.Role.COORDINATOR)
    users = ensure_users([(NEW_COLLEAGUE_EMAIL, NEW_COLLEAGUE_NAME, "nb")])
    yesterday = timezone.now() - timedelta(days=1)
    Teacher.objects.get_or_create(
        user=users[NEW_COLLEAGUE_EMAIL],
        school=demo_school(),
        defaults={"asked_at": yesterday, "created_at": yesterday},
    )
    # For this one's school there is no coordinator.
    Teacher.objects.filter(user__email=world.SECOND_TEACHER_EMAIL, asked_at=None).update(
        asked_at=yesterday, secretariat_asked_at=yesterday
    )
