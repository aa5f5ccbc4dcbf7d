"""The pages about money for the journey: the school's, the partner's, and the receipt."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from stemportal.activities.models import Session
from stemportal.schools.models import Booking, GrantPot, TransportGrant
from stemportal.schools.services import grants
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.schools.tests.transport_scene import ask, claimed, let_the_day_come, numbers, visit
from stemportal.testing.factories import (
    BookingFactory,
    GrantPotFactory,
    MembershipFactory,
    SchoolFactory,
    StaffFactory,
    TransportRateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
COACH = {"km": 50, "people": 28, "mode": "coach"}


@pytest.fixture(autouse=True)
def coach():
    """3,000 kr for 50 km there and back."""
    return TransportRateFactory()


@pytest.fixture
def booking(session, teacher) -> Booking:
    """The teacher's confirmed visit, some 50 km away, at the partner of the usual session."""
    Session.objects.filter(pk=session.pk).update(places_taken=1)
    type(session.activity).objects.filter(pk=session.activity_id).update(longitude=24.2)
    return BookingFactory(session=session, school=teacher.school, teacher=teacher.user, status=Booking.Status.CONFIRMED)


@pytest.fixture
def pot(session) -> GrantPot:
    """The partner's own."""
    return GrantPotFactory(partner=session.activity.partner, name="Havskyss", amount_ore=1_000_000)


def pdf(name: str = "kvittering.pdf", content: bytes = b"%PDF-1.7 kvittering") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send_receipt(client: Client, booking: Booking, **facts):
    return client.post(at("grant_receipt", booking.pk), {"ore": "2 900", "file": pdf(), **facts})


# --- The school


def test_booking_page_leads_to_the_application_and_shows_how_it_stands(teacher_client, owner_client, booking):
    text = words(teacher_client.get(at("booking", booking.pk)))
    assert "Ask for money for the journey" in text
    assert at("grant", booking.pk) in text
    ask(booking)
    assert "Applied for" in words(teacher_client.get(at("booking", booking.pk)))
    assert "Money for the journey" not in words(owner_client.get(at("booking", booking.pk))), "not the partner's matter"


def test_page_proposes_distance_group_and_cheapest_way(teacher_client, booking):
    response = teacher_client.get(at("grant", booking.pk))

    text = words(response)
    assert "We reckon that it is about 50 km one way." in text
    assert "Hired coach (3,000 kr)" in text
    form = response.context["form"]
    assert (form.initial["km"], form.initial["people"], form.initial["mode"]) == (50, 28, "coach")


def test_school_sends_the_application_and_sees_who_decides(teacher_client, booking, pot):
    response = teacher_client.post(at("grant", booking.pk), COACH, follow=True)

    text = words(response)
    assert "Sent. You get a mail" in text
    assert "Nordlys Robotikk decides" in text
    assert TransportGrant.objects.get().applied_ore == 300_000


def test_prices_are_worked_out_without_sending_anything(teacher_client, booking):
    response = teacher_client.post(at("grant", booking.pk), {**COACH, "km": 100, "why": "Utstyr", "work_out": "1"})

    assert "Hired coach (5,000 kr)" in words(response)
    assert "Utstyr" in words(response)
    assert not TransportGrant.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"km": "-3"}, "greater than or equal to 1"),
        ({"km": "99999999999999999999"}, "less than or equal to"),
        ({"people": "10000"}, "less than or equal to 1000"),
        ({"ore": "-500"}, "Write an amount in kroner"),
        ({"ore": "1 000 000"}, "at most 100,000 kr"),
        ({"ore": "3 001"}, "The cheapest reasonable way costs 3,000 kr"),
        ({"mode": "helicopter"}, "Select a valid choice"),
        ({"km": ""}, "This field is required"),
    ],
)
def test_impossible_application_is_explained_and_kept_on_the_page(teacher_client, booking, data, said):
    response = teacher_client.post(at("grant", booking.pk), {**COACH, **data})

    assert response.status_code == 422
    assert said in words(response)
    assert not TransportGrant.objects.exists()


def test_personal_number_is_not_kept(teacher_client, booking):
    teacher_client.post(at("grant", booking.pk), {**COACH, "why": "Elev 01016050012 trenger taxi"})
    assert TransportGrant.objects.get().why == "Elev  trenger taxi"


def test_booking_of_another_school_is_not_found(teacher_client, booking):
    other = visit()
    for name in ("grant", "grant_receipt"):
        assert teacher_client.get(at(name, other.pk)).status_code == 404
    for name in ("grant", "grant_withdraw", "grant_share", "grant_receipt"):
        assert teacher_client.post(at(name, other.pk), COACH).status_code == 404
    assert not TransportGrant.objects.exists()


