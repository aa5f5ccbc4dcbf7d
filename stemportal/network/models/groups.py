"""Working groups on current topics: who takes part, what they share and what they talk about."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Described, Named
from stemportal.partners.models import Membership, Partner


class WorkingGroupQuerySet(models.QuerySet["WorkingGroup"]):
    """Phrases about working groups."""

    def active(self) -> Self:
        """Groups that still work."""
        return self.filter(ended_at=None)


class WorkingGroup(Named, Described):
    """A group on a topic. Every registered partner sees that it exists and what it is about.

    In an open group partners' people join at once and read before they do; in a closed one they apply or are invited,
    and only members see documents and discussion.
    """

    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="led_groups",
        verbose_name=_("lead"),
    )
    is_open = models.BooleanField(_("open: partners join without asking"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = WorkingGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("working group")
        verbose_name_plural = _("working groups")
        ordering = ["ended_at", "name_nb"]

    def get_absolute_url(self) -> str:
        return reverse("network:group", args=[self.slug])

    @property
    def is_active(self) -> bool:
        return self.ended_at is None


class GroupMemberQuerySet(models.QuerySet["GroupMember"]):
    """Phrases about people in working groups."""

    def in_good_standing(self) -> Self:
        """Rows that still count, whatever their status.

        The account is in use, and who came for a partner acts for it still, and it is approved. So somebody who leaves
        a partner, or whose partner is paused, reads nothing more from that moment on, and is back with the partner.
        """
        acts = Membership.objects.filter(
            user=OuterRef("user"), partner=OuterRef("partner"), partner__status=Partner.Status.APPROVED
        )
        return self.filter(Q(partner=None) | Exists(acts), user__is_active=True)

    def taking_part(self) -> Self:
        """The members for the time being."""
        return self.in_good_standing().filter(status=GroupMember.Status.MEMBER)


class GroupMember(models.Model):
    """A person in a working group, or on the way in or out."""

    class Status(models.TextChoices):
        APPLIED = "applied", _("Has applied")
        INVITED = "invited", _("Is invited")
        MEMBER = "member", _("Member")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Has left")

    class Notify(models.TextChoices):
        EACH = "each", _("A mail for each new post or document")
        DAILY = "daily", _("One mail a day when there is something new")
        NEVER = "never", _("No mail")

    group = models.ForeignKey(
        WorkingGroup, on_delete=models.CASCADE, related_name="members", verbose_name=_("working group")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_memberships", verbose_name=_("person")
    )
    # For whom the person takes part; empty for staff and for somebody whose partner is gone.
    partner = models.ForeignKey(
        Partner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="group_memberships",
        verbose_name=_("partner"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status)
    notify = models.CharField(_("mail about news"), max_length=10, choices=Notify, default=Notify.DAILY)
    message = models.TextField(_("why"), max_length=1000, blank=True)
    asked_at = models.DateTimeField(_("since"), default=timezone.now)
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)
    # What is newer than this comes with the next daily mail.
    told_until = models.DateTimeField(default=timezone.now, editable=False)

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a working group")
        verbose_name_plural = _("members of working groups")
        ordering = ["joined_at", "id"]
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="network_group_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.group}"


class GroupDocument(models.Model):
    """A document of a working group; its content is its newest version."""

    group = models.ForeignKey(
        WorkingGroup, on_delete=models.CASCADE, related_name="documents", verbose_name=_("working group")
    )
    title = models.CharField(_("title"), max_length=160)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("document of a working group")
        verbose_name_plural = _("documents of working groups")
        ordering = ["-added_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("network:document", args=[self.group.slug, self.pk])


class DocumentVersion(models.Model):
    """A file as it was at one time. Older versions stay, so that nobody's work is lost by an upload."""

    document = models.ForeignKey(
        GroupDocument, on_delete=models.CASCADE, related_name="versions", verbose_name=_("document")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    file = models.FileField(_("file"), max_length=120)
    name = models.CharField(_("name of the file"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    note = models.CharField(_("what changed"), max_length=250, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Members who want a mail for each document were told.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="network_version_number_once")]

    def __str__(self) -> str:
        return f"{self.document} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("network:document_file", args=[self.document.group.slug, self.document_id, self.number])


class Post(models.Model):
    """A line of a working group's discussion: the beginning of a thread, or an answer to one."""

    group = models.ForeignKey(
        WorkingGroup, on_delete=models.CASCADE, related_name="posts", verbose_name=_("working group")
    )
    thread = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers", verbose_name=_("answer to")
    )
    title = models.CharField(_("title"), max_length=160, blank=True)
    text = models.TextField(_("text (Markdown)"), max_length=6000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    # Members who want a mail for each line were told.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    # The same form sent twice carries the same key and gives one post.
    request_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["group", "at"], name="network_post_group"),
            models.Index(fields=["at"], name="network_post_untold", condition=Q(told_at=None)),
        ]
        constraints = [models.CheckConstraint(condition=~Q(thread=F("id")), name="network_post_no_own_thread")]

    def __str__(self) -> str:
        return self.title or self.text[:80]

    def get_absolute_url(self) -> str:
        return f"{reverse('network:thread', args=[self.group.slug, self.thread_id or self.pk])}#post-{self.pk}"
