"""The page about one's own organisation: who changes what, and what happens when two do it at once."""

from __future__ import annotations

import pghistory
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from stemportal.outbox.models import Mail
from stemportal.partners.forms.organisation import OrganisationForm
from stemportal.partners.models import Membership, Partner
from stemportal.partners.queries.organisation import newest_state, page_changes
from stemportal.partners.services import organisation as services
from stemportal.partners.tests.helpers import mails_to
from stemportal.testing.factories import (
    CountyFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    PostalCodeFactory,
    StaffFactory,
    UserFactory,
)
from stemportal.testing.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Role, Status = Membership.Role, Partner.Status
# Made up: nobody has it.
PERSONAL_NUMBER = "01016050012"


@pytest.fixture
def partner():
    return PartnerFactory(
        display_name="Nordlys",
        slug="nordlys",
        about="Vi bygger roboter.",
        contact_name="Ingrid Prøve",
        contact_email="ingrid@nordlys.example.no",
        answers={"meet": "En hall", "apprentices": True, "old_question": "Et svar"},
    )


def somebody(partner, name: str, role: str = Role.EDITOR) -> Client:
    """A browser in which a member of the partner is logged in."""
    member = MembershipFactory(partner=partner, role=role, user=UserFactory(full_name=name))
    client = Client()
    client.force_login(member.user)
    client.person = member.user
    return client


@pytest.fixture
def kari(partner):
    return somebody(partner, "Kari Eier", Role.OWNER)


@pytest.fixture
def ola(partner):
    return somebody(partner, "Ola Redaktør")


def address(partner) -> str:
    return reverse("partners:organisation", args=[partner.pk])


def opened(client, partner) -> dict[str, str]:
    """What the form on the page holds, as a browser would send it back."""
    return held(client.get(address(partner)).context["form"])


def held(form) -> dict[str, str]:
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def save(client, partner, page: dict[str, str], **changes: str):
    return client.post(address(partner), page | changes)


# --- What is changed


def test_changes_are_saved_and_schools_see_them(kari, client, partner):
    alta = MunicipalityFactory()
    response = save(
        kari,
        partner,
        opened(kari, partner),
        display_name="  Nordlys   Robotikk ",
        about="Vi **bygger**.\r\n\r\nOg tester.",
        website="nordlys.example.no",
        address="Havnegata 4",
        postal_code="9510",
        postal_place="Alta",
        municipality=str(alta.pk),
        contact_role="Leder",
        answer_meet="To haller",
        answer_apprentices="no",
    )
    assert response.status_code == 302
    assert "Saved. Schools see it at once." in kari.get(address(partner)).text
    partner.refresh_from_db()
    assert partner.display_name == "Nordlys Robotikk"
    assert partner.about == "Vi **bygger**.\n\nOg tester."
    assert partner.website == "https://nordlys.example.no"
    assert partner.contact_role == "Leder"
    assert partner.answers == {"meet": "To haller", "apprentices": False, "old_question": "Et svar"}
    public = client.get("/en/partners/nordlys/").text
    assert "Nordlys Robotikk" in public
    assert "<strong>bygger</strong>" in public


def test_address_of_the_page_stays_with_a_new_name(kari, partner):
    save(kari, partner, opened(kari, partner), display_name="Et helt annet navn")
    partner.refresh_from_db()
    assert (partner.display_name, partner.slug) == ("Et helt annet navn", "nordlys")


def test_registered_facts_cannot_be_sent_along(kari, partner):
    number, name = partner.organisation_number, partner.legal_name
    page = opened(kari, partner)
    extra = {"organisation_number": "999999999", "legal_name": "ANNET AS", "kind": "union", "status": "ended"}
    assert save(kari, partner, page, about="Nytt", **extra).status_code == 302
    partner.refresh_from_db()
    assert partner.about == "Nytt"
    assert (partner.organisation_number, partner.legal_name) == (number, name)
    assert (partner.kind, partner.status) == ("company", "approved")


def test_page_says_whom_to_write_to_about_registered_facts(kari, partner, settings):
    page = kari.get(address(partner)).text
    assert partner.legal_name in page
    assert partner.organisation_number in page
    assert f"mailto:{settings.SECRETARIAT_EMAIL}" in page


