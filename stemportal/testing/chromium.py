"""Find Chromium, or install it from the distribution where that is allowed.

`python -m stemportal.testing.chromium` is the step of `make test` that makes sure of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


class NoChromiumError(RuntimeError):
    """There is no Chromium; the message says what to do."""


def find() -> str | None:
    """The path of a Chromium: the variable CHROMIUM, else the first known name on PATH."""
    if wanted := os.environ.get("CHROMIUM"):
        return shutil.which(wanted)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def find_or_explain() -> str:
    """The path of a Chromium, or NoChromiumError with advice."""
    path = find()
    if path is None and (wanted := os.environ.get("CHROMIUM")):
        raise NoChromiumError(f"The variable CHROMIUM names {wanted}, which is not a program on this machine.")
    if path is None:
        raise NoChromiumError(
            "The browser tests need Chromium, and none of "
            f"{', '.join(NAMES)} is on PATH. Install it with your system's packages, "
            "or name one: CHROMIUM=/path/to/chromium make test"
        )
    return path


def install() -> None:
    """Install the distribution's Chromium if we are root on a Debian-like system; otherwise do nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the browser tests ...", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)  # type: ignore[call-overload]
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=False, **quiet)  # type: ignore[call-overload]


def main() -> int:
    if find() is None and not os.environ.get("CHROMIUM"):
        install()
    try:
        find_or_explain()
    except NoChromiumError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
