"""Bringing the schools up to date from the National School Register, a slice at a time.

A run reads the register's pages in order: all of them, or only what changed since a day. Of each page it asks for the
facts of the schools that are new or have changed, writes them in one transaction and moves on to the next page. A whole
run asks at the end about those of our schools that no page named. So a run that was killed goes on with the page where
it was, nothing is written by halves, and what was written is not asked for again.

One run at a time: a constraint allows one that is running, a worker claims it for some seconds of work and hands the
next slice over. A run whose worker died, or that rests because the register asked it to or is away, is taken up by the
sweep.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.nsr import Nsr, NsrAway, NsrUnreadable, Row, Unit
from stemportal.outbox.services import hand_over
from stemportal.schools.models import School, SchoolChange, SchoolRegisterRun
from stemportal.schools.services.registers import Places, close_school, is_ours, namesake_of, note_unit

logger = structlog.get_logger(__name__)

Status = SchoolRegisterRun.Status
# How long one task works. Short, so that mails do not wait behind it where there is only one worker.
SLICE_SECONDS = 20
# A worker tells every few seconds that it is at work; one that is silent for so long is gone.
PULSE_SECONDS = 5
STALE = timedelta(minutes=3)
# When the register does not answer, or asks for peace without saying for how long; and the longest that is waited for.
REST = timedelta(minutes=10)
REST_UNTOLD = timedelta(minutes=1)
REST_MOST = timedelta(days=1)
# A run that has come no further for so long has failed; the next one begins anew or somebody lets it go on.
OLD = timedelta(days=2)
# So many of our schools are asked about at a time at the end of a whole run.
UNSEEN_AT_A_TIME = 50
# Fewer schools than this may all be missing from the pages without that being a sign of a broken register.
FEW = 20


class RunError(Exception):
    """A run cannot start or go on; the message is for the secretariat."""


def start_run(*, changed_since: date | None = None) -> SchoolRegisterRun:
    """Start reading the whole register, or what changed since a day. Raises RunError when a run is at it."""
    unseen = [] if changed_since else list(School.objects.active().values_list("number", flat=True))
    try:
        with transaction.atomic():
            run = SchoolRegisterRun.objects.create(changed_since=changed_since, unseen=unseen)
            transaction.on_commit(lambda: _announce(run.pk))
    except IntegrityError as error:
        raise RunError(_("An import from the school register is running already.")) from error
    return run


def start_weekly_run() -> SchoolRegisterRun | None:
    """Start the week's run. None when one is running; one that is stuck for days gives way to it."""
    SchoolRegisterRun.objects.filter(status=Status.RUNNING, moved_at__lt=timezone.now() - OLD).update(
        status=Status.FAILED, ended_at=timezone.now(), claimed_at=None, resume_at=None
    )
    try:
        return start_run(changed_since=next_since())
    except RunError:
        logger.info("school_import_already_running")
        return None


def next_since() -> date | None:
    """Return the day from which the next run has to read changes; None when the whole register is due.

    The day before the last finished run began: the register's days are Norwegian, and twice read does no harm.
    """
    done = SchoolRegisterRun.objects.filter(status=Status.DONE)
    whole_since = timezone.now() - timedelta(days=settings.NSR_WHOLE_DAYS)
    if not done.filter(changed_since=None, started_at__gte=whole_since).exists():
        return None
    last = done.order_by("-started_at")[0]
    return timezone.localdate(last.started_at) - timedelta(days=1)


def resume_run(*, run: SchoolRegisterRun) -> bool:
    """Go on where a run is that failed, or that rests. False when it is done; raises RunError as start_run."""
    try:
        with transaction.atomic():
            resumed = (
                SchoolRegisterRun.objects.filter(pk=run.pk)
                .exclude(status=Status.DONE)
                .update(status=Status.RUNNING, resume_at=None, ended_at=None, error="", moved_at=timezone.now())
            )
            transaction.on_commit(lambda: _announce(run.pk))
    except IntegrityError as error:
        raise RunError(_("An import from the school register is running already.")) from error
    return bool(resumed)


def _announce(run_id: int) -> None:
    from stemportal.schools.tasks import work_on_school_import

    hand_over(lambda: work_on_school_import.delay(run_id), school_register_run=run_id)


def sweep() -> int:
    """Hand over a run that no worker is at and that need not rest. Returns how many (0 or 1)."""
    waiting = list(_free(timezone.now()).values_list("pk", flat=True))
    for run_id in waiting:
        _announce(run_id)
    return len(waiting)


