"""`python -m stemportal.embedded servers|run`: see each command's --help."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from stemportal.embedded import supervisor
from stemportal.embedded.servers import Postgres, Valkey


def servers(folder: Path, *, throwaway: bool) -> int:
    """Start both servers, print shell lines to point a program at them, stay until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    with (
        Postgres(folder / "postgres", throwaway=throwaway) as postgres,
        Valkey(folder / "valkey", throwaway=throwaway) as valkey,
    ):
        print(f"export DATABASE_URL={postgres.url}\nexport REDIS_URL={valkey.url}", flush=True)
        stop.wait()
    return 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m stemportal.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    servers_command = commands.add_parser("servers", help="PostgreSQL and Valkey for development, until SIGTERM")
    servers_command.add_argument("--var", type=Path, required=True, help="folder for all their state")
    servers_command.add_argument("--durable", action="store_true", help="keep fsync on")
    commands.add_parser("run", help="the whole portal, as `make run` does", description=supervisor.__doc__)
    options = parser.parse_args(argv)
    if options.command == "run":
        return supervisor.main()
    return servers(options.var, throwaway=not options.durable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
