"""How allauth is fitted into the portal: its mails go through the outbox, and Feide is known from settings only."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.http import HttpRequest
from django.utils import translation

from stemportal.accounts.emails import account_mail
from stemportal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter with the portal's outbox."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        account_mail(template_prefix=template_prefix, to=email, context={"email": email, **context})


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """allauth's adapter for logins elsewhere."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Only what the settings name: a row in the database opens no door, and no page asks for one."""
        return [
            SocialApp(provider=name, **facts)
            for name, configured in app_settings.PROVIDERS.items()
            for facts in configured.get("APPS", [])
            if provider in {None, name, facts["provider_id"]} and client_id in {None, facts["client_id"]}
        ]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Fill in who the person seems to be."""
        user: User = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        user.full_name = " ".join(str(data.get("name") or "").split())[:120]
        user.language = translation.get_language() or "nb"
        return user