def _free(now: datetime) -> QuerySet[SchoolRegisterRun]:
    return SchoolRegisterRun.objects.filter(
        Q(claimed_at=None) | Q(moved_at__lt=now - STALE),
        Q(resume_at=None) | Q(resume_at__lte=now),
        status=Status.RUNNING,
    )


# One slice


def work(run_id: int, *, seconds: float = SLICE_SECONDS) -> bool:
    """Read pages for about so many seconds. True when there is more to do at once, which is handed over.

    Does nothing when another worker is at it, or the run rests, failed or is done.
    """
    now = timezone.now()
    if not _free(now).filter(pk=run_id).update(claimed_at=now, moved_at=now, resume_at=None):
        return False
    run = SchoolRegisterRun.objects.get(pk=run_id)
    has_more = False
    try:
        with Nsr() as register, suppress(_Lost):
            has_more = _Slice(run, register).work(until=time.monotonic() + seconds)
    finally:
        SchoolRegisterRun.objects.filter(pk=run.pk, claimed_at=run.claimed_at).update(claimed_at=None)
    if has_more:
        _announce(run_id)
    return has_more


class _Lost(Exception):
    """Another worker has taken the run over, or it was stopped."""


@dataclass
class _Read:
    """What was read of one page and is not written yet."""

    # Units with the number under which we have the school so far, where that is another one.
    units: list[tuple[Unit, str | None]] = field(default_factory=list)
    # Numbers of ours that the register does not have any more.
    gone: list[str] = field(default_factory=list)
    # Numbers of ours that are as they were.
    same: list[str] = field(default_factory=list)
    left_out: int = 0
    # Why the page could not be read to its end.
    away: NsrAway | None = None


