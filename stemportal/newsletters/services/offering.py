"""The newsletter is offered to people of partners and to teachers on their own pages; nobody is signed up silently."""

from __future__ import annotations

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.db import transaction

from stemportal.accounts.models import User
from stemportal.newsletters.addresses import AddressError, tidy_address
from stemportal.newsletters.models import Interest, NotNow, Subscriber
from stemportal.newsletters.services import subscribing
from stemportal.places.models import County


def subscription_of(user: User) -> Subscriber | None:
    """Return the row of the person's own address, if there is one and the account has proved to own it."""
    if not has_proved_address(user):
        return None
    return Subscriber.objects.select_related("county").of_address(_address(user)).first()


def has_proved_address(user: User) -> bool:
    """Say whether somebody with this account has read a mail to its address."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


def is_offered(user: User) -> bool:
    """Say whether to ask this person: an address that ever was on the list, or a no, is not asked again."""
    asked = Subscriber.objects.of_address(_address(user)).values("pk")
    return not NotNow.objects.filter(user=user).values("pk").union(asked).exists()


def accept(
    *, user: User, language: str, source: str, county: County | None = None, interests: Collection[Interest] = ()
) -> bool:
    """Sign up a person who is logged in and pressed the button under the words of the consent.

    True when that was all: the account has proved the address by a mail before. Else a mail with a link is on its way.
    Raises AddressError for an address that we cannot write to.
    """
    if not has_proved_address(user):
        subscribing.subscribe(email=user.email, language=language, source=source, county=county, interests=interests)
        return False
    with transaction.atomic():
        subscriber = subscribing.lock_or_make(tidy_address(user.email), language=language, source=source)
        if subscriber.status != Subscriber.Status.ACTIVE:
            subscribing.ask(subscriber, language=language, source=source, county=county, interests=interests)
            subscribing.say_yes(subscriber, source=source)
    return True


def _address(user: User) -> str:
    """The account's address as subscribers' addresses are written; one that we could not write to stays as it is."""
    try:
        return tidy_address(user.email)
    except AddressError:
        return user.email.lower()


def decline(user: User) -> None:
    """Remember a no: the newsletter is not offered to this person again. It stays among the account's pages."""
    NotNow.objects.get_or_create(user=user)
