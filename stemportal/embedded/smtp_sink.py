"""An SMTP server that keeps what it is given: one .eml file a mail, for the demo's mail page and for tests.

    python -m stemportal.embedded.smtp_sink --port 2525 --dir var/mail

File names sort by time of arrival and appear only when complete. The envelope is written on top as headers:
X-Envelope-From, and one X-Envelope-To a recipient. Recipients under `.invalid`, a domain that can never exist
(RFC 2606), are refused with 550 as a real mail server would refuse an unknown mailbox.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys
import time
from collections import deque
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from stemportal.embedded.process import LOOPBACK

KEEP = 2000
LARGEST_MAIL_BYTES = 20 * 1024 * 1024


class MailFolder:
    """Handler for aiosmtpd that writes accepted mails to a folder and forgets the oldest beyond `keep`."""

    def __init__(self, folder: Path, *, keep: int = KEEP):
        self.folder = folder
        self.keep = keep
        folder.mkdir(parents=True, exist_ok=True)
        for unfinished in folder.glob(".*.part"):
            unfinished.unlink()
        self.names = deque(sorted(path.name for path in folder.glob("*.eml")))

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if address.lower().endswith(".invalid"):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = self.store(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return f"250 OK, kept as {name}"

    def store(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Write one mail and return its file name."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.eml"
        headers = [f"X-Envelope-From: {sender}", *(f"X-Envelope-To: {address}" for address in recipients)]
        part = self.folder / f".{name}.part"
        part.write_bytes("".join(f"{line}\r\n" for line in headers).encode() + content)
        part.rename(self.folder / name)
        self.names.append(name)
        while len(self.names) > self.keep:
            (self.folder / self.names.popleft()).unlink(missing_ok=True)
        return name


async def serve(folder: Path, port: int) -> None:
    """Listen on the loopback interface until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    handler = MailFolder(folder)

    def protocol() -> SMTP:
        return SMTP(
            handler,
            data_size_limit=LARGEST_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="demo mail sink",
            loop=loop,
        )

    server = await loop.create_server(protocol, LOOPBACK, port)
    print(f"Keeping mail for {LOOPBACK}:{server.sockets[0].getsockname()[1]} in {folder}", flush=True)
    await stop.wait()
    server.close()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m stemportal.embedded.smtp_sink", description="Keep mail as files.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args(argv)
    asyncio.run(serve(options.dir.resolve(), options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
