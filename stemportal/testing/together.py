"""Several threads that do something at the same moment, each over a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(work: Callable[[int], Result], threads: int) -> list[Result]:
    """Run ``work(n)`` in so many threads that start together; return what each came to, in their order."""
    barrier = threading.Barrier(threads)

    def one(n: int) -> Result:
        try:
            barrier.wait(timeout=20)
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))
