"""Feide's login through allauth's OpenID Connect, held to more than allauth asks for.

allauth trusts an ID token that came straight from the token endpoint without looking at its signature, and goes on
without one. Here every login has one that Feide signed, and the person it names is the one whose facts are read. Of
those facts only name and address are kept.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from stemportal.lib.feide import FeideRefused, read_id_token
from stemportal.settings.feide import PROVIDER_ID

logger = structlog.get_logger(__name__)

# What a provider must tell about itself.
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class FeideOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """allauth's adapter, which reads no token on trust."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What Feide says about itself. Raises OAuth2Error when that is not what it should be."""
        try:
            config = super().openid_config
        except (AttributeError, TypeError, ValueError) as error:
            raise OAuth2Error("no configuration") from error
        if not all(isinstance(config.get(name), str) for name in NEEDED):
            raise OAuth2Error("incomplete configuration")
        return config

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Return the access token. Raises OAuth2Error when there is none."""
        try:
            return super().parse_token(data)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise OAuth2Error("no access token") from error

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Return who logs in. Raises OAuth2Error for a token that proves nothing or names somebody else."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = answer.json()
        try:
            claims = read_id_token(
                kwargs["response"].get("id_token"),
                keys=keys,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
            )
        except FeideRefused as error:
            logger.warning("feide_token_refused", why=str(error))
            raise OAuth2Error("refused token") from error
        info = self._fetch_user_info(token.token)
        if not isinstance(info, dict) or not isinstance(info.get("sub"), str) or info["sub"] != claims["sub"]:
            raise OAuth2Error("the token and the facts are about different people")
        kept = {"sub": info["sub"], "email_verified": info.get("email_verified") is True}
        kept |= {name: info[name] for name in ("name", "email") if isinstance(info.get(name), str)}
        return self.get_provider().sociallogin_from_response(request, {"userinfo": kept})


def _serve(request: HttpRequest, view: Any) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(FeideOAuth2Adapter(request, PROVIDER_ID))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (RequestException, OAuth2Error) as error:
        logger.warning("feide_away", error=type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", {"away": True}, status=503)
    return answer


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """Send a person to Feide; by POST only."""
    return _serve(request, OAuth2LoginView)


@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Where Feide sends the person back to."""
    return _serve(request, OAuth2CallbackView)
