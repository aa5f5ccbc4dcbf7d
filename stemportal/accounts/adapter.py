"""How allauth is fitted into the portal: its mails go through the outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from stemportal.accounts.emails import account_mail


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter with the portal's outbox."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        account_mail(template_prefix=template_prefix, to=email, context={"email": email, **context})
