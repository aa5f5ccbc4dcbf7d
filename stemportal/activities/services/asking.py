"""Somebody found nothing and asks for it: kept for the secretariat, answered by mail, forgotten in time."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.emails import asking as emails
from stemportal.activities.models import UnmetSearch

# Who asked, and in which words, is forgotten so long after the answer, or after the question where none came. What was
# looked for stays: it shows what the programme lacks.
FORGET_AFTER_ANSWER, FORGET_UNANSWERED = timedelta(days=90), timedelta(days=365)


class CannotAnswer(Exception):
    """It was answered already, or nobody knows any more who asked."""


@transaction.atomic
def ask_for(*, query: str, words: str, user: User | None, email: str, message: str, language: str) -> UnmetSearch:
    """Keep what somebody looked for and did not find: ``query`` as ``known_query`` writes it, ``words`` as people do.

    The same wish of the same person, while it waits, is one; a message then replaces the earlier one.
    """
    waiting = UnmetSearch.objects.filter(query=query, answered_at__isnull=True)
    same = waiting.filter(user=user) if user else waiting.filter(user=None, email__iexact=email)
    if asked := same.select_for_update(of=("self",)).first():
        if message:
            asked.message = message
            asked.save(update_fields=["message"])
        return asked
    return UnmetSearch.objects.create(
        query=query,
        words=words,
        user=user,
        email="" if user else email.lower(),
        message=message,
        language=language,
    )


@transaction.atomic
def answer_wish(*, asked: UnmetSearch, text: str) -> None:
    """Mail the answer to the one who asked and take it off the queue. Raises CannotAnswer; then nothing is sent."""
    if not asked.answer_to or not _mark(asked):
        raise CannotAnswer
    emails.answer(asked=asked, text=text)


def close_wish(*, asked: UnmetSearch) -> bool:
    """Take it off the queue without a mail; return whether it waited."""
    return _mark(asked)


def _mark(asked: UnmetSearch) -> bool:
    waiting = UnmetSearch.objects.filter(pk=asked.pk, answered_at__isnull=True)
    return bool(waiting.update(answered_at=timezone.now()))


def forget_who_asked() -> int:
    """Take person, address and own words out of what is old; return how many rows."""
    now = timezone.now()
    old = Q(answered_at__lt=now - FORGET_AFTER_ANSWER) | Q(asked_at__lt=now - FORGET_UNANSWERED)
    named = Q(user__isnull=False) | ~Q(email="") | ~Q(message="")
    return UnmetSearch.objects.filter(old & named).update(user=None, email="", message="")


def forget_wishes_of(user: User) -> None:
    """Take a person out of what it asked for, before its account is deleted."""
    UnmetSearch.objects.filter(Q(user=user) | Q(email__iexact=user.email)).update(user=None, email="", message="")
