"""What a partner says it did for pupils outside the portal: told, put right, taken back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from stemportal.accounts.models import User
from stemportal.activities.models import OwnWord
from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import school_year_of
from stemportal.partners.models import Partner

FIELDS = ("kind", "title", "held_on", "pupils", "girls", "hours", "note")
# More than this in one school year belongs in fewer rows.
MOST_A_YEAR = 300


class TooManyOwnWords(Exception):
    """The partner has told of as much in that school year as fits."""


@transaction.atomic
def add_own_word(*, partner: Partner, facts: dict[str, Any], by: User) -> OwnWord:
    """Keep what the partner tells (``FIELDS``). Raises TooManyOwnWords."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    year = Period(PeriodKind.SCHOOL, school_year_of(facts["held_on"]))
    told = OwnWord.objects.filter(partner=partner, held_on__range=(year.first_day, year.last_day))
    if told.count() >= MOST_A_YEAR:
        raise TooManyOwnWords
    return OwnWord.objects.create(partner=partner, said_by=by, **{name: facts[name] for name in FIELDS})


def change_own_word(*, own_word: OwnWord, facts: dict[str, Any], by: User) -> None:
    """Put right what was told; who did it last stands there."""
    for name in FIELDS:
        setattr(own_word, name, facts[name])
    own_word.said_by = by
    own_word.save(update_fields=[*FIELDS, "said_by"])


def delete_own_word(*, own_word: OwnWord) -> None:
    """Take back what was told; reports that were handed out stay as they are."""
    own_word.delete()
