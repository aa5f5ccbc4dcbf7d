"""The secretariat's desk for pots, applications, receipts and the ledger."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from stemportal.schools.models import GrantPot, TransportGrant, TransportRate
from stemportal.schools.services import grants
from stemportal.schools.tests.conftest import client_of, words
from stemportal.schools.tests.transport_scene import approved, ask, claimed, numbers, visit
from stemportal.testing.factories import (
    GrantPotFactory,
    PartnerFactory,
    StaffFactory,
    TransportRateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def coach():
    """3,000 kr for 50 km there and back."""
    return TransportRateFactory()


@pytest.fixture
def staff_client(db) -> Client:
    return client_of(StaffFactory())


@pytest.fixture
def pot(db) -> GrantPot:
    return GrantPotFactory(name="Programmets pott", amount_ore=1_000_000)


def page(model: str, name: str, *args) -> str:
    return reverse(f"admin:schools_{model}_{name}", args=args)


def test_queue_on_the_first_page_leads_to_what_waits_for_the_secretariat(staff_client, pot):
    ours, claim = ask(visit()), claimed(pot=pot)
    theirs = visit()
    GrantPotFactory(partner=theirs.activity.partner)
    partners = ask(theirs)

    text = words(staff_client.get("/en/admin/"))
    assert "Applications for money for journeys" in text
    for queue, waiting in (("applied", ours), ("claimed", claim)):
        response = staff_client.get(page("transportgrant", "changelist"), {"queue": queue})
        assert list(response.context["cl"].result_list) == [waiting]
    assert partners.status == "applied"


def test_partner_that_does_not_answer_is_helped_after_a_week(staff_client):
    booking = visit()
    GrantPotFactory(partner=booking.activity.partner)
    grant = ask(booking)
    TransportGrant.objects.update(applied_at=grant.applied_at - timedelta(days=8))
    response = staff_client.get(page("transportgrant", "changelist"), {"queue": "applied"})
    assert list(response.context["cl"].result_list) == [grant]


def test_staff_approves_one_with_pot_amount_and_a_line(staff_client, pot):
    grant = ask(visit())
    address = page("transportgrant", "answer", grant.pk)
    response = staff_client.get(address)
    assert "Programmets pott: 10,000 kr left" in words(response)
    assert response.context["form"].initial == {"ore": 300_000, "pot": pot.pk}

    response = staff_client.post(address, {"do": "approve", "ore": "4000", "pot": pot.pk})
    assert "Approve at most what is asked for, 3,000 kr" in words(response)
    response = staff_client.post(address, {"do": "approve", "ore": "3000"})
    assert "Choose a pot" in words(response)
    assert numbers(pot) == (0, 0, 1_000_000)

    staff_client.post(address, {"do": "approve", "ore": "2 500", "pot": pot.pk, "reply": "God tur"})

    grant.refresh_from_db()
    assert (grant.status, grant.approved_ore, grant.reply) == ("approved", 250_000, "God tur")
    assert numbers(pot) == (250_000, 0, 750_000)


def test_staff_settles_a_receipt_or_asks_for_another(staff_client, pot):
    first, second = claimed(250_000, pot=pot), claimed(250_000, pot=pot)
    address = page("transportgrant", "answer", first.pk)
    assert "Open the receipt" in words(staff_client.get(address))
    staff_client.post(address, {"do": "settle", "ore": "2500"})
    staff_client.post(page("transportgrant", "answer", second.pk), {"do": "return", "reply": "Uleselig"})
    assert numbers(pot) == (300_000, 250_000, 450_000)
    second.refresh_from_db()
    assert second.status == "approved"
    assert staff_client.get(address).status_code == 302, "nothing to answer any more"


def test_many_are_approved_as_far_as_the_pot_goes(staff_client):
    pot = GrantPotFactory(amount_ore=700_000)
    chosen = [ask(visit()) for _n in range(3)]
    data = {"action": "approve_chosen", "_selected_action": [grant.pk for grant in chosen]}

    text = words(staff_client.post(page("transportgrant", "changelist"), data, follow=True))

    assert "2 applications are approved." in text
    assert "1 is left as it is" in text
    assert numbers(pot) == (600_000, 0, 100_000)


def test_many_are_declined_with_one_reason(staff_client, pot):
    chosen = [ask(visit()) for _n in range(2)]
    data = {"action": "decline_chosen", "_selected_action": [grant.pk for grant in chosen]}
    response = staff_client.post(page("transportgrant", "changelist"), data)
    assert TransportGrant.objects.filter(status="declined").count() == 0, "nothing has happened yet"
    address = response["Location"]
    assert chosen[0].booking.school.name in words(staff_client.get(address))
    assert staff_client.post(address, {"reply": ""}).status_code == 200
    staff_client.post(address, {"reply": "Potten er tom"})
    assert set(TransportGrant.objects.values_list("status", "reply")) == {("declined", "Potten er tom")}


@pytest.mark.parametrize("ids", ["", "abc", "1,,;", "9" * 30, "-1"])
def test_odd_choice_of_applications_is_no_fault(staff_client, ids):
    assert staff_client.get(page("transportgrant", "decline_chosen"), {"ids": ids}).status_code == 302


def test_staff_who_may_only_look_decides_nothing(pot):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_transportgrant"))
    grant = ask(visit())
    client = client_of(reader)
    assert client.get(page("transportgrant", "change", grant.pk)).status_code == 200
    assert client.post(page("transportgrant", "answer", grant.pk), {"do": "decline", "reply": "x"}).status_code == 403
    assert client.post(page("transportgrant", "decline_chosen") + f"?ids={grant.pk}", {"reply": "x"}).status_code == 403
    grant.refresh_from_db()
    assert grant.status == "applied"


def test_pot_page_writes_no_old_sums_over_new_ones(staff_client, pot):
    """Between opening and saving the page something is approved: the page must not undo it."""
    form = staff_client.get(page("grantpot", "change", pot.pk)).context["adminform"].form
    approved(300_000, pot=pot)
    data = {"name": "Ny pott", "amount_ore": "12 000", "is_open": "on", "school_year": form.initial["school_year"]}

    response = staff_client.post(page("grantpot", "change", pot.pk), data)

    assert response.status_code == 302
    assert numbers(pot) == (300_000, 0, 900_000)
    assert pot.name == "Ny pott"


def test_pot_is_never_smaller_than_what_is_promised(staff_client, pot):
    approved(300_000, pot=pot)
    data = {"name": pot.name, "amount_ore": "2 999,99", "is_open": "on"}
    assert "3,000 kr of this pot is paid or set aside already." in words(
        staff_client.post(page("grantpot", "change", pot.pk), data)
    )
    assert numbers(pot)[0] == 300_000
    assert staff_client.post(page("grantpot", "delete", pot.pk), {"post": "yes"}).status_code == 403


def test_pledge_is_opened_on_its_page_or_in_the_list(staff_client):
    first, second = [
        GrantPotFactory(partner=PartnerFactory(), is_open=False, opened_at=None, name=f"Løfte {n}") for n in range(2)
    ]
    response = staff_client.get(page("grantpot", "changelist"), {"is_open__exact": 0, "opened_at__isempty": 1})
    assert len(response.context["cl"].result_list) == 2
    facts = {"name": first.name, "partner": first.partner_id, "school_year": first.school_year, "amount_ore": "10000"}
    staff_client.post(page("grantpot", "change", first.pk), {**facts, "is_open": "on"})
    staff_client.post(page("grantpot", "changelist"), {"action": "open_chosen", "_selected_action": [second.pk]})
    assert GrantPot.objects.filter(is_open=True).exclude(opened_at=None).count() == 2


def test_new_pot_is_open_at_once_unless_staff_wants_otherwise(staff_client):
    facts = {"name": "Ny", "school_year": 2026, "amount_ore": "5 000"}
    staff_client.post(page("grantpot", "add"), {**facts, "is_open": "on"})
    assert staff_client.post(page("grantpot", "add"), {**facts, "amount_ore": "-5"}).status_code == 200
    [pot] = GrantPot.objects.all()
    assert (pot.amount_ore, pot.is_open, pot.opened_at is not None) == (500_000, True, True)


def test_pot_page_says_whether_the_ledger_adds_up(staff_client, pot):
    approved(pot=pot)
    address = page("grantpot", "change", pot.pk)
    assert "The ledger adds up." in words(staff_client.get(address))
    GrantPot.objects.filter(pk=pot.pk).update(reserved_ore=1)
    assert "The ledger does not add up." in words(staff_client.get(address))


def test_ledger_is_taken_away_as_csv_and_workbook(staff_client, pot):
    grant = claimed(250_000, pot=pot)
    grants.settle_grant(grant_id=grant.pk, ore=250_000, by=UserFactory())
    address = page("ledgerentry", "export")
    text = b"".join(staff_client.post(address, {"format": "csv"})).decode("utf-8-sig")
    assert [line.split(";")[4:6] for line in text.splitlines()[1:]] == [
        ["Reserved", "3000.0"], ["Paid", "2500.0"], ["Released", "500.0"],
    ]  # fmt: skip
    assert grant.booking.school.number in text
    book = load_workbook(BytesIO(b"".join(staff_client.post(address, {"format": "xlsx"}))))
    assert [row[5] for row in book.active.iter_rows(min_row=2, values_only=True)] == [3000, 2500, 500]
    assert LogEntry.objects.filter(change_message__startswith="Exported").count() == 2
    only_paid = b"".join(staff_client.post(f"{address}?kind__exact=pay", {"format": "csv"})).decode()
    assert len(only_paid.splitlines()) == 2
    assert staff_client.get(address).status_code == 302


def test_ledger_has_no_form(staff_client, pot):
    entry = approved(pot=pot).entries.get()
    assert staff_client.get(page("ledgerentry", "add")).status_code == 403
    assert staff_client.post(page("ledgerentry", "delete", entry.pk), {"post": "yes"}).status_code == 403
    assert staff_client.post(page("ledgerentry", "change", entry.pk), {"ore": 1}).status_code == 403


def test_rate_is_written_in_kroner_and_its_days_make_sense(staff_client):
    facts = {"mode": "minibus", "seats": 16, "start_ore": "1 500", "per_km_ore": "22,50", "per_person_ore": "0"}
    address = page("transportrate", "add")
    text = words(staff_client.post(address, {**facts, "valid_from": "2026-08-01", "valid_to": "2026-07-01"}))
    assert "The last day is before the first one." in text
    staff_client.post(address, {**facts, "valid_from": "2026-08-01"})
    rate = TransportRate.objects.get(mode="minibus")
    assert (rate.start_ore, rate.per_km_ore, rate.is_example) == (150_000, 2_250, False)
    assert "1,500 kr" in words(staff_client.get(page("transportrate", "changelist")))
