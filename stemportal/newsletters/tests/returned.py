"""Mails as mail servers send them back: failure reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

DSN = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="grense"
Message-Id: <{number}@mx.example.org>

--grense
Content-Type: text/plain; charset=utf-8

Beklager, meldingen kunne ikke leveres.

--grense
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 2 Nov 2026 08:00:00 +0100

Final-Recipient: rfc822; kari@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mottak.example.org
Diagnostic-Code: smtp; {diagnosis}

--grense
Content-Type: text/rfc822-headers

From: stemportal <portal@stemportal.example.no>
To: kari@example.org
Subject: =?utf-8?q?Nytt_om_sm=C3=A5_roboter?=
{headers}

--grense--
"""

COMPLAINT = """\
From: <fbl@example.org>
To: {to}
Subject: FW: Nytt om roboter
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="grense"

--grense
Content-Type: text/plain; charset=us-ascii

This is an email abuse report.

--grense
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: {mail_from}
Original-Rcpt-To: <kari@example.org>

--grense
Content-Type: message/rfc822

From: stemportal <portal@stemportal.example.no>
To: kari@example.org
{headers}
Subject: Nytt

Hei.

--grense--
"""

ANSWER = """\
From: Kari <kari@example.org>
To: {to}
Subject: {subject}

{text}
"""


def dsn(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnosis: str = "550 5.1.1 User unknown",
    headers: str = "X-A: b",
    number: int = 1,
) -> bytes:
    """Return a failure report that came to an address."""
    facts = {"action": action, "status": status, "diagnosis": diagnosis, "headers": headers, "number": number}
    return DSN.format(to=to, **facts).encode()


def complaint(
    to: str, *, mail_from: str = "<portal@stemportal.example.no>", feedback: str = "abuse", headers: str = "X-A: b"
) -> bytes:
    """Return a complaint as a mailbox provider forwards it."""
    return COMPLAINT.format(to=to, mail_from=mail_from, feedback=feedback, headers=headers).encode()


def answer(to: str, *, subject: str = "unsubscribe", text: str = "") -> bytes:
    """Return what a person or a mail program writes."""
    return ANSWER.format(to=to, subject=subject, text=text).encode()