def test_page_is_not_there_for_a_visit_at_the_school(teacher_client, booking):
    type(booking.activity).objects.update(format="at_school")
    assert teacher_client.get(at("grant", booking.pk)).status_code == 404
    assert "Ask for money" not in words(teacher_client.get(at("booking", booking.pk)))


def test_application_is_changed_then_given_back(teacher_client, booking, pot):
    teacher_client.post(at("grant", booking.pk), COACH)
    assert "Change the application" in words(teacher_client.get(at("grant", booking.pk)))
    teacher_client.post(at("grant", booking.pk), {**COACH, "km": 40})
    assert TransportGrant.objects.get().km == 40

    teacher_client.post(at("grant_withdraw", booking.pk))

    assert TransportGrant.objects.get().status == "released"
    assert "Ask again" in words(teacher_client.get(at("grant", booking.pk)))


def test_answered_application_is_not_changed_by_an_old_page(teacher_client, booking, pot):
    grant = ask(booking)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=300_000, by=UserFactory())

    text = words(teacher_client.post(at("grant", booking.pk), {**COACH, "km": 40}, follow=True))

    assert "Somebody has answered or changed this application meanwhile" in text
    assert "3,000 kr is set aside for your journey" in text
    assert TransportGrant.objects.get().km == 50


def test_group_that_changed_is_pointed_out(teacher_client, booking):
    ask(booking)
    Booking.objects.filter(pk=booking.pk).update(pupils=12, adults=2)
    assert "The group is 14 now, and 28 in the application." in words(teacher_client.get(at("grant", booking.pk)))


def test_bus_is_shared_on_the_page_and_left_again(teacher_client, booking):
    ask(booking, people=20)
    other = ask(visit(session=booking.session, school=SchoolFactory(name="Nabo skole")), people=20)

    text = words(teacher_client.get(at("grant", booking.pk)))
    assert "Nabo skole, Alta" in text
    assert "Your part: <strong>1,500 kr</strong> instead of 3,000 kr" in text
    assert str(other.booking.teacher) not in text

    text = words(teacher_client.post(at("grant_share", booking.pk), {"with": other.pk}, follow=True))
    assert "You share a bus with Nabo skole" in text
    text = words(teacher_client.post(at("grant_share", booking.pk), {"with": "nobody"}, follow=True))
    assert "You travel alone." in text


@pytest.mark.parametrize("other", ["", "abc", "-1", "999999", "9" * 40, "٣"])
def test_bus_with_nobody_there_is_refused_kindly(teacher_client, booking, other):
    ask(booking)
    response = teacher_client.post(at("grant_share", booking.pk), {"with": other}, follow=True)
    assert response.status_code == 200
    assert TransportGrant.objects.get().shares_with is None


# --- The receipt


def test_receipt_is_sent_after_the_visit_and_opened_by_the_right_people(teacher_client, owner_client, booking, pot):
    grant = ask(booking)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=300_000, by=UserFactory())
    assert "Send the receipt here" not in words(teacher_client.get(at("grant", booking.pk)))
    let_the_day_come(booking)
    assert "Choose the receipt" in words(teacher_client.get(at("grant", booking.pk)))

    text = words(send_receipt(teacher_client, booking))
    assert not text

    grant.refresh_from_db()
    assert (grant.status, grant.claimed_ore) == ("claimed", 290_000)
    for client in (teacher_client, owner_client, client_of(StaffFactory())):
        response = client.get(at("grant_receipt", booking.pk))
        assert b"".join(response) == b"%PDF-1.7 kvittering"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "private" in response["Cache-Control"]
    for stranger in (UserFactory(), MembershipFactory().user, UserFactory(is_staff=True)):
        assert client_of(stranger).get(at("grant_receipt", booking.pk)).status_code == 404


def test_receipt_of_the_programmes_pot_is_not_for_the_partner_that_is_visited():
    grant = claimed(pot=GrantPotFactory())
    owner = MembershipFactory(partner=grant.booking.activity.partner).user
    assert client_of(owner).get(at("grant_receipt", grant.booking_id)).status_code == 404


def test_picture_of_a_receipt_is_drawn_anew(teacher_client, booking, pot):
    grant = ask(booking)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=300_000, by=UserFactory())
    let_the_day_come(booking)
    target = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "hemmelig sted"
    Image.new("RGB", (40, 30)).save(target, "JPEG", exif=exif)

    send_receipt(teacher_client, booking, file=SimpleUploadedFile("kvittering.jpg", target.getvalue()))

    grant.refresh_from_db()
    stored = default_storage.open(grant.receipt.name).read()
    assert stored.startswith(b"\x89PNG")
    assert b"hemmelig" not in stored


