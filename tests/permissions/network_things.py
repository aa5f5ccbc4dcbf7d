"""One of everything of the network and of newsletters that an address may name (``people.World``)."""

from __future__ import annotations

from functools import cached_property
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.lib import images
from stemportal.network.models import (
    DocumentVersion,
    Ecosystem,
    GroupMember,
    Hearing,
    Input,
    Meeting,
    MeetingFile,
    Post,
    Recommendation,
    Rsvp,
    Story,
    WorkingGroup,
)
from stemportal.newsletters.models import Block, Edition, Newsletter, Subscriber
from stemportal.newsletters.rendering.links import note_links
from stemportal.newsletters.services.editing import put_picture as put_block_picture
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    EcosystemFactory,
    GroupMemberFactory,
    HearingFactory,
    InputFactory,
    MeetingFactory,
    PostFactory,
    RecommendationFactory,
    RsvpFactory,
    StoryFactory,
    StoryPhotoFactory,
    WorkingGroupFactory,
)
from tests.permissions.files import small_png


class NetworkThings:
    """Meetings, groups, input, stories and ecosystems of a ``World``."""

    @cached_property
    def ecosystem(self) -> Ecosystem:
        return EcosystemFactory(slug="nord")

    @cached_property
    def story(self) -> Story:
        """The partner's, published, with a picture."""
        return self._story(slug="da-fisken-glapp")

    @cached_property
    def draft_story(self) -> Story:
        """The partner's, with a picture."""
        return self._story(status="draft", slug=None, published_at=None)

    @cached_property
    def sent_story(self) -> Story:
        return self._story(status="submitted", slug=None, published_at=None)

    def _story(self, **facts) -> Story:
        story = StoryFactory(partner=self.partner, author=self.people["editor"], **facts)
        picture = images.prepare(BytesIO(small_png()))
        name = default_storage.save(f"stories/{picture.random_name()}", ContentFile(picture.content))
        StoryPhotoFactory(story=story, file=name)
        return story

    @cached_property
    def hearing(self) -> Hearing:
        """Open."""
        return HearingFactory()

    @cached_property
    def input(self) -> Input:
        """The partner's, shared."""
        return InputFactory(partner=self.partner)

    @cached_property
    def input_of_others(self) -> Input:
        """Shared by a partner that nobody here acts for."""
        return InputFactory()

    @cached_property
    def recommendation(self) -> Recommendation:
        """Published."""
        return RecommendationFactory(published_at=timezone.now())

    @cached_property
    def group(self) -> WorkingGroup:
        """Closed; the editor leads, the owner takes part, and the reader has asked to."""
        group = WorkingGroupFactory(is_open=False)
        for role, status in (("editor", "member"), ("owner", "member"), ("reader", "applied")):
            facts = {"user": self.people[role], "partner": self.partner, "status": status}
            GroupMemberFactory(group=group, leads=role == "editor", **facts)
        return group

    @property
    def group_applicant(self) -> GroupMember:
        return self.group.members.get(user=self.people["reader"])

    @cached_property
    def open_group(self) -> WorkingGroup:
        """Nobody is in it."""
        return WorkingGroupFactory()

    @cached_property
    def group_of_others(self) -> WorkingGroup:
        """Closed, and nobody here is in it."""
        return GroupMemberFactory(group__is_open=False, leads=True).group

    @cached_property
    def inviting_group(self) -> WorkingGroup:
        """Closed; the member of another partner is invited."""
        person = self.people["other_member"]
        facts = {"user": person, "partner": person.memberships.get().partner, "status": "invited"}
        return GroupMemberFactory(group__is_open=False, **facts).group

    @cached_property
    def group_post(self) -> Post:
        """The owner's."""
        return PostFactory(group=self.group, by=self.people["owner"])

    @cached_property
    def group_document(self) -> DocumentVersion:
        """Shared by the lead."""
        version = DocumentVersionFactory(group=self.group, by=self.people["editor"])
        version.file.save("groups/liste.pdf", ContentFile(b"%PDF-1.7"), save=True)
        return version

    @cached_property
    def meeting(self) -> Meeting:
        """Public, for people of partners and teachers."""
        return MeetingFactory()

    @cached_property
    def group_meeting(self) -> Meeting:
        """Of the group that the editor leads."""
        return MeetingFactory(group=self.group, kind="group", is_public=False, audience=["group"])

    @cached_property
    def meeting_file(self) -> MeetingFile:
        """For those who are invited."""
        file = MeetingFile(meeting=self.meeting, title="Lysark", name="lysark.pdf", size=8)
        file.file.save("meetings/lysark.pdf", ContentFile(b"%PDF-1.7"), save=True)
        return file

    @cached_property
    def invitation_to_meeting(self) -> Rsvp:
        """The owner's."""
        return RsvpFactory(meeting=self.meeting, user=self.people["owner"], partner=self.partner)


class NewsletterThings:
    """Subscribers and newsletters of a ``World``."""

    @cached_property
    def subscriber(self) -> Subscriber:
        return Subscriber.objects.create(
            email="leser@example.org", status=Subscriber.Status.ACTIVE, consent_text="Ja", consent_source="/"
        )

    @cached_property
    def asking(self) -> Subscriber:
        return Subscriber.objects.create(email="ny@example.org", consent_text="Ja", consent_source="/")

    @cached_property
    def newsletter(self) -> Newsletter:
        """One that went out and stands in the archive."""
        issue = Newsletter.objects.create(
            subject_nb="Nytt", slug="nytt", status=Newsletter.Status.SENT, started_at=timezone.now()
        )
        Edition.objects.create(newsletter=issue, language="nb", subject="Nytt", html="", text="", web_html="<p>Hei</p>")
        return issue

    @cached_property
    def newsletter_picture(self) -> str:
        """The file name of a picture that its editor put in."""
        block = Block(newsletter=self.newsletter, kind=Block.Kind.IMAGE)
        put_block_picture(block=block, picture=images.prepare(BytesIO(small_png()), photo=images.JPEG))
        block.save()
        return str(block.file).removeprefix("newsletters/")

    @cached_property
    def newsletter_card(self) -> Block:
        """A card of an offer with a picture."""
        shown = self.picture.activity
        return Block.objects.create(newsletter=self.newsletter, kind=Block.Kind.ACTIVITY, activity=shown)

    @cached_property
    def newsletter_link(self) -> str:
        """What stands in an address that counts clicks."""
        (address,) = note_links(self.newsletter, ["https://example.org/"]).values()
        return address.strip("/").rpartition("/")[2]
