"""A portal without Django, run as a process by test_supervisor: real servers, three programs that do nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from stemportal.embedded import supervisor

WEB = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
SLEEP = "import time; time.sleep(600)"
# Ignores SIGTERM, and has a child of its own.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""


class SmallPortal(supervisor.Supervisor):
    def prepare(self, env: Mapping[str, str]) -> None:
        (self.state.run / "demo_accounts.txt").write_text("kari@skole.example.no\n")

    def commands(self) -> dict[str, list[str]]:
        worker = STUBBORN if self.given.get("STUBBORN_WORKER") else SLEEP
        texts = {"worker": worker, "beat": SLEEP, "web": self.given.get("WEB_TEXT") or WEB}
        return {name: [sys.executable, "-c", text] for name, text in texts.items()}


if __name__ == "__main__":
    sys.exit(supervisor.main(SmallPortal))
