"""Comparing all partners with Enhetsregisteret, a slice at a time.

A run goes through the partners by id. A worker claims it, asks about one partner after the other for some seconds,
writes every second what was answered and how far it is, and hands the next slice over, so that no task is long and
other tasks get their turn. A run whose worker died, or that rests because the register asked it to, is taken up by the
sweep. What an answer changes is written in ``register_proposals``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import httpx
import pghistory
import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.lib import brreg
from stemportal.lib.brreg import RegisterAway
from stemportal.lib.pace import Pace
from stemportal.outbox.services import hand_over
from stemportal.partners.models import RegisterRun
from stemportal.partners.queries.register import after, compared, municipality_numbers
from stemportal.partners.services.register_proposals import Answered, drop_proposals_of_those_who_left, note_answers

logger = structlog.get_logger(__name__)

Status = RegisterRun.Status
# How long one task works. Short, so that mails do not wait behind it where there is only one worker.
SLICE_SECONDS = 20
# Asking about one partner takes well under a minute at worst; a worker that is silent for so long is gone.
STALE = timedelta(minutes=2)
# After so many partners in a row without an answer the register is away, and the run rests.
AWAY_IN_A_ROW = 10
REST = timedelta(minutes=10)
# When the register says "too many requests" and not for how long; and the longest that is waited for.
REST_UNTOLD = timedelta(minutes=1)
REST_MOST = timedelta(days=1)
# A run that is still going when the next night comes gives way to a new one.
OLD = timedelta(hours=20)
# Answers are written down together, every so many seconds or so many at a time: all that a dead worker can lose.
WRITE_SECONDS = 1
WRITE_MOST = 25


class RefreshError(Exception):
    """A run cannot start or go on; the message is for the secretariat."""


def start_run(*, by: User | None = None) -> RegisterRun:
    """Start comparing all partners. Raises RefreshError when a comparison runs already: a constraint allows one."""
    try:
        with transaction.atomic():
            run = RegisterRun.objects.create(started_by=by, total=compared().count())
            drop_proposals_of_those_who_left()
            transaction.on_commit(lambda: _announce(run.pk))
    except IntegrityError as error:
        raise RefreshError(_("A comparison with the register is running already.")) from error
    return run


def start_nightly_run() -> RegisterRun | None:
    """Start the night's run. One that did not get through since the last night is stopped first."""
    RegisterRun.objects.filter(status=Status.RUNNING, started_at__lt=timezone.now() - OLD).update(
        status=Status.STOPPED, resume_at=None
    )
    try:
        return start_run()
    except RefreshError:
        logger.info("register_run_already_running")
        return None


def stop_run(*, run: RegisterRun) -> bool:
    """Stop between two partners. False when it was not running."""
    return bool(
        RegisterRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(status=Status.STOPPED, resume_at=None)
    )


def resume_run(*, run: RegisterRun) -> bool:
    """Go on where a stopped run is. False when it was not stopped; raises RefreshError when another one runs."""
    try:
        with transaction.atomic():
            resumed = RegisterRun.objects.filter(pk=run.pk, status=Status.STOPPED).update(
                status=Status.RUNNING, seen_at=timezone.now()
            )
            transaction.on_commit(lambda: _announce(run.pk))
    except IntegrityError as error:
        raise RefreshError(_("A comparison with the register is running already.")) from error
    return bool(resumed)


def _announce(run_id: int) -> None:
    from stemportal.partners.tasks import compare_with_register

    hand_over(lambda: compare_with_register.delay(run_id), register_run=run_id)


def sweep() -> int:
    """Hand over a running comparison that no worker is at and that need not rest. Returns how many (0 or 1)."""
    waiting = list(_free(timezone.now()).values_list("pk", flat=True))
    for run_id in waiting:
        _announce(run_id)
    return len(waiting)


def _free(now: datetime) -> QuerySet[RegisterRun]:
    return RegisterRun.objects.filter(
        Q(claimed_at=None) | Q(seen_at__lt=now - STALE),
        Q(resume_at=None) | Q(resume_at__lte=now),
        status=Status.RUNNING,
    )


# --- One slice


def work(run_id: int, *, seconds: float = SLICE_SECONDS) -> bool:
    """Compare partners for about so many seconds. True when there is more to do at once, which is handed over.

    Does nothing when another worker is at it, or the run rests, was stopped or is done.
    """
    run = _claim(run_id)
    if run is None:
        return False
    try:
        with brreg.connect() as client:
            has_more = _Slice(run, client).work(until=time.monotonic() + seconds)
    finally:
        RegisterRun.objects.filter(pk=run.pk, claimed_at=run.claimed_at).update(claimed_at=None)
    if has_more:
        _announce(run_id)
    return has_more


