"""Objects for tests: each is valid by itself, and a test names only what it is about."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Pledge, RoleModel, RoleModelConsent, Session, Subject
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.school_year import current_school_year, school_year_of
from stemportal.partners.models import Declaration, Level, Membership, Partner
from stemportal.places.models import County, Municipality, PostalCode
from stemportal.schools.models import (
    Attendance,
    Booking,
    GrantPot,
    Message,
    Offer,
    OwnerDomain,
    School,
    SchoolClass,
    Teacher,
    TransportGrant,
    TransportRate,
    Wish,
    WishMatch,
)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Kari Prøve {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):  # noqa: ARG003  # factory-boy calls it so
        password = kwargs.pop("password", None)
        user = model_class.objects.create_user(password=password, **kwargs)
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        return user


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"sekretariat{n}@example.org")
    is_staff = True
    is_superuser = True


class CountyFactory(DjangoModelFactory[County]):
    class Meta:
        model = County
        django_get_or_create = ("number",)

    number = "56"
    name = "Finnmark"


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    class Meta:
        model = Municipality
        django_get_or_create = ("number",)

    number = "5601"
    name = "Alta"
    official_name = "Alta"
    county = factory.SubFactory(CountyFactory)
    latitude = 69.97
    longitude = 23.27


class PostalCodeFactory(DjangoModelFactory[PostalCode]):
    class Meta:
        model = PostalCode
        django_get_or_create = ("code",)

    code = "9510"
    place = "ALTA"
    municipality = factory.SubFactory(MunicipalityFactory)


class DeclarationFactory(DjangoModelFactory[Declaration]):
    class Meta:
        model = Declaration
        django_get_or_create = ("version",)

    version = 1
    text_nb = "Vi svarer innen fem virkedager."
    text_nn = "Vi svarar innan fem vyrkedagar."
    text_en = "We answer within five working days."


class PartnerFactory(DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    organisation_number = factory.Sequence(synthetic)
    legal_name = factory.LazyAttribute(lambda o: f"{o.display_name.upper()} AS")
    display_name = factory.Sequence(lambda n: f"Nordlys {n}")
    slug = factory.Sequence(lambda n: f"nordlys-{n}")
    municipality = factory.SubFactory(MunicipalityFactory)
    contact_name = "Ingrid Prøve"
    contact_email = factory.Sequence(lambda n: f"kontakt{n}@nordlys.example.no")
    status = Partner.Status.APPROVED


class LevelFactory(DjangoModelFactory[Level]):
    class Meta:
        model = Level

    school_year = factory.LazyFunction(current_school_year)
    code = factory.Sequence(lambda n: f"level-{n}")
    order = factory.Sequence(lambda n: n)
    name_nb = factory.Sequence(lambda n: f"Nivå {n}")
    name_nn = factory.Sequence(lambda n: f"Nivå {n}")
    name_en = factory.Sequence(lambda n: f"Level {n}")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    partner = factory.SubFactory(PartnerFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.OWNER


class KindFactory(DjangoModelFactory[Kind]):
    class Meta:
        model = Kind
        django_get_or_create = ("code",)

    code = "company_visit"
    name_nb = "Bedriftsbesøk"
    name_nn = "Bedriftsbesøk"
    name_en = "Company visit"


class PledgeFactory(DjangoModelFactory[Pledge]):
    class Meta:
        model = Pledge

    partner = factory.SubFactory(PartnerFactory)
    kind = factory.SubFactory(KindFactory)
    school_year = factory.LazyFunction(current_school_year)
    quantity = 4


class SubjectFactory(DjangoModelFactory[Subject]):
    class Meta:
        model = Subject
        django_get_or_create = ("code",)

    code = "TEK"
    name_nb = "Teknologi"
    name_nn = "Teknologi"
    name_en = "Technology"


class ActivityFactory(DjangoModelFactory[Activity]):
    class Meta:
        model = Activity

    partner = factory.SubFactory(PartnerFactory)
    kind = factory.SubFactory(KindFactory)
    title = factory.Sequence(lambda n: f"Se robotene på jobb {n}")
    summary = "Elevene møter robotene og dem som bygger dem."
    description = "Elevene programmerer en robotarm."
    languages = ["nb"]
    municipality = factory.SelfAttribute("partner.municipality")
    latitude = factory.LazyAttribute(lambda o: o.municipality.latitude if o.municipality else None)
    longitude = factory.LazyAttribute(lambda o: o.municipality.longitude if o.municipality else None)
    group_max = 30
    status = Activity.Status.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)


class SessionFactory(DjangoModelFactory[Session]):
    class Meta:
        model = Session

    activity = factory.SubFactory(ActivityFactory)
    # In the morning, so that no test depends on the hour at which it runs.
    starts_at = factory.LazyFunction(
        lambda: timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=14)
    )
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + timedelta(hours=2))
    capacity = 2


class RoleModelFactory(DjangoModelFactory[RoleModel]):
    """A draft; ``shown=True`` gives it a consent and publishes it, without its offer (services.role_models.publish)."""

    class Meta:
        model = RoleModel
        skip_postgeneration_save = True

    partner = factory.SubFactory(PartnerFactory)
    full_name = factory.Sequence(lambda n: f"Rolf Modell {n}")
    email = factory.Sequence(lambda n: f"rolf{n}@nordlys.example.no")
    language = "en"
    job_title = "Robotingeniør"
    intro = "Bygger roboter som går på is."
    path = "Jeg strøk i matte først."
    steps = [{"year": "2014", "text": "Fagbrev"}]
    languages = ["nb"]

    @classmethod
    def _create(cls, model_class, *args, **kwargs):  # noqa: ARG003  # factory-boy calls it so
        shown = kwargs.pop("shown", False)
        if shown:
            moment = timezone.now()
            kwargs |= {"status": RoleModel.Status.PUBLISHED, "consented_at": moment, "published_at": moment}
        role_model = model_class.objects.create(**kwargs)
        if shown:
            RoleModelConsent.objects.create(
                role_model=role_model, token_hash=f"{role_model.pk:064}", text="Ja", given_at=role_model.consented_at
            )
        return role_model


class SchoolFactory(DjangoModelFactory[School]):
    class Meta:
        model = School

    number = factory.Sequence(lambda n: synthetic(n + 5000))
    name = factory.Sequence(lambda n: f"Prøve ungdomsskole {n}")
    municipality = factory.SubFactory(MunicipalityFactory)
    grade_from = 8
    grade_to = 10
    latitude = factory.SelfAttribute("municipality.latitude")
    longitude = factory.SelfAttribute("municipality.longitude")


class OwnerDomainFactory(DjangoModelFactory[OwnerDomain]):
    class Meta:
        model = OwnerDomain

    domain = "alta.example.no"
    municipality = factory.SubFactory(MunicipalityFactory)


class TeacherFactory(DjangoModelFactory[Teacher]):
    class Meta:
        model = Teacher

    user = factory.SubFactory(UserFactory)
    school = factory.SubFactory(SchoolFactory)
    status = Teacher.Status.VERIFIED
    verified_how = Teacher.VerifiedHow.STAFF
    verified_at = factory.LazyFunction(timezone.now)


class SchoolClassFactory(DjangoModelFactory[SchoolClass]):
    class Meta:
        model = SchoolClass

    school = factory.SubFactory(SchoolFactory)
    name = "9A"
    grade = 9
    pupils = 28
    school_year = factory.LazyFunction(current_school_year)


class BookingFactory(DjangoModelFactory[Booking]):
    """A booking as it stands in the database; places in the session are the services' business, not this one's."""

    class Meta:
        model = Booking

    session = factory.SubFactory(SessionFactory)
    activity = factory.SelfAttribute("session.activity")
    school = factory.SubFactory(SchoolFactory)
    teacher = factory.SubFactory(UserFactory)
    group_name = factory.Sequence(lambda n: f"9{n}")
    grade = 9
    pupils = 28
    status = Booking.Status.REQUESTED


class MessageFactory(DjangoModelFactory[Message]):
    """A line of the school that nobody has read or mailed."""

    class Meta:
        model = Message

    booking = factory.SubFactory(BookingFactory)
    by = factory.SelfAttribute("booking.teacher")
    side = Message.Side.SCHOOL
    text = "Hvor er inngangen?"
    request_key = factory.LazyFunction(uuid.uuid4)


class AttendanceFactory(DjangoModelFactory[Attendance]):
    class Meta:
        model = Attendance

    booking = factory.SubFactory(BookingFactory, status=Booking.Status.COMPLETED)
    pupils = 26
    girls = 12


class WishFactory(DjangoModelFactory[Wish]):
    """An open wish for the two weeks in which ``SessionFactory`` has its dates; no partner is told of it."""

    class Meta:
        model = Wish

    school = factory.SubFactory(SchoolFactory)
    teacher = factory.LazyAttribute(lambda o: TeacherFactory(school=o.school).user)
    kind = factory.SubFactory(KindFactory)
    group_name = "9A"
    grade = 9
    pupils = 24
    first_week = factory.LazyFunction(lambda: monday_after(timezone.localdate(), days=7))
    last_week = factory.LazyAttribute(lambda o: o.first_week + timedelta(days=14))
    text = "Vi vil møte noen som bygger roboter."


class WishMatchFactory(DjangoModelFactory[WishMatch]):
    class Meta:
        model = WishMatch

    wish = factory.SubFactory(WishFactory)
    partner = factory.SubFactory(PartnerFactory)
    rank = 1


class OfferFactory(DjangoModelFactory[Offer]):
    """An offer as it stands in the database: one of the activity's dates."""

    class Meta:
        model = Offer

    wish = factory.SubFactory(WishFactory)
    session = factory.SubFactory(SessionFactory)
    activity = factory.SelfAttribute("session.activity")
    starts_at = factory.SelfAttribute("session.starts_at")
    ends_at = factory.SelfAttribute("session.ends_at")


