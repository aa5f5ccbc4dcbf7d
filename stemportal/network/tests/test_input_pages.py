"""Input on the pages: who reads what, what the form says, and what everybody may read."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.deletion import delete_account
from stemportal.network.models import Input
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.queries.people import people_of
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory
from stemportal.testing.network_factories import (
    HearingFactory,
    InputFactory,
    InputSupportFactory,
    RecommendationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(partner__display_name="Nordlys", partner__slug="nordlys", user__full_name="Ingrid Prøve")


@pytest.fixture
def client(owner) -> Client:
    return client_of(owner)


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def page(client: Client, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(f"network:{name}", args=args) + query)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def form(**changes: Any) -> dict[str, Any]:
    filled = {"title": "Lengre besøk", "text": "To timer er for lite.", "is_shared": "yes", "hearing": ""}
    return {**filled, "request_key": str(uuid.uuid4()), **changes}


# --- Sending


def test_what_is_sent_has_a_page_that_says_what_comes_next(client, owner):
    response = client.post(reverse("network:input_add"), form(), follow=True)

    found = Input.objects.get()
    assert (found.partner, found.by, found.is_shared) == (owner.partner, owner.user, True)
    assert response.redirect_chain[-1][0] == reverse("network:input", args=[found.pk])
    html = response.content.decode()
    assert "Sent. Thank you!" in html
    assert "We have received it" in html
    assert "Ingrid Prøve" in html


def test_hearing_that_closed_while_one_was_writing_keeps_the_text(client):
    hearing = HearingFactory(title_en="Longer visits?")
    chosen = page(client, "input_add", query=f"?hearing={hearing.pk}")
    assert f'value="{hearing.pk}" selected' in chosen

    with time_machine.travel(hearing.closes_at, tick=False):
        response = client.post(reverse("network:input_add"), form(hearing=hearing.pk))
    html = response.content.decode()

    assert "The hearing closed on" in html
    assert "you can send it as something else" in html
    assert "To timer er for lite." in html
    assert not Input.objects.exists()


def test_identity_number_is_thrown_away_and_nothing_sent(client):
    response = client.post(reverse("network:input_add"), form(text="Ring meg, 01010750160, om besøket"))

    html = response.content.decode()
    assert "looked like a personal identity number" in html
    assert "01010750160" not in html
    assert "om besøket" in html
    assert not Input.objects.exists()


def test_bad_input_is_refused_with_words(client):
    html = client.post(
        reverse("network:input_add"),
        form(title="", text="x" * 6001, is_shared="maybe", hearing="99999", request_key="x"),
    ).content.decode()

    assert "Please look at these" in html
    assert not Input.objects.exists()


def test_person_of_two_partners_says_for_which(client, owner):
    second = MembershipFactory(user=owner.user, partner__display_name="Sørlys").partner
    assert "On behalf of" in page(client, "input_add")

    client.post(reverse("network:input_add"), form(partner=second.pk))
    refused = client.post(reverse("network:input_add"), form(partner=PartnerFactory().pk))

    assert [found.partner for found in Input.objects.all()] == [second]
    assert refused.status_code == 200


def test_flood_is_stopped_kindly_and_keeps_the_text(client, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "input": (1, 3600)}
    client.post(reverse("network:input_add"), form())

    html = client.post(reverse("network:input_add"), form(title="En til")).content.decode()

    assert "much input in an hour" in html
    assert "En til" in html
    assert Input.objects.count() == 1


# --- Reading


def test_closed_input_is_read_by_its_partner_and_the_secretariat_alone(client, owner):
    found = InputFactory(partner=owner.partner, is_shared=False, title="Bare til dere")
    stranger = client_of(MembershipFactory())

    assert "Bare til dere" in page(client, "input", found.pk)
    assert "Bare til dere" in page(client, "inputs")
    page(stranger, "input", found.pk, status=404)
    assert "Bare til dere" not in page(stranger, "inputs")


def test_withdrawn_input_is_hidden_from_other_partners(client, owner):
    found = InputFactory(partner=owner.partner, status=Input.Status.WITHDRAWN, title="Tatt tilbake")
    stranger = client_of(MembershipFactory())

    assert "It was withdrawn" in page(client, "input", found.pk)
    assert "Tatt tilbake" not in page(client, "inputs")
    assert "Tatt tilbake" in page(client, "inputs", query="?whose=ours")
    page(stranger, "input", found.pk, status=404)


def test_closed_answer_is_read_by_the_partner_alone(client, owner):
    answered = {"answer": "Vi ringer **dere**.", "answered_at": timezone.now(), "answer_is_public": False}
    found = InputFactory(partner=owner.partner, **answered)
    stranger = client_of(MembershipFactory())

    assert "Vi ringer <strong>dere</strong>." in page(client, "input", found.pk)
    html = page(stranger, "input", found.pk)
    assert "Vi ringer" not in html
    assert "has answered the partner itself" in html


def test_other_partners_do_not_see_who_wrote_it(owner):
    found = InputFactory(partner=owner.partner, by=owner.user)

    assert "Ingrid Prøve" not in page(client_of(MembershipFactory()), "input", found.pk)


@pytest.mark.parametrize("status", [Partner.Status.APPLIED, Partner.Status.PAUSED])
def test_partner_that_is_not_in_reads_its_own_only(status):
    waiting = MembershipFactory(partner__status=status)
    own, shared = InputFactory(partner=waiting.partner), InputFactory()
    client = client_of(waiting)

    page(client, "input", own.pk)
    page(client, "input", shared.pk, status=404)
    page(client, "inputs", status=403)
    page(client, "input_add", status=403)


def test_list_is_filtered_and_ordered(client, owner):
    mine = InputFactory(partner=owner.partner, title="Vårt eget", status=Input.Status.IN_WORK)
    liked, other = InputFactory(title="Det vi støtter"), InputFactory(title="Det nyeste")
    InputSupportFactory(input=liked, partner=owner.partner)

    def shown(query: str) -> list[str]:
        html = page(client, "inputs", query=query)
        found = [(html.find(f">{one.title}</a>"), one.title) for one in (mine, liked, other)]
        return [title for place, title in sorted(found) if place > 0]

    assert shown("") == ["Det nyeste", "Det vi støtter", "Vårt eget"]
    assert shown("?order=support") == ["Det vi støtter", "Det nyeste", "Vårt eget"]
    assert shown("?whose=ours") == ["Vårt eget"]
    assert shown("?whose=supported") == ["Det vi støtter"]
    assert shown("?status=in_work") == ["Vårt eget"]
    assert "Nobody has sent anything like this" in page(client, "inputs", query="?status=taken_up")
    assert shown("?whose=x&status=y&order=z&page=999") == ["Det nyeste", "Det vi støtter", "Vårt eget"]


def test_text_is_shown_as_markdown_and_never_as_html(client):
    found = InputFactory(text="**Viktig** <script>alert(1)</script>")

    html = page(client, "input", found.pk)

    assert "<strong>Viktig</strong>" in html
    assert "<script>alert" not in html


# --- Support and withdrawal


def test_support_is_given_and_taken_back_on_the_page(client, owner):
    found = InputFactory()
    address = reverse("network:input_support", args=[found.pk])
    assert "Nordlys supports this" in page(client, "input", found.pk)

    given = client.post(address, {"partner": owner.partner_id}, follow=True).content.decode()
    assert "Nordlys now supports this." in given
    assert "1 partner supports it" in given
    taken = client.post(address, {"partner": owner.partner_id, "do": "take_back"}, follow=True).content.decode()
    assert "Nordlys no longer supports this." in taken


def test_nobody_supports_for_a_partner_of_others(client, owner):
    found, stranger = InputFactory(), PartnerFactory()

    client.post(reverse("network:input_support", args=[found.pk]), {"partner": stranger.pk})

    assert [support.partner for support in found.supports.all()] == [owner.partner]


def test_decided_input_has_no_buttons(client, owner):
    mine = InputFactory(partner=owner.partner, status=Input.Status.TAKEN_UP)
    other = InputFactory(status=Input.Status.TAKEN_UP)

    assert "Withdraw the input" not in page(client, "input", mine.pk)
    assert "Nordlys supports this" not in page(client, "input", other.pk)
    answer = client.post(reverse("network:input_withdraw", args=[mine.pk]), follow=True).content.decode()
    assert "has moved on meanwhile" in answer


def test_reader_of_a_partner_sees_no_buttons(owner):
    reader = MembershipFactory(partner=owner.partner, role=Membership.Role.READER)
    mine, other = InputFactory(partner=owner.partner), InputFactory()
    client = client_of(reader)

    assert "Send input" not in page(client, "inputs")
    assert "Withdraw the input" not in page(client, "input", mine.pk)
    assert "supports this</button>" not in page(client, "input", other.pk)


# --- Hearings


def test_hearing_says_until_when_and_shows_what_is_shared(client, owner):
    hearing = HearingFactory(title_en="Longer visits?", text_en="How *long* should they be?")
    InputFactory(hearing=hearing, title="Fire timer")
    InputFactory(hearing=hearing, title="Hemmelig", is_shared=False)
    html = page(client, "hearing", hearing.pk)

    assert "Open until" in html
    assert "How <em>long</em>" in html
    assert "Fire timer" in html
    assert "Hemmelig" not in html
    assert reverse("network:input_add") + f"?hearing={hearing.pk}" in html
    with time_machine.travel(hearing.closes_at, tick=False):
        html = page(client_of(owner), "hearing", hearing.pk)
    assert "Closed since" in html
    assert reverse("network:input_add") not in html


def test_hearing_to_come_is_seen_by_the_secretariat_alone(client):
    hearing = HearingFactory(opens_at=timezone.now() + timedelta(days=2))
    staff = Client()
    staff.force_login(StaffFactory())

    page(client, "hearing", hearing.pk, status=404)
    assert "Opens" in page(staff, "hearing", hearing.pk)


def test_open_hearing_is_a_task_until_the_partner_has_answered(owner):
    hearing = HearingFactory(title_en="Longer visits?")

    def asked() -> list[str]:
        return [task.title for task in extensions.tasks_of(owner) if "We are asking" in task.title]

    assert asked() == ["We are asking: Longer visits?"]
    reader = MembershipFactory(partner=owner.partner, role=Membership.Role.READER)
    assert not [task for task in extensions.tasks_of(reader) if "We are asking" in task.title]
    InputFactory(partner=owner.partner, hearing=hearing)
    assert asked() == []


# --- Recommendations


def test_recommendation_is_for_everybody_and_names_only_who_shared():
    shared = InputFactory(partner__display_name="Nordlys", title="Delt").partner
    closed = InputFactory(partner__display_name="Stille AS", is_shared=False).partner
    found = RecommendationFactory(title_en="Longer visits", text_en="Give them **time**.", addressed_to="Kommunene")
    Input.objects.update(recommendation=found)

    page(Client(), "recommendation", found.pk, status=404)
    assert "Longer visits" not in page(Client(), "recommendations")
    found.published_at = timezone.now()
    found.save(update_fields=["published_at"])

    html = page(Client(), "recommendation", found.pk)
    assert "Give them <strong>time</strong>." in html
    assert "To Kommunene" in html
    assert shared.display_name in html
    assert closed.display_name not in html
    assert "Longer visits" in page(Client(), "recommendations")


# --- Data


def rows_of(partner: Partner, name: str) -> list[dict[str, Any]]:
    section = next(section for section in extensions.data_sections if section.name == name)
    return list(section.rows(partner))


def test_copy_of_the_data_has_input_and_support(owner):
    draft = RecommendationFactory(title_en="Not yet public")
    InputFactory(partner=owner.partner, by=owner.user, title="Vårt", answer="Takk", recommendation=draft)
    InputSupportFactory(partner=owner.partner, by=owner.user, input__title="Deres")

    (sent,) = rows_of(owner.partner, "input")
    (support,) = rows_of(owner.partner, "input_supports")

    assert (sent["title"], sent["by"], sent["answer"]) == ("Vårt", "Ingrid Prøve", "Takk")
    assert sent["recommendation"] == "", "a draft is the secretariat's own"
    assert (support["title"], support["by"]) == ("Deres", "Ingrid Prøve")


def test_partner_that_left_leaves_input_without_its_people(owner):
    found = InputFactory(partner=owner.partner, by=owner.user, text="Spør Ingrid Prøve, så svarer hun.")
    support = InputSupportFactory(partner=owner.partner, by=owner.user)
    Mail.objects.create(about=f"input:{found.pk}", to_email=owner.user.email, subject="Hei", text="x", html="x")

    for forget in extensions.forget:
        forget(owner.partner, people_of(owner.partner))

    found.refresh_from_db()
    support.refresh_from_db()
    assert found.text == "Spør …, så svarer hun."
    assert (found.by, support.by) == (None, None)
    assert not Mail.objects.filter(about=f"input:{found.pk}").exists()


def test_account_that_goes_takes_its_name_out_of_what_it_wrote(owner):
    found = InputFactory(partner=owner.partner, by=owner.user, text="Hilsen Ingrid Prøve")
    MembershipFactory(partner=owner.partner)

    delete_account(user_pk=owner.user_id)

    found.refresh_from_db()
    assert (found.text, found.by) == ("Hilsen …", None)
