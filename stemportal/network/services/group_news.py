"""Telling members what is new: some minutes after it was written, or once a day.

A post and a version carry ``told_at``: everybody who wants to hear of each gets one mail about what a group wrote in
the last minutes, and the mark is set with the mails, in one transaction. Daily mails move ``told_until`` of the
memberships they are about in the same way. So nobody gets two, none is lost, and a run that was missed is made up by
the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stemportal.network.emails import group_news as emails
from stemportal.network.models import DocumentVersion, GroupMember, Post, WorkingGroup
from stemportal.network.queries.groups import (
    due_for_daily_mail,
    members_of,
    news_for,
    news_from,
    shown_posts,
    shown_versions,
)

logger = structlog.get_logger(__name__)

AT_MOST = 500
# At this hour, in the portal's time zone. What was written right before is committed some minutes later.
HOUR = 7
SETTLE = timedelta(minutes=5)


def sweep() -> int:
    """Tell what has waited long enough, the oldest first. Returns of how many groups."""
    before = timezone.now() - timedelta(seconds=settings.MESSAGE_MAIL_DELAY_SECONDS)
    posts = Post.objects.filter(told_at=None, at__lt=before).order_by("at").values_list("group", flat=True)
    versions = DocumentVersion.objects.filter(told_at=None, at__lt=before).order_by("at")
    shared = versions.values_list("document__group", flat=True)
    groups = dict.fromkeys([*posts[:AT_MOST], *shared[:AT_MOST]])
    for group_id in groups:
        try:
            tell_group(group_id)
        except Exception:  # one group's trouble must not keep the mails of the others
            logger.exception("group_not_told", group=group_id)
    return len(groups)


def tell_group(group_id: int) -> int:
    """Write the mails about everything in a group that is not told, one a member. Returns how many mails."""
    with transaction.atomic():
        # One teller of a group at a time; the second finds nothing.
        group = WorkingGroup.objects.select_for_update(no_key=True).get(pk=group_id)
        posts = list(Post.objects.filter(group=group, told_at=None).values_list("pk", flat=True))
        waiting = DocumentVersion.objects.filter(document__group=group, told_at=None)
        versions = list(waiting.values_list("pk", flat=True))
        news = news_from(shown_posts().filter(pk__in=posts), shown_versions().filter(pk__in=versions))
        mails = 0
        for member in members_of(group).filter(notify=GroupMember.Notify.EACH) if news else ():
            member.group = group
            if of_others := [item for item in news if item.by_id != member.user_id]:
                emails.each(member, of_others)
                mails += 1
        now = timezone.now()
        Post.objects.filter(pk__in=posts).update(told_at=now)
        DocumentVersion.objects.filter(pk__in=versions).update(told_at=now)
    return mails


def daily_until(now: datetime | None = None) -> datetime:
    """Return up to when the daily mails of now tell: the last seven o'clock that is some minutes ago."""
    here = timezone.localtime((now or timezone.now()) - SETTLE)
    morning = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= here else timezone.localtime(morning - timedelta(days=1)).replace(hour=HOUR)


def write_daily_mails() -> int:
    """Write the daily mails that are due, one a person with all groups in it. Returns how many."""
    before, told = daily_until(), 0
    people = due_for_daily_mail(before).order_by("user").values_list("user", flat=True).distinct()
    for user_id in list(people):
        try:
            told += tell_person(user_id, before)
        except Exception:  # one person's trouble must not keep the mails of the others
            logger.exception("group_day_not_told", person=user_id)
    return told


def tell_person(user_id: int, before: datetime) -> bool:
    """Write one person's daily mail about what came until ``before``. False when there is nothing to tell."""
    with transaction.atomic():
        mine = GroupMember.objects.select_for_update(no_key=True, of=("self",)).filter(user=user_id)
        pks = [member.pk for member in mine.order_by("pk")]
        # Asked after the lock, so that two runs at once tell it once.
        due = due_for_daily_mail(before).filter(pk__in=pks).select_related("user", "group").order_by("group__name_nb")
        members = [(member, news) for member in due if (news := news_for(member, before))]
        if not members:
            return False
        emails.daily(members)
        GroupMember.objects.filter(pk__in=[member.pk for member, _news in members]).update(told_until=before)
    return True
