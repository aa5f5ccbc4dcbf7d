"""A real mail server on loopback with bad habits, for tests of what sends over it.

    with bad_server(port) as server:
        server.refuse["kari@example.org"] = ["450 4.2.0 Not now"]
        ...
        assert server.receivers() == [...]

It keeps what it has said 250 to, and what it has read to the end although it gave no answer.
"""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from stemportal.embedded.process import LOOPBACK


@dataclass(frozen=True)
class Got:
    """A mail as it came: envelope, and the text with the dots of the protocol taken out again."""

    sender: str
    receiver: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)


@dataclass
class BadServer:
    """Switches, which a test may turn while it runs. Everything in seconds, answers as "450 4.2.0 Words"."""

    port: int
    # Answers to RCPT, to DATA and to the whole mail, used up one by one; "" means yes.
    refuse: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refuse_text: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refuse_everybody: str = ""
    refuse_sender: str = ""
    # Receivers at whose mail the connection ends: before the text, in the middle of it, or after all of it. Each once.
    cut_before_text: set[str] = field(default_factory=set)
    cut_in_text: set[str] = field(default_factory=set)
    cut_after_text: set[str] = field(default_factory=set)
    seconds_for_answer: float = 0.0
    mails_a_connection: int = 0
    connections: int = 0
    taken: list[Got] = field(default_factory=list)
    unanswered: list[Got] = field(default_factory=list)

    def receivers(self) -> list[str]:
        """Who was sent a mail that the server took, in order."""
        return [got.receiver for got in self.taken]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    habits: BadServer


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """One connection, until somebody ends it, a killed worker for example."""
        with suppress(ConnectionError):
            self.converse()

    def converse(self) -> None:
        """Answer command after command."""
        habits = self.server.habits
        habits.connections += 1
        sender = receiver = ""
        mails = 0
        self.say("220 bad.example.org")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb in {"EHLO", "HELO"}:
                self.say("250 bad.example.org")
            elif verb == "MAIL":
                if habits.mails_a_connection and mails >= habits.mails_a_connection:
                    self.say("421 4.7.0 Too many mails over this connection")
                    return
                sender = line.partition("<")[2].rpartition(">")[0]
                self.say(habits.refuse_sender or "250 OK")
            elif verb == "RCPT":
                receiver = line.partition("<")[2].rpartition(">")[0]
                answers = habits.refuse[receiver]
                self.say(habits.refuse_everybody or (answers.pop(0) if answers else "") or "250 OK")
            elif verb == "DATA":
                if receiver in habits.cut_before_text:
                    habits.cut_before_text.discard(receiver)
                    return
                self.say("354 Go on")
                if not self.take(sender, receiver):
                    return
                mails += 1
            elif verb == "QUIT":
                self.say("221 Bye")
                return
            else:
                self.say("250 OK")

    def take(self, sender: str, receiver: str) -> bool:
        """Read a mail and answer; False when the connection is to end."""
        habits = self.server.habits
        if receiver in habits.cut_in_text:
            habits.cut_in_text.discard(receiver)
            self.rfile.readline()
            return False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))
        got = Got(sender, receiver, b"".join(lines))
        time.sleep(habits.seconds_for_answer)
        if receiver in habits.cut_after_text:
            habits.cut_after_text.discard(receiver)
            habits.unanswered.append(got)
            return False
        answers = habits.refuse_text[receiver]
        if answer := answers.pop(0) if answers else "":
            self.say(answer)
            return True
        habits.taken.append(got)
        self.say("250 OK")
        return True

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def bad_server(port: int, **habits: Any) -> Iterator[BadServer]:
    """Listen on loopback until the block ends."""
    with _Server((LOOPBACK, port), _Conversation) as server:
        server.habits = BadServer(port=server.server_address[1], **habits)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.habits
        finally:
            server.shutdown()
            thread.join()
