"""Child processes that never outlive their parent, free ports, and left-overs of a run that was killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec as little as possible may happen.
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def _parent_death_signal(signum: int) -> Callable[[], None] | None:
    """A preexec_fn that makes the kernel send `signum` to the child when the thread that started it ends (Linux)."""
    if _libc is None:
        return None
    libc = _libc
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0) and None


def die_with_parent() -> None:
    """Ask the kernel to send ourselves SIGTERM when the process that started us ends (Linux; elsewhere nothing)."""
    if wish := _parent_death_signal(signal.SIGTERM):
        wish()


def spawn(
    args: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    death_signal: int = signal.SIGTERM,
    stdout: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `args` in its own session, output appended to `log`; on Linux it gets `death_signal` when we die.

    Its own session keeps Ctrl-C in the terminal away from it: the one who started it decides the order of stopping.
    Call it from the main thread, since the kernel watches the thread and not the process. With the file descriptor
    `stdout` only errors go to the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(args),
            stdin=subprocess.DEVNULL,
            stdout=output if stdout is None else stdout,
            stderr=output,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_parent_death_signal(death_signal),  # noqa: PLW1509  (one system call, no locks)
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def never() -> bool:
    """The answer to "is there a reason to stop waiting?" when there is none."""
    return False


def stop_process(
    process: subprocess.Popen[bytes],
    *,
    signals: Sequence[tuple[int, float]],
    hurry: Callable[[], bool] = never,
    asked: bool = False,
) -> None:
    """Send each (signal, seconds to wait) in turn until the process is gone, then SIGKILL to its whole group.

    Once `hurry` says True no signal gets more than half a second. `asked` means that the first signal is sent already.
    """
    for number, (signum, seconds) in enumerate(signals):
        if process.poll() is not None:
            break
        if number or not asked:
            process.send_signal(signum)
        if not wait_until(lambda: process.poll() is not None or hurry(), seconds=seconds):
            continue
        wait_until(lambda: process.poll() is not None, seconds=0.5)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL what is left of the session that `spawn` gave this process, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS permits no signal to a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stop_leftovers(*, name: str, cwd: Path, seconds: float = 10) -> int:
    """End processes called `name` that still work in the folder `cwd` (their starter was killed); return how many.

    Two servers on one data folder would destroy it, so this runs before every start.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == name and Path(process.cwd()) == cwd.resolve():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    for process in found:
        try:
            process.send_signal(signal.SIGINT)  # PostgreSQL and Valkey both stop in order on it
        except psutil.Error:
            continue
    _, alive = psutil.wait_procs(found, timeout=seconds)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=seconds)
    return len(found)


def port_is_free(port: int, host: str = LOOPBACK) -> bool:
    """True if a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if it is free, else one that the kernel picks."""
    if preferred and port_is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def remembered_port(file: Path) -> int:
    """The port written in `file` while it is free, else a free one, written there for next time."""
    try:
        preferred = int(file.read_text())
    except (OSError, ValueError):
        preferred = None
    port = free_port(preferred)
    if port != preferred:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{port}\n")
    return port


def wait_until(check: Callable[[], bool], *, seconds: float, step: float = 0.05) -> bool:
    """Call `check` until it says True (then True) or the time is up (then False)."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log file, or an empty text."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 200 * lines))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
