"""`make bench`: what searches, pages and bookings cost, as ratios within one run.

Absolute times say more about the machine than about the portal, so every figure stands beside a yardstick measured in
the same run: an empty Django view behind the same middleware, and a bare psycopg loop that locks, inserts and commits.
Results go to the terminal and to var/bench.json. Servers are throw-away ones; nothing of a running portal is touched.

    make bench                                                   up to 100,000 offers, some minutes
    make bench ARGS="--sizes 1000,10000,100000,1000000"          a million: 12 GB of disk, half an hour
    make bench ARGS="--only newsletters"                         100,000 mails to a server on loopback
    make bench ARGS="--only reports"                             a thousand reports, figures of a million bookings
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
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, pairwise, product
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stemportal.embedded.process import free_port  # noqa: E402  # after the path is set
from stemportal.embedded.servers import Postgres, Valkey  # noqa: E402  # after the path is set

SIZES = (1_000, 10_000, 100_000)
WARM_UP = 10
ROUNDS_OF_BOOKINGS = 3
# Words, three filters, a distance and all facets; the same with other words and places each time, so that little of
# what is remembered helps; the whole list with its counts; and the map.
SEARCH = "/activities/?q={word}&place={place}&radius=60&grade=9&language=nb&kind=company_visit"
WORDS = ("robot", "bærekraft", "energi", "vann", "programmering", "elbil", "klima", "laboratorium", "data")
PLACES = ("Oslo", "Bergen", "Trondheim", "Tromsø", "Stavanger", "Bodø", "Kristiansand", "Hamar", "Drammen", "Alta")
SEARCHES = {
    "search": [SEARCH.format(word="robot", place="Oslo")],
    "others": [SEARCH.format(word=word, place=place) for word, place in product(WORDS, PLACES)],
    "all": ["/activities/"],
    "map": ["/activities/?q=robot&view=map"],
}


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        folder_of_servers = Path(folder)
        folder_of_servers.chmod(0o755)  # PostgreSQL may run as a user of its own
        with throwaway_servers(folder_of_servers):
            import django

            django.setup()
            results = run(options.sizes, options.rounds, only=options.only)
            if options.only in {None, "newsletters"}:
                from scripts.bench_newsletters import measure_newsletters

                results["newsletters"] = measure_newsletters(options.deliveries, folder_of_servers)
            if options.only in {None, "reports"}:
                from scripts.bench_partner_reports import measure_partner_reports
                from scripts.bench_reports import measure_reports

                results["partner_reports"] = measure_partner_reports(folder_of_servers, options.reports)
                results["reports"] = measure_reports(options.report_bookings)
            from django.db import connections

            connections.close_all()
    target = Path(os.environ.get("PORTAL_VAR", ROOT / "var")) / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\nWritten to {target}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=90, help="how often each page is asked for")
    parser.add_argument("--deliveries", type=int, default=100_000, help="how many receivers the newsletter has")
    parser.add_argument("--reports", type=int, default=1_000, help="how many partners' reports are built")
    parser.add_argument("--report-bookings", type=int, default=1_000_000, help="bookings that figures are counted of")
    parser.add_argument("--only", choices=["pages", "bookings", "newsletters", "reports"], help="leave the others out")
    return parser.parse_args()


@contextmanager
def throwaway_servers(folder: Path) -> Iterator[None]:
    """PostgreSQL and Valkey for this run; Django is pointed at them."""
    with Postgres(folder / "postgres") as postgres, Valkey(folder / "valkey") as valkey:
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = postgres.url, valkey.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "scripts.bench_settings"
        os.environ["SEARCH_DIR"] = str(folder / "search")
        os.environ["EMAIL_HOST"], os.environ["EMAIL_PORT"] = "127.0.0.1", str(free_port())
        yield


def run(sizes: list[int], rounds: int, *, only: str | None) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if only == "newsletters":
        return {}
    call_command("seed_demo", stdout=io.StringIO())
    if only == "reports":
        return {}
    results: dict[str, Any] = {"rounds": rounds, "sizes": {}}
    for size in sizes:
        grow(size)
        found: dict[str, Any] = {"activities": size}
        results["sizes"][str(size)] = found
        if only != "bookings":
            found |= {"index": build_index(), **measure_pages(rounds)}
        if only != "pages":
            found["bookings"] = measure_bookings()
    if only != "bookings":
        results["growth"] = growth(results["sizes"])
    return results


def growth(sizes: dict[str, Any]) -> dict[str, float]:
    """Return how many times the search itself cost of what it cost at the size before."""
    found = {}
    for before, after in pairwise(sizes):
        times = sizes[after]["pages"]["search"]["search_ms"] / sizes[before]["pages"]["search"]["search_ms"]
        found[f"{before} -> {after}"] = times
        print(f"  the search itself at {int(after):,}: {times:.1f} x its figure at {int(before):,}")
    return found


def build_index() -> dict[str, float]:
    """Build the search index from the database, and return seconds and megabytes."""
    from stemportal.activities.models import Activity
    from stemportal.activities.search import store, writer

    began = time.monotonic()
    number = writer.rebuild()
    assert number == Activity.objects.published().count()
    seconds = time.monotonic() - began
    megabytes = sum(file.stat().st_size for file in store.folder().iterdir()) / 1e6
    print(f"  index        {number:,} offers in {seconds:.0f} s, {megabytes:.0f} MB")
    return {"seconds": seconds, "megabytes": megabytes}


def grow(size: int) -> None:
    """Add activities until there are that many published ones."""
    from django.core.management import call_command

    from stemportal.activities.models import Activity
    from stemportal.partners.models import Partner

    missing = size - Activity.objects.published().count()
    began = time.monotonic()
    if missing > 0:
        partners = max(min(size // 20, 5_000) - Partner.objects.count(), 0)
        call_command("seed_scale", partners=partners, activities=missing, stdout=sys.stderr)
    print(f"\n{size:,} activities ({time.monotonic() - began:.0f} s to make)")


def timed(call: Callable[[], Any], rounds: int, *, beside: Callable[[], Any] | None = None) -> dict[str, float]:
    """Return median and 95th percentile in ms over so many calls, after some to warm up.

    With ``beside``, that is called and timed before each call: both then meet the same machine, whatever else it does
    at that moment, and neither has the processor's caches for itself. Its median is ``beside_ms``.
    """
    samples: list[float] = []
    others: list[float] = []
    for number in range(WARM_UP + rounds):
        for function, times in ((beside, others), (call, samples)):
            if function:
                began = time.perf_counter()
                function()
                if number >= WARM_UP:
                    times.append((time.perf_counter() - began) * 1000)
    figures = {"median_ms": statistics.median(samples), "p95_ms": statistics.quantiles(samples, n=20)[18]}
    return figures | ({"beside_ms": statistics.median(others)} if others else {})


class Stopwatch:
    """How long a function takes, call by call, while pages are asked for: it is wrapped where the pages look for it."""

    def __init__(self, where: Any, name: str) -> None:
        self.where, self.name, self.real = where, name, getattr(where, name)
        self.samples: list[float] = []
        self.last: Any = None

    def __enter__(self) -> Self:
        setattr(self.where, self.name, self.call)
        return self

    def __exit__(self, *error: object) -> None:
        setattr(self.where, self.name, self.real)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        self.last = self.real(*args, **kwargs)
        self.samples.append((time.perf_counter() - began) * 1000)
        return self.last


def measure_pages(rounds: int) -> dict[str, Any]:
    """Ask for each page in-process, through the whole middleware, and set it beside the empty view."""
    from django.test import Client

    from stemportal.activities.models import Activity

    client = Client(headers={"host": "127.0.0.1"})
    activity = Activity.objects.published().filter(sessions__isnull=False).order_by("pk").first()
    assert activity is not None

    def get(paths: Iterator[str]) -> None:
        path = next(paths)
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)

    empty = partial(get, cycle(["/bench/empty/"]))
    found = {"empty": timed(empty, rounds)}
    for name, paths in SEARCHES.items():
        found[name] = measure_search(partial(get, cycle(paths)), rounds, empty)
    found["activity"] = timed(partial(get, cycle([activity.get_absolute_url()])), rounds, beside=empty)
    for figures in found.values():
        figures["times_empty"] = figures["median_ms"] / figures.get("beside_ms", figures["median_ms"])
        figures["times_empty_alone"] = figures["median_ms"] / found["empty"]["median_ms"]
    print_pages(found)
    return {"pages": found}


def measure_search(get: Callable[[], None], rounds: int, empty: Callable[[], None]) -> dict[str, float]:
    """Time a search page and what it is made of: the search itself (the index and the rows), and the template."""
    from stemportal.activities.finding import results
    from stemportal.activities.views import search

    with (
        Stopwatch(search, "search_activities") as whole,
        Stopwatch(results, "run_search") as index,
        Stopwatch(results, "cards_of") as rows,
        Stopwatch(search, "render") as template,
    ):
        figures = timed(get, rounds, beside=empty)
    for name, watch in (("search", whole), ("index", index), ("rows", rows), ("template", template)):
        figures[f"{name}_ms"] = statistics.median(watch.samples[-rounds:])
    figures["search_p95_ms"] = statistics.quantiles(whole.samples[-rounds:], n=20)[18]
    figures["share_in_search"] = figures["search_ms"] / figures["median_ms"]
    figures["hits"] = whole.last.total
    return figures


def print_pages(found: dict[str, dict[str, float]]) -> None:
    """Print a line a page: how long it takes, how many empty views that is, and where the time goes.

    "x empty" compares with the empty view asked for in turn with the page, "x alone" with nothing but empty views.
    """
    parts = ("search", "index", "rows", "template")
    heads = (
        f"{'median':>9}{'p95':>9}{'x empty':>9}{'x alone':>9}   {''.join(f'{name:>10}' for name in parts)}{'share':>8}"
    )
    print(f"  {'ms':<10}{heads}")
    for name, figures in found.items():
        line = f"  {name:<10}{figures['median_ms']:9.2f}{figures['p95_ms']:9.2f}"
        line += f"{figures['times_empty']:9.1f}{figures['times_empty_alone']:9.1f}   "
        if "search_ms" in figures:
            line += "".join(f"{figures[f'{part}_ms']:10.2f}" for part in parts)
            line += f"{figures['share_in_search']:8.0%}   {int(figures['hits']):,} hits"
        print(line)


def measure_bookings(count: int = 300) -> dict[str, Any]:
    """Book one hot session and many sessions through the service, beside bare loops over the same number of rows.

    The yardstick is a loop that locks the session and inserts the very row a booking is, foreign keys, indexes and all;
    the second one, over a table of two columns without any, shows what a transaction alone costs.
    """
    found = {f"{name}_per_s": 0.0 for name in ("hot", "many", "bare", "barest")}
    for _ in range(ROUNDS_OF_BOOKINGS):  # the best of each, taken in turn: other work on the machine slows some down
        for name, rate in (
            ("hot", book_service(count, hot=True)),
            ("many", book_service(count, hot=False)),
            ("bare", bare_bookings(count)),
            ("barest", bare_loop(count)),
        ):
            found[f"{name}_per_s"] = max(found[f"{name}_per_s"], rate)
    for name in ("hot", "many"):
        found[f"{name}_ratio"] = found[f"{name}_per_s"] / found["bare_per_s"]
        found[f"{name}_to_barest"] = found[f"{name}_per_s"] / found["barest_per_s"]
        print(
            f"  bookings     {'one session ' if name == 'hot' else 'many sessions'} {found[f'{name}_per_s']:7.0f}/s: "
            f"{found[f'{name}_ratio']:.2f} of a bare loop ({found['bare_per_s']:.0f}/s), "
            f"{found[f'{name}_to_barest']:.2f} of one without keys and indexes ({found['barest_per_s']:.0f}/s)"
        )
    return found


def book_service(count: int, *, hot: bool) -> float:
    """Return bookings a second through ``book_session``, with its history written and its task handed over.

    The mails are made by a worker, and none runs here.
    """
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
            group_name=f"{uuid.uuid4().hex[:16]}-{n}",
            grade=9,
            pupils=min(20, activity.group_max),
        )
    return count / (time.perf_counter() - began)


def bare_bookings(count: int) -> float:
    """Return rounds a second of BEGIN, lock a session, insert a booking, count its place, COMMIT with psycopg alone."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM schools_booking WHERE session_id IS NOT NULL ORDER BY id DESC LIMIT 1")
        like = cursor.fetchone()
        assert cursor.description is not None
        assert like is not None
        row = {column.name: value for column, value in zip(cursor.description, like, strict=True)}
        row["pupil_wishes"] = "[]"
        del row["id"]
        insert = f"INSERT INTO schools_booking ({', '.join(row)}) VALUES ({', '.join(f'%({name})s' for name in row)})"
        connection.commit()
        began = time.perf_counter()
        for n in range(count):
            session = {"session": row["session_id"]}
            cursor.execute("SELECT * FROM activities_session WHERE id = %(session)s FOR NO KEY UPDATE", session)
            cursor.execute(insert, {**row, "group_name": f"bare {began}-{n}"[-30:], "request_key": uuid.uuid4()})
            cursor.execute("UPDATE activities_session SET pupils_taken = 1 WHERE id = %(session)s", session)
            connection.commit()
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
