"""A program of the portal (web, worker, beat, mail sink) with the same handles as an embedded server."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stemportal.embedded.process import never, spawn, stop_process


class Program:
    """A child process that can be started again and again with the same command, environment and log."""

    def __init__(
        self,
        name: str,
        args: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        stop_seconds: float = 10,
        last_word: int | None = None,
    ):
        """`stop_seconds` is how long SIGTERM may take; `last_word` is a signal tried between SIGTERM and SIGKILL."""
        self.name = name
        self.args = args
        self.log = log
        self.env = env
        self.cwd = cwd
        self.stop_signals: list[tuple[int, float]] = [(signal.SIGTERM, stop_seconds)]
        if last_word is not None:
            self.stop_signals.append((last_word, 3))
        self.process: subprocess.Popen[bytes] | None = None
        self.asked = False

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.name} is not started")
        return self.process.pid

    def start(self, cancelled: Callable[[], bool] = never) -> None:
        """Start it and return at once; who needs it waits for what it offers."""
        self.asked = False
        self.process = spawn(self.args, log=self.log, env=self.env, cwd=self.cwd)

    def ask_to_stop(self) -> None:
        """Send the first signal and return; `stop` waits. So several programs end at the same time."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signals[0][0])
            self.asked = True

    def stop(self, hurry: Callable[[], bool] = never) -> None:
        """Stop it in order, and kill what is left of its process group."""
        if self.process is not None:
            stop_process(self.process, signals=self.stop_signals, hurry=hurry, asked=self.asked)
            self.process = None
