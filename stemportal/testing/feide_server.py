"""Feide on loopback: a real OpenID Connect provider, and the groups API beside it.

The provider is oidc-provider-mock; the groups are a small server whose answers a test chooses. Nothing here asks the
network.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from oidc_provider_mock import User, run_server_in_thread

CLIENT_ID, SECRET = "stemportal", "not-a-secret"
# The provider knows the standard scope for names only.
SCOPES = "openid,profile,email,userid-feide,groups-org,groups-edu"
ORG = "fc:org:eksempel.kommune.no"


class Groups(ThreadingHTTPServer):
    """``answer`` is given as JSON, or as it is when it is bytes; ``asked`` has the tokens that were sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Any = []
        self.status = 200
        self.wait = 0.0
        self.asked: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked may have hung up: that is what some tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/groups/me/groups"


class _Handler(BaseHTTPRequestHandler):
    server: Groups

    def do_GET(self) -> None:  # noqa: N802  # the name http.server calls
        server = self.server
        server.asked.append(self.headers.get("Authorization", ""))
        time.sleep(server.wait)
        body = server.answer if isinstance(server.answer, bytes) else json.dumps(server.answer).encode()
        self.send_response(server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Feide:
    """Both servers, and the people they know."""

    def __init__(self, issuer: str, groups: Groups) -> None:
        self.issuer, self.groups = issuer, groups

    @property
    def environment(self) -> dict[str, str]:
        """What a portal needs to know to use it."""
        return {
            "FEIDE_CLIENT_ID": CLIENT_ID,
            "FEIDE_CLIENT_SECRET": SECRET,
            "FEIDE_ISSUER": self.issuer,
            "FEIDE_GROUPS_URL": self.groups.url,
            "FEIDE_SCOPES": SCOPES,
        }


@contextmanager
def serve(*people: User) -> Iterator[Feide]:
    """Run both on free ports of loopback as long as the block lasts."""
    groups = Groups()
    threading.Thread(target=groups.serve_forever, daemon=True).start()
    with run_server_in_thread(user_claims=people) as provider:
        yield Feide(f"http://localhost:{provider.server_port}", groups)
    groups.shutdown()
    groups.server_close()


def person(sub: str, name: str, email: str = "", **claims: Any) -> User:
    """A person as Feide tells of one: the address is there, but not verified."""
    told = {"name": name, "email_verified": False, **claims}
    return User(sub=sub, claims={**told, "email": email} if email else told)


def org(*affiliation: str, primary: str = "employee", group_id: str = ORG) -> dict[str, Any]:
    """The owner of schools, and what the person is there."""
    membership = {"basic": "member", "affiliation": list(affiliation), "primaryAffiliation": primary}
    return {"id": group_id, "type": "fc:org", "displayName": "Eksempel kommune", "membership": membership}


def unit(number: str, name: str = "Hosle skole", *, main: bool = False, **membership: Any) -> dict[str, Any]:
    """A school of the owner."""
    told = {"basic": "member", **({"primarySchool": True} if main else {}), **membership}
    return {"id": f"{ORG}:unit:NO{number}", "type": "fc:org", "parent": ORG, "displayName": name, "membership": told}


def teaching_group(number: str, name: str, key: str, **more: Any) -> dict[str, Any]:
    """A group that the person teaches."""
    return {
        "id": f"fc:gogroup:eksempel.kommune.no:u:NO{number}:{key}",
        "type": "fc:gogroup",
        "parent": f"{ORG}:unit:NO{number}",
        "displayName": name,
        "membership": {"basic": "admin", "affiliation": "faculty"},
        **more,
    }
