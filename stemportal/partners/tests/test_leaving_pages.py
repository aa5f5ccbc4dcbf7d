"""The pages on which an owner fetches the data and ends the partnership."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.partners.models import DataExport, Membership, Partner
from stemportal.partners.services.ending import end_partner
from stemportal.partners.services.exports import build_copy
from stemportal.testing.factories import BookingFactory, MembershipFactory, StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

Status = DataExport.Status


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner():
    return MembershipFactory(
        partner__display_name="Nordlys Robotikk", partner__legal_name="NORDLYS ROBOTIKK AS", partner__slug="nordlys"
    ).user


@pytest.fixture
def partner(owner) -> Partner:
    return owner.memberships.get().partner


@pytest.fixture
def client(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def page(client: Client, name: str, *args, **headers) -> str:
    return html.unescape(client.get(reverse(name, args=args), **headers).content.decode())


def ready_copy(partner: Partner, **facts) -> DataExport:
    facts.setdefault("expires_at", timezone.now() + timedelta(days=7))
    now = timezone.now()
    copy = DataExport(partner=partner, status=Status.READY, built_at=now, size=2048, **facts)
    copy.file.save("exports/secret.zip", ContentFile(b"PK-zip"), save=True)
    return copy


# --- The data


def test_owner_orders_a_copy_and_sees_that_it_is_being_made(client, partner, owner):
    answer = client.post(reverse("partners:data", args=[partner.pk]))

    assert answer["Location"] == reverse("partners:data", args=[partner.pk])
    copy = DataExport.objects.get()
    assert (copy.partner, copy.requested_by, copy.status) == (partner, owner, Status.WAITING)
    shown = page(client, "partners:data", partner.pk)
    assert 'hx-trigger="every 2s"' in shown
    assert "waiting its turn" in shown
    assert "Look again" in shown, "for those without scripts"
    assert "<form" not in shown[shown.index('id="copies"') : shown.index("What is in a copy")]


def test_progress_is_shown_and_htmx_gets_only_the_part_that_changes(client, partner):
    DataExport.objects.create(partner=partner, status=Status.BUILDING, done=3, total=31)

    part = page(client, "partners:data", partner.pk, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="copies")

    assert part.lstrip().startswith("<section")
    assert 'value="3" max="31"' in part
    assert "<html" in page(client, "partners:data", partner.pk)


def test_finished_copy_can_be_fetched_and_asking_stops(client, partner):
    client.post(reverse("partners:data", args=[partner.pk]))
    build_copy(DataExport.objects.get().pk)

    shown = page(client, "partners:data", partner.pk)

    assert "hx-trigger" not in shown
    assert reverse("partners:data_download", args=[DataExport.objects.get().pk]) in shown


def test_failed_copy_says_so_and_offers_to_try_again(client, partner):
    DataExport.objects.create(partner=partner, status=Status.FAILED, error="RuntimeError: kaputt")

    shown = page(client, "partners:data", partner.pk)

    assert "could not be made" in shown
    assert "Try again" in shown
    assert "kaputt" not in shown


def test_download_is_a_file_that_nobody_keeps(client, partner):
    copy = ready_copy(partner)

    answer = client.get(reverse("partners:data_download", args=[copy.pk]))

    assert b"".join(answer.streaming_content) == b"PK-zip"
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == (f'attachment; filename="nordlys-data-{timezone.localdate():%Y-%m-%d}.zip"')
    assert "no-store" in answer["Cache-Control"]


def test_copy_whose_days_are_over_cannot_be_fetched_or_seen(client, partner):
    copy = ready_copy(partner, expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(reverse("partners:data_download", args=[copy.pk])).status_code == 404
    assert reverse("partners:data_download", args=[copy.pk]) not in page(client, "partners:data", partner.pk)


def test_copy_whose_file_is_gone_is_not_found(client, partner):
    copy = ready_copy(partner)
    copy.file.storage.delete(copy.file.name)

    assert client.get(reverse("partners:data_download", args=[copy.pk])).status_code == 404


def test_owner_of_another_partner_cannot_fetch_it(partner):
    copy, stranger = ready_copy(partner), Client()
    stranger.force_login(MembershipFactory().user)

    assert stranger.get(reverse("partners:data_download", args=[copy.pk])).status_code == 404


def test_copies_are_limited(client, partner, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "data_copy": (1, 60)}
    address = reverse("partners:data", args=[partner.pk])
    client.post(address)
    DataExport.objects.update(status=Status.FAILED)

    answer = client.post(address)

    assert answer.status_code == 429
    assert "made many copies today" in answer.content.decode()
    assert DataExport.objects.count() == 1


def test_owner_of_an_ended_partner_can_still_take_the_data(client, partner):
    end_partner(partner=partner, by=StaffFactory())

    assert client.post(reverse("partners:data", args=[partner.pk])).status_code == 302
    assert build_copy(DataExport.objects.get().pk)
    shown = page(client, "partners:data", partner.pk)
    assert "are deleted after" in shown
    assert reverse("partners:leave", args=[partner.pk]) not in shown


# --- Leaving


def leave(client: Client, partner: Partner, **typed: str):
    return client.post(reverse("partners:leave", args=[partner.pk]), typed)


def test_page_shows_what_happens_before_it_is_done(client, partner):
    BookingFactory(session__activity__partner=partner, status="confirmed", group_name="9A", school__name="Alta skole")

    shown = page(client, "partners:leave", partner.pk)

    assert "1 offer is taken off the pages" in shown
    assert "1 visit agreed is called off" in shown
    assert "9A, Alta skole" in shown
    assert reverse("partners:data", args=[partner.pk]) in shown
    assert 'name="message"' in shown
    assert Partner.objects.get().is_approved


def test_line_to_teachers_is_not_asked_for_when_no_teacher_is_told(client, partner):
    assert 'name="message"' not in page(client, "partners:leave", partner.pk)


@pytest.mark.parametrize("name", ["Nordlys Robotikk", "  nordlys   ROBOTIKK ", "Nordlys Robotikk AS"])
def test_owner_leaves_by_typing_the_name(client, partner, owner, name):
    answer = leave(client, partner, name=name, reason="Vi har ikke tid")

    assert answer["Location"] == reverse("partners:leave", args=[partner.pk])
    partner.refresh_from_db()
    assert partner.status == Partner.Status.ENDED
    event = partner.events.get()
    assert (event.by, event.note) == (owner, "Vi har ikke tid")
    after = page(client, "partners:leave", partner.pk)
    assert "The partnership has ended" in after
    assert "What we keep, and how long" in after
    assert "come back" in after


def test_message_reaches_the_teacher_and_the_reason_does_not(client, partner):
    booking = BookingFactory(session__activity__partner=partner, session__places_taken=1, status="confirmed")

    leave(client, partner, name="Nordlys Robotikk", reason="Vi er lei", message="Vi flytter")

    mail = Mail.objects.get(to_email=booking.teacher.email)
    assert "Vi flytter" in mail.text
    assert "Vi er lei" not in mail.text


@pytest.mark.parametrize("name", ["", "Nordlys", "Robotikk Nordlys"])
def test_other_name_ends_nothing(client, partner, name):
    answer = leave(client, partner, name=name)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Partner.objects.get().is_approved
    assert not Mail.objects.exists()


def test_identity_number_is_neither_stored_nor_shown_again(client, partner):
    answer = leave(client, partner, name="Nordlys Robotikk", reason="Jeg, 01010750160, slutter")

    text = answer.content.decode()
    assert "personal identity number" in text
    assert "01010750160" not in text
    assert Partner.objects.get().is_approved


def test_second_press_leads_to_the_same_page(client, partner):
    leave(client, partner, name="Nordlys Robotikk")

    assert leave(client, partner, name="Nordlys Robotikk").status_code == 200
    assert partner.events.count() == 1


def test_declined_application_has_nothing_to_end(client, partner):
    Partner.objects.update(status=Partner.Status.DECLINED, decided_at=timezone.now())

    assert client.get(reverse("partners:leave", args=[partner.pk]))["Location"] == reverse(
        "partners:data", args=[partner.pk]
    )


@pytest.mark.parametrize("role", [Membership.Role.EDITOR, Membership.Role.READER])
def test_only_owners_may_leave_and_take_the_data(partner, role):
    other = Client()
    other.force_login(MembershipFactory(partner=partner, role=role).user)

    for name in ("partners:leave", "partners:data"):
        assert other.get(reverse(name, args=[partner.pk])).status_code == 403
        assert other.post(reverse(name, args=[partner.pk]), {"name": "Nordlys Robotikk"}).status_code == 403
    assert Partner.objects.get(pk=partner.pk).is_approved


def test_room_of_an_ended_partner_can_be_read_and_not_changed(client, partner):
    leave(client, partner, name="Nordlys Robotikk")

    assert client.get(reverse("activities:listings", args=[partner.pk])).status_code == 200
    assert client.get(reverse("activities:create", args=[partner.pk])).status_code == 403
    assert Client().get(reverse("partners:detail", args=["nordlys"])).status_code == 404
