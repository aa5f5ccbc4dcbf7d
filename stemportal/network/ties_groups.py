"""What working groups add to partners and people: today's tasks, the copy of the data, leaving, and being forgotten.

What somebody wrote and shared belongs to the group and stays when the person goes, without the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts import deletion
from stemportal.accounts.models import User
from stemportal.lib.redact import blank_words, pattern_of
from stemportal.lib.templatetags.portal import localized
from stemportal.network.emails.groups import about
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.queries.groups import applications_for_lead, invitations_of, is_of_partner
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who

Status = GroupMember.Status
# Who is in, or on the way in.
COUNTS = (Status.MEMBER, Status.APPLIED, Status.INVITED)
EXAMPLES = 3


def group_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Ask for answers: to invitations, and by the lead to those who would like to join. Two queries."""
    for invitation in invitations_of(membership.user).filter(partner=membership.partner):
        yield extensions.Task(
            title=_("Invitation to the working group %(group)s") % {"group": localized(invitation.group, "name")},
            url=invitation.group.get_absolute_url(),
            action=_("See the invitation"),
            order=30,
            icon="PersonGroup",
        )
    waiting: dict[WorkingGroup, int] = {}
    led = GroupMember.objects.filter(user=membership.user, partner=membership.partner, status=Status.MEMBER)
    for application in applications_for_lead(membership.user).filter(group__in=led.values("group")):
        waiting[application.group] = waiting.get(application.group, 0) + 1
    for group, count in waiting.items():
        title = ngettext(
            "%(count)s person would like to join %(group)s", "%(count)s people would like to join %(group)s", count
        )
        yield extensions.Task(
            title=title % {"count": count, "group": localized(group, "name")},
            url=reverse("network:group_members", args=[group.slug]),
            action=_("See and answer"),
            order=15,
            icon="PersonPlus",
        )


class GroupsAtEnd:
    """Who took part for the partner does so no more."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        rows = GroupMember.objects.filter(partner=partner, status=Status.MEMBER, group__ended_at=None)
        count = rows.count()
        first = rows.select_related("group", "user").order_by("pk")[:EXAMPLES]
        names = [f"{row.user}: {localized(row.group, 'name')}" for row in first]
        text = ngettext(
            "%(count)s place in a working group is given up.", "%(count)s places in working groups are given up.", count
        )
        return [extensions.Consequence(text=text % {"count": count}, count=count, examples=names)]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        rows = GroupMember.objects.filter(partner=partner, status__in=COUNTS)
        for group_id, user_id in rows.filter(status=Status.MEMBER).values_list("group", "user"):
            WorkingGroup.objects.filter(pk=group_id, lead=user_id).update(lead=None)
        rows.update(status=Status.LEFT, message="", asked_at=timezone.now())


def memberships(partner: Partner) -> Iterator[dict[str, Any]]:
    """Who takes or took part in which group for the partner."""
    rows = GroupMember.objects.filter(partner=partner).select_related("user", "group")
    for member in rows.order_by("group", "pk").iterator():
        yield {
            "group": str(localized(member.group, "name")),
            "who": who(member.user),
            "status": member.status,
            "mail": member.notify,
            "message": member.message,
            "asked_at": member.asked_at,
            "joined_at": member.joined_at,
            "leads": member.group.lead_id == member.user_id,
        }


def _posts(partner: Partner) -> QuerySet[Post]:
    found = Post.objects.filter(is_of_partner(partner), removed_at=None)
    return found.select_related("by", "group", "thread").order_by("group", "at", "pk")


def _versions(partner: Partner) -> QuerySet[DocumentVersion]:
    found = DocumentVersion.objects.filter(is_of_partner(partner, "document__group"), document__removed_at=None)
    return found.select_related("by", "document__group").order_by("document", "number")


def posts(partner: Partner) -> Iterator[dict[str, Any]]:
    """What the partner's people wrote in groups; not what others answered."""
    for post in _posts(partner).iterator():
        yield {
            "group": str(localized(post.group, "name")),
            "thread": (post.thread or post).title,
            "at": post.at,
            "edited_at": post.edited_at,
            "by": who(post.by),
            "text": post.text,
        }


def documents(partner: Partner) -> Iterator[dict[str, Any]]:
    """What the partner's people shared in groups."""
    for version in _versions(partner).iterator():
        yield {
            "group": str(localized(version.document.group, "name")),
            "document": version.document.title,
            "version": version.number,
            "at": version.at,
            "by": who(version.by),
            "note": version.note,
            "file": name_in_copy(version),
        }


def files(partner: Partner) -> Iterable[extensions.File]:
    """The files that they shared."""
    for version in _versions(partner).iterator():
        yield name_in_copy(version), str(version.file.name)


def name_in_copy(version: DocumentVersion) -> str:
    """Return a name that no other file of the copy has."""
    return f"group-{version.document_id}-{version.number}.{str(version.file.name).rpartition('.')[2]}"


def forget(partner: Partner, people: extensions.People) -> None:
    """Take the partner's people out of the groups they were in for it, and their names out of what stands there."""
    of_people = GroupMember.objects.filter(user__in=people.pks)
    groups = list(of_people.order_by().values_list("group", flat=True).distinct())
    written = Post.objects.filter(is_of_partner(partner), by__in=people.pks)
    shared = DocumentVersion.objects.filter(is_of_partner(partner, "document__group"), by__in=people.pks)
    added = GroupDocument.objects.filter(group__members__partner=partner, added_by__in=people.pks)
    GroupDocument.objects.filter(pk__in=list(added.values_list("pk", flat=True))).update(added_by=None)
    Post.objects.filter(pk__in=list(written.values_list("pk", flat=True))).update(by=None)
    DocumentVersion.objects.filter(pk__in=list(shared.values_list("pk", flat=True))).update(by=None)
    _blank(groups, people.words)
    GroupMember.objects.filter(partner=partner).delete()
    # Traces of other times: who left or was declined is in no group that would keep the account.
    of_people.exclude(status__in=COUNTS).delete()


def forget_person(user: User) -> None:
    """Take a person's name and address out of the groups the person was in. The account's own rows go with it."""
    groups = list(GroupMember.objects.filter(user=user).order_by().values_list("group", flat=True))
    _blank(groups, [user.full_name, user.email])


def _blank(groups: list[int], words: Iterable[str]) -> None:
    """Put … in place of names in these groups, and delete the copies of mails about them that have them."""
    words = list(words)
    blank_words(Post.objects.filter(group__in=groups), ["title", "text"], words)
    blank_words(GroupDocument.objects.filter(group__in=groups), ["title"], words)
    blank_words(DocumentVersion.objects.filter(document__group__in=groups), ["name", "note"], words)
    if pattern := pattern_of(words):
        named = Q(text__iregex=pattern) | Q(subject__iregex=pattern) | Q(to_email__in=words)
        Mail.objects.filter(named, about__in=[about(group) for group in groups]).delete()


def register() -> None:
    """Add what working groups know to partners and people. Called once, when the app is ready."""
    extensions.today.append(group_tasks)
    extensions.at_end.append(GroupsAtEnd())
    extensions.forget.append(forget)
    deletion.forget.append(forget_person)
    extensions.data_sections += [
        extensions.DataSection(
            name="groups", about=gettext_lazy("who takes part in working groups for you"), rows=memberships
        ),
        extensions.DataSection(
            name="group_posts", about=gettext_lazy("what your people wrote in working groups"), rows=posts
        ),
        extensions.DataSection(
            name="group_documents",
            about=gettext_lazy("what your people shared in working groups"),
            rows=documents,
            files=files,
        ),
    ]
