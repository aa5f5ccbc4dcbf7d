"""Deleting the account of a person who has nothing left in the portal."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction

from stemportal.accounts.models import User

# What belongs to the login itself and goes with it.
OF_THE_LOGIN = {"account", "mfa", "socialaccount", "usersessions"}
# What a person keeps for itself alone: it is no reason to keep an account, and goes with it. Apps add their models, as
# "activities.favourite", when they are ready.
goes_along: set[str] = set()
# What else has to be done about a person whose account goes. Called inside the transaction, before it is deleted.
forget: list[Callable[[User], None]] = []


def has_nothing_left(user: User) -> bool:
    """Say whether nothing in the portal is this person's any more: no membership, teacher record, booking, right.

    Later apps need not be known here: every reference to a person counts, except traces of what somebody once did,
    which have no name on the person's side (``related_name="+"``) and outlive the person (SET_NULL).
    """
    if user.is_staff or user.is_superuser:
        return False
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model._meta.app_label in OF_THE_LOGIN:
            continue
        if relation.related_model._meta.label_lower in goes_along:
            continue
        is_trace = relation.hidden and relation.on_delete is models.SET_NULL
        if is_trace or relation.on_delete is models.DO_NOTHING:
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
        if rows.exists():
            return False
    return True


@transaction.atomic
def delete_unused_account(*, user_pk: int) -> str:
    """Delete the account with its logins when the person has nothing left; return its address, else an empty text.

    Whoever gives the person something at the same time waits for the lock, and then finds nobody.
    """
    user = User.objects.select_for_update().filter(pk=user_pk).first()
    if user is None or not has_nothing_left(user):
        return ""
    return _delete(user)


@transaction.atomic
def delete_account(*, user_pk: int) -> str:
    """Delete the account whatever the person has in the portal, as the secretariat may; return its address."""
    return _delete(User.objects.select_for_update().get(pk=user_pk))


def _delete(user: User) -> str:
    keys = UserSession.objects.filter(user=user).values("session_key")
    Session.objects.filter(session_key__in=keys).delete()
    # The admin's log shows a person by name or address.
    person = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=person, object_id=str(user.pk)).update(object_repr="–", change_message="")
    for forget_person in forget:
        forget_person(user)
    address = user.email
    user.delete()
    return address
