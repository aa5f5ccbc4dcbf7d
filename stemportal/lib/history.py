"""Full history of a model: every insert, change and deletion as a row written by the database itself.

Triggers (django-pghistory) catch what signals miss: ``QuerySet.update``, compare-and-set, SQL by hand. Who did it comes
from the request (``stemportal.lib.middleware.HistoryMiddleware``) or from ``pghistory.context`` in a task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def keep_history(name: str, *, exclude: Sequence[str] = (), quiet: Sequence[str] = ()) -> Callable[[Model], Model]:
    """Return a class decorator that keeps every state of the model's rows in a model of that ``name``.

    The rows of one object are its ``changes``; they stay when the object is deleted. ``exclude`` are fields that are
    not kept; ``quiet`` ones are kept, but make no state of their own when nothing else changes.
    """
    condition = pgtrigger.AnyChange(exclude=list(quiet)) if quiet else pgtrigger.AnyChange()
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=condition),
        pghistory.DeleteEvent(),
        model_name=name,
        exclude=list(exclude) or None,
        obj_field=pghistory.ObjForeignKey(related_name="changes"),
    )
