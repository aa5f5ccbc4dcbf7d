"""Enhetsregisteret on loopback: answers about made-up organisations in the register's own shape."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stemportal.lib.organisation_numbers import synthetic

COMPANY = synthetic(50_001)
COMPANY_WITHOUT_SCRIPT = synthetic(50_002)
DELETED = synthetic(50_003)
HEAD_OFFICE, BRANCH = synthetic(50_004), synthetic(50_005)

UNITS = {
    number: {
        "organisasjonsnummer": number,
        "navn": name,
        "organisasjonsform": {"kode": "AS"},
        "naeringskode1": {"kode": "28.990", "beskrivelse": "Produksjon av spesialmaskiner"},
        "antallAnsatte": 42,
        "hjemmeside": "www.fjordrobot.example.no",
        "forretningsadresse": {
            "adresse": ["Havnegata 4"],
            "postnummer": "9510",
            "poststed": "ALTA",
            "kommunenummer": "5601",
        },
        "konkurs": False,
    }
    for number, name in (
        (COMPANY, "FJORDROBOT AS"),
        (COMPANY_WITHOUT_SCRIPT, "STILLEROBOT AS"),
        (HEAD_OFFICE, "BØLGEVARSEL AS"),
    )
} | {DELETED: {"organisasjonsnummer": DELETED, "navn": "BORTE AS", "slettedato": "2024-11-26"}}

BRANCHES = {
    BRANCH: {
        "organisasjonsnummer": BRANCH,
        "navn": "BØLGEVARSEL AVD VARDØ",
        "organisasjonsform": {"kode": "BEDR"},
        "overordnetEnhet": HEAD_OFFICE,
        "beliggenhetsadresse": {
            "adresse": ["Brygga 1"],
            "postnummer": "9950",
            "poststed": "VARDØ",
            "kommunenummer": "5634",
        },
    }
}


class Handler(BaseHTTPRequestHandler):
    """``GET /enheter/{number}`` and ``/underenheter/{number}``."""

    def do_GET(self) -> None:  # noqa: N802  # the name http.server calls
        kind, _slash, number = self.path.strip("/").partition("/")
        unit = (UNITS if kind == "enheter" else BRANCHES).get(number)
        body = json.dumps(unit or {"status": 404}).encode()
        self.send_response(200 if unit else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def start() -> ThreadingHTTPServer:
    """Start the register on a free port; ``server.server_port`` tells which."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
