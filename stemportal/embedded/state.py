"""What a running portal keeps under PORTAL_VAR: lock, pids, addresses for a second terminal, secret key."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Self

import psutil

from stemportal.embedded.servers import write_private

LARGEST_LOG_BYTES = 5 * 1024 * 1024


class AlreadyRunningError(RuntimeError):
    """Another portal holds the lock of this PORTAL_VAR."""


class State:
    """The folder PORTAL_VAR, held by one supervisor at a time."""

    def __init__(self, var: Path):
        self.var = var.resolve()
        self.run = self.var / "run"
        self.run.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = None

    def lock(self, *, port: int) -> Self:
        """Take the lock or raise AlreadyRunningError with a message for people.

        The kernel drops an flock with the process that holds it, so SIGKILL leaves nothing to clean up.
        """
        file = self.run / "portal.lock"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise AlreadyRunningError(self._who(file)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "port": port}).encode())
        self._lock = descriptor
        return self

    def _who(self, file: Path) -> str:
        try:
            holder = json.loads(file.read_text())
            who = f"pid {holder['pid']}, http://127.0.0.1:{holder['port']}"
        except (OSError, ValueError, KeyError):  # it took the lock this very moment
            who = "just starting"
        return (
            f"A portal already runs on {self.var} ({who}). "
            "Stop it first, or give this one its own state and port: PORTAL_VAR=/some/folder PORT=8001 make run"
        )

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def rotate_logs(self) -> None:
        """Put large logs aside, one generation."""
        for file in (self.var / "log").glob("*.log"):
            if file.stat().st_size > LARGEST_LOG_BYTES:
                file.replace(file.with_suffix(".log.1"))

    def secret_key(self) -> str:
        """Made once and kept, so that sessions survive a restart."""
        file = self.var / "secret_key"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(60))
        return file.read_text().strip()

    def write_environment(self, environment: dict[str, str]) -> None:
        """Tell settings.demo in another terminal (manage.py shell) where this portal's servers are."""
        write_private(self.run / "portal.env.json", json.dumps(environment, indent=1))

    def write_pid(self, name: str, pid: int) -> None:
        file = self.run / f"{name}.pid"
        fresh = file.with_suffix(".new")
        fresh.write_text(f"{pid}\n")
        fresh.replace(file)

    def forget(self) -> None:
        """Remove what is true only while the portal runs."""
        for file in [*self.run.glob("*.pid"), self.run / "portal.env.json"]:
            file.unlink(missing_ok=True)

    def stop_leftovers(self, *, seconds: float = 10) -> list[str]:
        """End programs of an earlier portal on this folder whose supervisor was killed; return their names.

        On Linux the kernel has already told them to stop; this waits for it, and does the work elsewhere. A pid counts
        only if that process was started with our PORTAL_VAR, as pids are used again.
        """
        found: list[psutil.Process] = []
        names: list[str] = []
        for file in self.run.glob("*.pid"):
            with contextlib.suppress(OSError, ValueError, psutil.Error):
                process = psutil.Process(int(file.read_text()))
                if process.environ().get("PORTAL_VAR") == str(self.var):
                    found += [process, *process.children(recursive=True)]
                    names.append(file.stem)
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(found, timeout=seconds)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=seconds)
        return names
