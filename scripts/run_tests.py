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
from typing import NoReturn

from checks import BIN, CHECKS, ROOT


def say(text: str) -> None:
    print(text, flush=True)


def run_checks() -> list[str]:
    """Run all checks, print what they say, return the names of the red ones."""
    red = []
    for title, check in CHECKS:
        began = time.monotonic()
        complaints = check()
        say(f"== {title}: {'FAILED' if complaints else 'ok'} ({time.monotonic() - began:.1f} s)")
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
