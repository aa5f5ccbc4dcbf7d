"""Writes about people that carry meaning."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from stemportal.accounts.models import User


def choose_language(*, user: User, language: str) -> None:
    """Keep the language the person reads the portal in; mail follows it."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])


def find_or_create_person(*, email: str, full_name: str, language: str) -> tuple[User, bool]:
    """Return the account with this address, or a new one without a password (code login), and whether it is new.

    An existing account is never changed: whoever fills in a form does not own the address yet. The new address is known
    to allauth but not verified: the first mailed login code verifies it. Two forms at once make one account.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is not None:
        return user, False
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, full_name=full_name, language=language)
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    except IntegrityError:
        return User.objects.get(email__iexact=email), False
    return user, True
