"""Recommendations: several inputs bundled into one, published for everybody, and taken off the pages again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.network.models import Input, Recommendation
from stemportal.network.services.inputs import NotMoved, begin_work, move_input

Status = Input.Status
CAN_BE_BUNDLED = (Status.RECEIVED, Status.IN_WORK, Status.TAKEN_UP)


@transaction.atomic
def bundle_inputs(*, inputs: Sequence[Input], recommendation: Recommendation, by: User) -> int:
    """Put input into a recommendation; what was only received is in work from now on. Returns how many were put in.

    Left out is what was withdrawn, was not taken up, or is part of another recommendation. In a published one it is
    taken up at once.
    """
    # Whoever publishes it waits, or has published it before this reads it.
    recommendation = Recommendation.objects.select_for_update(no_key=True).get(pk=recommendation.pk)
    put_in = 0
    for found in inputs:
        rows = Input.objects.filter(pk=found.pk, recommendation=None, status__in=CAN_BE_BUNDLED)
        put_in += rows.update(recommendation=recommendation)
    begin_work(inputs=list(recommendation.inputs.filter(status=Status.RECEIVED)), by=by)
    if recommendation.published_at is not None:
        _take_up(recommendation, by)
    return put_in


def unbundle_inputs(*, inputs: Sequence[Input]) -> int:
    """Take input out of its recommendation; its status stays. Returns how many were in one."""
    bundled = Input.objects.filter(pk__in=[found.pk for found in inputs]).exclude(recommendation=None)
    return bundled.update(recommendation=None)


@transaction.atomic
def publish_recommendation(*, recommendation: Recommendation, by: User) -> bool:
    """Show a recommendation to everybody; its input is taken up, and the partners are told. False: it was before."""
    published = Recommendation.objects.filter(pk=recommendation.pk, published_at=None).update(
        published_at=timezone.now()
    )
    if published:
        _take_up(recommendation, by)
    return bool(published)


def _take_up(recommendation: Recommendation, by: User) -> None:
    for found in recommendation.inputs.undecided():
        try:
            move_input(found=found, status=Status.TAKEN_UP, by=by)
        except NotMoved:  # withdrawn or decided this very moment: that stands
            continue


def take_down_recommendation(*, recommendation: Recommendation) -> bool:
    """Take a recommendation off the pages; its input stays as it is. False: it was not published."""
    shown = Recommendation.objects.filter(pk=recommendation.pk).exclude(published_at=None)
    return bool(shown.update(published_at=None))