class _Slice:
    """One worker's work on a run, as long as its claim holds."""

    def __init__(self, run: SchoolRegisterRun, register: Nsr) -> None:
        self.run = run
        self.register = register
        self.places = Places()
        self.mine = SchoolRegisterRun.objects.filter(pk=run.pk, claimed_at=run.claimed_at, status=Status.RUNNING)
        self.pulse_at = time.monotonic()

    def work(self, *, until: float) -> bool:
        """Go on until the time is up (True), or the run is done, failed or resting (False)."""
        while True:
            try:
                if not self._step():
                    return False
            except NsrAway as away:
                self._rest(away)
                return False
            if time.monotonic() >= until:
                return True

    def _step(self) -> bool:
        """Read and write one page, or some of the schools that no page named. False when the run is over."""
        run = self.run
        if run.pages is None or run.page < run.pages:
            page = self.register.page(run.page + 1, changed_since=run.changed_since)
            read = self._read_rows(page.rows)
            read.left_out += page.unreadable
            named = {row.number for row in page.rows}
            # Of a page that could not be read to its end what was read is written, but the page is read again.
            done = read.away is None
            self._write(read, named=named if done else set(), page=run.page + 1 if done else run.page, pages=page.pages)
        elif not run.unseen:
            self._end(Status.DONE)
            return False
        else:
            if not self._is_believable():
                self._end(Status.FAILED, _("The register named fewer than half of our schools. None was closed."))
                return False
            some = run.unseen[:UNSEEN_AT_A_TIME]
            read = self._read_numbers(some)
            self._write(read, named=set(some) if read.away is None else set(), page=run.page, pages=run.pages)
        if read.away is not None:
            raise read.away
        return True

    def _is_believable(self) -> bool:
        """Whether the pages named most of our schools: if not, the register is broken, not all of them closed."""
        return len(self.run.unseen) <= max(FEW, School.objects.active().count() // 2)

    def _read_rows(self, rows: Iterable[Row]) -> _Read:
        """Ask about the schools of a page that are new to us or have changed since we know them."""
        rows = list({row.number: row for row in rows}.values())
        known = dict(
            School.objects.filter(number__in=[row.number for row in rows]).values_list("number", "register_changed_at")
        )
        read = _Read()
        wanted: list[str] = []
        for row in rows:
            if row.number in known:
                before = known[row.number]
                if before is not None and row.changed_at is not None and row.changed_at <= before:
                    read.same.append(row.number)
                else:
                    wanted.append(row.number)
            elif row.is_school and row.is_active:
                wanted.append(row.number)
            else:
                read.left_out += 1
        return self._ask(wanted, known, read)

    def _read_numbers(self, numbers: list[str]) -> _Read:
        known = dict(School.objects.filter(number__in=numbers).values_list("number", "register_changed_at"))
        return self._ask([number for number in numbers if number in known], known, _Read())

    def _ask(self, numbers: list[str], known: dict[str, datetime | None], read: _Read) -> _Read:
        """Ask about each; stops where the register goes away."""
        for number in numbers:
            self._pulse()
            try:
                unit = self.register.unit(number)
                if unit is None:
                    read.gone.append(number) if number in known else None
                    read.left_out += number not in known
                elif number in known:
                    read.units.append((unit, None))
                elif is_ours(unit):
                    read.units.append((unit, self._old_number(unit)))
                else:
                    read.left_out += 1
            except NsrUnreadable:
                read.left_out += 1
            except NsrAway as away:
                read.away = away
                break
        return read

    def _old_number(self, unit: Unit) -> str | None:
        """Return the number under which we have a school that is new in the register; None: it is really new."""
        namesake = namesake_of(unit, places=self.places)
        if namesake is None:
            return None
        if namesake.is_active:
            before = self.register.unit(namesake.number)
            if before is not None and before.is_active:
                return None
        return namesake.number

    def _pulse(self) -> None:
        now = time.monotonic()
        if now - self.pulse_at >= PULSE_SECONDS:
            self.pulse_at = now
            if not self.mine.update(moved_at=timezone.now()):
                raise _Lost

    def _write(self, read: _Read, *, named: set[str], page: int, pages: int | None) -> None:
        """Write what was read and how far the run is, all or nothing."""
        is_over = page > self.run.page or bool(named)
        with transaction.atomic():
            for unit, old_number in read.units:
                note_unit(unit, run=self.run, places=self.places, old_number=old_number)
            for school in School.objects.select_for_update(no_key=True).filter(number__in=read.gone):
                close_school(school, run=self.run)
            changes = SchoolChange.objects.filter(run=self.run)
            progress: dict[str, object] = {"page": page, "pages": pages, "moved_at": timezone.now(), "error": ""}
            progress |= _counts(changes)
            if is_over:
                touched = set(
                    changes.filter(
                        school__number__in=[*read.same, *(unit.number for unit, _old in read.units)]
                    ).values_list("school__number", flat=True)
                )
                same, left_out = _as_before(read, touched)
                progress |= {"unchanged": F("unchanged") + same, "skipped": F("skipped") + read.left_out + left_out}
                self.run.unseen = [number for number in self.run.unseen if number not in named]
                progress["unseen"] = self.run.unseen
            if not self.mine.update(**progress):
                raise _Lost
        self.run.page, self.run.pages = page, pages

    def _rest(self, away: NsrAway) -> None:
        wait = REST
        if away.is_too_much:
            wait = REST_UNTOLD if away.rest is None else min(timedelta(seconds=max(away.rest, 1)), REST_MOST)
        logger.info("school_import_rests", run=self.run.pk, seconds=int(wait.total_seconds()))
        self.mine.update(resume_at=timezone.now() + wait, error=str(away)[:300])

    def _end(self, status: SchoolRegisterRun.Status, error: object = "") -> None:
        self.mine.update(status=status, error=str(error)[:300], ended_at=timezone.now(), moved_at=timezone.now())
        run = SchoolRegisterRun.objects.get(pk=self.run.pk)
        logger.info(
            "school_import_ended",
            status=status.value,
            added=run.added,
            changed=run.changed,
            closed=run.closed,
            unchanged=run.unchanged,
            skipped=run.skipped,
        )


def _counts(changes: QuerySet[SchoolChange]) -> dict[str, int]:
    """Return the run's figures, counted in its rows: a page that is read twice counts once."""
    kinds = dict(changes.order_by().values_list("kind").annotate(Count("pk")))
    return {
        "added": kinds.get(SchoolChange.Kind.ADDED, 0),
        "changed": kinds.get(SchoolChange.Kind.CHANGED, 0) + kinds.get(SchoolChange.Kind.REOPENED, 0),
        "closed": kinds.get(SchoolChange.Kind.CLOSED, 0),
    }


def _as_before(read: _Read, touched: set[str]) -> tuple[int, int]:
    """Return how many of a page's schools are as they were, and how many units could not become schools."""
    quiet = [unit.number for unit, _old in read.units if unit.number not in touched]
    ours = set(School.objects.filter(number__in=quiet).values_list("number", flat=True))
    same = sum(number not in touched for number in read.same) + len(ours)
    return same, len(quiet) - len(ours)
