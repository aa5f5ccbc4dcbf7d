"""The pages of working groups: who sees what, coming in, writing, sharing, and what the lead does."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stemportal.network.models import DocumentVersion, GroupMember, Meeting, Post, WorkingGroup
from stemportal.network.services import groups as services
from stemportal.partners.models import Membership, Partner
from stemportal.testing.factories import (
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
)
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    GroupMemberFactory,
    PostFactory,
    WorkingGroupFactory,
)

pytestmark = pytest.mark.django_db

Status = GroupMember.Status
NUMBER = "01010012356"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"network:{name}", args=args)


def words(response: Any) -> str:
    """What a person reads in the main part, in one line."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(partner__display_name="Nordlys")


@pytest.fixture
def closed() -> WorkingGroup:
    group = WorkingGroupFactory(is_open=False, slug="busser", name_en="Buses")
    GroupMemberFactory(group=group, leads=True)
    return group


@pytest.fixture
def member(closed) -> GroupMember:
    return GroupMemberFactory(group=closed)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path) -> None:
    """A folder of the test's own for what is uploaded."""
    settings.MEDIA_ROOT = tmp_path


def test_teachers_and_partners_that_wait_find_no_groups():
    group = WorkingGroupFactory()
    waiting = MembershipFactory(partner=PartnerFactory(status=Partner.Status.APPLIED)).user

    for person in (UserFactory(), waiting):
        assert client_of(person).get(at("groups")).status_code == 404
        assert client_of(person).get(group.get_absolute_url()).status_code == 404


def test_list_says_how_one_stands_to_each_group(owner, closed):
    GroupMemberFactory(group=WorkingGroupFactory(name_en="Films"), user=owner.user, partner=owner.partner)
    services.invite_person(group=closed, person=owner.user, partner=owner.partner, by=closed.lead)
    WorkingGroupFactory(name_en="Old", ended_at=closed.created_at)

    page = words(client_of(owner.user).get(at("groups")))

    assert "2 groups" in page
    assert "Open You take part Films" in page
    assert "On application You are invited Buses" in page
    assert "Old" not in page


def test_empty_list_says_what_to_do(owner):
    assert "Tell the secretariat, who can make a group." in words(client_of(owner.user).get(at("groups")))


def test_closed_group_shows_strangers_its_topic_and_nothing_of_its_work(owner, closed):
    thread = PostFactory(group=closed, title="Hemmelig tema")
    version = DocumentVersionFactory(group=closed)
    client = client_of(owner.user)

    page = words(client.get(closed.get_absolute_url()))

    assert "Vi samler det som virker." in page
    assert "Ask to join" in page
    assert "Hemmelig tema" not in page
    for name, args in (
        ("posts", []),
        ("thread", [thread.pk]),
        ("documents", []),
        ("document", [version.document_id]),
        ("document_file", [version.document_id, 1]),
        ("group_members", []),
    ):
        assert client.get(at(name, closed.slug, *args)).status_code == 403, name


def test_open_group_is_read_before_one_joins_but_not_written_in(owner):
    group = WorkingGroupFactory()
    PostFactory(group=group, title="Lengde")
    client = client_of(owner.user)

    assert "Lengde" in words(client.get(at("posts", group.slug)))
    assert client.post(at("posts", group.slug), {"title": "Hei", "text": "Hei"}).status_code == 403

    joined = client.post(at("group_join", group.slug), follow=True)
    assert "Welcome!" in joined.content.decode()
    assert client.post(at("posts", group.slug), {"title": "Hei", "text": "Hei"}).status_code == 302


def test_get_changes_nothing(owner, closed):
    client = client_of(owner.user)
    for name in ("group_join", "group_apply", "group_answer", "group_leave", "group_notify"):
        assert client.get(at(name, closed.slug)).status_code == 405, name
    assert not GroupMember.objects.filter(user=owner.user).exists()


