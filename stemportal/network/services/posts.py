"""The discussion of a working group: beginning a thread, answering, changing and taking away what stands there."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.network.group_errors import HasAnswers, MovedOn, TooMuch
from stemportal.network.models import Post, WorkingGroup
from stemportal.network.services.groups import locked

# More than a group reads; beyond that somebody, or a program, fills the pages.
MOST_POSTS = 10_000


def write_post(
    *, group: WorkingGroup, by: User, text: str, request_key: uuid.UUID, title: str = "", thread: Post | None = None
) -> Post:
    """Begin a thread, or answer one. The same form sent twice gives one post.

    Raises GroupEnded, MovedOn (the thread was taken away), TooMuch.
    """
    key = uuid.uuid5(request_key, "/".join([str(by.pk), str(group.pk), str(thread and thread.pk), title, text]))
    with locked(group) as now:
        if earlier := Post.objects.filter(request_key=key).select_related("group").first():
            return earlier
        if thread is not None and not Post.objects.filter(pk=thread.pk, group=now, removed_at=None).exists():
            raise MovedOn
        if Post.objects.filter(group=now).count() >= MOST_POSTS:
            raise TooMuch
        return Post.objects.create(group=now, thread=thread, title=title, text=text, by=by, request_key=key)


def edit_post(*, post: Post, title: str, text: str) -> None:
    """Change what one wrote; the page says that it was changed. Raises GroupEnded, MovedOn (it was taken away)."""
    with locked(post.group):
        rows = Post.objects.filter(pk=post.pk, removed_at=None)
        if (post.title, post.text) == (title, text):
            return
        if not rows.update(title=title, text=text, edited_at=timezone.now()):
            raise MovedOn


def remove_post(*, post: Post, moderates: bool) -> bool:
    """Take a post off the pages, with its answers when it began the thread. False when it was gone.

    Others' answers go only with the lead or the secretariat, who ``moderates``; else raises HasAnswers. The secretariat
    can put it back for some days.
    """
    with transaction.atomic():
        WorkingGroup.objects.select_for_update(no_key=True).get(pk=post.group_id)
        answers = Post.objects.filter(thread=post.pk, removed_at=None)
        if not moderates and answers.exclude(by=post.by_id).exists():
            raise HasAnswers
        return bool(Post.objects.filter(pk=post.pk, removed_at=None).update(removed_at=timezone.now()))


def restore_post(*, post: Post) -> bool:
    """Put a post back. False when it stands there."""
    return bool(Post.objects.filter(pk=post.pk).exclude(removed_at=None).update(removed_at=None))


def delete_removed() -> int:
    """Delete posts that were taken away long ago (GROUP_REMOVED_DAYS), threads with their answers.

    Returns how many were taken away.
    """
    before = timezone.now() - timedelta(days=settings.GROUP_REMOVED_DAYS)
    with transaction.atomic():
        gone = list(Post.objects.filter(removed_at__lt=before).values_list("pk", flat=True))
        Post.objects.filter(pk__in=gone).delete()
    return len(gone)
