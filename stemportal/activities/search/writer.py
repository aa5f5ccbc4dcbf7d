"""The only place that writes the index. One process at a time: a lock that falls with the process that held it."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

import structlog
import tantivy
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from stemportal.activities.models import Activity, RoleModel
from stemportal.activities.search import store
from stemportal.activities.search.documents import documents_of, published_ids
from stemportal.activities.search.schema import schema
from stemportal.partners.models import Partner

logger = structlog.get_logger(__name__)

LOCK = "lock"
SYNCED = "synced"
# Bytes that a writer may collect before it writes a segment.
HEAP_TO_BUILD = 256_000_000
HEAP_TO_UPDATE = 15_000_000
MOST_AT_ONCE = 1_000
# A change becomes visible when its transaction ends, which may be later than the time it bears.
LONGEST_TRANSACTION = timedelta(minutes=1)


class WriterBusy(Exception):
    """Another process is writing the index; try again in a while."""


@contextmanager
def _writing(wait_seconds: float) -> Iterator[Path]:
    """Hold the lock, and yield the folder of the index. Raises WriterBusy."""
    base = Path(settings.SEARCH_DIR)
    base.mkdir(parents=True, exist_ok=True)
    with (base / LOCK).open("w") as file:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise WriterBusy from error
                time.sleep(0.05)
            else:
                break
        yield base


def rebuild(*, wait_seconds: float = 10, tell: Callable[[int], None] | None = None) -> int:
    """Build the index anew from PostgreSQL and put it in use; return how many offers it holds. Raises WriterBusy.

    Searches use the old index until the new one is complete. ``tell`` is called with the number so far.
    """
    with _writing(wait_seconds) as base:
        began = timezone.now()
        path = base / f"{store.version()}.{began:%Y%m%dT%H%M%S%f}"
        path.mkdir()
        try:
            number = _fill(path, tell or (lambda _so_far: None))
            _write(path / SYNCED, began.isoformat())
            _write(base / store.CURRENT, path.name)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        _remove_others(base, path)
    logger.info("search_rebuilt", offers=number)
    return number


def _fill(path: Path, tell: Callable[[int], None]) -> int:
    index = tantivy.Index(schema(), path=str(path))
    writer = index.writer(HEAP_TO_BUILD, 1)
    number = 0
    for ids in published_ids():
        for document in documents_of(ids):
            writer.add_document(document)
            number += 1
        tell(number)
    writer.commit()
    writer.wait_merging_threads()
    return number


def _write(file: Path, text: str) -> None:
    """Write a small file so that a crash leaves the old one or the new one."""
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


def _remove_others(base: Path, kept: Path) -> None:
    """Remove older generations, and what a killed rebuild left. Processes that still read one keep its files open."""
    for path in base.iterdir():
        if path.is_dir() and path != kept:
            shutil.rmtree(path, ignore_errors=True)


def update(ids: Sequence[int], *, wait_seconds: float = 10) -> None:
    """Bring these offers in the index up to date: written if they are published, removed if not.

    Raises WriterBusy, and SearchNotReady where there is no index yet.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return
    with _writing(wait_seconds):
        for start in range(0, len(wanted), MOST_AT_ONCE):
            _replace(wanted[start : start + MOST_AT_ONCE])


def _replace(ids: Sequence[int]) -> None:
    writer = store.open_index().writer(HEAP_TO_UPDATE, 1)
    writer.delete_documents_by_query(tantivy.Query.term_set_query(schema(), "id", list(ids)))
    for document in documents_of(ids):
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def sweep(*, wait_seconds: float = 1) -> int:
    """Bring up to date what changed since the last sweep, told or not; return how many. Raises as ``update`` does."""
    note = store.folder() / SYNCED
    began = timezone.now()
    ids = changed_since(datetime.fromisoformat(note.read_text(encoding="utf-8")) - LONGEST_TRANSACTION)
    update(ids, wait_seconds=wait_seconds)
    _write(note, began.isoformat())
    return len(ids)


def changed_since(moment: datetime) -> list[int]:
    """Return the activities that were changed since then, or whose partner or role models were."""
    partners = Partner.objects.filter(changes__pgh_created_at__gte=moment)
    people = RoleModel.objects.filter(updated_at__gte=moment)
    changed = [Q(updated_at__gte=moment), Q(partner__in=partners), Q(role_models__in=people), Q(role_model__in=people)]
    found = (Activity.objects.filter(condition).values_list("pk", flat=True) for condition in changed)
    return sorted(set(chain.from_iterable(found)))


def is_missing() -> bool:
    """Whether there is no index that this code can read."""
    try:
        store.open_index()
    except store.SearchNotReady:
        return True
    return False