def test_person_of_two_partners_chooses_for_whom(owner):
    second = MembershipFactory(user=owner.user, partner__display_name="Sørlys")
    group = WorkingGroupFactory()
    client = client_of(owner.user)
    assert "For whom do you take part?" in words(client.get(group.get_absolute_url()))

    # Somebody else's partner is none of the choices.
    refused = client.post(at("group_join", group.slug), {"partner": PartnerFactory().pk})
    assert (refused.status_code, GroupMember.objects.count()) == (422, 0)

    client.post(at("group_join", group.slug), {"partner": second.partner.pk})
    assert GroupMember.objects.get().partner == second.partner


def test_who_asks_a_group_that_nobody_leads_waits_for_the_secretariat(owner, closed):
    WorkingGroup.objects.filter(pk=closed.pk).update(lead=None)
    client = client_of(owner.user)
    assert "The secretariat decides who comes in." in words(client.get(closed.get_absolute_url()))

    client.post(at("group_apply", closed.slug), {"message": "Vi kjører selv."})

    page = words(client.get(closed.get_absolute_url()))
    assert "when the secretariat has answered" in page
    assert "when the lead has answered" not in page


def test_asking_being_let_in_and_leaving(owner, closed):
    client, lead = client_of(owner.user), client_of(closed.lead)
    client.post(at("group_apply", closed.slug), {"message": "Vi kjører selv."})
    assert "You get a mail when the lead has answered." in words(client.get(closed.get_absolute_url()))

    page = words(lead.get(at("group_members", closed.slug)))
    assert "1 person would like to join" in page
    assert "«Vi kjører selv.»" in page
    row = GroupMember.objects.get(user=owner.user)
    lead.post(at("group_member", closed.slug, row.pk), {"action": "accept"})

    assert "You take part for Nordlys" in words(client.get(closed.get_absolute_url()))
    client.post(at("group_leave", closed.slug))
    assert GroupMember.objects.get(pk=row.pk).status == Status.LEFT


def test_identity_number_in_an_application_is_thrown_away(owner, closed):
    refused = client_of(owner.user).post(at("group_apply", closed.slug), {"message": f"Jeg er {NUMBER}"})

    assert refused.status_code == 422
    assert NUMBER not in refused.content.decode()
    assert not GroupMember.objects.filter(user=owner.user).exists()


def test_invitation_is_answered_on_the_page(owner, closed):
    lead = client_of(closed.lead)
    lead.post(at("group_invite", closed.slug), {"email": owner.user.email})
    assert str(owner.user) in words(lead.get(at("group_members", closed.slug)))
    client = client_of(owner.user)
    assert "Would you like to take part?" in words(client.get(closed.get_absolute_url()))

    client.post(at("group_answer", closed.slug), {"answer": "yes"})

    assert client.get(at("posts", closed.slug)).status_code == 200


def test_unknown_address_is_refused_with_what_to_do(closed):
    refused = client_of(closed.lead).post(at("group_invite", closed.slug), {"email": "ingen@example.org"})

    assert refused.status_code == 422
    assert "Nobody with this address acts for an approved partner." in words(refused)


def test_members_manage_nothing_and_strangers_find_nobody(member, owner):
    group = member.group
    other = GroupMemberFactory(group=group)
    client = client_of(member.user)

    assert client.post(at("group_member", group.slug, other.pk), {"action": "remove"}).status_code == 403
    assert client.post(at("group_invite", group.slug), {"email": owner.user.email}).status_code == 403
    lead = client_of(group.lead)
    elsewhere = GroupMemberFactory()
    assert lead.post(at("group_member", group.slug, elsewhere.pk), {"action": "remove"}).status_code == 404
    assert lead.post(at("group_member", group.slug, other.pk), {"action": "other"}).status_code == 404


def test_lead_hands_over_and_takes_out(member):
    group = member.group
    lead, outsider = client_of(group.lead), GroupMemberFactory(group=group)
    lead.post(at("group_member", group.slug, outsider.pk), {"action": "remove"})
    assert client_of(outsider.user).get(at("posts", group.slug)).status_code == 403

    lead.post(at("group_member", group.slug, member.pk), {"action": "lead"})

    group.refresh_from_db()
    assert group.lead == member.user
    assert "Make lead" not in words(lead.get(at("group_members", group.slug)))


