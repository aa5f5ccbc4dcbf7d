"""Handing mail after mail to a mail server over one connection, and knowing afterwards whether it was taken.

A mail is handed over in two steps. Its envelope (MAIL, RCPT) can be repeated as often as one likes. Once the last line
of its text has gone out, only the server knows: when the connection ends before the answer, nobody can say whether the
mail will arrive (RFC 5321, 4.2.5), and who sends it again may send it twice. So the caller is asked between the two,
and can write down what is about to happen.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, cast

from django.core.mail.backends.smtp import EmailBackend

# Seconds for an answer to a command, and to the whole mail: a server that is busy with filters may take its time, and
# hanging up on it leaves a mail of which nobody knows (RFC 5321, 4.5.3.2.6 asks for ten minutes).
COMMAND_SECONDS = 30
MAIL_SECONDS = 300

SERVICE_ENDS = 421


class MailServerAway(Exception):
    """There is no server to hand anything to, or it takes nothing from us. Nothing was handed over."""


class Refused(Exception):
    """The server did not take this mail. ``permanent``: it will not take it later either (5yz).

    ``about_receiver``: it said so to the receiver's address (RCPT), not to the mail's text.
    """

    def __init__(self, code: int, words: str, *, about_receiver: bool = False) -> None:
        super().__init__(f"{code} {words}".strip())
        self.code = code
        self.words = words
        self.about_receiver = about_receiver
        self.permanent = code >= 500


class CutOff(Exception):
    """The connection ended after the whole mail had gone out and before the answer: it may have arrived or not."""


class _Ended(Exception):
    """The connection ended, or is to be ended, before the whole mail had gone out: it has not arrived.

    ``early``: before the server had heard of the receiver.
    """

    def __init__(self, reason: object, *, early: bool = False) -> None:
        super().__init__(str(reason))
        self.early = early


class Handover:
    """A connection that is kept from mail to mail and opened anew when the server has ended it.

    Host, login and encryption are Django's EMAIL settings. Use it as a context manager.
    """

    def __init__(self, *, command_seconds: float = COMMAND_SECONDS, mail_seconds: float = MAIL_SECONDS) -> None:
        self._command_seconds = command_seconds
        self._mail_seconds = mail_seconds
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def send(self, *, sender: str, receiver: str, mail: bytes, begin: Callable[[], bool]) -> bool:
        """Hand one mail over. False when ``begin`` said no, and the server was told to forget the envelope.

        ``begin`` is called when the server has agreed to the receiver and before the text goes out; it may be called
        twice, when the connection ends in between. ``mail`` has CRLF at the end of each line and no line that begins
        with a dot. Raises Refused, CutOff or MailServerAway; after CutOff alone the mail may have arrived.
        """
        if self._smtp is not None:
            # The server may have ended a kept connection since the last mail, or takes no more over it. A new one
            # shows whether it is there.
            with suppress(_Ended):
                return self._try(self._smtp, sender, receiver, mail, begin)
            self.close()
        try:
            return self._try(self._open(), sender, receiver, mail, begin)
        except _Ended as error:
            self.close()
            if error.early:
                raise MailServerAway(str(error)) from error
            raise Refused(SERVICE_ENDS, str(error)) from error

    def close(self) -> None:
        """Say good-bye, if anybody listens. The next mail opens a new connection."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None and smtp.sock is not None:
            with suppress(OSError):
                smtp.sock.settimeout(2)
                smtp.quit()
            smtp.close()

    def _try(self, smtp: smtplib.SMTP, sender: str, receiver: str, mail: bytes, begin: Callable[[], bool]) -> bool:
        self._say(smtp, f"MAIL FROM:<{sender}>", (250,), early=True)
        self._say(smtp, f"RCPT TO:<{receiver}>", (250, 251))
        if not begin():
            self._forget(smtp)
            return False
        self._say(smtp, "DATA", (354,))
        try:
            # Everything in one go, the closing dot last: when this fails, the server cannot have seen the dot.
            _socket_of(smtp).settimeout(self._mail_seconds)
            _socket_of(smtp).sendall(mail + b".\r\n")
        except OSError as error:
            raise _Ended(error) from error
        self._hear(smtp)
        return True

    def _say(self, smtp: smtplib.SMTP, command: str, good: tuple[int, ...], *, early: bool = False) -> None:
        """One command of the envelope. What is said to MAIL is about us and not about the receiver."""
        try:
            code, words = smtp.docmd(command)
        except OSError as error:  # of which SMTPException is one
            raise _Ended(error, early=early) from error
        if code in good:
            return
        if early or code == SERVICE_ENDS or not 400 <= code < 600:
            raise _Ended(f"{code} {_text(words)}", early=early)
        self._forget(smtp)
        raise Refused(code, _text(words), about_receiver=command.startswith("RCPT"))

    def _hear(self, smtp: smtplib.SMTP) -> None:
        """The answer to the whole mail. One that cannot be read says nothing."""
        try:
            code, words = smtp.getreply()
            _socket_of(smtp).settimeout(self._command_seconds)
        except OSError as error:
            self._smtp = None
            smtp.close()
            raise CutOff(str(error)) from error
        if 200 <= code < 300:
            return
        if code == SERVICE_ENDS or not 400 <= code < 600:
            self.close()
        if 400 <= code < 600:
            raise Refused(code, _text(words))
        raise CutOff(f"{code} {_text(words)}")

    def _forget(self, smtp: smtplib.SMTP) -> None:
        """RSET: the next mail begins afresh. A server that does not agree to that is left."""
        code = -1
        with suppress(OSError):
            code, _words = smtp.docmd("RSET")
        if code != 250:
            self.close()

    def _open(self) -> smtplib.SMTP:
        backend = EmailBackend(timeout=self._command_seconds, fail_silently=False)
        try:
            backend.open()
            smtp = cast("smtplib.SMTP", backend.connection)
            smtp.ehlo_or_helo_if_needed()
            _socket_of(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise MailServerAway(str(error)) from error
        self._smtp = smtp
        return smtp


def _socket_of(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("The connection is closed.")
    return smtp.sock


def _text(words: bytes) -> str:
    """What a server said, on one line."""
    return " ".join(words.decode("utf-8", "replace").split())
