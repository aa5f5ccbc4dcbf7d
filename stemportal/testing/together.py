"""Several threads that do something at the same moment, each over a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.db import connection, connections, transaction

from stemportal.embedded.process import wait_until

Result = TypeVar("Result")

WAITS_FOR_ME = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


def at_once(work: Callable[[int], Result], threads: int) -> list[Result]:
    """Run ``work(n)`` in so many threads that start together; return what each came to, in their order."""
    return all_at_once([partial(work, n) for n in range(threads)])


def all_at_once(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run different works in threads that start together; return what each came to. An error in any is raised."""
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], Result]) -> Result:
        try:
            barrier.wait(timeout=20)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def or_error(work: Callable[[], Result]) -> Callable[[], Result | Exception]:
    """Return a work that comes to its error, where it would raise one."""

    def answer() -> Result | Exception:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error

    return answer


def while_held(first: Callable[[], object], second: Callable[[], Result]) -> Result:
    """Commit ``first`` only when ``second``, in a thread, waits for it or is done; return what ``second`` came to."""

    def work() -> Result:
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            doing = pool.submit(work)
            assert wait_until(lambda: doing.done() or _somebody_waits_for_me(), seconds=20)
        return doing.result(timeout=20)


def _somebody_waits_for_me() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITS_FOR_ME)
        return bool(cursor.fetchone()[0])