def monday_after(day: date, *, days: int = 0) -> date:
    """Return the Monday of the week in which the day lies, so many days later."""
    later = day + timedelta(days=days)
    return later - timedelta(days=later.weekday())


class TransportRateFactory(DjangoModelFactory[TransportRate]):
    """A coach that costs 1,000 kr and 20 kr a kilometre."""

    class Meta:
        model = TransportRate

    mode = TransportRate.Mode.COACH
    seats = 50
    start_ore = 100_000
    per_km_ore = 2_000
    valid_from = date(2020, 8, 1)


class GrantPotFactory(DjangoModelFactory[GrantPot]):
    """The programme's pot of 10,000 kr for visits of this school year and the coming weeks."""

    class Meta:
        model = GrantPot

    name = factory.Sequence(lambda n: f"Skysspott {n}")
    school_year = factory.LazyFunction(lambda: school_year_of(timezone.localdate() + timedelta(days=14)))
    amount_ore = 1_000_000
    opened_at = factory.LazyFunction(timezone.now)


class TransportGrantFactory(DjangoModelFactory[TransportGrant]):
    """An application as it stands in the database; money in pots is the services' business, not this one's."""

    class Meta:
        model = TransportGrant

    booking = factory.SubFactory(BookingFactory, status=Booking.Status.CONFIRMED)
    km = 50
    people = 28
    mode = TransportRate.Mode.COACH
    reasonable_ore = 300_000
    applied_ore = 300_000
