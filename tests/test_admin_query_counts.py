"""Every list of the admin asks the database the same number of questions for one row as for three.

A new model: add its number to ``ADMIN``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import (
    Activity,
    ActivityTemplate,
    CurriculumPlan,
    Goal,
    Kind,
    OwnWord,
    Pledge,
    RoleModel,
    Subject,
    UnmetSearch,
)
from stemportal.network.models import (
    Ecosystem,
    GroupDocument,
    GroupMember,
    Hearing,
    Input,
    Meeting,
    Post,
    Recommendation,
    Rsvp,
    Story,
    WorkingGroup,
)
from stemportal.newsletters.models import Bounce, ConsentText, Delivery, Interest, Newsletter, Subscriber
from stemportal.outbox.models import Mail
from stemportal.partners.models import (
    BrandMaterial,
    DataExport,
    Declaration,
    DeclineReason,
    Engagement,
    Level,
    Note,
    Partner,
    PartnerImport,
    RegisterProposal,
    RegisterRun,
)
from stemportal.places.models import County, Municipality, PostalCode, SchoolHoliday
from stemportal.reports.models import Export, Nudge, PartnerReport, ProgrammeReport, RadarDay, ReportRun, Target
from stemportal.schools.models import (
    Booking,
    BookingRules,
    Feedback,
    GrantPot,
    LedgerEntry,
    OwnerDomain,
    RegionalCoordinator,
    School,
    SchoolChange,
    SchoolRegisterRun,
    Teacher,
    TransportGrant,
    TransportRate,
    Visit,
    Wish,
)
from stemportal.testing.factories import (
    DeclarationFactory,
    GrantPotFactory,
    KindFactory,
    LevelFactory,
    PartnerFactory,
    PledgeFactory,
    PostalCodeFactory,
    SchoolFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    TransportGrantFactory,
    TransportRateFactory,
    UserFactory,
    WishFactory,
)
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    EcosystemFactory,
    GroupMemberFactory,
    HearingFactory,
    InputFactory,
    InputSupportFactory,
    PostFactory,
    RecommendationFactory,
    RsvpFactory,
    StoryFactory,
)
from tests.scene import YEAR, Scene, brand_material, role_model, template

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner", "english")]


def _delivered_mail(scene: Scene) -> None:
    Mail.objects.create(template="test", to_email=f"k{next(scene.number)}@example.org", subject="Hei", text="", html="")


def _newsletter(scene: Scene) -> None:
    Newsletter.objects.create(subject_nb=f"Nytt {next(scene.number)}", sent_by=UserFactory())


def _delivery(scene: Scene) -> None:
    """Of an issue of its own, to a reader of its own."""
    _newsletter(scene)
    _subscriber(scene)
    reader, issue = Subscriber.objects.latest("pk"), Newsletter.objects.latest("pk")
    Delivery.objects.create(newsletter=issue, subscriber=reader, status=Delivery.Status.UNKNOWN)


def _subscriber(scene: Scene) -> None:
    Subscriber.objects.create(email=f"k{next(scene.number)}@example.org", consent_text="Ja", consent_source="/")


def _bounce(scene: Scene) -> None:
    number = next(scene.number)
    issue = Newsletter.objects.create(subject_nb=f"Nytt {number}")
    Bounce.objects.create(kind="hard", source="mailbox", newsletter=issue, fingerprint=f"{number}")


def _interest(scene: Scene) -> None:
    number = next(scene.number)
    Interest.objects.create(slug=f"tema-{number}", name_nb=f"Tema {number}")


def _words(scene: Scene) -> None:
    texts = dict.fromkeys(("text_nb", "text_nn", "text_en"), "Ja.")
    ConsentText.objects.create(version=next(scene.number), created_by=UserFactory(), **texts)


def _picked(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    Engagement.objects.create(partner=partner, school_year=YEAR, level=LevelFactory(), chosen_by=UserFactory())


def _plan(scene: Scene) -> CurriculumPlan:
    number = next(scene.number)
    successor = CurriculumPlan.objects.create(code=f"NAT02-{number}", title=f"Naturfag {number}, ny")
    return CurriculumPlan.objects.create(code=f"NAT01-{number}", title=f"Naturfag {number}", successor=successor)


def _goal(scene: Scene) -> None:
    Goal.objects.create(plan=_plan(scene), code=f"KM{next(scene.number)}", text_nb="utforske")


def _domain(scene: Scene) -> None:
    number, place = next(scene.number), scene.place()
    OwnerDomain.objects.create(domain=f"d{number}.example.no", municipality=place)
    OwnerDomain.objects.create(domain=f"e{number}.example.no", county=place.county)
    OwnerDomain.objects.create(domain=f"f{number}.example.no", school=SchoolFactory(municipality=place))


def _coordinator(scene: Scene) -> None:
    RegionalCoordinator.objects.create(county=scene.place().county, person=StaffFactory())


def _note(scene: Scene) -> None:
    Note.objects.create(partner=PartnerFactory(municipality=scene.place()), text="Ring", by=UserFactory())


def _school_holiday(scene: Scene) -> None:
    days = {"first_day": timezone.localdate(), "last_day": timezone.localdate()}
    SchoolHoliday.objects.create(county=scene.place().county, school_year=YEAR, code="winter", name_nb="V", **days)


def _reason(scene: Scene) -> None:
    DeclineReason.objects.create(code=f"r{next(scene.number)}", title_nb="Salg", text_nb="Ikke salg.")


def _comparison(scene: Scene) -> RegisterRun:
    return RegisterRun.objects.create(status=RegisterRun.Status.DONE, started_by=UserFactory())


def _proposal(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    old, new = scene.place(), scene.place()
    RegisterProposal.objects.create(partner=partner, field="municipality", ours=old.number, theirs=new.number)


def _import(scene: Scene) -> None:
    PartnerImport.objects.create(file_name="partnere.csv", uploaded_by=UserFactory(), applied_by=UserFactory())


def _school_change(scene: Scene) -> None:
    run = SchoolRegisterRun.objects.create(status="done")
    SchoolChange.objects.create(run=run, school=SchoolFactory(municipality=scene.place()), kind="added")


def _pot(scene: Scene) -> GrantPot:
    place = scene.place()
    return GrantPotFactory(partner=PartnerFactory(municipality=place), county=place.county)


def _grant(scene: Scene) -> TransportGrant:
    return TransportGrantFactory(booking=scene.booking("confirmed"), pot=_pot(scene))


def _ledger_entry(scene: Scene) -> None:
    grant = _grant(scene)
    LedgerEntry.objects.create(pot=grant.pot, grant=grant, kind="reserve", ore=100, by=UserFactory())


def _feedback(scene: Scene) -> None:
    Feedback.objects.create(booking=scene.booking("completed"), side="school", rating=4, text="Fint")


def _own_word(scene: Scene) -> None:
    facts = {"kind": KindFactory(code=f"kind-{next(scene.number)}"), "held_on": timezone.localdate(), "pupils": 20}
    OwnWord.objects.create(partner=PartnerFactory(municipality=scene.place()), title="Stand", hours=2, **facts)


def _working_group(scene: Scene) -> None:
    """With a lead, a thread and a document."""
    lead = GroupMemberFactory(partner=PartnerFactory(municipality=scene.place()), leads=True)
    PostFactory(group=lead.group, by=lead.user)
    DocumentVersionFactory(group=lead.group, by=lead.user)


def _ecosystem(scene: Scene) -> None:
    EcosystemFactory(counties=[scene.place().county, scene.place().county], coordinator=UserFactory())


def _told(scene: Scene) -> None:
    """By a teacher about a visit, in a region."""
    booking = scene.booking("completed")
    region = EcosystemFactory(counties=[scene.place().county])
    StoryFactory(partner=scene.partner, school=booking.school, booking=booking, ecosystem=region)


def _supported_input(scene: Scene) -> None:
    """To a hearing, in a recommendation, with somebody behind it."""
    sent = InputFactory(
        partner=PartnerFactory(municipality=scene.place()),
        hearing=HearingFactory(),
        recommendation=RecommendationFactory(),
    )
    InputSupportFactory(input=sent)


@dataclass(frozen=True)
class Changelist:
    """A list of the admin: how many questions, and how one more row comes about."""

    queries: int
    row: Callable[[Scene], Any]
    query: str = ""


ADMIN: dict[Any, Changelist] = {
    RoleModel: Changelist(6, role_model),
    Mail: Changelist(5, _delivered_mail),
    Group: Changelist(5, lambda s: Group.objects.create(name=f"Gruppe {next(s.number)}")),
    User: Changelist(5, lambda s: UserFactory()),
    County: Changelist(5, Scene.place),
    Municipality: Changelist(6, Scene.place),
    SchoolHoliday: Changelist(7, _school_holiday),
    PostalCode: Changelist(5, lambda s: PostalCodeFactory(code=f"{next(s.number):04d}", municipality=s.place())),
    Partner: Changelist(7, lambda s: PartnerFactory(municipality=s.place()), "?status__exact=all"),
    DataExport: Changelist(5, Scene.data_copy),
    Note: Changelist(5, _note),
    RegisterRun: Changelist(5, _comparison),
    RegisterProposal: Changelist(4, _proposal),
    PartnerImport: Changelist(5, _import),
    DeclineReason: Changelist(5, _reason),
    BrandMaterial: Changelist(5, brand_material),
    Declaration: Changelist(5, lambda s: DeclarationFactory(version=10 + next(s.number))),
    Level: Changelist(6, _picked),
    Engagement: Changelist(7, _picked),
    Pledge: Changelist(7, lambda s: PledgeFactory(partner__municipality=s.place(), pledged_by=UserFactory())),
    OwnWord: Changelist(8, _own_word),
    ActivityTemplate: Changelist(6, template),
    Kind: Changelist(5, lambda s: KindFactory(code=f"kind-{next(s.number)}")),
    Subject: Changelist(5, lambda s: SubjectFactory(code=f"S{next(s.number)}")),
    UnmetSearch: Changelist(6, lambda s: UnmetSearch.objects.create(words="Robot, Alta", user=UserFactory())),
    CurriculumPlan: Changelist(7, _plan),
    Goal: Changelist(7, _goal),
    Activity: Changelist(8, Scene.offer),
    School: Changelist(7, lambda s: SchoolFactory(municipality=s.place())),
    OwnerDomain: Changelist(5, _domain),
    SchoolRegisterRun: Changelist(5, lambda s: SchoolRegisterRun.objects.create(status="done")),
    SchoolChange: Changelist(6, _school_change),
    Teacher: Changelist(6, lambda s: TeacherFactory(school__municipality=s.place())),
    Booking: Changelist(8, Scene.booking),
    Feedback: Changelist(5, _feedback),
    Wish: Changelist(7, lambda s: WishFactory(school__municipality=s.place())),
    RegionalCoordinator: Changelist(5, _coordinator),
    TransportRate: Changelist(5, lambda s: TransportRateFactory()),
    GrantPot: Changelist(7, _pot),
    TransportGrant: Changelist(6, _grant),
    LedgerEntry: Changelist(6, _ledger_entry),
    Ecosystem: Changelist(6, _ecosystem),
    Story: Changelist(5, _told),
    Meeting: Changelist(8, lambda s: RsvpFactory()),
    Rsvp: Changelist(4, lambda s: RsvpFactory(partner=PartnerFactory(municipality=s.place()))),
    Input: Changelist(6, _supported_input),
    WorkingGroup: Changelist(4, _working_group),
    GroupMember: Changelist(5, _working_group),
    Post: Changelist(7, _working_group),
    GroupDocument: Changelist(5, _working_group),
    Hearing: Changelist(5, lambda s: HearingFactory()),
    Recommendation: Changelist(5, lambda s: RecommendationFactory()),
    Delivery: Changelist(4, _delivery),
    Newsletter: Changelist(4, _newsletter),
    Subscriber: Changelist(6, _subscriber),
    Interest: Changelist(5, _interest),
    ConsentText: Changelist(5, _words),
    Bounce: Changelist(4, _bounce),
    Export: Changelist(5, lambda s: Export.objects.create(asked_by=UserFactory())),
    ReportRun: Changelist(6, Scene.report),
    PartnerReport: Changelist(5, Scene.report),
    ProgrammeReport: Changelist(5, lambda s: ProgrammeReport.objects.create(year=2000 + next(s.number))),
    Nudge: Changelist(5, lambda s: Nudge.objects.create(kind="wake_partner", partner=PartnerFactory())),
    Target: Changelist(
        5, lambda s: Target.objects.create(title_nb="Elever", measure="pupils", goal=9, due_year=2000 + next(s.number))
    ),
}


# There is one row, and the list leads to it.
ONE_ROW = {BookingRules}
# Its list is a page of its own (reports/tests/test_radar.py and test_figure_rows.py count there).
OWN_PAGE = {RadarDay, Visit}


def own_models() -> list[Any]:
    """Models of the portal that the admin lists, and groups."""
    return [model for model in admin.site._registry if model.__module__.startswith("stemportal.") or model is Group]


def test_every_list_of_the_admin_has_a_number():
    missing = [model._meta.label for model in own_models() if model not in {*ADMIN, *ONE_ROW, *OWN_PAGE}]
    assert not missing, f"Add to ADMIN in tests/test_query_counts.py: {missing}"


@pytest.mark.parametrize("model", ADMIN, ids=lambda model: model._meta.label)
def test_admin_asks_as_much_for_three_rows_as_for_one(model, django_assert_num_queries):
    scene, client, listed = Scene(), Client(), ADMIN[model]
    client.force_login(StaffFactory())
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + listed.query
    shown = []

    for rows in (1, 2):
        for _ in range(rows):
            listed.row(scene)
        client.get(address)  # what a process looks up once
        with django_assert_num_queries(listed.queries):
            response = client.get(address)
        assert response.status_code == 200
        shown.append(len(response.context["cl"].result_list))

    assert shown[1] >= shown[0] + 2, "the rows are not in the list"