def test_mail_about_news_is_chosen_on_the_page(member):
    client = client_of(member.user)
    client.post(at("group_notify", member.group.slug), {"notify": "each"})
    client.post(at("group_notify", member.group.slug), {"notify": "hourly"})

    member.refresh_from_db()
    assert member.notify == "each"


def test_thread_is_begun_answered_changed_and_taken_away(member):
    slug = member.group.slug
    client, other = client_of(member.user), client_of(member.group.lead)
    client.post(at("posts", slug), {"title": "Lengde", "text": "Ti **minutter**. <script>alert(1)</script>"})
    thread = Post.objects.get()
    page = client.get(thread.get_absolute_url())
    assert b"<strong>minutter</strong>" in page.content
    assert b"<script>alert" not in page.content

    answered = other.post(at("thread", slug, thread.pk), {"text": "Enig."})
    answer = Post.objects.get(thread=thread)
    assert answered["Location"].endswith(f"#post-{answer.pk}")

    # Only one's own words are changed.
    assert client.post(at("post_edit", slug, answer.pk), {"text": "Uenig."}).status_code == 403
    other.post(at("post_edit", slug, answer.pk), {"text": "Helt enig."})
    assert "Helt enig." in words(client.get(thread.get_absolute_url()))

    refused = client.post(at("post_remove", slug, thread.pk), follow=True)
    assert "Others have answered" in refused.content.decode()
    other.post(at("post_remove", slug, thread.pk))
    assert client.get(at("thread", slug, thread.pk)).status_code == 404
    assert client.get(at("post_edit", slug, answer.pk)).status_code == 404


def test_answers_of_another_thread_or_group_are_not_found(member):
    elsewhere = PostFactory()
    answer = PostFactory(group=member.group, thread=PostFactory(group=member.group), title="")
    client = client_of(member.user)

    assert client.get(at("thread", member.group.slug, elsewhere.pk)).status_code == 404
    assert client.get(at("thread", member.group.slug, answer.pk)).status_code == 404


def test_answer_stands_on_the_last_page_of_a_long_thread(member):
    thread = PostFactory(group=member.group, by=member.user)
    for number in range(25):
        PostFactory(group=member.group, thread=thread, title="", by=member.user, text=f"Linje {number}")

    answered = client_of(member.user).post(at("thread", member.group.slug, thread.pk), {"text": "Til slutt."})

    assert "?page=2#" in answered["Location"]
    page = words(client_of(member.user).get(answered["Location"]))
    assert "Til slutt." in page
    assert "Linje 24" not in page


def test_nothing_is_written_with_an_identity_number_or_without_words(member):
    client, slug = client_of(member.user), member.group.slug

    for typed in ({"title": "Elev", "text": f"Det gjelder {NUMBER}"}, {"title": "", "text": ""}):
        refused = client.post(at("posts", slug), typed)
        assert refused.status_code == 422
        assert NUMBER not in refused.content.decode()
    assert not Post.objects.exists()


