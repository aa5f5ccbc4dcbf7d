"""What the editor does with a newsletter before it goes out: write, test, approve, schedule.

Also the clicks, which are counted without persons, and only where the programme chose to (NEWSLETTER_COUNT_CLICKS).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.images import Picture
from stemportal.newsletters import readiness
from stemportal.newsletters.emails.editing import newsletter_test
from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Block, Link, Newsletter
from stemportal.newsletters.pictures import FOLDER
from stemportal.newsletters.rendering import edition

FURTHEST_AHEAD = timedelta(days=366)
SLUG_LENGTH = 90


def lock_draft(newsletter_id: int) -> Newsletter:
    """Return the draft, locked until the end of the transaction. Raises NewsletterError when it is none (any more)."""
    found = (
        Newsletter.objects.select_for_update(no_key=True)
        .filter(pk=newsletter_id, status=Newsletter.Status.DRAFT)
        .first()
    )
    if found is None:
        raise NewsletterError(_("This newsletter is no draft any more, so nothing was changed."))
    return found


def note_edit(*, newsletter: Newsletter, by: User) -> None:
    """Remember the last hand on the text. Whoever approved it approved something else, so that counts no more."""
    newsletter.edited_by = by
    newsletter.approved_by = None
    newsletter.approved_at = None
    newsletter.scheduled_at = None
    newsletter.slug = newsletter.slug or free_slug(newsletter)
    newsletter.save(update_fields=["edited_by", "approved_by", "approved_at", "scheduled_at", "slug"])


def free_slug(newsletter: Newsletter) -> str:
    """Return an address in the archive, after the subject, that no other issue has."""
    words = slugify(newsletter.subject_nb.translate(str.maketrans("æøåÆØÅ", "aoaAOA")))[:SLUG_LENGTH].strip("-")
    stem = words or "nyhetsbrev"
    taken = set(
        Newsletter.objects.filter(slug__startswith=stem).exclude(pk=newsletter.pk).values_list("slug", flat=True)
    )
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def approve(*, newsletter: Newsletter, by: User, seen: str) -> None:
    """Say yes as the second person to what was seen (``readiness.fingerprint`` of what the page showed).

    Raises NewsletterError: the one who edited last cannot approve, nor anybody what has been changed since.
    """
    with transaction.atomic():
        draft = lock_draft(newsletter.pk)
        if draft.edited_by_id == by.pk:
            raise NewsletterError(_("You edited it last, so somebody else has to approve it."))
        if readiness.fingerprint(draft) != seen:
            raise NewsletterError(_("It was changed while you looked at it. Please look once more."))
        draft.approved_by = by
        draft.approved_at = timezone.now()
        draft.save(update_fields=["approved_by", "approved_at"])
    newsletter.refresh_from_db()


def schedule(*, newsletter: Newsletter, at: datetime, by: User) -> None:
    """Have it sent by itself at a time. Raises NewsletterError when it is not ready, or the time is not ahead."""
    now = timezone.now()
    if at <= now:
        raise NewsletterError(_("This time is over. Choose one that is still to come."))
    if at > now + FURTHEST_AHEAD:
        raise NewsletterError(_("Choose a time within a year."))
    with transaction.atomic():
        draft = lock_draft(newsletter.pk)
        require_ready(draft)
        draft.status = Newsletter.Status.SCHEDULED
        draft.scheduled_at = at
        draft.sent_by = by
        draft.save(update_fields=["status", "scheduled_at", "sent_by"])
    newsletter.refresh_from_db()


def unschedule(*, newsletter: Newsletter) -> None:
    """Make it a draft again, to edit it or to send it another time. Raises NewsletterError when it is on its way."""
    changed = Newsletter.objects.filter(pk=newsletter.pk, status=Newsletter.Status.SCHEDULED).update(
        status=Newsletter.Status.DRAFT, scheduled_at=None, sent_by=None
    )
    if not changed:
        raise NewsletterError(_("It is not waiting any more."))
    newsletter.refresh_from_db()


def require_ready(newsletter: Newsletter) -> None:
    """Raise NewsletterError with everything that is to be put right before it can go out."""
    if found := readiness.problems(newsletter):
        raise NewsletterError(" ".join(found))


def send_test(*, newsletter: Newsletter, to: str, language: str) -> None:
    """Mail the newsletter to its editor, marked as a test; whatever language it is not written in comes as it is."""
    with translation.override(language):
        reason = _("you sent yourself a test; subscribers find their unsubscribe link here")
    with transaction.atomic():
        newsletter_test(newsletter, to, edition(newsletter, language, reason=reason))


def put_picture(*, block: Block, picture: Picture) -> None:
    """Keep a picture (of ``lib.images.prepare``) and show it in an unsaved or saved block; the caller saves the block.

    The picture that it takes the place of is deleted after the commit.
    """
    old = str(block.file.name or "")
    name = default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content))
    block.file = name
    block.width, block.height = picture.width, picture.height
    forget_picture(old)


def forget_picture(name: str) -> None:
    """Delete a picture's file after the commit, where there is one."""
    if name:
        transaction.on_commit(partial(default_storage.delete, name))


def count_click(link_id: int) -> None:
    """Count one click on a link. Nothing is noted about who it was."""
    Link.objects.filter(pk=link_id).update(clicks=F("clicks") + 1)
