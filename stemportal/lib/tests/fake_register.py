"""A register of organisations on loopback that answers with fixtures, well or badly, as a test asks it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str) -> dict:
    """Read one answer of the register."""
    return json.loads((FIXTURES / f"register_{name}.json").read_text(encoding="utf-8"))


def number(name: str) -> str:
    """Return the synthetic organisation number of a fixture."""
    return fixture(name)["organisasjonsnummer"]


class FakeRegister(ThreadingHTTPServer):
    """Knows the fixtures; ``status``, ``body``, ``headers`` and ``wait`` (seconds) replace every answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.answers = {
            f"/enheter/{number('unit')}": (200, fixture("unit")),
            f"/enheter/{number('minimal')}": (200, fixture("minimal")),
            f"/enheter/{number('bankrupt')}": (200, fixture("bankrupt")),
            f"/enheter/{number('deleted')}": (200, fixture("deleted")),
            f"/enheter/{number('removed')}": (410, fixture("removed")),
            f"/underenheter/{number('branch')}": (200, fixture("branch")),
        }
        self.status: int | None = None
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}
        self.wait = 0.0
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeRegister

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.wait:
            self.server.let_go.wait(self.server.wait)
        status, answer = self.server.answers.get(self.path, (404, {"status": 404, "error": "Not Found"}))
        body = json.dumps(answer).encode() if self.server.body is None else self.server.body
        try:
            self.send_response(self.server.status or status)
            self.send_header("Content-Type", "application/json")
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up, which is what a slow answer is for

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running_register() -> Iterator[FakeRegister]:
    """Serve on a free port of loopback while the block runs."""
    server = FakeRegister()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
