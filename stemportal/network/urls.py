"""Pages of the network, one block a matter. Included at the top, so each path says where it belongs."""

from django.urls import URLPattern, path

from stemportal.network.views import (
    ecosystems,
    group_documents,
    group_meetings,
    group_members,
    group_posts,
    groups,
    hub,
    inputs,
    meetings,
    own_stories,
    stories,
)

app_name = "network"

urlpatterns: list[URLPattern] = [
    path("network/", hub.hub, name="hub"),
    path("partner/<int:partner_pk>/network/", hub.partner_network, name="partner_network"),
    # Ecosystems
    path("ecosystems/", ecosystems.ecosystems, name="ecosystems"),
    path("ecosystems/<slug:slug>/", ecosystems.ecosystem, name="ecosystem"),
    # News and stories
    path("news/", stories.news, name="news"),
    path("news/feed.atom", stories.news_feed, name="news_feed"),
    path("news/photos/<str:name>", stories.story_photo, name="story_photo"),
    path("news/<slug:slug>/", stories.story, name="story"),
    path("me/stories/", own_stories.my_stories, name="my_stories"),
    path("me/stories/write/", own_stories.story_write, name="story_write"),
    path("me/stories/<int:pk>/", own_stories.story_own, name="story_own"),
    path("me/stories/<int:pk>/photos/", own_stories.story_photos, name="story_photos"),
    path("me/stories/<int:pk>/photos/<int:photo_pk>/", own_stories.story_photo_change, name="story_photo_change"),
    path("me/stories/<int:pk>/take-back/", own_stories.story_take_back, name="story_take_back"),
    path("me/stories/<int:pk>/take-down/", own_stories.story_take_down, name="story_take_down"),
    path("me/stories/<int:pk>/delete/", own_stories.story_delete, name="story_delete"),
    # Meetings
    path("network/meetings/", meetings.meetings, name="meetings"),
    path("network/meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("network/meetings/<int:pk>/answer/", meetings.rsvp, name="rsvp"),
    path("network/meetings/<int:pk>/meeting.ics", meetings.meeting_ics, name="meeting_ics"),
    path("network/meetings/files/<int:pk>/", meetings.meeting_file, name="meeting_file"),
    path("network/invitation/<str:token>/", meetings.rsvp_link, name="rsvp_link"),
    path("network/invitation/<str:token>/files/<int:pk>/", meetings.rsvp_link_file, name="rsvp_link_file"),
    path("network/groups/<slug:slug>/meetings/new/", group_meetings.group_meeting_add, name="group_meeting_add"),
    path(
        "network/groups/<slug:slug>/meetings/<int:pk>/change/",
        group_meetings.group_meeting_change,
        name="group_meeting_change",
    ),
    path(
        "network/groups/<slug:slug>/meetings/<int:pk>/call-off/",
        group_meetings.group_meeting_call_off,
        name="group_meeting_call_off",
    ),
    # Working groups
    path("network/groups/", groups.groups, name="groups"),
    path("network/groups/<slug:slug>/", groups.group, name="group"),
    path("network/groups/<slug:slug>/join/", groups.group_join, name="group_join"),
    path("network/groups/<slug:slug>/apply/", groups.group_apply, name="group_apply"),
    path("network/groups/<slug:slug>/answer/", groups.group_answer, name="group_answer"),
    path("network/groups/<slug:slug>/leave/", groups.group_leave, name="group_leave"),
    path("network/groups/<slug:slug>/mail/", groups.group_notify, name="group_notify"),
    path("network/groups/<slug:slug>/members/", group_members.group_members, name="group_members"),
    path("network/groups/<slug:slug>/members/invite/", group_members.group_invite, name="group_invite"),
    path("network/groups/<slug:slug>/members/<int:pk>/", group_members.group_member, name="group_member"),
    path("network/groups/<slug:slug>/discussion/", group_posts.posts, name="posts"),
    path("network/groups/<slug:slug>/discussion/<int:pk>/", group_posts.thread, name="thread"),
    path("network/groups/<slug:slug>/discussion/<int:pk>/change/", group_posts.post_edit, name="post_edit"),
    path("network/groups/<slug:slug>/discussion/<int:pk>/remove/", group_posts.post_remove, name="post_remove"),
    path("network/groups/<slug:slug>/documents/", group_documents.documents, name="documents"),
    path("network/groups/<slug:slug>/documents/<int:pk>/", group_documents.document, name="document"),
    path(
        "network/groups/<slug:slug>/documents/<int:pk>/remove/", group_documents.document_remove, name="document_remove"
    ),
    path(
        "network/groups/<slug:slug>/documents/<int:pk>/<int:number>/",
        group_documents.document_file,
        name="document_file",
    ),
    # Input, hearings and recommendations
    path("network/input/", inputs.inputs, name="inputs"),
    path("network/input/new/", inputs.input_add, name="input_add"),
    path("network/input/<int:pk>/", inputs.input_page, name="input"),
    path("network/input/<int:pk>/support/", inputs.input_support, name="input_support"),
    path("network/input/<int:pk>/withdraw/", inputs.input_withdraw, name="input_withdraw"),
    path("network/hearings/<int:pk>/", inputs.hearing, name="hearing"),
    path("network/recommendations/", inputs.recommendations, name="recommendations"),
    path("network/recommendations/<int:pk>/", inputs.recommendation, name="recommendation"),
]
