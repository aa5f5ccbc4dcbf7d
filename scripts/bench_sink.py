"""The mail server of `make bench`: takes everything, keeps a count a receiver, and writes it down when it is stopped.

python scripts/bench_sink.py --port 2525 --report counts.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections import Counter
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Count:
    """Handler for aiosmtpd: the envelope's receivers and the size of each mail, nothing else."""

    def __init__(self) -> None:
        self.receivers: Counter[str] = Counter()
        self.bytes = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.receivers.update(envelope.rcpt_tos)
        self.bytes += len(envelope.original_content or b"")
        return "250 OK"


async def serve(port: int, report: Path) -> None:
    """Listen on loopback until SIGTERM, then write how many receivers got how many mails."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    handler = Count()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", port)
    await stop.wait()
    server.close()
    mails = handler.receivers.total()
    found = {
        "mails": mails,
        "receivers": len(handler.receivers),
        "twice": sum(count > 1 for name, count in handler.receivers.items() if name.startswith("reader")),
        "bytes_a_mail": handler.bytes // max(mails, 1),
    }
    report.write_text(json.dumps(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Count mails.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.report))
    sys.exit(0)
