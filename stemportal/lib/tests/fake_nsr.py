"""The National School Register on loopback: pages of thin rows and details, in the register's own shape and quirks."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIXTURES = Path(__file__).parent / "fixtures"
CHANGED = "2026-09-13T01:05:43.46Z"
THIN = ("Organisasjonsnummer", "Navn", "ErAktiv", "ErSkole", "ErGrunnskole", "ErVideregaaendeSkole", "ErPrivatskole")


def sample(name: str) -> dict[str, Any]:
    """Read an answer of the register; SOURCES.md says where it comes from."""
    return json.loads((FIXTURES / f"nsr_{name}.json").read_text(encoding="utf-8"))


def unit(number: str, name: str, **facts: Any) -> dict[str, Any]:
    """A detail as the register writes it: a public lower secondary school in Alta, unless told otherwise."""
    detail = sample("enhet") | {
        "Organisasjonsnummer": number,
        "Navn": name,
        "Kommune": {"Navn": "Alta", "Kommunenummer": "5601", "Fylkesnummer": "56", "ErNedlagt": False},
        "Beliggenhetsadresse": {"Adresse": "Skoleveien 1", "Postnummer": "9510", "Poststed": "ALTA", "Land": "Norge"},
        "Koordinat": {"Lengdegrad": 23.3, "Breddegrad": 69.9, "Zoom": 12, "GeoKilde": "GeoNorge"},
        "SkoletrinnGSFra": 8,
        "SkoletrinnGSTil": 10,
        "Elevtall": 240,
        "DatoEndret": CHANGED,
    }
    return detail | facts


class FakeNsr(ThreadingHTTPServer):
    """Serves ``units`` by number, in their order; ``changed`` are the numbers of those that changed since any day.

    ``trouble[path]`` is a list of answers given first, the last of them for ever: a status, or bytes sent with 200;
    ``headers`` go with a trouble. ``asked`` are the paths asked for, with their query; ``wait`` (seconds) slows down.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.units: dict[str, dict[str, Any]] = {}
        self.changed: list[str] = []
        self.trouble: dict[str, list[int | bytes]] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        self.wait = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v4"

    def add(self, number: str, name: str, **facts: Any) -> dict[str, Any]:
        """Add a unit, or change it; it then counts as changed."""
        self.units[number] = unit(number, name, **facts)
        self.changed.append(number)
        return self.units[number]

    def details_asked(self) -> list[str]:
        """Numbers whose details were asked for."""
        return [path.removeprefix("/enhet/") for path in self.asked if path.startswith("/enhet/")]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def answer(self, target: str) -> tuple[int, bytes, dict[str, str]]:
        parts = urlsplit(target)
        path = parts.path
        for name in (target, path):
            if answers := self.trouble.get(name):
                bad = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(bad, bytes):
                    return 200, bad, {}
                if bad:
                    return bad, b'{"message": "trouble"}', self.headers
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if path == "/enheter":
            return self._page(list(self.units), query)
        if path == "/enheter/endretetter":
            assert len(query["dato"]) == 10
            return self._page([number for number in self.units if number in self.changed], query)
        found = self.units.get(path.removeprefix("/enhet/"))
        return (200, json.dumps(found).encode(), {}) if found else (404, b"", {})

    def _page(self, numbers: list[str], query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        page, size = int(query["sidenummer"]), int(query["antallPerSide"])
        some = [self.units[number] for number in numbers[(page - 1) * size : page * size]]
        rows = [
            {name: detail.get(name) for name in THIN}
            | {"DatoEndret": detail.get("DatoEndret"), **{n: detail["Kommune"][n] for n in ("Kommunenummer",)}}
            for detail in some
        ]
        body = {
            "Sidenummer": page,
            "AntallPerSide": size,
            "AntallSider": -(-len(numbers) // size),
            "TotaltAntallEnheter": len(numbers),
            "EnhetListe": rows,
        }
        return 200, json.dumps(body).encode(), {}


class _Handler(BaseHTTPRequestHandler):
    server: FakeNsr
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        target = self.path.removeprefix("/v4")
        self.server.asked.append(target)
        time.sleep(self.server.wait)
        status, body, headers = self.server.answer(target)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running_nsr() -> Iterator[FakeNsr]:
    """Serve on a free port of loopback while the block runs."""
    server = FakeNsr()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
