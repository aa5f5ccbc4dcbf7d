"""`make bench`: what pages and bookings cost, as ratios within one run.

Absolute times say more about the machine than about the portal, so every figure stands beside a yardstick measured in
the same run: an empty Django view behind the same middleware, and a bare psycopg loop that locks, inserts and commits.
Results go to the terminal and to var/bench.json. Servers are throw-away ones; nothing of a running portal is touched.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stemportal.embedded.servers import Postgres, Valkey  # noqa: E402  # after the path is set

SIZES = (1_000, 100_000)
SEARCH = "/activities/?q=robot&place=Alta&radius=100&grade=9&kind=company_visit"


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        folder_of_servers = Path(folder)
        folder_of_servers.chmod(0o755)  # PostgreSQL may run as a user of its own
        with throwaway_servers(folder_of_servers):
            import django

            django.setup()
            results = run(options.sizes, options.rounds)
            from django.db import connections

            connections.close_all()
    target = Path(os.environ.get("PORTAL_VAR", ROOT / "var")) / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nWritten to {target}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=60, help="how often each page is asked for")
    return parser.parse_args()


@contextmanager
def throwaway_servers(folder: Path) -> Iterator[None]:
    """PostgreSQL and Valkey for this run; Django is pointed at them."""
    with Postgres(folder / "postgres") as postgres, Valkey(folder / "valkey") as valkey:
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = postgres.url, valkey.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "scripts.bench_settings"
        yield


def run(sizes: list[int], rounds: int) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("seed_demo", stdout=io.StringIO())
    results: dict[str, Any] = {"rounds": rounds, "sizes": {}}
    for size in sizes:
        grow(size)
        results["sizes"][str(size)] = measure_pages(size, rounds)
        results["sizes"][str(size)]["bookings"] = measure_bookings()
    return results


def grow(size: int) -> None:
    """Add activities until there are that many published ones."""
    from django.core.management import call_command

    from stemportal.activities.models import Activity

    missing = size - Activity.objects.published().count()
    began = time.monotonic()
    if missing > 0:
        call_command("seed_scale", partners=min(missing // 20 + 1, 5_000), activities=missing, stdout=sys.stderr)
    print(f"\n{size:,} activities ({time.monotonic() - began:.0f} s to make)")


def timed(call: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Return median and 95th percentile in ms over so many calls, after a few to warm up."""
    for _ in range(5):
        call()
    samples = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        samples.append((time.perf_counter() - began) * 1000)
    return {"median_ms": statistics.median(samples), "p95_ms": statistics.quantiles(samples, n=20)[18]}


def measure_pages(size: int, rounds: int) -> dict[str, Any]:
    """Ask for each page in-process, through the whole middleware, and set it beside the empty view."""
    from django.test import Client

    from stemportal.activities.models import Activity

    client = Client(headers={"host": "127.0.0.1"})
    activity = Activity.objects.published().filter(sessions__isnull=False).order_by("pk").first()
    assert activity is not None
    pages = {
        "empty": "/bench/empty/",
        "search": SEARCH,
        "search_all": "/activities/",
        "activity": activity.get_absolute_url(),
    }

    def get(path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)

    found = {name: timed(partial(get, path), rounds) for name, path in pages.items()}
    for name, figures in found.items():
        figures["times_empty"] = figures["median_ms"] / found["empty"]["median_ms"]
        print(
            f"  {name:<12} median {figures['median_ms']:8.2f} ms   p95 {figures['p95_ms']:8.2f} ms"
            f"   {figures['times_empty']:6.1f} x empty view"
        )
    return {"pages": found, "activities": size}


def measure_bookings(count: int = 300) -> dict[str, Any]:
    """Book one hot session and many sessions through the service, beside a bare loop over the same number of rows."""
    hot, many, bare = book_service(count, hot=True), book_service(count, hot=False), bare_loop(count)
    found = {
        "service_hot_per_s": hot,
        "service_many_per_s": many,
        "bare_loop_per_s": bare,
        "hot_ratio": hot / bare,
        "many_ratio": many / bare,
    }
    print(
        f"  bookings     one session {hot:7.0f}/s ({hot / bare:.2f} of a bare loop)"
        f"   many sessions {many:7.0f}/s ({many / bare:.2f})   bare loop {bare:7.0f}/s"
    )
    return found


def book_service(count: int, *, hot: bool) -> float:
    """Return bookings a second through ``book_session``, with mails and history written, tasks not sent."""
    from datetime import timedelta

    from django.utils import timezone

    from stemportal.activities.models import Activity, Session
    from stemportal.schools.models import Teacher
    from stemportal.schools.services.booking import book_session

    teacher = Teacher.objects.filter(status="verified", school__grade_to=10).select_related("user", "school").first()
    activity = Activity.objects.published().filter(grade_from__lte=9, grade_to__gte=9, kind__unit="groups").first()
    assert teacher is not None
    assert activity is not None
    start = timezone.now() + timedelta(days=30)
    sessions = Session.objects.bulk_create(
        Session(activity=activity, starts_at=start, ends_at=start + timedelta(hours=1), capacity=count if hot else 1)
        for _ in range(1 if hot else count)
    )
    began = time.perf_counter()
    for n in range(count):
        book_session(
            session_id=sessions[0 if hot else n].pk,
            school=teacher.school,
            teacher=teacher.user,
            group_name=f"9-{n}",
            grade=9,
            pupils=min(20, activity.group_max),
        )
    return count / (time.perf_counter() - began)


def bare_loop(count: int) -> float:
    """Return rounds a second of BEGIN, lock a row, insert, update, COMMIT with psycopg and nothing else."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_session (id int PRIMARY KEY, taken int NOT NULL)")
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_booking (id bigserial PRIMARY KEY, session int, note text)")
        cursor.execute("INSERT INTO bench_session VALUES (1, 0) ON CONFLICT DO NOTHING")
        connection.commit()
        began = time.perf_counter()
        for _ in range(count):
            cursor.execute("SELECT taken FROM bench_session WHERE id = 1 FOR NO KEY UPDATE")
            cursor.execute("INSERT INTO bench_booking (session, note) VALUES (1, 'x') RETURNING id")
            cursor.execute("UPDATE bench_session SET taken = taken + 1 WHERE id = 1")
            connection.commit()
        return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
