"""The real portal as a process: what `make run` executes, on a free port and with state of its own."""

from __future__ import annotations

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from stemportal.embedded.process import free_port, kill_group, spawn, tail, wait_until

ROOT = Path(__file__).resolve().parents[2]
# What a developer's or the test suite's own environment says about servers must not reach the portal.
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "DEMO_MAIL_DIR",
    "SEARCH_DIR",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)


class Portal:
    """A supervised portal. As a context manager it starts and stops; `stop` and `start` may be called in between."""

    def __init__(self, var: Path, *, port: int | None = None, **environment: str):
        """`environment` is added to the portal's (for example DATABASE_URL of a server of your own)."""
        self.var = var
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = var.parent / f"{var.name}-portal.log"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("EMAIL_", "MAKE"))}
        self.env = {key: value for key, value in kept.items() if key not in FOREIGN} | {
            "PORTAL_VAR": str(var),
            "PORT": str(self.port),
            "PORTAL_THROWAWAY": "1",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 240) -> Self:
        """Start and return when it says that it is ready; fail with its log otherwise."""
        self.log.unlink(missing_ok=True)
        args = [sys.executable, "-m", "stemportal.embedded", "run"]
        self.process = process = spawn(args, log=self.log, env=self.env, cwd=ROOT)
        wait_until(lambda: "Portal ready:" in self.output() or process.poll() is not None, seconds=seconds, step=0.1)
        if "Portal ready:" not in self.output():
            output = self.output()
            self.stop()
            raise AssertionError(f"The portal did not start:\n{output}\n{tail(self.var / 'log' / 'prepare.log')}")
        return self

    def output(self) -> str:
        """What a person at the terminal saw."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self, *, signum: int = signal.SIGTERM, seconds: float = 60) -> int:
        """Stop it and return its exit code; by force if it does not obey."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signum)
            wait_until(lambda: process.poll() is not None, seconds=seconds)
        code = process.poll()
        kill_group(process)
        return -signal.SIGKILL if code is None else code

    def pid(self, name: str) -> int:
        """The pid of web, worker, beat, smtp_sink, postgres or valkey."""
        return int((self.var / "run" / f"{name}.pid").read_text())

    @property
    def environment(self) -> dict[str, str]:
        """DATABASE_URL, REDIS_URL, EMAIL_HOST, EMAIL_PORT ... of the running portal."""
        found: dict[str, str] = json.loads((self.var / "run" / "portal.env.json").read_text())
        return found

    def manage(self, *args: str) -> str:
        """Run manage.py against the running portal as from a second terminal; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *args], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self, path: str = "/healthz") -> int:
        """The HTTP status of a page, redirects followed; 0 if nobody answers."""
        try:
            with urllib.request.urlopen(self.base_url + path, timeout=15) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def read_mails(self, to: str | None = None) -> list[EmailMessage]:
        """Mails that reached the SMTP server, oldest first; with `to` only those for that address."""
        mails = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in sorted((self.var / "mail").glob("*.eml"))
        ]
        return [mail for mail in mails if to is None or to in mail.get_all("X-Envelope-To", [])]

    def wait_for_mail(self, to: str, *, count: int = 1, seconds: float = 30) -> EmailMessage:
        """The newest mail to an address, as soon as there are `count`."""
        wait_until(lambda: len(self.read_mails(to)) >= count, seconds=seconds, step=0.2)
        mails = self.read_mails(to)
        assert len(mails) >= count, f"{len(mails)} mails to {to} after {seconds} s"
        return mails[-1]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()
