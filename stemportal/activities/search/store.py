"""Where the index lies, and how a process opens it.

``SEARCH_DIR`` holds a folder a generation and the file ``current`` with the name of the one in use. A rebuild fills a
new folder and then replaces the file, which is atomic; readers notice before their next search. Where there is no
index, or one of another version, or a broken one, SearchNotReady is raised: pages answer 503, tasks build it anew.
"""

from __future__ import annotations

import hashlib
import os
import threading
from functools import cache
from pathlib import Path

import structlog
import tantivy
from django.conf import settings

from stemportal.activities.search.schema import VERSION
from stemportal.activities.search.words import DATA

logger = structlog.get_logger(__name__)

CURRENT = "current"
META = "meta.json"


class SearchNotReady(Exception):
    """There is no index that this code can read. It is being built, or will be."""


@cache
def version() -> str:
    """Return what an index must have been built with: the schema's version and the list of compounds."""
    return f"{VERSION}-{hashlib.sha256((DATA / 'compounds.txt').read_bytes()).hexdigest()[:12]}"


def folder() -> Path:
    """Return the folder of the index in use. Raises SearchNotReady."""
    base = Path(settings.SEARCH_DIR)
    try:
        name = (base / CURRENT).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SearchNotReady("no index") from error
    if not name.startswith(f"{version()}."):
        raise SearchNotReady(f"an index of another version: {name}")
    return base / name


def open_index() -> tantivy.Index:
    """Open the index in use. Raises SearchNotReady also when its files are damaged."""
    path = folder()
    try:
        return tantivy.Index.open(str(path))
    except (ValueError, OSError) as error:
        raise SearchNotReady(f"broken index: {error}") from error


class Reader:
    """The index as one process reads it; threads share it. Looks at two files before each search, and reloads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._index: tantivy.Index | None = None

    def searcher(self) -> tantivy.Searcher:
        """Return the index as it stands now. Raises SearchNotReady."""
        try:
            return self._searcher()
        except SearchNotReady:
            # A rebuild may have put a new generation in place between our looking and our opening.
            return self._searcher()

    def _searcher(self) -> tantivy.Searcher:
        path = folder()
        seen = (path, _stamp(path / META))
        with self._lock:
            if self._index is None or seen != self._seen:
                self._index = self._opened(path)
                self._seen = seen
            return self._index.searcher()

    def _opened(self, path: Path) -> tantivy.Index:
        if self._index is None or self._seen[:1] != (path,):
            index = open_index()
            index.config_reader(reload_policy="manual")
            return index
        try:
            self._index.reload()
        except (ValueError, OSError) as error:
            raise SearchNotReady(f"broken index: {error}") from error
        return self._index


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(file)
    except OSError as error:
        raise SearchNotReady(f"broken index: {error}") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


reader = Reader()
