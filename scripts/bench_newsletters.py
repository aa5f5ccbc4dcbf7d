"""The part of `make bench` about newsletters: real Celery workers hand deliveries to a mail server on loopback.

The yardstick is a loop of nothing but `smtplib.SMTP.sendmail` over one connection to the same server, with the same
mail, half of it before and half of it after. Memory is that of the worker processes, sampled while they work.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
YARDSTICK_MAILS = 10_000
WORDS = "Elever som møter ingeniører, ser hva fag kan brukes til, og husker det lenge etter besøket. "


def measure_newsletters(deliveries: int, folder: Path) -> dict[str, Any]:
    """Send one newsletter to so many receivers; return rates a second, their ratio and megabytes."""
    from stemportal.embedded.process import port_is_free, wait_until
    from stemportal.embedded.program import Program

    port, report = int(os.environ["EMAIL_PORT"]), folder / "sink.json"
    args = [sys.executable, str(ROOT / "scripts/bench_sink.py"), "--port", str(port), "--report", str(report)]
    sink = Program("sink", args, log=folder / "sink.log", env=os.environ, cwd=ROOT)
    sink.start()
    assert wait_until(lambda: not port_is_free(port), seconds=20)
    try:
        newsletter = write_newsletter(deliveries)
        mail, half = one_mail(newsletter), min(deliveries, YARDSTICK_MAILS) // 2
        bare_seconds = bare_loop(mail, half, port)
        with celery_workers(folder) as workers, Memory(workers) as memory:
            seconds_to_list, seconds = send(newsletter)
        bare_seconds += bare_loop(mail, half, port)
    finally:
        sink.stop()
    counted = json.loads(report.read_text())
    deliveries = newsletter.deliveries.count()  # and those who subscribe in the demo world
    counts = {"sent": newsletter.deliveries.filter(status="sent").count(), **counted}
    assert counts["sent"] == deliveries, counts
    assert counts["receivers"] == counts["mails"] - half, counts  # the two loops write to the same receivers
    assert counts["twice"] == 0, counts
    rate, bare = deliveries / seconds, 2 * half / bare_seconds
    found = {"deliveries": deliveries, "per_s": rate, "bare_per_s": bare, "ratio": rate / bare, **memory.figures()}
    found |= {"seconds_to_list": seconds_to_list, "bytes_a_mail": counted["bytes_a_mail"]}
    print(
        f"  newsletter   {deliveries:,} in {seconds:.0f} s: {rate:.0f}/s, {found['ratio']:.2f} of a bare loop "
        f"({bare:.0f}/s), {found['bytes_a_mail'] / 1000:.0f} kB each; workers {found['early_mb']:.0f} MB after a "
        f"tenth, {found['peak_mb']:.0f} MB at most; listing the receivers took {seconds_to_list:.1f} s"
    )
    return found


def write_newsletter(deliveries: int) -> Any:
    """Make the readers and an issue of ordinary length."""
    from django.utils import timezone

    from stemportal.newsletters.models import Block, Newsletter, Subscriber

    for start in range(0, deliveries, 5_000):
        Subscriber.objects.bulk_create(
            Subscriber(
                email=f"reader{number}@example.org",
                status=Subscriber.Status.ACTIVE,
                confirmed_at=timezone.now(),
                consent_text="Ja takk.",
                consent_source="bench",
            )
            for number in range(start, min(start + 5_000, deliveries))
        )
    newsletter = Newsletter.objects.create(subject_nb="Høstens nyheter fra «Realfagsportalen»")
    for order in range(8):
        Block.objects.create(newsletter=newsletter, order=order, kind="heading", title_nb=f"Besøk nummer {order + 1}")
        Block.objects.create(newsletter=newsletter, order=order, kind="text", text_nb=f"{WORDS * 6}\n\n{WORDS * 5}")
        Block.objects.create(
            newsletter=newsletter, order=order, kind="button", title_nb="Les mer", url="https://example.org/les-mer"
        )
    return newsletter


@contextmanager
def celery_workers(folder: Path) -> Iterator[psutil.Process]:
    """A Celery worker with two processes, ready to work."""
    from stemportal.embedded.process import tail, wait_until
    from stemportal.embedded.program import Program

    options = ["--loglevel=INFO", f"--concurrency={WORKERS}", "--without-gossip", "--without-mingle"]
    args = [sys.executable, "-m", "celery", "-A", "stemportal", "worker", *options]
    worker = Program("worker", args, log=folder / "worker.log", env=os.environ, cwd=ROOT)
    worker.start()
    try:
        assert wait_until(lambda: " ready." in tail(worker.log, 100), seconds=60), tail(worker.log)
        yield psutil.Process(worker.pid)
    finally:
        worker.stop()


def send(newsletter: Any) -> tuple[float, float]:
    """Send it; return the seconds until the receivers are listed, and from then until the last one is dealt with."""
    from stemportal.accounts.models import User
    from stemportal.newsletters.models import Newsletter
    from stemportal.newsletters.services.sending import send_newsletter, sweep

    began = time.monotonic()
    send_newsletter(newsletter=newsletter, by=User.objects.create_user(email="bench@example.org"))
    listed = time.monotonic()
    swept = listed
    while Newsletter.objects.get(pk=newsletter.pk).status != Newsletter.Status.SENT:
        time.sleep(0.1)
        if time.monotonic() > swept + 15:  # as beat does
            sweep()
            swept = time.monotonic()
    return listed - began, time.monotonic() - listed


def one_mail(newsletter: Any) -> bytes:
    """Return the newsletter as one reader gets it."""
    from django.utils import timezone

    from stemportal.newsletters.models import Edition
    from stemportal.newsletters.rendering import edition
    from stemportal.newsletters.wire import Mould, Receiver

    facts = edition(newsletter, "nb")
    frozen = Edition(newsletter=newsletter, language="nb", subject=facts.subject, html=facts.html, text=facts.text)
    return Mould(frozen).fill(Receiver(10**6, 10**6, "bare@example.org", "nb", "x" * 32, timezone.now(), 0))


def bare_loop(mail: bytes, count: int, port: int) -> float:
    """Return the seconds that smtplib alone takes for so many of the same mail."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        began = time.monotonic()
        for number in range(count):
            smtp.sendmail("portal@example.org", [f"bare{number}@example.org"], mail)
        return time.monotonic() - began


class Memory:
    """The resident memory of a process and its children together, in megabytes, ten times a second."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._samples: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def figures(self) -> dict[str, float]:
        """Return what it was after a tenth of the time and at most."""
        return {"early_mb": self._samples[len(self._samples) // 10], "peak_mb": max(self._samples)}

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            children = self._process.children()
            self._samples.append(sum(child.memory_info().rss for child in children) / 1e6)
