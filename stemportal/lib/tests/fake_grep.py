"""Grep on loopback: lists with thin rows in pages, and elements, in the register's own shape and with its quirks."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stemportal.lib.grep import GOALS, PLANS, SETS

KINDS = (PLANS, SETS, GOALS)
PUBLISHED, OVER = "status_publisert", "status_utgatt"
CHANGED = "2026-06-01T10:00:00.123"
# url-data in the register's answers names the register itself, wherever they were fetched from.
REAL = "https://data.udir.no/kl06/v201906"


def text(default: str = "", **languages: str) -> dict[str, Any]:
    """A text as elements have it: text("tall", nob="tall", nno="tal")."""
    entries = {**({"default": default} if default else {}), **languages}
    return {"tekst": [{"spraak": language, "verdi": value} for language, value in entries.items()]}


class FakeGrep(ThreadingHTTPServer):
    """Serves what ``add_plan``, ``add_set`` and ``add_goal`` put in; ``trouble[path]`` is a list of answers (a status,
    or bytes sent with status 200) given first, the last of them for ever. ``asked`` are the paths asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.elements: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.trouble: dict[str, list[int | bytes]] = {}
        self.asked: list[str] = []
        self.page_size = 1000

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/kl06/v201906"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def add_plan(self, code: str, sets: list[str], *, first: str = "", last: str = "", **facts: Any) -> None:
        self._add(
            PLANS,
            code,
            {
                "tittel": text(f"Læreplan i {code}", nob=f"Læreplan i {code}"),
                "gyldighetsperiode": {
                    "gyldig-fra": {"overskrift": [{"spraak": "nob", "verdi": "Gjelder fra <>"}], "dato": first or None},
                    "gyldig-til": {"dato": last} if last else None,
                },
                "kompetansemaal-kapittel": {"kompetansemaalsett": [_reference(SETS, name) for name in sets]},
                "erstatter": [],
                "erstattes-av": [],
                **facts,
            },
        )

    def add_set(self, code: str, goals: list[str], *, after: str = "aarstrinn10", **facts: Any) -> None:
        self._add(
            SETS,
            code,
            {
                # In the wild: a bare string, with spaces where none belong.
                "tittel": f"Kompetansemål og vurdering {after} ",
                "etter-aarstrinn": [{"kode": after, "tittel": after}],
                "kompetansemaal": [{**_reference(GOALS, name), "tittel": "i én målform"} for name in goals],
                **facts,
            },
        )

    def add_goal(
        self, code: str, title: dict[str, Any], *, changed: str = "2026-06-01T10:00:00.123", **facts: Any
    ) -> None:
        self._add(
            GOALS, code, {"tittel": title, "gyldighet": {"gyldig-fra": None, "gyldig-til": None}, **facts}, changed
        )

    def _add(self, kind: str, code: str, facts: dict[str, Any], changed: str = CHANGED) -> None:
        self.elements[kind][code] = {
            "id": f"uuid:{code}",
            **_reference(kind, code),
            "status": f"{REAL}/status/{PUBLISHED}",
            "sist-endret": changed,
            **facts,
        }

    def answer(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        path, _mark, query = path.removeprefix("/kl06/v201906").partition("?")
        if answers := self.trouble.get(path):
            bad = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(bad, bytes):
                return 200, bad, {}
            if bad:
                return bad, b'{"message": "trouble"}', {}
        _empty, kind, *rest = path.split("/")
        if kind not in self.elements:
            return 404, b"{}", {}
        if rest:
            element = self.elements[kind].get(rest[0])
            return (200, json.dumps(element).encode(), {}) if element else (404, b"{}", {})
        rows = list(self.elements[kind].values())
        page = int(query.removeprefix("page=") or 1)
        thin = [
            {name: row.get(name) for name in ("id", "kode", "uri", "url-data", "status", "sist-endret", "tittel")}
            for row in rows[(page - 1) * self.page_size : page * self.page_size]
        ]
        more = page * self.page_size < len(rows)
        return (
            200,
            json.dumps(thin).encode(),
            {"Link": f'<{self.url}{path}?page={page + 1}>; rel="next"'} if more else {},
        )


def _reference(kind: str, code: str) -> dict[str, Any]:
    return {"kode": code, "uri": f"http://psi.udir.no/kl06/{code}", "url-data": f"{REAL}/{kind}/{code}"}


class _Handler(BaseHTTPRequestHandler):
    server: FakeGrep
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.asked.append(self.path.removeprefix("/kl06/v201906"))
        status, body, headers = self.server.answer(self.path)
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
def running_grep() -> Iterator[FakeGrep]:
    """Serve on a free port of loopback while the block runs."""
    server = FakeGrep()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
