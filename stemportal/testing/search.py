"""The search in tests: a real index in a folder of its own, empty at the start of each test."""

from __future__ import annotations

from typing import Any

import pytest
import tantivy


class FollowingIndex:
    """Remembers what changed, and writes the index before the next search: no worker, no commit to wait for."""

    def __init__(self) -> None:
        self.changed: set[int] | None = set()
        self.as_emptied: tuple[Any, ...] = ()

    def follow(self, activity_ids: list[int] | None) -> None:
        """Take note of changed activities; None is all of them."""
        if activity_ids is None or self.changed is None:
            self.changed = None
        else:
            self.changed.update(activity_ids)

    def flush(self) -> None:
        """Write what changed. A worker would do it, so tests that count a page's queries do not see these."""
        from django.db import connection

        from stemportal.activities.search import writer

        changed, self.changed = self.changed, set()
        log = len(connection.queries_log)
        if changed is None:
            writer.rebuild()
        elif changed:
            writer.update(sorted(changed))
        while len(connection.queries_log) > log:
            connection.queries_log.pop()

    def empty(self) -> None:
        """Forget the offers of the test before."""
        from stemportal.activities.search import writer

        self.changed = set()
        if not self.as_emptied or self.as_emptied != _state():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(writer, "published_ids", lambda: iter(()))
                writer.rebuild()
            self.as_emptied = _state()


def _state() -> tuple[Any, ...]:
    """What tells one state of the index from another."""
    from stemportal.activities.search import store

    try:
        folder = store.folder()
        meta = (folder / store.META).stat()
    except (store.SearchNotReady, OSError):
        return ()
    return folder, meta.st_ino, meta.st_mtime_ns, sorted(path.name for path in folder.iterdir())


_index = FollowingIndex()


@pytest.fixture(autouse=True)
def search_index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FollowingIndex:
    """The index of this test. With a real Celery worker (``celery_worker_process``) it is the worker that writes it."""
    from stemportal.activities import search_index as changes
    from stemportal.activities.search.store import Reader
    from stemportal.lib.memo import forget_all

    forget_all()
    searcher = Reader.searcher

    def flush_and_search(reader: Reader) -> tantivy.Searcher:
        _index.flush()
        return searcher(reader)

    _index.empty()
    if "celery_worker_process" not in request.fixturenames:
        monkeypatch.setattr(changes, "after_commit", _index.follow)
        monkeypatch.setattr(Reader, "searcher", flush_and_search)
    return _index
