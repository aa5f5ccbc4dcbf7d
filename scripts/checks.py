"""The checks of `make test` that run before the tests. Each is a title and a function that returns its complaints."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LONGEST_FILE = 500
# Longer files with the reason why they may be.
LONG_FILES: dict[str, str] = {}
# In two halves, so that this file does not name what it looks for.
REGISTRY_HOSTS = [
    first + second
    for first, second in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("registry.", "yarnpkg"),
        ("unpkg", ".com"),
        ("jsdelivr", ".net"),
    )
]
# Enough to import the settings and run checks; nothing listens there and no check asks.
TEST_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "stemportal.settings.test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
PRODUCTION_ENVIRONMENT = TEST_ENVIRONMENT | {
    "DJANGO_SETTINGS_MODULE": "stemportal.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "portal.example.no",
    "PORTAL_BASE_URL": "https://portal.example.no",
    "EMAIL_HOST": "127.0.0.1",
}


def command(*args: str, environment: dict[str, str] | None = None) -> str:
    """Run a program from the project's folder; return its output if it failed, else nothing."""
    env = {key: value for key, value in os.environ.items() if key != "PORTAL_VAR"}
    done = subprocess.run(
        [str(BIN / args[0]), *args[1:]],
        cwd=ROOT,
        env=env | (environment or TEST_ENVIRONMENT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout or f"exit code {done.returncode}"


def manage(*args: str, environment: dict[str, str] | None = None) -> str:
    return command("python", "manage.py", *args, environment=environment)


def project_files() -> Iterator[Path]:
    """The files that git knows or would take, else (no git) all but what .gitignore's folders hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        ignored = {".git", ".venv", "var", "node_modules", "vendor", "__pycache__"}
        paths = [path for path in ROOT.rglob("*") if not ignored & set(path.relative_to(ROOT).parts)]
    return (path for path in paths if path.is_file())


def file_lengths() -> str:
    """No file over 500 lines without a reason; migrations are written by a machine."""
    complaints = []
    for path in project_files():
        name = str(path.relative_to(ROOT))
        if path.suffix not in {".py", ".html", ".css", ".js"} or "migrations" in path.parts or name in LONG_FILES:
            continue
        lines = path.read_text().count("\n")
        if lines > LONGEST_FILE:
            complaints.append(f"{name} has {lines} lines; split it, or give a reason in scripts/checks.py")
    complaints += [f"{name} is allowed to be long but is gone" for name in LONG_FILES if not (ROOT / name).exists()]
    return "\n".join(complaints)


def registry_hosts() -> str:
    """No file names a package registry or a place on somebody's disk: the machine chooses where packages come from."""
    complaints = []
    for path in project_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        name = str(path.relative_to(ROOT))
        complaints += [f"{name} names {host}" for host in REGISTRY_HOSTS if host in text]
        if path.name.startswith("requirements") and "file:" in text:
            complaints.append(f"{name} holds a path on somebody's disk")
    return "\n".join(complaints)


CHECKS: list[tuple[str, Callable[[], str]]] = [
    ("ruff check", lambda: command("ruff", "check", "--quiet", ".")),
    ("ruff format", lambda: command("ruff", "format", "--check", "--quiet", ".")),
    ("djlint", lambda: command("djlint", "templates", "--lint", "--quiet")),
    ("mypy", lambda: command("mypy", "stemportal", "scripts")),
    ("import contract", lambda: command("lint-imports")),
    ("migrations complete", lambda: manage("makemigrations", "--check", "--dry-run")),
    (
        "deploy check",
        lambda: manage("check", "--deploy", "--fail-level", "WARNING", environment=PRODUCTION_ENVIRONMENT),
    ),
    ("file lengths", file_lengths),
    ("no registry named", registry_hosts),
    ("translations complete", lambda: command("python", "scripts/messages.py", "check")),
]
