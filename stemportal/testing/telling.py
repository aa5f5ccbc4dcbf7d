"""Mails about bookings in tests: written as soon as the history is, where no worker does it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def told_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests without a real Celery worker (``celery_worker_process``) see the mails of a move when it is made."""
    from stemportal.schools.services import telling

    if "celery_worker_process" not in request.fixturenames:
        monkeypatch.setattr(telling, "after_commit", telling.tell)
