"""Applying, confirming and deciding: what the organisation, its contact and the secretariat notice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings as project_settings
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.brreg import Answer, Unit
from stemportal.lib.organisation_numbers import synthetic
from stemportal.outbox.models import Mail
from stemportal.partners.models import Declaration, Membership, Partner, PartnerEvent
from stemportal.partners.services import decisions, registration
from stemportal.partners.services.registration import Application, NumberTaken, register_partner
from stemportal.partners.tests.helpers import NUMBER, mails_to
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory
from stemportal.testing.together import all_at_once, at_once, or_error

pytestmark = pytest.mark.django_db
SECRETARIAT = project_settings.SECRETARIAT_EMAIL


def application(**changes) -> Application:
    facts = {
        "organisation_number": NUMBER,
        "legal_name": "SOLVIND MÅLETEKNIKK AS",
        "display_name": "Solvind Måleteknikk",
        "kind": "company",
        "contact_name": "Ingrid Prøve",
        "contact_email": "ingrid@solvind.example.no",
        "signed_name": "Ola Sjef",
    }
    return Application(**{**facts, **changes})


def apply(*, has_proof: bool = True, language: str = "nb", token: str = "", **changes) -> Partner:
    return register_partner(
        application=application(**changes), language=language, has_proof=has_proof, register=None, token=token
    )


def test_application_with_proof_waits_for_the_secretariat(programme):
    partner = apply()
    assert partner.status == Partner.Status.APPLIED
    assert partner.slug == "solvind-maleteknikk"
    owner = partner.memberships.get()
    assert owner.role == Membership.Role.OWNER
    assert owner.user.email == "ingrid@solvind.example.no"
    assert owner.user.full_name == "Ingrid Prøve"
    assert not owner.user.has_usable_password()
    signature = partner.signatures.get()
    assert (signature.declaration, signature.signed_name) == (programme["declaration"], "Ola Sjef")
    assert [(e.from_status, e.to_status) for e in partner.events.all()] == [("", "applied")]
    assert [m.template for m in mails_to("ingrid@solvind.example.no")] == ["partner_application_received"]
    assert [m.template for m in mails_to(SECRETARIAT)] == ["partner_application_new"]


def test_application_mail_names_the_day_of_the_answer(programme):
    partner = apply(language="en")
    mail = mails_to(partner.contact_email)[0]
    day = registration.answer_by(partner.applied_at)
    assert f"{day.day} {day:%B}" in mail.text
    assert mail.about == f"partner:{partner.pk}"


def test_application_without_proof_counts_only_after_confirmation(programme):
    partner = apply(has_proof=False)
    assert partner.status == Partner.Status.UNCONFIRMED
    assert mails_to(SECRETARIAT) == []
    (mail,) = mails_to(partner.contact_email)
    assert partner.confirm_token in mail.text

    assert registration.confirm_application(partner=partner) is True
    partner.refresh_from_db()
    assert partner.status == Partner.Status.APPLIED
    assert len(mails_to(SECRETARIAT)) == 1
    assert registration.confirm_application(partner=partner) is False
    assert len(mails_to(SECRETARIAT)) == 1


def test_confirmation_after_somebody_else_got_the_number_says_so(programme):
    partner = apply(has_proof=False)
    apply(contact_email="kollega@solvind.example.no")
    with pytest.raises(NumberTaken):
        registration.confirm_application(partner=partner)
    partner.refresh_from_db()
    assert partner.status == Partner.Status.UNCONFIRMED
    assert len(mails_to(SECRETARIAT)) == 1


def test_existing_account_is_attached_and_never_changed(programme):
    user = UserFactory(
        email="ingrid@solvind.example.no", full_name="Ingrid Annen", language="nn", password="Hemmelig-99"
    )
    apply(contact_email="Ingrid@Solvind.example.no", language="en")
    user.refresh_from_db()
    assert user.full_name == "Ingrid Annen"
    assert user.language == "nn"
    assert user.check_password("Hemmelig-99")
    assert User.objects.filter(email__iexact="ingrid@solvind.example.no").count() == 1
    assert user.memberships.get().role == Membership.Role.OWNER
    assert Mail.objects.get(template="partner_application_received").language == "nn"


def test_contact_logs_in_with_one_mailed_code(programme, client):
    contact = apply(language="en").contact_email
    asked = client.post("/en/account/login/code/", {"email": contact})
    code = mails_to(contact)[-1].subject.rpartition(" ")[2]
    answer = client.post(asked.url, {"code": code})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(email=contact).pk)
    assert User.objects.get(email=contact).emailaddress_set.get().verified


def test_register_gives_sector_size_and_its_answer_and_nothing_else(programme):
    unit = Unit(
        number=NUMBER,
        answer=Answer.BANKRUPT,
        name="ET ANNET NAVN",
        sector_code="26.510",
        sector_name="Måling",
        employees=38,
    )
    partner = register_partner(application=application(), language="nb", has_proof=True, register=unit)
    assert (partner.sector_code, partner.sector_name, partner.employees) == ("26.510", "Måling", 38)
    assert partner.register_status == "bankrupt"
    assert partner.legal_name == "SOLVIND MÅLETEKNIKK AS"


def test_number_of_a_waiting_application_cannot_be_used_again(programme):
    apply()
    with pytest.raises(NumberTaken):
        apply(contact_email="andre@example.no")
    assert Partner.objects.count() == 1
    assert Membership.objects.count() == 1


def test_declined_organisation_may_apply_again(programme):
    staff = StaffFactory()
    decisions.decline_partner(partner=apply(), by=staff, reason="Ikke nå.")
    assert apply().status == Partner.Status.APPLIED


def test_slugs_are_readable_unique_and_never_another_page(programme):
    names = ["Ærlig Øl & Åker", "ærlig øl åker", "Register", "北京", "2026", "Become", "Đuottar Ŋiras"]
    slugs = []
    for n, name in enumerate(names):
        number = synthetic(200 + n)
        slugs.append(apply(display_name=name, organisation_number=number, contact_email=f"p{n}@example.no").slug)
    assert slugs == [
        "aerlig-ol-aker",
        "aerlig-ol-aker-2",
        "register-2",
        "partner",
        "2026-2",
        "become-2",
        "duottar-niras",
    ]


def test_approval_mails_the_contact_once_in_their_language(programme):
    partner = apply(language="en")
    staff = StaffFactory()
    assert decisions.approve_partner(partner=partner, by=staff) is True
    assert decisions.approve_partner(partner=partner, by=staff) is False
    partner.refresh_from_db()
    assert partner.status == Partner.Status.APPROVED
    assert partner.decided_at is not None
    (mail,) = Mail.objects.filter(template="partner_approved")
    assert mail.to_email == "ingrid@solvind.example.no"
    assert mail.language == "en"
    assert "/en/account/login/" in mail.text
    event = partner.events.last()
    assert (event.from_status, event.to_status, event.by) == ("applied", "approved", staff)


def test_decline_mails_the_reason_and_keeps_it(programme):
    partner = apply(language="en")
    staff = StaffFactory()
    assert decisions.decline_partner(partner=partner, by=staff, reason="Tell us more.\n\nAnd apply again.") is True
    assert decisions.decline_partner(partner=partner, by=staff, reason="Once more") is False
    assert decisions.approve_partner(partner=partner, by=staff) is False
    partner.refresh_from_db()
    assert partner.status == Partner.Status.DECLINED
    assert partner.decline_reason.startswith("Tell us more.")
    (mail,) = Mail.objects.filter(template="partner_declined")
    assert "Tell us more." in mail.text
    assert "And apply again." in mail.text
    assert partner.events.last().note == partner.decline_reason


def test_pause_and_resume_keep_a_history():
    partner, staff = PartnerFactory(), StaffFactory()
    assert decisions.pause_partner(partner=partner, by=staff) is True
    assert decisions.pause_partner(partner=partner, by=staff) is False
    assert not Partner.objects.approved().exists()
    assert decisions.resume_partner(partner=partner, by=staff) is True
    assert [e.to_status for e in partner.events.all()] == ["paused", "approved"]


def test_old_confirmation_link_has_run_out(programme):
    partner = apply(has_proof=False)
    assert not registration.link_is_old(partner)
    partner.applied_at = timezone.now() - timedelta(days=registration.CONFIRM_DAYS, minutes=1)
    assert registration.link_is_old(partner)


def test_newest_valid_declaration_is_signed(programme):
    Declaration.objects.create(version=2, text_nb="To", text_nn="To", text_en="Two")
    tomorrow = timezone.localdate() + timedelta(days=1)
    Declaration.objects.create(version=3, valid_from=tomorrow, text_nb="Tre", text_nn="Tre", text_en="Three")
    assert apply().signatures.get().declaration.version == 2


def test_mail_subject_cannot_be_split_by_a_name(programme):
    partner = apply(display_name="Ole\r\nBcc: alle@example.no")
    assert all("\n" not in mail.subject for mail in mails_to(partner.contact_email))


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_send_one_mail():
    partner = MembershipFactory(partner__status=Partner.Status.APPLIED).partner
    staff = [StaffFactory() for _ in range(4)]
    copies = [Partner.objects.get(pk=partner.pk) for _ in staff]
    answers = all_at_once(
        [
            lambda c=copy, s=person: decisions.approve_partner(partner=c, by=s)
            for copy, person in zip(copies, staff, strict=True)
        ]
    )
    assert sorted(answers) == [False, False, False, True]
    assert Mail.objects.filter(template="partner_approved").count() == 1
    assert PartnerEvent.objects.filter(partner=partner).count() == 1


@pytest.mark.django_db(transaction=True)
def test_approve_and_decline_at_once_come_to_one_answer():
    partner = MembershipFactory(partner__status=Partner.Status.APPLIED).partner
    staff = StaffFactory()
    one, two = (Partner.objects.get(pk=partner.pk) for _ in range(2))
    answers = all_at_once(
        [
            lambda: decisions.approve_partner(partner=one, by=staff),
            lambda: decisions.decline_partner(partner=two, by=staff, reason="Nei"),
        ]
    )
    assert sorted(answers) == [False, True]
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_number_registered_by_five_at_once_makes_one_application(transactional_programme):
    answers = all_at_once([or_error(partial(apply, contact_email=f"p{n}@example.no")) for n in range(5)])
    assert sum(isinstance(answer, Partner) for answer in answers) == 1
    assert sum(isinstance(answer, NumberTaken) for answer in answers) == 4
    assert Partner.objects.count() == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_who_registers_three_organisations_at_once_has_one_account(transactional_programme):
    answers = at_once(lambda n: apply(organisation_number=synthetic(200 + n)), 3)
    assert len({answer.slug for answer in answers}) == 3
    assert User.objects.get().memberships.count() == 3
