"""Who may do what: strangers 404, readers 403 on writes, nobody without logging in."""

import pytest
from django.test import Client

from stemportal.activities.access import activity_visible_to
from stemportal.activities.tests.conftest import at, client_of
from stemportal.testing.factories import StaffFactory, TeacherFactory

pytestmark = pytest.mark.django_db

READS = ["listings"]
WRITES = ["create", "edit", "session_add"]
POSTS = ["publish", "unpublish", "archive", "restore"]


def address(name, activity) -> str:
    return at(name, activity.partner_id if name in {"listings", "create"} else activity.pk)


@pytest.fixture
def activity(offer, partner):
    return offer(partner=partner)


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_room_asks_visitors_to_log_in(activity, name):
    response = Client().get(address(name, activity))
    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("name", POSTS)
def test_moves_ask_visitors_to_log_in(activity, name):
    assert Client().post(address(name, activity)).status_code == 302


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_strangers_teachers_and_staff_find_no_room(activity, stranger, name):
    for client in (stranger, client_of(TeacherFactory().user), client_of(StaffFactory())):
        assert client.get(address(name, activity)).status_code == 404


@pytest.mark.parametrize("name", [*WRITES, *POSTS])
def test_strangers_change_nothing(activity, stranger, name):
    assert stranger.post(address(name, activity)).status_code == 404
    activity.refresh_from_db()
    assert activity.is_published


@pytest.mark.parametrize("name", [*WRITES, *POSTS])
def test_readers_change_nothing(activity, reader, name):
    assert reader.post(address(name, activity)).status_code == 403
    activity.refresh_from_db()
    assert activity.is_published


def test_readers_read(activity, reader):
    assert reader.get(address("listings", activity)).status_code == 200


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_editors_enter(activity, member, name):
    assert member.get(address(name, activity)).status_code == 200


def test_kind_of_a_post_does_not_open_another_partners_room(member, activity, offer):
    foreign = offer("Andres")
    assert member.post(at("create", foreign.partner_id), {"kind": "company_visit", "title": "x"}).status_code == 404
    assert member.post(at("edit", foreign.pk), {"title": "x"}).status_code == 404


def test_search_and_published_pages_are_public(activity):
    assert Client().get(at("search")).status_code == 200
    assert Client().get(activity.get_absolute_url()).status_code == 200


def test_sight_says_as_whom_one_sees(activity, member, reader):
    from django.contrib.auth.models import AnonymousUser

    sight = activity_visible_to(AnonymousUser(), activity.pk)
    assert (sight.is_public, sight.is_member, sight.may_edit) == (True, False, False)
