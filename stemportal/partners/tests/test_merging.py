"""Two registrations become one: what moves, what stays, who may do what afterwards, and what happens at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from stemportal.activities.models import Activity, Pledge
from stemportal.outbox.models import Mail
from stemportal.partners.models import (
    DataExport,
    Engagement,
    Invitation,
    Level,
    Membership,
    Note,
    Partner,
    PartnerEvent,
    RegisterProposal,
    Signature,
)
from stemportal.partners.queries.merging import STAYS, belongings, differences, relations, suggested_order
from stemportal.partners.services.merging import CannotMerge, merge_partners, move_late_rows
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.schools.models import Booking, Visit, WishMatch
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
)
from stemportal.testing.together import all_at_once, or_error

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Status, Role = Partner.Status, Membership.Role


@pytest.fixture
def keep() -> Partner:
    return MembershipFactory(partner__display_name="Nordlys Robotikk").partner


@pytest.fixture
def gone() -> Partner:
    return MembershipFactory(
        partner__display_name="Nordlys Robotics", partner__status=Status.APPLIED, user__language="en"
    ).partner


def merge(keep: Partner, gone: Partner, facts: tuple[str, ...] = ()) -> None:
    """Merge, ask the database at once what it would ask at the end of the transaction, and read both anew."""
    merge_partners(keep=keep, gone=gone, facts=facts, by=StaffFactory())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    keep.refresh_from_db()
    gone.refresh_from_db()


def sign(partner: Partner, version: int, name: str) -> Signature:
    return Signature.objects.create(partner=partner, declaration=DeclarationFactory(version=version), signed_name=name)


def test_the_one_that_goes_ends_and_points_to_the_one_that_stays(keep, gone):
    merge(keep, gone)
    assert (gone.status, gone.merged_into) == (Status.ENDED, keep)
    assert gone.ended_at is not None
    assert keep.status == Status.APPROVED
    assert keep.display_name == "Nordlys Robotikk"


def test_everything_that_belongs_to_it_moves(keep, gone):
    activity = ActivityFactory(partner=gone, title="Se armen")
    booking = BookingFactory(session__activity=activity)
    note = Note.objects.create(partner=gone, text="Ringte i mai")
    signature = sign(gone, 1, "Ola Sjef")
    pledge = Pledge.objects.create(partner=gone, school_year=2026, kind=KindFactory(), quantity=4)
    report = PartnerReport.objects.create(
        partner=gone, run=ReportRun.objects.create(year=2025, status="done"), year=2025
    )
    person = gone.memberships.get().user

    merge(keep, gone)

    for row in (activity, note, signature, pledge, report):
        row.refresh_from_db()
        assert row.partner == keep, row
    assert Booking.objects.get(activity__partner=keep) == booking
    assert keep.memberships.get(user=person).role == Role.OWNER
    assert not gone.memberships.exists()


def test_an_earlier_merge_follows(keep, gone):
    first = PartnerFactory(status=Status.ENDED, merged_into=gone)
    merge(keep, gone)
    first.refresh_from_db()
    assert first.merged_into == keep


def test_what_both_have_once_stays_with_each(keep, gone):
    kept, left = sign(keep, 1, "Ola Sjef"), sign(gone, 1, "Kari Sjef")
    newer = sign(gone, 2, "Kari Sjef")
    level = Level.objects.create(school_year=2026, code="a", name_nb="A", name_nn="A", name_en="A")
    for partner in (keep, gone):
        Engagement.objects.create(partner=partner, school_year=2026, level=level)
        Pledge.objects.create(partner=partner, school_year=2026, kind=KindFactory(), quantity=4)

    merge(keep, gone)

    assert set(keep.signatures.all()) == {kept, newer}
    assert list(gone.signatures.all()) == [left]
    assert (keep.engagements.count(), gone.engagements.count()) == (1, 1)
    assert Pledge.objects.get(partner=keep).quantity == 4
    assert Pledge.objects.filter(partner=gone).count() == 1


@pytest.mark.parametrize(
    ("here", "there", "after"),
    [
        (Role.READER, Role.OWNER, Role.OWNER),
        (Role.EDITOR, Role.READER, Role.EDITOR),
        (Role.OWNER, Role.EDITOR, Role.OWNER),
    ],
)
def test_of_two_memberships_the_stronger_role_counts(keep, gone, here, there, after):
    person = UserFactory()
    MembershipFactory(partner=keep, user=person, role=here)
    MembershipFactory(partner=gone, user=person, role=there)
    merge(keep, gone)
    assert keep.memberships.get(user=person).role == after
    assert person.memberships.count() == 1


def test_of_two_open_invitations_the_one_that_stays_is_good(keep, gone):
    kept = Invitation.objects.create(partner=keep, email="siri@nordlys.example.no", token_hash="a")
    twice = Invitation.objects.create(partner=gone, email="Siri@nordlys.example.no", token_hash="b")
    other = Invitation.objects.create(partner=gone, email="tor@nordlys.example.no", token_hash="c")
    merge(keep, gone)
    assert set(keep.invitations.open()) == {kept, other}
    twice.refresh_from_db()
    assert twice.revoked_at is not None


def test_chosen_facts_are_taken_over_and_no_others(keep, gone):
    alta = MunicipalityFactory()
    Partner.objects.filter(pk=gone.pk).update(about="Vi bygger armer.", website="https://ny.example.no", logo="l.png")
    Partner.objects.filter(pk=keep.pk).update(website="https://gammel.example.no", municipality=None)
    merge(keep, gone, ("about", "address", "logo"))
    assert keep.about == "Vi bygger armer."
    assert keep.municipality == alta
    assert keep.website == "https://gammel.example.no"
    assert keep.logo.name == "l.png"
    assert not gone.logo, "one file has one owner"


def test_numbers_change_places_so_that_both_stay_taken(keep, gone):
    kept, other = keep.organisation_number, gone.organisation_number
    merge(keep, gone, ("number",))
    assert (keep.organisation_number, gone.organisation_number) == (other, kept)
    assert keep.legal_name == "NORDLYS ROBOTICS AS"
    numbers = [change.organisation_number for change in gone.changes.order_by("pgh_id")]
    assert set(numbers) == {kept, other}, "the step between is no change to remember"
    note = gone.events.get().note
    assert kept in note, "the history names the number that the other had"


def test_history_has_a_row_for_each(keep, gone):
    merge(keep, gone)
    event = gone.events.get()
    assert (event.from_status, event.to_status) == (Status.APPLIED, Status.ENDED)
    assert "Nordlys Robotikk" in event.note
    assert "Nordlys Robotics" in keep.events.get().note
    assert event.by.is_staff


def test_contact_of_the_one_that_went_is_told_in_their_language(keep, gone):
    merge(keep, gone)
    (mail,) = Mail.objects.all()
    assert (mail.to_email, mail.language) == (gone.contact_email, "en")
    assert "Nordlys Robotics and Nordlys Robotikk are now one partner" in mail.subject


def test_nobody_is_told_where_no_address_is_left(keep):
    gone = PartnerFactory(status=Status.ENDED, ended_at=timezone.now(), contact_email="")
    merge(keep, gone)
    assert not Mail.objects.exists()


def test_a_member_who_edits_the_page_meanwhile_is_told(keep, gone):
    before = keep.revision
    merge(keep, gone, ("about",))
    assert keep.revision == before + 1


def test_search_is_told_of_offers_that_have_another_name_beside_them(keep, gone, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("stemportal.activities.search_index.refresh_search", asked.extend)
    activity = ActivityFactory(partner=gone)
    merge(keep, gone)
    assert asked == [activity.pk]


def test_what_the_register_said_about_the_other_number_is_not_asked_any_more(keep, gone):
    proposal = RegisterProposal.objects.create(partner=gone, field="employees", ours="3", theirs="5")
    merge(keep, gone)
    proposal.refresh_from_db()
    assert (proposal.partner, proposal.status) == (gone, RegisterProposal.Status.OUTDATED)


def test_a_copy_of_the_data_stays_with_the_registration_it_is_of(keep, gone):
    DataExport.objects.create(partner=gone, status="ready")
    merge(keep, gone)
    assert not keep.data_exports.exists()


# What is refused


def test_merging_with_itself_is_refused(keep):
    with pytest.raises(CannotMerge, match="itself"):
        merge_partners(keep=keep, gone=keep, by=StaffFactory())


def test_merging_twice_is_refused(keep, gone):
    merge(keep, gone)
    for one, two in ((keep, gone), (gone, keep)):
        with pytest.raises(CannotMerge, match="already merged"):
            merge_partners(keep=one, gone=two, by=StaffFactory())
    assert PartnerEvent.objects.count() == 2


def test_the_one_further_in_stays(keep, gone):
    with pytest.raises(CannotMerge, match="further in the programme"):
        merge_partners(keep=gone, gone=keep, by=StaffFactory())
    keep.refresh_from_db()
    assert keep.status == Status.APPROVED


@pytest.mark.parametrize("status", [Status.DECLINED, Status.UNCONFIRMED])
def test_people_of_a_declined_application_do_not_come_in_by_the_back_door(keep, status):
    gone = MembershipFactory(partner__status=status).partner
    with pytest.raises(CannotMerge, match="declined or never confirmed"):
        merge_partners(keep=keep, gone=gone, by=StaffFactory())
    assert keep.memberships.count() == 1


@pytest.mark.parametrize("status", [Status.ENDED, Status.DECLINED])
def test_what_is_not_in_the_programme_takes_nothing_over(gone, status):
    keep = PartnerFactory(status=status)
    with pytest.raises(CannotMerge, match="must be approved"):
        merge_partners(keep=keep, gone=gone, by=StaffFactory())


def test_a_failure_on_the_way_leaves_both_as_they_were(keep, gone, monkeypatch):
    ActivityFactory(partner=gone)
    monkeypatch.setattr("stemportal.partners.extensions.name_changed", [lambda _partner: 1 / 0])
    with pytest.raises(ZeroDivisionError):
        merge_partners(keep=keep, gone=gone, by=StaffFactory())
    gone.refresh_from_db()
    assert gone.status == Status.APPLIED
    assert gone.memberships.count() == 1
    assert not Mail.objects.exists()


# What is shown before


def test_suggestion_keeps_the_one_further_in_and_of_two_alike_the_older():
    now = timezone.now()
    old = PartnerFactory(status=Status.APPLIED, applied_at=now - timedelta(days=9))
    new = PartnerFactory(status=Status.APPLIED, applied_at=now)
    approved = PartnerFactory(applied_at=now)
    assert suggested_order(new, old) == (old, new)
    assert suggested_order(old, approved) == (approved, old)


def test_differences_suggest_the_other_only_where_the_kept_one_says_nothing(keep, gone):
    Partner.objects.filter(pk=gone.pk).update(website="https://ny.example.no", contact_email="x@example.no")
    found = {row.name: row for row in differences(keep, Partner.objects.get(pk=gone.pk))}
    assert found["website"].suggests_other
    assert not found["contact"].suggests_other
    assert "address" not in found, "both lie in Alta"


def test_counts_told_before_are_what_happens(keep, gone):
    sign(keep, 1, "Ola Sjef")
    sign(gone, 1, "Kari Sjef")
    sign(gone, 2, "Kari Sjef")
    ActivityFactory(partner=gone)
    told = {row.label: (row.moves, row.stays) for row in belongings(keep, gone)}
    assert told == {"Activities": (1, 0), "Memberships": (1, 0), "Signatures": (1, 1)}
    merge(keep, gone)
    assert (keep.signatures.count(), gone.signatures.count()) == (2, 1)


def test_every_table_with_a_partner_either_moves_or_is_said_to_stay():
    """A new table comes along by itself, unless its rows hang on a partner in a way that merging does not know."""
    many = [relation.related_model for relation in Partner._meta.related_objects if relation.many_to_many]
    assert not many, "services.merging moves foreign keys only"
    moved = {model for model, _name in relations()}
    assert {Activity, Membership, Note, Pledge, PartnerReport, Signature, WishMatch} <= moved
    assert Visit not in moved
    assert not moved & set(STAYS)


# At once


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_at_once_merge_once():
    keep, gone = (MembershipFactory().partner for _ in range(2))
    staff = StaffFactory()
    found = all_at_once(
        [
            or_error(lambda: merge_partners(keep=keep, gone=gone, by=staff)),
            or_error(lambda: merge_partners(keep=gone, gone=keep, by=staff)),
        ]
    )
    assert sorted(type(answer).__name__ for answer in found) == ["CannotMerge", "NoneType"]
    assert Partner.objects.filter(status=Status.ENDED).count() == 1
    assert PartnerEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_offer_written_meanwhile_follows_soon_after():
    """No lock meets a row that is not committed, so it is left behind; the sweep brings it."""
    keep, gone = (MembershipFactory().partner for _ in range(2))
    kind, staff = KindFactory(), StaffFactory()
    written, merged = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            ActivityFactory(partner=gone, kind=kind, municipality=None)
            written.set()
            assert merged.wait(timeout=20)

    def join() -> None:
        assert written.wait(timeout=20)
        merge_partners(keep=keep, gone=gone, by=staff)
        merged.set()

    assert all_at_once([write, join]) == [None, None]
    assert Activity.objects.get().partner == gone
    assert move_late_rows() == 1
    assert Activity.objects.get().partner == keep


def test_sweep_leaves_what_stays_where_it_is(keep, gone):
    sign(keep, 1, "Ola Sjef")
    left = sign(gone, 1, "Kari Sjef")
    merge(keep, gone)
    move_late_rows()
    assert list(gone.signatures.all()) == [left]
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert move_late_rows() == 0
