"""Reads about working groups: which there are, what stands in them, and what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from stemportal.accounts.models import User
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.partners.models import Partner

Status = GroupMember.Status


def groups_for(user: User) -> QuerySet[WorkingGroup]:
    """Return the groups that work, the person's own first, with ``is_mine``, ``my_status`` and ``people`` (a count)."""
    mine = GroupMember.objects.in_good_standing().filter(group=OuterRef("pk"), user=user)
    return (
        WorkingGroup.objects.active()
        .select_related("lead")
        .annotate(
            is_mine=Exists(mine.filter(status=Status.MEMBER)),
            my_status=Coalesce(Subquery(mine.values("status")[:1]), Value("")),
            people=_people(),
        )
        .order_by("-is_mine", "name_nb", "pk")
    )


def ended_groups_of(user: User) -> QuerySet[WorkingGroup]:
    """Return the groups that have ended and in which the person took part, the last one first."""
    mine = GroupMember.objects.taking_part().filter(group=OuterRef("pk"), user=user)
    return WorkingGroup.objects.filter(Exists(mine)).exclude(ended_at=None).order_by("-ended_at", "pk")


def _people() -> Coalesce:
    joined = GroupMember.objects.taking_part().filter(group=OuterRef("pk")).order_by()
    count = joined.values("group").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(count, output_field=IntegerField()), 0)


def invitations_of(user: User) -> QuerySet[GroupMember]:
    """Return the invitations that wait for the person's answer."""
    waiting = GroupMember.objects.in_good_standing().filter(user=user, status=Status.INVITED, group__ended_at=None)
    return waiting.select_related("group").order_by("asked_at", "pk")


def members_of(group: WorkingGroup) -> QuerySet[GroupMember]:
    """Return who takes part, by partner and name."""
    found = GroupMember.objects.taking_part().filter(group=group).select_related("user", "partner")
    return found.order_by("partner__display_name", "user__full_name", "pk")


def applications_to(group: WorkingGroup) -> QuerySet[GroupMember]:
    """Return who waits to be let in, the first one first."""
    waiting = GroupMember.objects.in_good_standing().filter(group=group, status=Status.APPLIED)
    return waiting.select_related("user", "partner").order_by("asked_at", "pk")


def invited_to(group: WorkingGroup) -> QuerySet[GroupMember]:
    """Return who was invited and has not answered."""
    waiting = GroupMember.objects.in_good_standing().filter(group=group, status=Status.INVITED)
    return waiting.select_related("user", "partner").order_by("asked_at", "pk")


def applications_for_lead(user: User) -> QuerySet[GroupMember]:
    """Return who waits to be let into the groups that the person leads, the first one first."""
    leads = GroupMember.objects.taking_part().filter(group=OuterRef("group"), user=user)
    waiting = GroupMember.objects.in_good_standing().filter(status=Status.APPLIED, group__ended_at=None)
    found = waiting.filter(Exists(leads), group__lead=user).select_related("group")
    return found.order_by("asked_at", "pk")


def applications_for_secretariat() -> QuerySet[GroupMember]:
    """Return who waits to be let into groups that nobody leads who could answer."""
    lead = GroupMember.objects.taking_part().filter(group=OuterRef("group"), user=OuterRef("group__lead"))
    waiting = GroupMember.objects.in_good_standing().filter(status=Status.APPLIED, group__ended_at=None)
    return waiting.filter(~Exists(lead))


# What stands in a group


def threads_of(group: WorkingGroup) -> QuerySet[Post]:
    """Return the threads with ``answer_count`` and ``last_at``, the one with the newest line first."""
    answers = Post.objects.filter(thread=OuterRef("pk"), removed_at=None).order_by()
    count = answers.values("thread").annotate(number=Count("pk")).values("number")
    return (
        Post.objects.filter(group=group, thread=None, removed_at=None)
        .select_related("by")
        .annotate(
            answer_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
            last_at=Coalesce(Subquery(answers.order_by("-at").values("at")[:1]), F("at")),
        )
        .order_by("-last_at", "-pk")
    )


def answers_of(thread: Post) -> QuerySet[Post]:
    """Return the answers to a thread, the first one first."""
    return Post.objects.filter(thread=thread, removed_at=None).select_related("by", "group").order_by("at", "pk")


