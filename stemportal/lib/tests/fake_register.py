"""A register of organisations on loopback that answers with fixtures, well or badly, as a test asks it to."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def read(file: str) -> dict:
    """Read one file of the fixtures; SOURCES.md says where each comes from."""
    return json.loads((FIXTURES / file).read_text(encoding="utf-8"))


def fixture(name: str) -> dict:
    """Read one answer about a made-up organisation."""
    return read(f"register_{name}.json")


def sample(name: str) -> dict:
    """Read one real answer of the register."""
    return read(f"brreg_{name}.json")


def number(name: str) -> str:
    """Return the synthetic organisation number of a fixture."""
    return fixture(name)["organisasjonsnummer"]


class FakeRegister(ThreadingHTTPServer):
    """Knows the fixtures; ``status``, ``body``, ``headers`` and ``wait`` (seconds) replace every answer.

    ``trickle`` (seconds) sends the answer byte by byte with such a pause after each. ``asked`` are the paths asked for,
    ``asked_at`` the seconds of a monotonic clock at which each came in.
    """

    daemon_threads = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.asked_at: list[float] = []
        self.answers = {
            f"/enheter/{number('unit')}": (200, fixture("unit")),
            f"/enheter/{number('minimal')}": (200, fixture("minimal")),
            f"/enheter/{number('bankrupt')}": (200, fixture("bankrupt")),
            f"/enheter/{number('deleted')}": (200, fixture("deleted")),
            f"/enheter/{number('removed')}": (410, fixture("removed")),
            f"/underenheter/{number('branch')}": (200, fixture("branch")),
            f"/enheter/{sample('enhet')['organisasjonsnummer']}": (200, sample("enhet")),
            f"/underenheter/{sample('underenhet')['organisasjonsnummer']}": (200, sample("underenhet")),
            f"/enheter/{sample('slettet_200')['organisasjonsnummer']}": (200, sample("slettet_200")),
            f"/enheter/{sample('fjernet_410')['organisasjonsnummer']}": (410, sample("fjernet_410")),
        }
        self.status: int | None = None
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}
        self.wait = 0.0
        self.trickle = 0.0
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up between two questions."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: FakeRegister
    # One connection for many questions, and no waiting for a second packet, as a real server does it.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.asked_at.append(time.monotonic())
        self.server.asked.append(self.path)
        if self.server.wait:
            self.server.let_go.wait(self.server.wait)
        status, answer = self.server.answers.get(self.path, (404, {"status": 404, "error": "Not Found"}))
        body = json.dumps(answer).encode() if self.server.body is None else self.server.body
        try:
            self.send_response(self.server.status or status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up, which is what a slow answer is for

    def _send(self, body: bytes) -> None:
        if not self.server.trickle:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.server.let_go.wait(self.server.trickle):
                return

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
