"""What later apps add to the pages of an activity, for activities know nothing of bookings.

Registered in ``AppConfig.ready``: ``page_parts.below_texts.append(what_classes_said)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stemportal.activities.models import Activity


@dataclass(frozen=True)
class PagePart:
    """A part of the page: the template that draws it, and what it finds under the name ``part``."""

    template: str
    part: Any


below_texts: list[Callable[[Activity], PagePart | None]] = []
# Names of templates above the facts of an activity in the admin. They find it as ``original``.
above_facts: list[str] = []


def parts_below_texts(activity: Activity) -> list[PagePart]:
    """Return the parts that have something to say of the activity."""
    found = [ask(activity) for ask in below_texts]
    return [part for part in found if part is not None]