def _claim(run_id: int) -> RegisterRun | None:
    """Take a run that nobody is at, or None (compare-and-set)."""
    now = timezone.now()
    taken = _free(now).filter(pk=run_id).update(claimed_at=now, seen_at=now, resume_at=None)
    return RegisterRun.objects.get(pk=run_id) if taken else None


class _Lost(Exception):
    """Another worker has taken the run over."""


class _Slice:
    """One worker's work on a run, as long as its claim holds."""

    def __init__(self, run: RegisterRun, client: httpx.Client) -> None:
        self.run = run
        self.client = client
        self.pace = Pace("register", per_second=settings.BRREG_REQUESTS_PER_SECOND)
        self.municipalities = municipality_numbers()
        self.mine = RegisterRun.objects.filter(pk=run.pk, claimed_at=run.claimed_at)
        # What was answered and is not written yet, since when, and how many were silent in a row.
        self.answers: list[Answered] = []
        self.written_at = time.monotonic()
        self.silent = 0

    def work(self, *, until: float) -> bool:
        """Go on until the time is up (True), or the run is done, stopped, resting or somebody else's (False)."""
        with suppress(_Lost), pghistory.context(register_run=self.run.pk):
            for pk, number in self._partners():
                if rest := self._ask(pk, number):
                    self._write_down()
                    self._rest(rest)
                    return False
                now = time.monotonic()
                is_due = now - self.written_at >= WRITE_SECONDS or len(self.answers) >= WRITE_MOST or now >= until
                if is_due and not self._write_down():
                    return False
                if now >= until:
                    return True
            if self._write_down():
                self.mine.filter(status=Status.RUNNING).update(status=Status.DONE, finished_at=timezone.now())
        return False

    def _partners(self) -> Iterator[tuple[int, str]]:
        """Ids and numbers of the partners that are left, a hundred at a time."""
        last = self.run.last_pk
        while chunk := list(after(last)):
            yield from chunk
            last = chunk[-1][0]

    def _ask(self, pk: int, number: str) -> timedelta | None:
        """Ask about one partner and keep the answer. Returns how long to rest, when that is necessary."""
        try:
            unit = brreg.ask(number, client=self.client, before=self.pace.wait)
        except RegisterAway as away:
            if away.is_too_much:
                # It wants peace: this partner is asked about again afterwards, and forms wait too.
                wait = REST_UNTOLD if away.rest is None else timedelta(seconds=max(away.rest, 1))
                brreg.leave_in_peace(int(wait.total_seconds()))
                return min(wait, REST_MOST)
            self.answers.append((pk, None))
            self.silent += 1
            return REST if self.silent >= AWAY_IN_A_ROW else None
        self.answers.append((pk, unit))
        self.silent = 0
        return None

    def _rest(self, wait: timedelta) -> None:
        logger.info("register_run_rests", run=self.run.pk, seconds=int(wait.total_seconds()))
        self.mine.filter(status=Status.RUNNING).update(resume_at=timezone.now() + wait)

    def _write_down(self) -> bool:
        """Write what was answered. False when the run was stopped; what was asked counts as compared even so."""
        answers, self.answers, self.written_at = self.answers, [], time.monotonic()
        try:
            return self._store(answers)
        except (ValueError, TypeError, DataError, IntegrityError):
            # One answer that cannot be stored must not keep the others from it, nor the run at this place for ever.
            stored = [self._store_one(answer) for answer in answers]
            return all(stored)

    def _store_one(self, answer: Answered) -> bool:
        try:
            return self._store([answer])
        except (ValueError, TypeError, DataError, IntegrityError) as error:
            logger.exception("register_answer_not_stored", partner=answer[0], error=type(error).__name__)
            return self._store([(answer[0], None)])

    def _store(self, answers: Sequence[Answered]) -> bool:
        if not answers:
            return True
        with transaction.atomic():
            noted = note_answers(answers, run=self.run, municipalities=self.municipalities)
            progress = {
                "last_pk": answers[-1][0],
                "seen_at": timezone.now(),
                "done": F("done") + len(answers),
                "proposed": F("proposed") + noted.proposed,
                "flagged": F("flagged") + noted.flagged,
                "unanswered": F("unanswered") + sum(unit is None for _pk, unit in answers),
            }
            if self.mine.filter(status=Status.RUNNING).update(**progress):
                return True
            if self.mine.update(**progress):
                return False
            raise _Lost