def documents_of(group: WorkingGroup) -> QuerySet[GroupDocument]:
    """Return the documents that stand there, the one with the newest version first.

    Each has ``newest_number``, ``newest_at``, ``newest_size``, ``newest_name`` and ``newest_by`` (a name, maybe empty).
    """
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    facts = {f"newest_{name}": Subquery(newest.values(name)[:1]) for name in ("number", "at", "size", "name")}
    return (
        GroupDocument.objects.filter(group=group, removed_at=None)
        .select_related("group")
        .annotate(**facts, newest_by=Coalesce(Subquery(newest.values("by__full_name")[:1]), Value("")))
        .order_by(F("newest_at").desc(), "-pk")
    )


def versions_of(document: GroupDocument) -> QuerySet[DocumentVersion]:
    """Return the versions of a document, the newest first."""
    return DocumentVersion.objects.filter(document=document).select_related("by").order_by("-number")


# What is new


@dataclass(frozen=True, kw_only=True)
class News:
    """A post or a version of a document that somebody has not heard of. ``title`` is the thread's or the document's."""

    what: Post | DocumentVersion
    at: datetime
    by_id: int | None
    who: str
    title: str
    text: str
    is_answer: bool = False
    is_document: bool = False
    number: int = 0

    @property
    def path(self) -> str:
        """Where it stands, in the language of now."""
        if isinstance(self.what, Post):
            return self.what.get_absolute_url()
        return self.what.document.get_absolute_url()


def shown_posts() -> QuerySet[Post]:
    """Return posts that stand on a page: neither they nor their thread was taken away."""
    in_a_thread = Q(thread=None) | Q(thread__removed_at=None)
    return Post.objects.filter(in_a_thread, removed_at=None).select_related("by", "thread", "group")


def shown_versions() -> QuerySet[DocumentVersion]:
    """Return versions of documents that stand on a page."""
    return DocumentVersion.objects.filter(document__removed_at=None).select_related("by", "document__group")


def news_from(posts: QuerySet[Post], versions: QuerySet[DocumentVersion]) -> list[News]:
    """Return both as one list, the oldest first. Two queries."""
    return sorted([*_of_posts(posts), *_of_versions(versions)], key=lambda news: (news.at, news.title))


def _of_posts(posts: QuerySet[Post]) -> Iterator[News]:
    for post in posts:
        yield News(
            what=post,
            at=post.at,
            by_id=post.by_id,
            who=str(post.by or ""),
            title=(post.thread or post).title,
            text=post.text,
            is_answer=post.thread_id is not None,
        )


def _of_versions(versions: QuerySet[DocumentVersion]) -> Iterator[News]:
    for version in versions:
        yield News(
            what=version,
            at=version.at,
            by_id=version.by_id,
            who=str(version.by or ""),
            title=version.document.title,
            text=version.note,
            is_document=True,
            number=version.number,
        )


def due_for_daily_mail(before: datetime) -> QuerySet[GroupMember]:
    """Return memberships with daily mail in which somebody else wrote or shared something that is not told yet.

    New is what came after ``told_until`` and not after ``before``.
    """
    mine = Q(by=OuterRef("user"))
    posts = shown_posts().filter(group=OuterRef("group"), at__gt=OuterRef("told_until"), at__lte=before)
    versions = shown_versions().filter(document__group=OuterRef("group"), at__gt=OuterRef("told_until"), at__lte=before)
    members = GroupMember.objects.taking_part().filter(notify=GroupMember.Notify.DAILY, told_until__lt=before)
    return members.filter(Exists(posts.exclude(mine)) | Exists(versions.exclude(mine)))


def news_for(member: GroupMember, before: datetime) -> list[News]:
    """Return what others wrote and shared after the member was told the last time, not after ``before``."""
    since = {"at__gt": member.told_until, "at__lte": before}
    posts = shown_posts().filter(group=member.group_id, **since).exclude(by=member.user_id)
    versions = shown_versions().filter(document__group=member.group_id, **since).exclude(by=member.user_id)
    return news_from(posts, versions)


def is_of_partner(partner: Partner, group_field: str = "group") -> Exists:
    """Return a condition for rows with ``by``: the person takes or took part in the row's group for the partner."""
    rows = GroupMember.objects.filter(partner=partner, user=OuterRef("by"), group=OuterRef(group_field))
    return Exists(rows, output_field=BooleanField())