def test_place_is_found_from_the_postal_code(kari, partner):
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    PostalCodeFactory(code="0150", place="OSLO", municipality=oslo)
    save(kari, partner, opened(kari, partner), postal_code="0150", postal_place="", municipality="")
    partner.refresh_from_db()
    assert (partner.postal_place, partner.municipality) == ("Oslo", oslo)


def test_partner_in_another_country_has_its_own_postal_codes_and_no_municipality(partner):
    Partner.objects.filter(pk=partner.pk).update(country="SE", municipality=None)
    kari = somebody(partner, "Kari")
    page = opened(kari, partner)
    assert "municipality" not in page
    assert save(kari, partner, page, postal_code="41111").status_code == 302
    partner.refresh_from_db()
    assert partner.postal_code == "411 11"


def test_saving_without_a_change_writes_nothing(kari, partner):
    before = newest_state(partner)
    response = save(kari, partner, opened(kari, partner))
    assert response.status_code == 302
    assert newest_state(partner) == before
    partner.refresh_from_db()
    assert partner.revision == 0


def test_change_is_in_the_history_with_the_person(kari, partner):
    save(kari, partner, opened(kari, partner), about="Nytt")
    change = partner.changes.order_by("-pgh_id").first()
    assert change.about == "Nytt"
    assert change.pgh_context.metadata["user"] == kari.person.pk


# --- Who may


def test_reader_reads_and_has_no_form(partner):
    reader = somebody(partner, "Lise Leser", Role.READER)
    page = reader.get(address(partner))
    assert "Vi bygger roboter." in page.text
    assert "En hall" in page.text
    assert partner.contact_email in page.text
    assert "form" not in page.context or 'name="about"' not in page.text
    assert reader.post(address(partner), {}).status_code == 403


@pytest.mark.parametrize("status", [Status.DECLINED, Status.ENDED])
def test_closed_partnership_is_read_only_for_its_owner(partner, kari, status):
    Partner.objects.filter(pk=partner.pk).update(status=status)
    assert 'name="about"' not in kari.get(address(partner)).text
    assert kari.post(address(partner), {}).status_code == 403


def test_application_that_waits_can_be_mended(partner, kari):
    Partner.objects.filter(pk=partner.pk).update(status=Status.APPLIED)
    assert save(kari, partner, opened(kari, partner), about="Mer").status_code == 302


# --- The contact person


def test_new_contact_address_is_told_and_so_is_the_old_one(kari, partner):
    save(kari, partner, opened(kari, partner), contact_name="Nils Ny", contact_email="nils@nordlys.example.no")
    (old,) = mails_to("ingrid@nordlys.example.no")
    assert "Ingrid Prøve" in old.text
    assert "Kari Eier" in old.text
    assert "Nils Ny" in old.text
    assert "nils@nordlys.example.no" not in old.text
    (new,) = mails_to("nils@nordlys.example.no")
    assert "Kari Eier" in new.text


def test_nobody_is_told_when_the_address_is_written_otherwise_only(kari, partner):
    response = save(
        kari, partner, opened(kari, partner), contact_email="Ingrid@nordlys.example.no", contact_role="Leder"
    )
    assert response.status_code == 302
    assert not Mail.objects.exists()


# --- Bad input


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"display_name": " "}, "Name shown to schools"),
        ({"website": "javascript:alert(1)"}, "Web site"),
        ({"website": "ftp://x.no"}, "Web site"),
        ({"postal_code": "95"}, "A postal code has four digits."),
        ({"municipality": "999999"}, "Municipality"),
        ({"contact_email": "ingen"}, "E-mail address of the contact person"),
        ({"about": "x" * 3001}, "3000"),
        ({"answer_apprentices": "maybe"}, "apprentices"),
        ({"revision": ""}, ""),
        ({"revision": "x", "seen": "99999999999999999999"}, ""),
    ],
)
def test_bad_form_is_explained_and_saves_nothing(kari, partner, changes, words):
    response = save(kari, partner, opened(kari, partner), about=changes.pop("about", "Nytt"), **changes)
    assert response.status_code == 200
    assert words in response.text
    partner.refresh_from_db()
    assert partner.about == "Vi bygger roboter."


