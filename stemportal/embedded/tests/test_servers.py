"""PostgreSQL and Valkey from wheels: what survives, what recovers, what stays shut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from stemportal.embedded.servers import Postgres, ServerError, Valkey


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    with Postgres(tmp_path / "postgres") as server:
        yield server


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with Valkey(tmp_path / "valkey") as server:
        yield server


def test_postgres_data_survives_stop_and_sigkill(postgres: Postgres) -> None:
    port, url = postgres.port, postgres.url
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('one')")
    postgres.stop()
    postgres.start()
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO kept VALUES ('two')")
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.process.wait()
    assert not postgres.alive
    postgres.start()
    assert postgres.port == port
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT word FROM kept ORDER BY word").fetchall() == [("one",), ("two",)]


def test_postgres_starts_over_a_lock_file_whose_pid_is_somebody_elses(postgres: Postgres) -> None:
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.process.wait()
    lock = postgres.data / "postmaster.pid"
    lock.write_text(lock.read_text().replace(str(postgres.pid), str(os.getpid()), 1))
    postgres.start()
    assert postgres.answers()


def test_postgres_takes_over_from_a_server_nobody_owns_any_more(postgres: Postgres) -> None:
    heir = Postgres(postgres.folder)
    forgotten = postgres.pid
    with heir:
        assert heir.pid != forgotten
        assert heir.answers()
    assert not psutil.pid_exists(forgotten) or psutil.Process(forgotten).status() == psutil.STATUS_ZOMBIE


def test_postgres_knows_norwegian_letters(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
        row = connection.execute("SELECT upper('ærøå'), 'BLÅBÆR' ILIKE 'blåbær', unaccent('ærø'), similarity('Ø', 'ø')")
        assert row.fetchone() == ("ÆRØÅ", True, "aero", 1.0)


def test_postgres_is_on_loopback_only_and_wants_the_password(postgres: Postgres) -> None:
    listening = [c.laddr for c in psutil.Process(postgres.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", postgres.port)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url.replace(postgres.password, "guess"))
    assert (postgres.folder / "password").stat().st_mode & 0o077 == 0


def test_postgres_failure_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", throwaway=True)
    with server:
        pass
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerError, match="version"):
        server.start()
    assert not server.alive


def test_valkey_data_survives_stop_and_sigkill(valkey: Valkey) -> None:
    client = redis.Redis.from_url(valkey.url)
    port = valkey.port
    client.set("one", "1")
    valkey.stop()
    valkey.start()
    client.set("two", "2")
    client.execute_command("WAITAOF", 1, 0, 5000)
    os.kill(valkey.pid, signal.SIGKILL)
    valkey.process.wait()
    valkey.start()
    assert valkey.port == port
    assert client.mget("one", "two") == [b"1", b"2"]


def test_valkey_starts_over_a_torn_file(valkey: Valkey) -> None:
    client = redis.Redis.from_url(valkey.url)
    client.set("whole", "1")
    client.set("torn", "2")
    valkey.stop()
    log = next(valkey.data.glob("appendonlydir/*.incr.aof"))
    log.write_bytes(log.read_bytes()[:-3])
    valkey.start()
    assert client.mget("whole", "torn") == [b"1", None]


def test_valkey_wants_the_password(valkey: Valkey) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port, retry=None).ping()


def test_servers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stemportal.embedded", "servers", "--var", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline(), parent.stdout.readline()]
        assert [line.split("=")[0] for line in lines] == ["export DATABASE_URL", "export REDIS_URL"]
        children = psutil.Process(parent.pid).children(recursive=True)
        assert {child.name() for child in children} == {"postgres", "valkey-server"}
        parent.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []
