"""The declaration in a partner's room: what is new, who signs, and what was signed before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.partners.extensions import tasks_of
from stemportal.partners.models import Declaration, Membership, Partner, Signature
from stemportal.partners.queries.declarations import declaration_tasks
from stemportal.partners.services import declarations as services
from stemportal.partners.services.registration import current_declaration
from stemportal.testing.factories import DeclarationFactory, MembershipFactory, PartnerFactory, StaffFactory
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Partner.Status


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(partner=PartnerFactory(display_name="Nordlys"), user__full_name="Eva Eier")


@pytest.fixture
def signed(owner) -> Signature:
    """Version 1, signed last year."""
    return sign(owner, DeclarationFactory(), days=400)


def sign(membership, declaration, *, days: int = 0, name="Ola Sjef") -> Signature:
    return Signature.objects.create(
        partner=membership.partner,
        declaration=declaration,
        signed_by=membership.user,
        signed_name=name,
        signed_at=timezone.now() - timedelta(days=days),
    )


def version(number: int, **facts) -> Declaration:
    return DeclarationFactory(
        version=number,
        **{
            "text_en": "We answer within three working days.",
            "changes_en": "The answer comes sooner.",
            "changes_nb": "Svaret kommer fortere.",
            **facts,
        },
    )


def url(membership) -> str:
    return f"/en/partner/{membership.partner_id}/declaration/"


def form(declaration, **changes) -> dict[str, str]:
    return {"read": declaration.fingerprint, "signed_name": "Eva Eier", "signed": "on", **changes}


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# --- What is shown


def test_page_shows_the_signature_in_force(client, owner, signed):
    client.force_login(owner.user)
    page = client.get(url(owner)).text
    assert "Nordlys has signed the declaration" in page
    assert "signed by Ola Sjef on" in page
    assert "We answer within five working days." in page
    assert "Sign version" not in page


def test_page_tells_what_is_new_and_compares_with_the_version_signed_last(client, owner, signed):
    version(2, text_en="We answer within four working days.")
    version(3)
    client.force_login(owner.user)

    page = client.get(url(owner)).text

    assert "You have signed version 1. Version 3 is valid from" in page
    assert "The answer comes sooner." in page
    assert "five</" not in page.replace(" ", "")[: page.find("<details")]
    assert '<del><span class="ds-sr-only">[removed: </span>five<span class="ds-sr-only">]</span></del>' in page
    assert '<ins><span class="ds-sr-only">[added: </span>three<span class="ds-sr-only">]</span></ins>' in page
    assert "four" not in page, "versions in between were never signed"
    assert "Sign version 3" in page


def test_page_is_in_the_readers_language(client, owner, signed):
    version(2)
    client.force_login(owner.user)
    page = client.get(url(owner).replace("/en/", "/")).text
    assert "Svaret kommer fortere." in page
    assert "Vi svarer innen fem virkedager." in page


def test_page_before_there_is_a_declaration_says_so(client, owner):
    client.force_login(owner.user)
    assert "is being written" in client.get(url(owner)).text


def test_text_that_is_not_valid_yet_is_not_shown(client, owner, signed):
    version(2, valid_from=timezone.localdate() + timedelta(days=1))
    client.force_login(owner.user)
    page = client.get(url(owner)).text
    assert "Nordlys has signed the declaration" in page
    assert "three working days" not in page


def test_partner_that_never_signed_is_asked_without_a_comparison(client, owner):
    DeclarationFactory()
    client.force_login(owner.user)
    page = client.get(url(owner)).text
    assert "The declaration waits for your signature" in page
    assert "<ins>" not in page


@pytest.mark.parametrize("role", [Role.EDITOR, Role.READER])
def test_other_members_read_and_see_who_signs(client, owner, signed, role):
    newer = version(2)
    member = MembershipFactory(partner=owner.partner, role=role)
    client.force_login(member.user)

    page = client.get(url(owner)).text

    assert "An owner signs:" in page
    assert "Eva Eier" in page
    assert "Sign version 2" not in page
    assert client.post(url(owner), form(newer)).status_code == 403
    assert Signature.objects.count() == 1


def test_strangers_and_staff_find_nothing(client, owner, signed):
    for person in (MembershipFactory().user, StaffFactory()):
        client.force_login(person)
        assert client.get(url(owner)).status_code == 404
        assert client.post(url(owner), form(signed.declaration)).status_code == 404


@pytest.mark.parametrize("status", [Status.ENDED, Status.DECLINED])
def test_closed_partnership_signs_nothing_more(client, owner, signed, status):
    newer = version(2)
    Partner.objects.filter(pk=owner.partner_id).update(status=status)
    client.force_login(owner.user)
    assert "Sign version 2" not in client.get(url(owner)).text
    assert client.post(url(owner), form(newer)).status_code == 403


def test_earlier_signatures_stay_with_their_files(client, owner, signed):
    second = sign(owner, version(2), name="Eva Eier")
    client.force_login(owner.user)
    page = client.get(url(owner)).text
    for signature in (signed, second):
        assert f"/en/partner/signatures/{signature.pk}/pdf/" in page
        assert f'"/partner/signatures/{signature.pk}/pdf/' in page
        assert f"/nn/partner/signatures/{signature.pk}/pdf/" in page
    assert page.index("Declaration, version 2") < page.rindex("Declaration, version 1")


# --- Signing


def test_owner_signs_the_new_version(client, owner, signed):
    newer = version(2)
    client.force_login(owner.user)

    page = client.post(url(owner), form(newer, signed_name="  Eva   Eier "), follow=True)

    signature = Signature.objects.get(declaration=newer)
    assert (signature.partner, signature.signed_by, signature.signed_name) == (owner.partner, owner.user, "Eva Eier")
    assert said(page) == "Thank you! Nordlys has signed version 2."
    assert Signature.objects.filter(pk=signed.pk).exists()


def test_signing_twice_keeps_the_first_signature(client, owner):
    current = DeclarationFactory()
    client.force_login(owner.user)
    client.post(url(owner), form(current))
    page = client.post(url(owner), form(current, signed_name="Noen Annen"), follow=True)
    assert Signature.objects.get().signed_name == "Eva Eier"
    assert "had signed version 1 already" in said(page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed": ""},
        {"signed_name": ""},
        {"signed_name": "   "},
        {"signed_name": "12345"},
        {"signed_name": "01017012345"},
        {"signed_name": "x" * 121},
    ],
)
def test_signature_needs_a_name_and_a_tick(client, owner, wrong):
    current = DeclarationFactory()
    client.force_login(owner.user)
    page = client.post(url(owner), form(current, **wrong))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Signature.objects.exists()


@pytest.mark.parametrize("read", ["", "x", "older"])
def test_text_that_changed_meanwhile_is_not_signed(client, owner, signed, read):
    older = signed.declaration.fingerprint
    newer = version(2)
    client.force_login(owner.user)

    page = client.post(url(owner), form(newer, read=older if read == "older" else read))

    assert page.status_code == 409
    assert "nothing was signed" in page.text
    assert newer.fingerprint in page.text, "the form is now about the text that is shown"
    assert not page.context["form"]["signed"].value()
    assert page.context["form"]["signed_name"].value() == "Eva Eier"
    assert Signature.objects.count() == 1


def test_words_that_staff_mended_after_the_page_was_opened_are_not_signed(client, owner):
    current = DeclarationFactory()
    read = form(current)
    Declaration.objects.update(text_nb="Vi betaler alt.")
    client.force_login(owner.user)
    assert client.post(url(owner), read).status_code == 409
    assert not Signature.objects.exists()


def test_signing_without_a_declaration_signs_nothing(client, owner):
    client.force_login(owner.user)
    page = client.post(url(owner), {"read": "", "signed_name": "Eva", "signed": "on"})
    assert page.status_code == 409
    assert "is being written" in page.text


def test_somebody_who_is_no_owner_any_more_does_not_sign(owner):
    current = DeclarationFactory()
    MembershipFactory(partner=owner.partner)
    Membership.objects.filter(pk=owner.pk).update(role=Role.EDITOR)
    with pytest.raises(services.NotAnOwner):
        services.sign_declaration(
            partner=owner.partner, fingerprint=current.fingerprint, signed_name="Eva", by=owner.user
        )


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_signature():
    owner, current = MembershipFactory(), DeclarationFactory()

    def press(_n: int) -> bool:
        return services.sign_declaration(
            partner=owner.partner, fingerprint=current.fingerprint, signed_name="Eva", by=owner.user
        )[1]

    assert sorted(at_once(press, 4)) == [False, False, False, True]
    assert Signature.objects.count() == 1


# --- Today


def task(membership) -> str:
    return ", ".join(task.title for task in declaration_tasks(membership))


def test_today_asks_an_owner_to_sign_until_it_is_done(owner, signed):
    assert task(owner) == ""
    newer = version(2)
    assert task(owner) == "Sign the new declaration"
    assert "Sign the new declaration" in [found.title for found in tasks_of(owner)]
    assert task(MembershipFactory(partner=owner.partner, role=Role.EDITOR)) == ""
    sign(owner, newer)
    assert task(owner) == ""


def test_today_of_a_partner_that_never_signed_asks_as_well(owner):
    assert task(owner) == ""
    DeclarationFactory()
    assert task(owner) == "Sign the declaration"
    owner.partner.status = Status.ENDED
    assert task(owner) == ""


def test_newest_valid_version_is_in_force_whatever_the_day_it_began():
    today = timezone.localdate()
    DeclarationFactory(version=1, valid_from=today)
    DeclarationFactory(version=2, valid_from=today - timedelta(days=10))
    DeclarationFactory(version=3, valid_from=today + timedelta(days=1))
    assert current_declaration().version == 2


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_number_of_questions(client, owner, signed, django_assert_num_queries, count):
    for number in range(count):
        sign(owner, version(2 + number))
    client.force_login(owner.user)
    client.get(url(owner))
    with django_assert_num_queries(7):
        client.get(url(owner))


# --- Everybody


def test_signatories_show_version_and_day_but_no_name(client, owner, signed):
    sign(owner, version(2), name="Hemmelig Navn")
    page = client.get("/en/partners/signatories/").text
    assert "1 partner has signed." in page
    row = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "Version 2" in row
    assert "Hemmelig Navn" not in page
    assert "Ola Sjef" not in page
