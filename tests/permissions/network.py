"""The permission table, the rows of the network: its hub, ecosystems, stories, meetings, working groups and input."""

from __future__ import annotations

from typing import Any

from tests.permissions.files import Upload, small_png
from tests.permissions.patterns import (
    EDITORS,
    EDITORS_CHANGE,
    EVERYBODY,
    EVERYBODY_CHANGES,
    LOGGED_IN,
    MEMBERS,
    OF_THE_PARTNER,
    POST_ONLY,
    Row,
    day_from_now,
    only,
)
from tests.permissions.people import World


def _told(world: World) -> dict[str, Any]:
    return {"title": "Sju forsøk", "lead": "En robot.", "text": "Den glapp.", "language": "nb"}


def _with_voice(world: World) -> dict[str, Any]:
    return {"voice": f"partner-{world.partner.pk}", **_told(world)}


def _picture(world: World) -> dict[str, Any]:
    return {"file": Upload("bilde.png", small_png()), "alt_text": "En robot", "consent": "on"}


def _input(world: World) -> dict[str, Any]:
    return {"title": "Lengre besøk", "text": "To timer er for lite.", "is_shared": "yes"}


def _meeting(world: World) -> dict[str, Any]:
    return {"title": "Sjekklista", "day": day_from_now(20), "begins": "09:00", "ends": "10:00", "place": "Her"}


# People of approved partners, and the secretariat.
READ_INPUT = only(*MEMBERS, "other_member", "staff")

# Working groups: people of approved partners, and the secretariat; of a closed one its members.
JOINERS = (*MEMBERS, "other_member", "staff")
MAY_JOIN_GROUPS = only(*JOINERS)
READ_GROUP = only("owner", "editor", "staff", forbidden=("reader", "other_member"))
WRITE_IN_GROUP = only("owner", "editor", ok=302, forbidden=("reader", "other_member", "staff"))
LEAD_GROUP = only("editor", "staff", ok=302, forbidden=("owner", "reader", "other_member"))
WRITER_OF_POST = only("owner", forbidden=("editor", "reader", "other_member", "staff"))

# Meetings for partners and teachers. Whoever may see all meetings reads the files, too.
COMING = (*MEMBERS, "other_member", "teacher", "other_teacher")
MAY_COME = only(*COMING, ok=302, others=403)
INVITED = {**only(*COMING, "staff"), "visitor": 404}

