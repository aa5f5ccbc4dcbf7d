"""How one more row comes about in the lists of the network (``test_query_counts``)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.network.models import Ecosystem, EcosystemMember, Meeting
from stemportal.testing.factories import (
    PartnerFactory,
    SchoolFactory,
)
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    EcosystemFactory,
    GroupMemberFactory,
    HearingFactory,
    InputFactory,
    InputSupportFactory,
    PostFactory,
    RecommendationFactory,
    StoryFactory,
    StoryPhotoFactory,
    WorkingGroupFactory,
)
from tests.scene import Scene


def group(scene: Scene) -> None:
    """Led, with one more member, and one that has ended in which the owner took part."""
    group = GroupMemberFactory(partner__municipality=scene.place(), leads=True).group
    GroupMemberFactory(group=group, user=scene.owner, partner=scene.partner)
    over = WorkingGroupFactory(ended_at=timezone.now())
    GroupMemberFactory(group=over, user=scene.owner, partner=scene.partner)


def in_a_group(scene: Scene) -> None:
    """In one that the owner leads: a member, one who asked, one who is invited, a thread with answers, a document."""
    if scene.one is None:
        scene.one = GroupMemberFactory(user=scene.owner, partner=scene.partner, leads=True).group
        PostFactory(group=scene.one)
        DocumentVersionFactory(group=scene.one)
    for status in ("member", "applied", "invited"):
        GroupMemberFactory(group=scene.one, status=status, partner=PartnerFactory(municipality=scene.place()))
    PostFactory(group=scene.one, thread=scene.one.posts.earliest("pk"), title="")
    PostFactory(group=scene.one)
    document = scene.one.documents.earliest("pk")
    DocumentVersionFactory(document=document, number=document.versions.count() + 1)
    DocumentVersionFactory(group=scene.one)
    begins = timezone.now() + timedelta(days=next(scene.number))
    Meeting.objects.create(
        kind="group", group=scene.one, title_nb="Arbeidsmøte", status="published", starts_at=begins,
        ends_at=begins + timedelta(hours=1),
    )  # fmt: skip


def sent_in(scene: Scene) -> None:
    """To a hearing, with two behind it, and one more hearing, one that is over and one more recommendation."""
    scene.one = scene.one or HearingFactory()
    sent = InputFactory(partner=PartnerFactory(municipality=scene.place()), hearing=scene.one)
    for partner in (scene.partner, PartnerFactory(municipality=scene.place())):
        InputSupportFactory(input=sent, partner=partner)
    HearingFactory()
    HearingFactory(opens_at=timezone.now() - timedelta(days=30))
    RecommendationFactory(published_at=timezone.now())


def supported(scene: Scene) -> None:
    scene.one = scene.one or InputFactory(partner=PartnerFactory(municipality=scene.place()))
    InputSupportFactory(input=scene.one, partner=PartnerFactory(municipality=scene.place()))


def recommended(scene: Scene) -> None:
    scene.one = scene.one or RecommendationFactory(published_at=timezone.now())
    InputFactory(partner=PartnerFactory(municipality=scene.place()), recommendation=scene.one)


def region(scene: Scene) -> Ecosystem:
    return EcosystemFactory(counties=[scene.place().county, scene.place().county])


def story(scene: Scene) -> None:
    """Two of the partner's, published, with pictures, and told of regions."""
    for _ in range(2):
        scene.one = StoryFactory(partner=scene.partner, ecosystem=region(scene))
        StoryPhotoFactory(story=scene.one)


def in_the_region(scene: Scene) -> None:
    """A partner, a school and somebody else in one region; a story from there."""
    scene.one = scene.one or region(scene)
    place = scene.one.areas.first().county.municipalities.first()
    scene.offer(municipality=place, partner=PartnerFactory(municipality=place))
    for facts in ({"school": SchoolFactory(municipality=scene.place())}, {"name": f"Bibliotek {next(scene.number)}"}):
        EcosystemMember.objects.create(ecosystem=scene.one, sector="public", **facts)
    StoryPhotoFactory(story=StoryFactory(partner=scene.partner, ecosystem=scene.one))
    start = timezone.now() + timedelta(days=next(scene.number))
    Meeting.objects.create(
        title_nb="Frokost", ecosystem=scene.one, status="published", starts_at=start, ends_at=start + timedelta(hours=1)
    )


def in_the_network(scene: Scene) -> None:
    """One more of everything that the hub shows."""
    in_the_region(scene)
    EcosystemMember.objects.create(ecosystem=region(scene), sector="company", partner=scene.partner)
    InputFactory(partner=scene.partner, hearing=HearingFactory())


# fmt: off
