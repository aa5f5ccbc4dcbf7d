"""The discussion and the documents of a working group: written once, changed by whom, taken away, put back, deleted."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.lib.documents import Document
from stemportal.network import group_errors as errors
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post
from stemportal.network.queries.groups import documents_of, threads_of
from stemportal.network.services import group_documents, posts
from stemportal.network.services.groups import end_group
from stemportal.testing.network_factories import GroupMemberFactory, PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> GroupMember:
    return GroupMemberFactory()


def write(member: GroupMember, key: uuid.UUID | None = None, **facts) -> Post:
    facts = {"title": "Lengde", "text": "Ti minutter.", "request_key": key or uuid.uuid4(), **facts}
    return posts.write_post(group=member.group, by=member.user, **facts)


def pdf(content: bytes = b"%PDF-1.7 a", name: str = "Sjekkliste.pdf") -> Document:
    return Document(name=name, content=content, extension="pdf")


def share(member: GroupMember, file: Document | None = None, title: str = "Sjekkliste") -> DocumentVersion:
    return group_documents.share_document(group=member.group, title=title, file=file or pdf(), note="", by=member.user)


def test_same_form_twice_gives_one_post(member):
    key = uuid.uuid4()

    assert write(member, key) == write(member, key)
    assert write(member, key, text="Noe annet.") != write(member, key)
    assert Post.objects.count() == 2


def test_thread_with_the_newest_answer_comes_first(member):
    old = PostFactory(group=member.group, at=timezone.now() - timedelta(days=2))
    new = PostFactory(group=member.group, at=timezone.now() - timedelta(days=1))
    assert list(threads_of(member.group)) == [new, old]

    write(member, thread=old, title="")

    first = threads_of(member.group)[0]
    assert (first, first.answer_count) == (old, 1)


def test_changed_post_says_so_and_an_unchanged_one_does_not(member):
    post = write(member)
    posts.edit_post(post=post, title=post.title, text=post.text)
    assert Post.objects.get().edited_at is None

    posts.edit_post(post=post, title="Lengde", text="Tolv minutter.")

    changed = Post.objects.get()
    assert (changed.text, changed.edited_at is not None) == ("Tolv minutter.", True)


def test_author_takes_a_thread_away_only_while_nobody_else_has_answered(member):
    thread = write(member)
    write(member, thread=thread, title="", text="Mer om det.")
    other = GroupMemberFactory(group=member.group)
    answer = write(other, thread=thread, title="", text="Enig.")

    with pytest.raises(errors.HasAnswers):
        posts.remove_post(post=thread, moderates=False)
    posts.remove_post(post=answer, moderates=False)

    assert posts.remove_post(post=thread, moderates=False)
    assert not posts.remove_post(post=thread, moderates=False)
    assert not threads_of(member.group)


def test_nobody_answers_what_was_taken_away(member):
    thread = write(member)
    posts.remove_post(post=thread, moderates=True)

    with pytest.raises(errors.MovedOn):
        write(member, thread=thread, title="")
    with pytest.raises(errors.MovedOn):
        posts.edit_post(post=thread, title="Lengde", text="Likevel")


def test_ended_group_takes_no_words_and_no_files(member):
    shared = share(member)
    end_group(group=member.group)

    with pytest.raises(errors.GroupEnded):
        write(member)
    with pytest.raises(errors.GroupEnded):
        share(member, title="Nytt")
    with pytest.raises(errors.GroupEnded):
        group_documents.add_version(document=shared.document, file=pdf(b"%PDF-1.7 b"), note="", by=member.user)
    # The refused files are not kept.
    assert len(default_storage.listdir("groups")[1]) == 1


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path) -> None:
    """A folder of the test's own for what is uploaded."""
    settings.MEDIA_ROOT = tmp_path


def test_versions_stay_beside_each_other_and_the_same_file_twice_is_one(member):
    first = share(member)
    assert share(member) == first

    second = group_documents.add_version(
        document=first.document, file=pdf(b"%PDF-1.7 b", "Ny.pdf"), note="Kortere", by=member.user
    )
    again = group_documents.add_version(document=first.document, file=pdf(b"%PDF-1.7 b"), note="", by=member.user)

    assert (second.number, again) == (2, second)
    found = documents_of(member.group).get()
    assert (found.newest_number, found.newest_name) == (2, "Ny.pdf")
    with default_storage.open(str(first.file.name)) as kept:
        assert kept.read() == b"%PDF-1.7 a"
    assert len(default_storage.listdir("groups")[1]) == 2


def test_what_was_taken_away_can_be_put_back_for_a_month_and_is_deleted_then(member):
    version, thread = share(member), write(member)
    answer = write(member, thread=thread, title="", text="Mer.")
    kept = write(member, title="Blir stående")
    group_documents.remove_document(document=version.document)
    posts.remove_post(post=thread, moderates=True)
    assert not documents_of(member.group)

    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        assert (posts.delete_removed(), group_documents.delete_removed()) == (0, 0)
    assert group_documents.restore_document(document=version.document)
    assert documents_of(member.group)

    group_documents.remove_document(document=version.document)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert (posts.delete_removed(), group_documents.delete_removed()) == (1, 1)

    assert not GroupDocument.objects.exists()
    assert not default_storage.exists(str(version.file.name))
    assert list(Post.objects.all()) == [kept]
    assert not Post.objects.filter(pk=answer.pk).exists()


def test_group_has_a_most_of_posts_and_documents(member, monkeypatch):
    monkeypatch.setattr(posts, "MOST_POSTS", 1)
    monkeypatch.setattr(group_documents, "MOST_DOCUMENTS", 1)
    monkeypatch.setattr(group_documents, "MOST_VERSIONS", 1)
    write(member)
    shared = share(member)

    with pytest.raises(errors.TooMuch):
        write(member)
    with pytest.raises(errors.TooMuch):
        share(member, title="Nytt")
    with pytest.raises(errors.TooMuch):
        group_documents.add_version(document=shared.document, file=pdf(b"%PDF-1.7 b"), note="", by=member.user)
