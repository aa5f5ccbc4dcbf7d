"""Notes of the secretariat: written on the partner's page, come back to from the first page, seen by no member."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from stemportal.partners.models import Note, Partner
from stemportal.partners.services.notes import add_note, finish_note
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/note/"


@pytest.fixture
def partner() -> Partner:
    return MembershipFactory(partner__display_name="Solvind").partner


@pytest.fixture
def staff_client(client) -> Client:
    client.force_login(StaffFactory(full_name="Sari Sekretær"))
    return client


def page(partner: Partner) -> str:
    return f"/en/admin/partners/partner/{partner.pk}/notes/"


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_note_remembers_who_wrote_it_and_when_to_come_back(staff_client, partner):
    response = staff_client.post(page(partner), {"text": " Ring i juni ", "follow_up_on": day(3)}, follow=True)
    assert "The note is saved." in response.text
    assert "Sari Sekretær" in response.text
    note = partner.notes.get()
    assert (note.text, note.follow_up_on.isoformat()) == ("Ring i juni", day(3))
    assert timezone.now() - note.at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "data",
    [
        {"text": "  "},
        {"text": "x" * 4001},
        {"text": "Gjelder 010160-50012"},
        {"text": "Ring", "follow_up_on": "i morgen"},
        {"text": "Ring", "follow_up_on": "1999-01-01"},
    ],
)
def test_note_that_makes_no_sense_is_asked_again(staff_client, partner, data):
    response = staff_client.post(page(partner), data)
    assert response.context["form"].errors
    assert not Note.objects.exists()


def test_note_is_done_with_one_press(staff_client, partner):
    note = add_note(partner=partner, by=StaffFactory(), text="Ring", follow_up_on=timezone.localdate())
    address = f"{page(partner)}{note.pk}/done/"
    staff_client.get(address)
    note.refresh_from_db()
    assert note.done_at is None, "opening an address changes nothing"
    staff_client.post(address)
    note.refresh_from_db()
    assert note.done_at is not None
    assert "done already" in staff_client.post(address, follow=True).text


def test_note_of_another_partner_is_not_found(staff_client, partner):
    note = add_note(partner=PartnerFactory(), by=StaffFactory(), text="Ring")
    assert staff_client.post(f"{page(partner)}{note.pk}/done/").status_code == 404


def test_finishing_twice_happens_once(partner):
    note = add_note(partner=partner, by=StaffFactory(), text="Ring")
    assert [finish_note(note=note), finish_note(note=note)] == [True, False]


def test_note_is_among_what_waits_from_its_day_on(staff_client, partner):
    by = StaffFactory()
    add_note(partner=partner, by=by, text="I går", follow_up_on=timezone.localdate() - timedelta(days=1))
    add_note(partner=partner, by=by, text="I morgen", follow_up_on=timezone.localdate() + timedelta(days=1))
    add_note(partner=partner, by=by, text="Aldri")
    queue = next(
        queue for queue in staff_client.get("/en/admin/").context["queues"] if queue.label == "Notes to come back to"
    )
    assert queue.count == 1
    listed = staff_client.get(queue.url).context["cl"].result_list
    assert [note.text for note in listed] == ["I går"]
    later = staff_client.get(f"{LIST}?due=later").context["cl"].result_list
    assert [note.text for note in later] == ["I morgen"]


def test_chosen_notes_are_done_from_the_list(staff_client, partner):
    notes = [add_note(partner=partner, by=StaffFactory(), text="Ring") for _ in range(2)]
    data = {"action": "mark_done", "_selected_action": [note.pk for note in notes]}
    assert "2 notes are marked as done." in staff_client.post(LIST, data, follow=True).text
    assert Note.objects.filter(done_at=None).count() == 0
    assert len(staff_client.get(f"{LIST}?due=done").context["cl"].result_list) == 2


def test_day_to_come_back_can_be_moved_and_nothing_else_about_it(staff_client, partner):
    note = add_note(partner=partner, by=StaffFactory(), text="Ring")
    other = PartnerFactory()
    data = {"text": "Ring Ola", "follow_up_on": day(5), "partner": other.pk}
    assert staff_client.post(f"{LIST}{note.pk}/change/", data).status_code == 302
    note.refresh_from_db()
    assert (note.text, note.follow_up_on.isoformat(), note.partner) == ("Ring Ola", day(5), partner)


def test_old_note_can_be_mended_without_moving_its_day(staff_client, partner):
    long_ago = timezone.localdate() - timedelta(days=30)
    note = add_note(partner=partner, by=StaffFactory(), text="Ring", follow_up_on=long_ago)
    data = {"text": "Ring Ola", "follow_up_on": long_ago.isoformat()}
    assert staff_client.post(f"{LIST}{note.pk}/change/", data).status_code == 302
    note.refresh_from_db()
    assert note.text == "Ring Ola"


@pytest.mark.parametrize("count", [1, 3])
def test_notes_page_asks_the_same_number_of_questions(staff_client, partner, django_assert_num_queries, count):
    for _ in range(count):
        add_note(partner=partner, by=StaffFactory(), text="Ring", follow_up_on=timezone.localdate())
    staff_client.get(page(partner))
    with django_assert_num_queries(5):
        staff_client.get(page(partner))


# Who sees them


def staff_with(client: Client, *rights: str) -> Client:
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_partner", *rights]))
    client.force_login(person)
    return client


def test_who_may_read_notes_may_not_therefore_write(client, partner):
    note = add_note(partner=partner, by=StaffFactory(), text="Ring i juni", follow_up_on=timezone.localdate())
    reader = staff_with(client, "view_note")
    text = reader.get(page(partner)).text
    assert "Ring i juni" in text
    assert "Save the note" not in text
    assert reader.post(page(partner), {"text": "Nei"}).status_code == 403
    assert reader.post(f"{page(partner)}{note.pk}/done/").status_code == 403


def test_staff_without_the_right_see_no_note_anywhere(client, partner):
    add_note(partner=partner, by=StaffFactory(), text="Ring i juni")
    other = staff_with(client)
    assert other.get(page(partner)).status_code == 403
    assert other.get(LIST).status_code == 403
    assert "Ring i juni" not in other.get(f"/en/admin/partners/partner/{partner.pk}/change/").text


def test_members_see_no_note(client, partner):
    add_note(partner=partner, by=StaffFactory(), text="Ring i juni")
    client.force_login(partner.memberships.get().user)
    assert client.get(page(partner)).status_code == 302
    for path in (f"/en/partner/{partner.pk}/today/", partner.get_absolute_url()):
        assert "Ring i juni" not in client.get(path).text
