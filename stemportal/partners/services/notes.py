"""What the secretariat notes about a partner, and when to come back to it."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.partners.models import Note, Partner


def add_note(*, partner: Partner, by: User, text: str, follow_up_on: date | None = None) -> Note:
    """Write a note down. With ``follow_up_on`` it stands among what waits from that day on."""
    return Note.objects.create(partner=partner, by=by, text=text.strip(), follow_up_on=follow_up_on)


def finish_note(*, note: Note) -> bool:
    """Take a note off the list of those to come back to. False when somebody did that already."""
    return bool(Note.objects.filter(pk=note.pk, done_at=None).update(done_at=timezone.now()))
