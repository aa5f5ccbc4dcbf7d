"""The secretariat's pages for the comparison with the register: start, watch, stop, and decide on proposals."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from stemportal.lib.tests.fake_register import number
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.services import register_refresh as refresh
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
RUNS = "/en/admin/partners/registerrun/"
PROPOSALS = "/en/admin/partners/registerproposal/"
Status = RegisterRun.Status


@pytest.fixture
def person():
    return StaffFactory()


@pytest.fixture
def staff_client(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def onlooker(client):
    """May see everything of this and decide nothing."""
    user = UserFactory(is_staff=True)
    codenames = ["view_registerrun", "view_registerproposal", "view_partner"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def proposal(**facts) -> RegisterProposal:
    partner = facts.pop("partner", None) or PartnerFactory(address="Storgata 1")
    return RegisterProposal.objects.create(
        partner=partner, **{"field": "address", "ours": "Storgata 1", "theirs": "Nygata 2", **facts}
    )


def decide(client, action: str, *proposals: RegisterProposal):
    data = {"action": action, "_selected_action": [row.pk for row in proposals]}
    return client.post(f"{PROPOSALS}?status__exact=all", data, follow=True)


# --- Runs


def test_button_starts_a_run_and_shows_it(staff_client, person):
    PartnerFactory()
    page = staff_client.get(f"{RUNS}start/").text
    assert "1 Norwegian partner will be compared" in page
    assert not RegisterRun.objects.exists()
    response = staff_client.post(f"{RUNS}start/", follow=True)
    run = RegisterRun.objects.get()
    assert (run.started_by, run.status, run.total) == (person, Status.RUNNING, 1)
    assert "0 of 1 partners are compared" in response.text
    assert f"{RUNS}{run.pk}/stop/" in response.text


def test_second_start_says_that_one_runs(staff_client):
    refresh.start_run()
    assert "is running already" in staff_client.post(f"{RUNS}start/", follow=True).text
    assert RegisterRun.objects.count() == 1


def test_run_is_stopped_and_goes_on_with_buttons(staff_client):
    run = refresh.start_run()
    assert staff_client.get(f"{RUNS}{run.pk}/stop/").status_code == 302
    run.refresh_from_db()
    assert run.status == Status.RUNNING, "opening the address stops nothing"
    page = staff_client.post(f"{RUNS}{run.pk}/stop/", follow=True).text
    run.refresh_from_db()
    assert run.status == Status.STOPPED
    assert f"{RUNS}{run.pk}/resume/" in page
    staff_client.post(f"{RUNS}{run.pk}/resume/")
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    staff_client.post(f"{RUNS}{run.pk}/stop/")
    refresh.start_run()
    assert "is running already" in staff_client.post(f"{RUNS}{run.pk}/resume/", follow=True).text


def test_progress_asks_again_by_itself_until_the_end(staff_client, register):
    PartnerFactory()
    run = refresh.start_run()
    page = staff_client.get(f"{RUNS}{run.pk}/change/", headers={"HX-Request": "true"}).text
    assert page.strip().startswith("<section")
    assert "hx-trigger" in page
    refresh.work(run.pk)
    page = staff_client.get(f"{RUNS}{run.pk}/change/", headers={"HX-Request": "true"}).text
    assert "1 of 1" in page
    assert "hx-trigger" not in page


def test_rest_is_told_with_its_end(staff_client, register):
    PartnerFactory()
    register.status, register.headers = 429, {"Retry-After": "3600"}
    run = refresh.start_run()
    refresh.work(run.pk)
    assert "asked for a rest" in staff_client.get(f"{RUNS}{run.pk}/change/").text


def test_onlooker_starts_and_stops_nothing(onlooker):
    run = refresh.start_run()
    assert onlooker.get(f"{RUNS}{run.pk}/change/").status_code == 200
    assert onlooker.post(f"{RUNS}start/").status_code == 403
    assert onlooker.post(f"{RUNS}{run.pk}/stop/").status_code == 403
    run.refresh_from_db()
    assert run.status == Status.RUNNING


# --- Proposals


def test_list_shows_what_waits_with_both_sides(staff_client):
    MunicipalityFactory(number="5634", name="Vardø")
    MunicipalityFactory(number="5601", name="Alta")
    waiting = proposal(field="municipality", ours="5634", theirs="5601")
    proposal(status=RegisterProposal.Status.REJECTED, partner=PartnerFactory(display_name="Avvist"))
    page = staff_client.get(PROPOSALS).text
    assert "5634 Vardø" in page
    assert "5601 Alta" in page
    assert f"/en/admin/partners/partner/{waiting.partner_id}/change/" in page
    assert "Avvist" not in page
    assert "Avvist" in staff_client.get(f"{PROPOSALS}?status__exact=rejected&field=address").text


def test_chosen_proposals_are_accepted(staff_client, person):
    rows = [proposal(), proposal(field="employees", ours="", theirs="38")]
    response = decide(staff_client, "accept", *rows)
    assert "2 facts were changed." in response.text
    first, second = (Partner.objects.get(pk=row.partner_id) for row in rows)
    assert (first.address, second.employees) == ("Nygata 2", 38)
    assert first.changes.order_by("pgh_id").last().pgh_context.metadata["user"] == person.pk


def test_what_changed_meanwhile_is_told_and_stays(staff_client):
    row = proposal()
    Partner.objects.filter(pk=row.partner_id).update(address="Bryggen 3")
    assert "was changed here meanwhile" in decide(staff_client, "accept", row).text
    assert Partner.objects.get(pk=row.partner_id).address == "Bryggen 3"


def test_rejected_proposal_stays_rejected(staff_client):
    row = proposal()
    assert "will not come again" in decide(staff_client, "reject", row).text
    assert "was decided before" in decide(staff_client, "accept", row).text
    assert Partner.objects.get(pk=row.partner_id).address == "Storgata 1"


@pytest.mark.parametrize("action", ["accept", "reject"])
def test_onlooker_decides_nothing(onlooker, action):
    row = proposal()
    decide(onlooker, action, row)
    row.refresh_from_db()
    assert row.status == RegisterProposal.Status.WAITING


# --- What waits, on the first page


def test_dashboard_leads_to_partners_in_trouble(staff_client, register):
    gone = PartnerFactory(organisation_number=number("deleted"), display_name="Borte", status="paused")
    PartnerFactory(organisation_number=number("unit"), display_name="Frisk")
    PartnerFactory(status="ended", register_status="deleted", display_name="For lengst ute")
    run = refresh.start_run()
    refresh.work(run.pk)
    queues = {queue.label: queue for queue in staff_client.get("/en/admin/").context["queues"]}
    queue = queues["Partners the register calls deleted or bankrupt"]
    assert queue.count == 1
    assert queue.oldest == gone.changes.order_by("pgh_id").last().pgh_created_at
    shown = staff_client.get(queue.url).context["cl"].result_list
    assert [partner.display_name for partner in shown] == ["Borte"]


def test_trouble_is_as_old_as_the_first_time_it_was_said(staff_client, register):
    partner = PartnerFactory(organisation_number=number("deleted"))
    for _night in range(2):
        refresh.work(refresh.start_run().pk)
    Partner.objects.filter(pk=partner.pk).update(address="Storgata 1")
    first = partner.changes.filter(register_status="deleted").order_by("pgh_id").first()
    assert partner.changes.filter(register_status="deleted").count() == 2
    queues = {queue.label: queue for queue in staff_client.get("/en/admin/").context["queues"]}
    assert queues["Partners the register calls deleted or bankrupt"].oldest == first.pgh_created_at


def test_dashboard_counts_what_the_register_proposes(staff_client):
    proposal()
    proposal(status=RegisterProposal.Status.OUTDATED)
    queues = {queue.label: queue for queue in staff_client.get("/en/admin/").context["queues"]}
    queue = queues["Changes that the register proposes"]
    assert queue.count == len(staff_client.get(queue.url).context["cl"].result_list) == 1
