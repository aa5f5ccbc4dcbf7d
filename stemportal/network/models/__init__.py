"""The nouns of the network, one file a matter."""

from stemportal.network.models.ecosystems import Ecosystem, EcosystemArea, EcosystemMember
from stemportal.network.models.groups import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.models.inputs import (
    Hearing,
    Input,
    InputEvent,
    InputQuerySet,
    InputSupport,
    Recommendation,
)
from stemportal.network.models.meetings import Meeting, MeetingFile, ProgrammeItem, Rsvp
from stemportal.network.models.stories import Story, StoryPhoto

__all__ = [
    "DocumentVersion",
    "Ecosystem",
    "EcosystemArea",
    "EcosystemMember",
    "GroupDocument",
    "GroupMember",
    "Hearing",
    "Input",
    "InputEvent",
    "InputQuerySet",
    "InputSupport",
    "Meeting",
    "MeetingFile",
    "Post",
    "ProgrammeItem",
    "Recommendation",
    "Rsvp",
    "Story",
    "StoryPhoto",
    "WorkingGroup",
]
