"""`make test`: every check with its name and time, then pytest, whose closing line is the last thing printed.

    python scripts/run_tests.py [--checks-only] [pytest arguments]

A red check does not hide what the tests say: pytest runs all the same, names the red checks above its closing line, and
the exit code is not zero.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

from checks import BIN, CHECKS, ROOT


def say(text: str) -> None:
    print(text, flush=True)


def timed(check: Callable[[], str]) -> tuple[str, float]:
    """What a check complains of, and the seconds it took."""
    began = time.monotonic()
    return check(), time.monotonic() - began


def run_checks() -> list[str]:
    """Run all checks, two at a time, print in their order what they say, return the names of the red ones."""
    red = []
    # Threads that wait for a program each, but for two checks that read files.
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = pool.map(timed, [check for _title, check in CHECKS])
        for (title, _check), (complaints, seconds) in zip(CHECKS, answers, strict=True):
            say(f"== {title}: {'FAILED' if complaints else 'ok'} ({seconds:.1f} s)")
            if complaints:
                say(complaints.rstrip())
                red.append(title)
    return red


def become_pytest(arguments: list[str], red: list[str]) -> NoReturn:
    """Turn into pytest on two processes, so that Ctrl-C and its exit code are its own.

    stemportal.testing.plugin reads the names of the red checks and makes the exit code red too.
    """
    say("== pytest")
    spread = [] if any(item.startswith("-n") for item in arguments) else ["-n", "2", "--dist", "loadgroup"]
    os.chdir(ROOT)
    python = str(BIN / "python")
    os.execve(python, [python, "-m", "pytest", *spread, *arguments], os.environ | {"PORTAL_RED_CHECKS": ", ".join(red)})


def main(arguments: list[str]) -> int:
    subprocess.run([str(BIN / "python"), "scripts/messages.py", "compile"], cwd=ROOT, check=True)
    red = run_checks()
    if "--checks-only" not in arguments:
        become_pytest(arguments, red)
    if red:
        say(f"Red checks: {', '.join(red)}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