@pytest.mark.parametrize("field", ["about", "answer_meet", "contact_name"])
def test_identity_number_is_refused_and_kept_nowhere(kari, partner, field):
    response = save(kari, partner, opened(kari, partner), **{field: f"Spør {PERSONAL_NUMBER} om dette"})
    assert "looked like a personal identity number" in response.text
    assert PERSONAL_NUMBER not in response.text
    assert not partner.changes.filter(about__contains=PERSONAL_NUMBER).exists()


def test_markdown_that_tries_to_run_is_text(kari, client, partner):
    save(kari, partner, opened(kari, partner), about="<script>alert(1)</script> [x](javascript:alert(1))")
    page = client.get("/en/partners/nordlys/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


# --- Preview


def test_preview_shows_markdown_and_saves_nothing(kari, partner):
    page = opened(kari, partner) | {"about": "Vi **lover** mye.", "display_name": "", "preview": "yes"}
    whole = kari.post(address(partner), page)
    assert "<strong>lover</strong>" in whole.text
    assert "not saved yet" in whole.text
    assert "Please look at" not in whole.text, "a preview complains about nothing"
    part = kari.post(address(partner), page, headers={"HX-Request": "true"})
    assert "<strong>lover</strong>" in part.text
    assert "<html" not in part.text
    partner.refresh_from_db()
    assert partner.about == "Vi bygger roboter."


# --- Two at once


def test_second_to_save_is_told_who_changed_what_and_when(kari, ola, partner):
    with time_machine.travel("2026-11-20T10:00:00+01:00", tick=False):
        theirs, mine = opened(kari, partner), opened(ola, partner)
        save(kari, partner, theirs, about="Karis tekst")
        response = save(ola, partner, mine, about="Olas tekst")

    assert response.status_code == 409
    assert "Somebody else has saved this page meanwhile" in response.text
    partner.refresh_from_db()
    assert partner.about == "Karis tekst", "nothing is overwritten"
    (both,) = response.context["conflict"]["both"]
    assert (both.who, both.theirs, both.yours) == ("Kari Eier", "Karis tekst", "Olas tekst")
    assert "Saved by Kari Eier" in response.text
    assert response.text.count("Olas tekst") >= 2, "beside hers, and still in the form"


def test_second_can_save_again_knowing_it(kari, ola, partner):
    mine = opened(ola, partner)
    save(kari, partner, opened(kari, partner), about="Karis tekst")
    shown = save(ola, partner, mine, about="Olas tekst").context["form"]
    again = held(shown)
    assert again["about"] == "Olas tekst"
    assert save(ola, partner, again).status_code == 302
    partner.refresh_from_db()
    assert partner.about == "Olas tekst"


def test_field_that_only_the_first_changed_is_taken_over_and_told(kari, ola, partner):
    mine = opened(ola, partner)
    save(kari, partner, opened(kari, partner), website="https://ny.example.no", answer_apprentices="no")
    response = save(ola, partner, mine, about="Olas tekst")

    assert response.status_code == 409
    assert not response.context["conflict"]["both"]
    labels = {difference.label for difference in response.context["conflict"]["taken"]}
    assert labels == {"Web site", "Do you take apprentices?"}
    shown = response.context["form"]
    assert shown["website"].value() == "https://ny.example.no"
    assert shown["about"].value() == "Olas tekst"

    save(ola, partner, held(shown))
    partner.refresh_from_db()
    assert (partner.website, partner.about) == ("https://ny.example.no", "Olas tekst")
    assert partner.answers["apprentices"] is False


def test_third_save_meanwhile_is_told_again(kari, ola, partner):
    mine = opened(ola, partner)
    save(kari, partner, opened(kari, partner), about="Første")
    shown = save(ola, partner, mine, about="Olas").context["form"]
    again = held(shown)
    save(kari, partner, opened(kari, partner), about="Andre")
    response = save(ola, partner, again)
    assert response.status_code == 409
    assert response.context["conflict"]["both"][0].theirs == "Andre"


def test_change_by_the_secretariat_counts_and_its_people_are_not_named(ola, partner):
    mine, staff = opened(ola, partner), StaffFactory(full_name="Stine Sekretær")
    with pghistory.context(user=staff.pk):
        Partner.objects.filter(pk=partner.pk).update(display_name="Nordlys AS")
    response = save(ola, partner, mine, display_name="Nordlyset")
    assert response.status_code == 409
    assert response.context["conflict"]["both"][0].who == "The secretariat"
    assert "Stine" not in response.text


def test_change_by_the_portal_itself_is_told_as_such(ola, partner):
    mine = opened(ola, partner)
    Partner.objects.filter(pk=partner.pk).update(address="Ny gate 1")
    response = save(ola, partner, mine, address="Gamle gate 2")
    assert response.context["conflict"]["both"][0].who == "The portal"


def test_same_change_by_two_is_no_quarrel(kari, ola, partner):
    mine = opened(ola, partner)
    save(kari, partner, opened(kari, partner), about="Likt")
    response = save(ola, partner, mine, about="Likt")
    assert response.context["conflict"] == {"both": [], "taken": []}
    assert "Nothing of it collides with yours." in response.text


def test_page_of_nobody_knows_when_shows_every_difference(ola, partner):
    """A forged or very old page: what stood there is not known, so nothing is taken over by itself."""
    mine = opened(ola, partner)
    Partner.objects.filter(pk=partner.pk).update(about="Nytt", website="https://ny.example.no")
    response = save(ola, partner, mine, seen="0")
    assert {difference.label for difference in response.context["conflict"]["both"]} == {
        "About the organisation",
        "Web site",
    }


def test_change_of_something_else_disturbs_nobody(ola, partner):
    mine = opened(ola, partner)
    Partner.objects.filter(pk=partner.pk).update(employees=12, register_status="found", logo="logos/x.png")
    assert save(ola, partner, mine, about="Nytt").status_code == 302


def test_database_counts_whoever_changes_the_page(partner):
    """Also an UPDATE that knows nothing of revisions."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partners_partner SET about = 'x' WHERE id = %s", [partner.pk])
        cursor.execute("UPDATE partners_partner SET employees = 3 WHERE id = %s", [partner.pk])
    partner.refresh_from_db()
    assert partner.revision == 1


def test_field_changed_and_changed_back_is_no_difference(partner):
    seen = newest_state(partner)
    for text in ("Noe annet", partner.about):
        Partner.objects.filter(pk=partner.pk).update(about=text)
    assert page_changes(partner, seen=seen) == {}


def test_state_of_another_partner_is_not_known(partner):
    other = PartnerFactory()
    assert page_changes(partner, seen=newest_state(other)) is None


@pytest.mark.parametrize("count", [1, 4])
def test_conflict_asks_the_same_number_of_questions(partner, django_assert_num_queries, count):
    seen = newest_state(partner)
    for n in range(count):
        with pghistory.context(user=MembershipFactory(partner=partner).user_id):
            Partner.objects.filter(pk=partner.pk).update(about=f"Tekst {n}")
    partner.refresh_from_db()
    with django_assert_num_queries(3):  # states, members, people
        assert set(page_changes(partner, seen=seen)) == {"about"}


def test_too_many_changes_in_a_short_time_are_refused(kari, partner, settings):
    settings.PORTAL_RATE_LIMITS = settings.PORTAL_RATE_LIMITS | {"organisation": (1, 3600)}
    assert save(kari, partner, opened(kari, partner), about="En").status_code == 302
    response = save(kari, partner, opened(kari, partner), about="To")
    assert response.status_code == 429
    assert "Nothing is lost" in response.text


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told():
    partner = PartnerFactory(about="Før")
    person = UserFactory()

    def save_it(n: int) -> str:
        text = ("Kari", "Ola")[n]
        form = OrganisationForm(partner=partner)
        facts = {name: form.initial.get(name) for name in services.OrganisationFacts.__dataclass_fields__}
        facts |= {"about": text, "municipality": partner.municipality, "answers": {}}
        try:
            services.change_organisation(
                partner_id=partner.pk, revision=0, facts=services.OrganisationFacts(**facts), by=person
            )
        except services.ChangedMeanwhile:
            return "told"
        return text

    results = at_once(save_it, 2)
    assert "told" in results
    (saved,) = set(results) - {"told"}
    partner.refresh_from_db()
    assert partner.about == saved
    assert partner.revision == 1