@pytest.mark.parametrize(
    "file",
    [
        pdf(content=b""),
        pdf(content=b"MZ program"),
        pdf("kvittering.exe", b"MZ program"),
        pdf("kvittering.svg", b"<svg onload='x'/>"),
        pdf(content=b"%PDF-" + b"x" * (10 * 1024 * 1024)),
    ],
    ids=["empty", "no pdf", "program", "drawing", "too large"],
)
def test_file_that_is_no_receipt_is_refused(teacher_client, booking, pot, file):
    grant = ask(booking)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=300_000, by=UserFactory())
    let_the_day_come(booking)

    response = send_receipt(teacher_client, booking, file=file)

    assert response.status_code == 422
    grant.refresh_from_db()
    assert grant.status == "approved"


# --- The partner


def test_partner_sees_its_pots_and_answers_the_schools(owner_client, booking, pot):
    grant = ask(booking)
    partner = booking.activity.partner
    text = words(owner_client.get(at("partner_pots", partner.pk)))
    assert "Havskyss" in text
    assert "10,000 kr" in text
    assert booking.school.name in text

    page = at("partner_grant", partner.pk, grant.pk)
    response = owner_client.post(page, {"do": "approve", "ore": "10 000 000"})
    assert response.status_code == 422
    response = owner_client.post(page, {"do": "decline", "reply": ""})
    assert "Write a line, so that the teacher knows why." in words(response)
    text = words(owner_client.post(page, {"do": "approve", "ore": "3 000"}, follow=True))
    assert "Done. The teacher has been told." in text
    assert numbers(pot) == (300_000, 0, 700_000)
    text = words(owner_client.post(page, {"do": "approve", "ore": "3 000"}, follow=True))
    assert "Somebody has answered or changed" in text
    assert numbers(pot) == (300_000, 0, 700_000)


def test_partner_settles_its_own_pot(owner_client, teacher_client, booking, pot):
    grant = ask(booking)
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=300_000, by=UserFactory())
    let_the_day_come(booking)
    send_receipt(teacher_client, booking)
    page = at("partner_grant", booking.activity.partner_id, grant.pk)
    assert owner_client.get(page).context["form"].initial["ore"] == 290_000

    owner_client.post(page, {"do": "settle", "ore": "2 900"})

    assert numbers(pot) == (0, 290_000, 710_000)
    assert "Settled: the school gets 2,900 kr" in words(teacher_client.get(at("grant", booking.pk)))


def test_grant_out_of_another_pot_is_not_the_partners_to_see(owner_client, booking):
    pot = GrantPotFactory()
    grant = ask(booking)
    partner = booking.activity.partner_id
    assert grant.pot == pot
    assert owner_client.get(at("partner_grant", partner, grant.pk)).status_code == 404
    assert owner_client.post(at("partner_grant", partner, grant.pk), {"do": "approve", "ore": "1"}).status_code == 404
    assert booking.school.name not in words(owner_client.get(at("partner_pots", partner)))


def test_reader_reads_and_changes_nothing(reader_client, booking, pot):
    grant = ask(booking)
    partner = booking.activity.partner_id
    page = at("partner_grant", partner, grant.pk)
    assert "Approve" not in words(reader_client.get(page)).replace("Approved", "")
    assert reader_client.post(page, {"do": "approve", "ore": "1"}).status_code == 403
    assert reader_client.post(at("partner_pots", partner), {}).status_code == 403


def test_partner_pledges_a_pot_and_the_secretariat_hears_of_it(owner_client, session):
    address = at("partner_pots", session.activity.partner_id)
    year = GrantPotFactory.build().school_year
    for amount in ("-5", "0", "999", "900 000 000 000"):
        data = {"name": "Skyss", "school_year": year, "ore": amount}
        assert owner_client.post(address, data).status_code == 422
    assert owner_client.post(address, {"name": "Skyss", "school_year": 1999, "ore": "5000"}).status_code == 422

    text = words(owner_client.post(address, {"name": "Skyss", "school_year": year, "ore": "20 000"}, follow=True))

    pot = GrantPot.objects.get()
    assert (pot.amount_ore, pot.is_open, pot.partner) == (2_000_000, False, session.activity.partner)
    assert "Waits for the secretariat" in text


def test_task_of_today_says_that_schools_wait(owner_client, booking, pot):
    ask(booking)
    text = words(owner_client.get(at("partner_today", booking.activity.partner_id)))
    assert "1 school asks for money for the journey" in text


def test_amounts_are_written_as_norwegians_do(teacher_client, booking, pot):
    ask(booking)
    with_nb = teacher_client.get(at("grant", booking.pk).replace("/en/", "/"))
    assert "3 000 kr" in words(with_nb).replace("\u00a0", " ")
