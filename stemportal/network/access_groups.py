"""Who may see and do what in a working group: one function fetches and authorises."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.services.groups import may_ask_again, partners_for
from stemportal.partners.models import Partner

Status = GroupMember.Status
WAITS: dict[str, str] = {Status.INVITED: "answer", Status.APPLIED: "wait"}


@dataclass(frozen=True)
class GroupAccess:
    """A working group as one person may see it. ``member`` is the person's row while it counts, whatever its status."""

    group: WorkingGroup
    user: User
    member: GroupMember | None
    partners: list[Partner] = field(default_factory=list)
    is_keeper: bool = False

    @property
    def takes_part(self) -> bool:
        return self.member is not None and self.member.status == Status.MEMBER

    @property
    def leads(self) -> bool:
        return self.takes_part and self.group.lead_id == self.user.pk

    @property
    def reads(self) -> bool:
        """Documents and discussion: members; in an open group everybody who may join it; and the secretariat."""
        return self.takes_part or self.is_keeper or (self.group.is_open and bool(self.partners))

    @property
    def writes(self) -> bool:
        return self.takes_part and self.group.is_active

    @property
    def manages(self) -> bool:
        """Lets people in, takes posts and documents away."""
        return (self.leads or self.is_keeper) and self.group.is_active

    @property
    def way_in(self) -> str:
        """What somebody who takes no part can do: "join", "apply", "answer" an invitation, or nothing.

        "wait" is for who has asked, "declined" for who may not ask again yet.
        """
        if self.takes_part or not self.group.is_active:
            return ""
        status = self.member.status if self.member else ""
        if waits := WAITS.get(status):
            return waits
        if self.is_keeper:
            return "join"
        if status == Status.DECLINED and self.member is not None:
            return "apply" if may_ask_again(self.member) else "declined"
        if not self.partners:
            return ""
        return "join" if self.group.is_open else "apply"

    def may_change(self, post: Post) -> bool:
        """Whether the person may change the words of a post: only one's own."""
        return self.writes and post.by_id == self.user.pk

    def may_remove(self, what: Post | GroupDocument) -> bool:
        """Whether the person may take a post or a document away: one's own, or as one who manages the group."""
        by = what.by_id if isinstance(what, Post) else what.added_by_id
        return self.manages or (self.writes and by == self.user.pk)


def is_group_keeper(user: User) -> bool:
    """Whether the person looks after working groups in the secretariat."""
    return user.is_staff and user.has_perm("network.change_workinggroup")


def may_see_groups(user: User) -> bool:
    """Whether working groups are this person's matter: for people of approved partners, guests and the secretariat."""
    return (
        Partner.objects.approved().of_member(user).exists()
        or is_group_keeper(user)
        or GroupMember.objects.in_good_standing().filter(user=user).exists()
    )


def group_for(user: User, slug: str, *, read: bool = False, write: bool = False, manage: bool = False) -> GroupAccess:
    """Return a group for somebody who may know of it. Raises Http404 for others.

    With ``read`` its documents and discussion must be open to the person, with ``write`` she or he must take part and
    with ``manage`` lead it or be of the secretariat, else PermissionDenied. An ended group is for reading.
    """
    group = WorkingGroup.objects.select_related("lead").filter(slug=slug).first()
    if group is None:
        raise Http404("no such group")
    rows = GroupMember.objects.filter(group=group, user=user)
    member = rows.in_good_standing().select_related("partner").first()
    partners = partners_for(user)
    if member is None and partners and (gone := rows.filter(status=Status.DECLINED).first()):
        member = gone
    access = GroupAccess(group, user, member, partners, is_group_keeper(user))
    knows = member is not None and member.status in {Status.MEMBER, Status.INVITED, Status.APPLIED}
    if not (knows or partners or access.is_keeper):
        raise Http404("working groups are for partners")
    if read and not access.reads:
        raise PermissionDenied(_("Only members read what this group writes. You can ask to join it."))
    if write and not access.writes:
        raise PermissionDenied(_("Only members write here, as long as the group works. You can ask to join it."))
    if manage and not access.manages:
        raise PermissionDenied(_("The lead of the group does this."))
    return access


def thread_in(access: GroupAccess, pk: int) -> Post:
    """Return a thread of the group that stands there. Raises Http404."""
    return _post(access, pk, thread=None)


def post_in(access: GroupAccess, pk: int) -> Post:
    """Return a post of the group that stands there, with its thread. Raises Http404."""
    return _post(access, pk)


def _post(access: GroupAccess, pk: int, **facts: None) -> Post:
    found = Post.objects.filter(pk=pk, group=access.group, removed_at=None, **facts).select_related("by", "thread")
    post = found.first()
    if post is None or (post.thread is not None and post.thread.removed_at is not None):
        raise Http404("no such post")
    post.group = access.group
    return post


def document_in(access: GroupAccess, pk: int) -> GroupDocument:
    """Return a document of the group that stands there. Raises Http404."""
    document = GroupDocument.objects.filter(pk=pk, group=access.group, removed_at=None).first()
    if document is None:
        raise Http404("no such document")
    document.group = access.group
    return document


def version_in(access: GroupAccess, pk: int, number: int) -> DocumentVersion:
    """Return one version of a document of the group. Raises Http404."""
    document = document_in(access, pk)
    version = DocumentVersion.objects.filter(document=document, number=number).first()
    if version is None:
        raise Http404("no such version")
    return version


def member_in(access: GroupAccess, pk: int) -> GroupMember:
    """Return somebody's row in the group. Raises Http404."""
    member = GroupMember.objects.filter(pk=pk, group=access.group).select_related("user", "partner").first()
    if member is None:
        raise Http404("nobody like that in the group")
    member.group = access.group
    return member