# fmt: off
ROWS = [
    # The hub
    Row("network:hub", LOGGED_IN),
    Row("network:partner_network", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),

    # Ecosystems
    Row("network:ecosystems", EVERYBODY),
    Row("network:ecosystem", EVERYBODY, args=lambda w: [w.ecosystem.slug]),

    # News and stories: a partner's here, a teacher's in network/tests/test_stories.py
    Row("network:news", EVERYBODY),
    Row("network:news_feed", EVERYBODY),
    Row("network:story", EVERYBODY, args=lambda w: [w.story.slug]),
    Row("network:story_photo", EVERYBODY, args=lambda w: [w.story.photos.get().file.name.removeprefix("stories/")]),
    Row("network:my_stories", LOGGED_IN),
    Row("network:story_write", LOGGED_IN, only(*EDITORS, ok=302, others=422), data=_with_voice),
    Row("network:story_own", OF_THE_PARTNER, EDITORS_CHANGE, args=lambda w: [w.draft_story.pk], data=_told),
    Row("network:story_photos", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.draft_story.pk], data=_picture),
    Row("network:story_photo_change", POST_ONLY, EDITORS_CHANGE,
        args=lambda w: [w.story.pk, w.story.photos.get().pk], data=lambda w: {"action": "remove"}),
    Row("network:story_take_back", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.sent_story.pk]),
    Row("network:story_take_down", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.story.pk]),
    Row("network:story_delete", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.draft_story.pk]),

    # Meetings: for people of approved partners and for teachers; everybody may read a public one.
    Row("network:meetings", EVERYBODY),
    Row("network:meeting", EVERYBODY, args=lambda w: [w.meeting.pk]),
    Row("network:rsvp", POST_ONLY, MAY_COME, args=lambda w: [w.meeting.pk], data=lambda w: {"answer": "yes"}),
    Row("network:meeting_ics", EVERYBODY, args=lambda w: [w.meeting.pk]),
    Row("network:meeting_file", INVITED, args=lambda w: [w.meeting_file.pk]),
    Row("network:group_meeting_add", {**LEAD_GROUP, "editor": 200, "staff": 200}, LEAD_GROUP,
        args=lambda w: [w.group.slug], data=_meeting),
    Row("network:group_meeting_change", {**LEAD_GROUP, "editor": 200, "staff": 200}, LEAD_GROUP,
        args=lambda w: [w.group.slug, w.group_meeting.pk], data=_meeting),
    Row("network:group_meeting_call_off", {**LEAD_GROUP, "editor": 200, "staff": 200}, LEAD_GROUP,
        args=lambda w: [w.group.slug, w.group_meeting.pk], data=lambda w: {"reason": "Uvær"}),
    # The link of a mail is the key.
    Row("network:rsvp_link", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.invitation_to_meeting.token],
        data=lambda w: {"answer": "yes"}),
    Row("network:rsvp_link_file", EVERYBODY,
        args=lambda w: [w.invitation_to_meeting.token, w.meeting_file.pk]),

    # Working groups. The closed one is led by the editor, the owner is a member and the reader has asked.
    Row("network:groups", MAY_JOIN_GROUPS),
    Row("network:group", MAY_JOIN_GROUPS, args=lambda w: [w.group.slug]),
    Row("network:group_join", POST_ONLY, only(*JOINERS, ok=302), args=lambda w: [w.open_group.slug]),
    Row("network:group_apply", POST_ONLY, only(*MEMBERS, "other_member", ok=302),
        args=lambda w: [w.group_of_others.slug], data=lambda w: {"message": "Gjerne"}),
    Row("network:group_answer", POST_ONLY, only("other_member", ok=302), args=lambda w: [w.inviting_group.slug],
        data=lambda w: {"answer": "yes"}),
    # The lead stays until somebody else leads; the reader takes the question back.
    Row("network:group_leave", POST_ONLY, only(*MEMBERS, ok=302), args=lambda w: [w.group.slug], changes=False),
    Row("network:group_notify", POST_ONLY, only("owner", "editor", ok=302), args=lambda w: [w.group.slug],
        data=lambda w: {"notify": "each"}),
    Row("network:group_members", READ_GROUP, args=lambda w: [w.group.slug]),
    Row("network:group_invite", POST_ONLY, LEAD_GROUP, args=lambda w: [w.group.slug],
        data=lambda w: {"email": w.people["other_member"].email}),
    Row("network:group_member", POST_ONLY, LEAD_GROUP, args=lambda w: [w.group.slug, w.group_applicant.pk],
        data=lambda w: {"action": "accept"}),
    Row("network:posts", READ_GROUP, WRITE_IN_GROUP, args=lambda w: [w.group.slug],
        data=lambda w: {"title": "Lengde", "text": "Ti minutter."}),
    Row("network:thread", READ_GROUP, WRITE_IN_GROUP, args=lambda w: [w.group.slug, w.group_post.pk],
        data=lambda w: {"text": "Enig."}),
    Row("network:post_edit", WRITER_OF_POST, {**WRITER_OF_POST, "owner": 302},
        args=lambda w: [w.group.slug, w.group_post.pk], data=lambda w: {"title": "Lengde", "text": "Tolv minutter."}),
    Row("network:post_remove", POST_ONLY, {**WRITE_IN_GROUP, "staff": 302},
        args=lambda w: [w.group.slug, w.group_post.pk]),
    Row("network:documents", READ_GROUP, WRITE_IN_GROUP, args=lambda w: [w.group.slug],
        data=lambda w: {"title": "Bilde", "file": Upload("a.png", small_png())}),
    Row("network:document", READ_GROUP, WRITE_IN_GROUP, args=lambda w: [w.group.slug, w.group_document.document_id],
        data=lambda w: {"file": Upload("a.png", small_png()), "seen": 1}),
    Row("network:document_remove", POST_ONLY, LEAD_GROUP, args=lambda w: [w.group.slug, w.group_document.document_id]),
    Row("network:document_file", READ_GROUP, args=lambda w: [w.group.slug, w.group_document.document_id, 1]),

    # Input, hearings and recommendations
    Row("network:inputs", READ_INPUT),
    Row("network:input_add", only("owner", "editor", "other_member", forbidden=("reader", "staff")),
        only("owner", "editor", "other_member", ok=302, forbidden=("reader", "staff")), data=_input),
    Row("network:input", READ_INPUT, args=lambda w: [w.input.pk]),
    # A partner's own input gets no support from itself.
    Row("network:input_support", POST_ONLY,
        only("owner", "editor", "other_member", ok=302, forbidden=("reader", "staff")),
        args=lambda w: [w.input_of_others.pk]),
    Row("network:input_withdraw", POST_ONLY,
        only(*EDITORS, ok=302, forbidden=("reader", "other_member", "staff")), args=lambda w: [w.input.pk]),
    Row("network:hearing", READ_INPUT, args=lambda w: [w.hearing.pk]),
    Row("network:recommendations", EVERYBODY),
    Row("network:recommendation", EVERYBODY, args=lambda w: [w.recommendation.pk]),
]
# fmt: on
