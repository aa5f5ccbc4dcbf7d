"""Factories of the network: ecosystems, meetings, working groups, input and stories."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from stemportal.network.models import (
    DocumentVersion,
    Ecosystem,
    EcosystemArea,
    GroupDocument,
    GroupMember,
    Hearing,
    Input,
    InputSupport,
    Meeting,
    Post,
    Recommendation,
    Rsvp,
    Story,
    StoryPhoto,
    WorkingGroup,
)
from stemportal.testing.factories import MembershipFactory, PartnerFactory, UserFactory


class EcosystemFactory(DjangoModelFactory[Ecosystem]):
    """Without counties: ``EcosystemFactory(counties=[county])`` gives it some."""

    class Meta:
        model = Ecosystem
        skip_postgeneration_save = True

    name_nb = factory.Sequence(lambda n: f"Region {n}")
    slug = factory.Sequence(lambda n: f"region-{n}")

    @factory.post_generation
    def counties(self: Any, create, extracted, **_kwargs):  # the ecosystem that was made
        for county in extracted or ():
            EcosystemArea.objects.create(ecosystem=self, county=county)


class StoryFactory(DjangoModelFactory[Story]):
    """A partner's, published; ``StoryFactory(status="draft", slug=None, published_at=None)`` is a draft."""

    class Meta:
        model = Story

    status = Story.Status.PUBLISHED
    slug = factory.Sequence(lambda n: f"da-fisken-glapp-{n}")
    title = factory.Sequence(lambda n: f"Da fisken glapp {n}")
    lead = "Tre niendeklassinger, en robotarm og en gummifisk."
    text = "Den glapp seks ganger. **Sjuende** forsøk lyktes."
    author = factory.SubFactory(UserFactory)
    partner = factory.SubFactory(PartnerFactory)
    published_at = factory.LazyFunction(timezone.now)


class StoryPhotoFactory(DjangoModelFactory[StoryPhoto]):
    """A row without a file behind it."""

    class Meta:
        model = StoryPhoto

    story = factory.SubFactory(StoryFactory)
    file = factory.Sequence(lambda n: f"stories/{n:022x}-40x30.png")
    width = 40
    height = 30
    alt_text = "En robot"
    consent_text = "Alle har sagt ja."


class HearingFactory(DjangoModelFactory[Hearing]):
    """Open since yesterday, for two weeks; its partners are told already."""

    class Meta:
        model = Hearing

    title_nb = factory.Sequence(lambda n: f"Hva skal til {n}")
    title_en = factory.Sequence(lambda n: f"What it takes {n}")
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    closes_at = factory.LazyAttribute(lambda o: o.opens_at + timedelta(days=15))
    told_at = factory.SelfAttribute("opens_at")


class RecommendationFactory(DjangoModelFactory[Recommendation]):
    """A draft."""

    class Meta:
        model = Recommendation

    title_nb = factory.Sequence(lambda n: f"Lengre besøk {n}")
    title_en = factory.Sequence(lambda n: f"Longer visits {n}")


class InputFactory(DjangoModelFactory[Input]):
    """Shared, received, outside of any hearing; no mail is written about it."""

    class Meta:
        model = Input

    partner = factory.SubFactory(PartnerFactory)
    title = factory.Sequence(lambda n: f"Mer tid til besøk {n}")
    text = "To timer er for lite."
    request_key = factory.LazyFunction(uuid.uuid4)


class InputSupportFactory(DjangoModelFactory[InputSupport]):
    class Meta:
        model = InputSupport

    input = factory.SubFactory(InputFactory)
    partner = factory.SubFactory(PartnerFactory)


class WorkingGroupFactory(DjangoModelFactory[WorkingGroup]):
    """An open group that nobody leads; ``GroupMemberFactory(group=..., leads=True)`` gives it a lead."""

    class Meta:
        model = WorkingGroup

    name_nb = factory.Sequence(lambda n: f"Rollemodeller {n}")
    name_en = factory.Sequence(lambda n: f"Role models {n}")
    slug = factory.Sequence(lambda n: f"rollemodeller-{n}")
    text_nb = "Vi samler det som virker."


class GroupMemberFactory(DjangoModelFactory[GroupMember]):
    """Somebody who acts for an approved partner and joined yesterday; ``partner=None`` makes a guest."""

    class Meta:
        model = GroupMember

    group = factory.SubFactory(WorkingGroupFactory)
    partner = factory.SubFactory(PartnerFactory)
    user = factory.LazyAttribute(lambda o: MembershipFactory(partner=o.partner).user if o.partner else UserFactory())
    status = GroupMember.Status.MEMBER
    joined_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    told_until = factory.SelfAttribute("joined_at")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):  # noqa: ARG003  # factory-boy calls it so
        leads = kwargs.pop("leads", False)
        member = model_class.objects.create(**kwargs)
        if leads:
            member.group.lead = member.user
            member.group.save(update_fields=["lead"])
        return member


class PostFactory(DjangoModelFactory[Post]):
    """A thread that no mail has told of."""

    class Meta:
        model = Post

    group = factory.SubFactory(WorkingGroupFactory)
    title = factory.Sequence(lambda n: f"Hva spør elevene om {n}")
    text = "De spør om **lønn**."
    by = factory.SubFactory(UserFactory)
    request_key = factory.LazyFunction(uuid.uuid4)


class DocumentVersionFactory(DjangoModelFactory[DocumentVersion]):
    """The first version of a new document; a row without a file behind it."""

    class Meta:
        model = DocumentVersion

    class Params:
        group = factory.SubFactory(WorkingGroupFactory)

    document = factory.LazyAttribute(
        lambda o: GroupDocument.objects.create(group=o.group, title="Sjekkliste", added_by=o.by)
    )
    by = factory.SubFactory(UserFactory)
    number = 1
    file = factory.Sequence(lambda n: f"groups/{n:022x}.pdf")
    name = "Sjekkliste.pdf"
    size = 8


class MeetingFactory(DjangoModelFactory[Meeting]):
    """Announced, three weeks from now, for partners and teachers everywhere, with as many places as people want."""

    class Meta:
        model = Meeting

    title_nb = factory.Sequence(lambda n: f"Nettverksmøte {n}")
    title_en = factory.Sequence(lambda n: f"Network meeting {n}")
    status = Meeting.Status.PUBLISHED
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=21))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + timedelta(hours=3))
    place = "Kulturhuset"
    address = "Markveien 2, Alta"
    audience = factory.LazyFunction(lambda: [Meeting.Audience.PARTNERS, Meeting.Audience.TEACHERS])
    published_at = factory.LazyFunction(timezone.now)


class RsvpFactory(DjangoModelFactory[Rsvp]):
    """An invitation without an answer, whose mail is written."""

    class Meta:
        model = Rsvp

    meeting = factory.SubFactory(MeetingFactory)
    user = factory.SubFactory(UserFactory)
    mailed_at = factory.LazyFunction(timezone.now)