def pdf(content: bytes = b"%PDF-1.7 a", name: str = "Sjekkliste for besøk.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_document_is_shared_given_a_version_and_fetched(member):
    client, slug = client_of(member.user), member.group.slug
    shared = client.post(at("documents", slug), {"title": "Sjekkliste", "file": pdf(), "note": "Utkast"}, follow=True)
    assert "Version 1 Newest Utkast" in words(shared)
    document = DocumentVersion.objects.get().document

    again = client.post(at("document", slug, document.pk), {"file": pdf(b"%PDF-1.7 b"), "seen": 1}, follow=True)
    assert "Version 2 stands here now." in again.content.decode()

    file = client_of(member.group.lead).get(at("document_file", slug, document.pk, 1))
    assert b"".join(file.streaming_content) == b"%PDF-1.7 a"
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file["Content-Security-Policy"]
    assert "Version 2" in words(client.get(at("documents", slug)))


def test_who_uploads_beside_somebody_else_is_told(member):
    slug = member.group.slug
    first = DocumentVersionFactory(group=member.group)
    client_of(member.group.lead).post(at("document", slug, first.document_id), {"file": pdf(), "seen": 1})

    page = client_of(member.user).post(
        at("document", slug, first.document_id), {"file": pdf(b"%PDF-1.7 c"), "seen": 1}, follow=True
    )

    assert "Yours is version 3. Somebody else put up another one meanwhile" in page.content.decode()


@pytest.mark.parametrize(
    "file",
    [None, SimpleUploadedFile("a.pdf", b""), SimpleUploadedFile("a.pdf", b"<html>"), pdf(b"%PDF-1.7" + b"x" * 2_000)],
    ids=["none", "empty", "no document", "too large"],
)
def test_what_is_no_document_is_refused(member, settings, file):
    settings.GROUP_FILE_MAX_BYTES = 1_000
    data = {"title": "Sjekkliste"} | ({"file": file} if file else {})

    assert client_of(member.user).post(at("documents", member.group.slug), data).status_code == 422
    assert not DocumentVersion.objects.exists()


def test_document_is_taken_away_by_who_shared_it_or_the_lead(member):
    slug = member.group.slug
    version = DocumentVersionFactory(group=member.group, by=member.group.lead)
    path = at("document_remove", slug, version.document_id)

    assert client_of(member.user).post(path).status_code == 403
    assert client_of(member.group.lead).post(path).status_code == 302
    assert client_of(member.user).get(at("document", slug, version.document_id)).status_code == 404
    assert client_of(member.user).get(at("document_file", slug, version.document_id, 1)).status_code == 404


def test_secretariat_reads_moderates_and_joins_at_once(member):
    slug, staff = member.group.slug, StaffFactory()
    thread = PostFactory(group=member.group, by=member.user)
    client = client_of(staff)

    assert client.get(thread.get_absolute_url()).status_code == 200
    assert client.post(at("thread", slug, thread.pk), {"text": "Hei"}).status_code == 403
    client.post(at("group_join", slug))
    client.post(at("thread", slug, thread.pk), {"text": "Hei"})
    client.post(at("post_remove", slug, thread.pk))

    assert Post.objects.filter(by=staff, text="Hei").exists()
    assert "0 threads" in words(client_of(member.user).get(at("posts", slug)))


def test_ended_group_is_read_and_nothing_else(member):
    slug = member.group.slug
    thread = PostFactory(group=member.group, by=member.user)
    services.end_group(group=member.group)
    client = client_of(member.user)

    assert "This group has ended." in words(client.get(thread.get_absolute_url()))
    assert client.post(at("posts", slug), {"title": "Hei", "text": "Hei"}).status_code == 403
    assert client.post(at("post_remove", slug, thread.pk)).status_code == 403
    assert member.group.name_en in words(client.get(at("groups")))


def test_group_shows_its_meetings_to_members(member, owner):
    starts = member.joined_at
    Meeting.objects.create(
        kind="group", title_nb="Arbeidsmøte", starts_at=starts, ends_at=starts.replace(year=starts.year + 1),
        group=member.group, status="published", is_public=False,
    )  # fmt: skip

    assert "Arbeidsmøte" in words(client_of(member.user).get(member.group.get_absolute_url()))
    assert "Arbeidsmøte" not in words(client_of(owner.user).get(member.group.get_absolute_url()))


@pytest.mark.parametrize("name", ["group_join", "group_invite", "posts", "documents"])
def test_too_often_is_said_kindly(member, settings, name):
    limit = {"posts": "group_post", "documents": "group_document"}.get(name, name)
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, limit: (0, 60)}
    client = client_of(member.group.lead)
    # The window's first use is always let through.
    client.post(at(name, member.group.slug), {})

    refused = client.post(at(name, member.group.slug), {})

    assert refused.status_code == 429
    assert "Please try again in an hour." in words(refused)
