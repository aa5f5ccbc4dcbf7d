"""Ecosystems: who belongs to one, what its page says, and that small counts are never shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.lib.school_year import current_school_year
from stemportal.network.models import Ecosystem, EcosystemMember
from stemportal.network.queries.ecosystems import count_region, members_by_sector
from stemportal.partners.models import Partner
from stemportal.partners.services.decisions import approve_partner
from stemportal.reports.figures.counting import partner_figures
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    CountyFactory,
    MunicipalityFactory,
    PartnerFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
)
from stemportal.testing.network_factories import EcosystemFactory, StoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return CountyFactory(number="56", name="Finnmark")


@pytest.fixture
def place(county):
    return MunicipalityFactory(number="5601", name="Alta", county=county)


@pytest.fixture
def elsewhere():
    return MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))


@pytest.fixture
def nord(county):
    return EcosystemFactory(name_nb="STEM Nord", name_en="STEM North", slug="nord", counties=[county])


def page(ecosystem: Ecosystem):
    return Client().get(ecosystem.get_absolute_url())


def visited(school, pupils: int, **facts):
    """A class of the school has been somewhere."""
    session = SessionFactory(activity=ActivityFactory(), starts_at=timezone.now() - timedelta(hours=5), places_taken=1)
    booking = BookingFactory(session=session, school=school, status="completed", **facts)
    AttendanceFactory(booking=booking, pupils=pupils, girls=None)
    return booking


def test_partner_belongs_to_its_region_from_approval_on(nord, place):
    partner = PartnerFactory(display_name="Nordlys", municipality=place, status=Partner.Status.APPLIED)
    assert list(Ecosystem.objects.of_partners(partner)) == []
    assert "Nordlys" not in page(nord).text

    approve_partner(partner=partner, by=StaffFactory())

    partner.refresh_from_db()
    assert list(Ecosystem.objects.of_partners(partner)) == [nord]
    assert "Nordlys" in page(nord).text


def test_partner_that_moves_or_leaves_belongs_no_longer(nord, place, elsewhere):
    partner = PartnerFactory(municipality=place)
    Partner.objects.filter(pk=partner.pk).update(municipality=MunicipalityFactory(number="0301", name="Oslo"))
    assert not Ecosystem.objects.of_partners(Partner.objects.get(pk=partner.pk)).exists()

    Partner.objects.filter(pk=partner.pk).update(municipality=place, status=Partner.Status.ENDED)
    assert not Ecosystem.objects.of_partners(Partner.objects.get(pk=partner.pk)).exists()


def test_members_stand_by_sector_with_partners_from_outside_once(nord, place, elsewhere):
    for number in range(14):
        PartnerFactory(display_name=f"Bedrift {number:02}", municipality=place, kind=Partner.Kind.COMPANY)
    both = PartnerFactory(display_name="Universitetet", municipality=place, kind=Partner.Kind.UNIVERSITY)
    away = PartnerFactory(display_name="Langveisfra", municipality=elsewhere, kind=Partner.Kind.UNION)
    member = EcosystemMember.objects.create
    for partner in (both, away):
        member(ecosystem=nord, sector="organisation", partner=partner)
    member(ecosystem=nord, sector="school", school=SchoolFactory(name="Alta ungdomsskole"))
    member(ecosystem=nord, sector="public", name="Biblioteket", website="https://bib.example.org")
    ended = PartnerFactory(display_name="Sluttet", status=Partner.Status.ENDED)
    member(ecosystem=nord, sector="company", partner=ended)

    groups = {group.sector: group for group in members_by_sector(nord)}

    assert (groups["company"].total, groups["company"].more) == (14, 2)
    assert [line.name for line in groups["higher_education"].lines] == ["Universitetet"]
    assert [line.name for line in groups["organisation"].lines] == ["Langveisfra"]
    assert [line.name for line in groups["school"].lines] == ["Alta ungdomsskole"]
    text = page(nord).text
    assert "and 2 more" in text
    assert "https://bib.example.org" in text
    assert "Sluttet" not in text


def test_figures_of_a_region_are_those_of_the_reports(nord, place, elsewhere):
    school = SchoolFactory(municipality=place)
    for pupils in (20, 7):
        visited(school, pupils)
    visited(SchoolFactory(municipality=place), 3)
    elsewhere = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    visited(SchoolFactory(municipality=elsewhere), 25)
    year = current_school_year()

    found = count_region(nord, year)

    region = next(row for row in partner_figures(period=Period("school", year)).regions if row["name"] == "Finnmark")
    assert (found.visits, found.pupils, found.schools) == (region["visits"], region["pupils"], region["schools"])
    assert (found.visits, found.pupils, found.schools, found.partners) == (3, 30, 2, 3)
    assert ">30<" in page(nord).text


def test_fewer_than_five_pupils_are_not_told(nord, place):
    visited(SchoolFactory(municipality=place), 4)
    text = page(nord).text
    assert "Fewer than 5" in text
    assert ">4<" not in text


def test_page_shows_news_of_the_region_and_no_others(nord, place, elsewhere):
    StoryFactory(title="Fra partneren", partner=PartnerFactory(municipality=place))
    away = PartnerFactory(municipality=elsewhere)
    StoryFactory(title="Fra skolen", partner=away, school=SchoolFactory(municipality=place))
    StoryFactory(title="Fra koordinatoren", partner=None, ecosystem=nord)
    StoryFactory(title="Fra et annet sted", partner=away)

    text = page(nord).text

    for title in ("Fra partneren", "Fra skolen", "Fra koordinatoren"):
        assert title in text
    assert "Fra et annet sted" not in text


def test_ecosystem_without_a_page_is_not_found(nord, place):
    Ecosystem.objects.update(is_active=False)
    partner = PartnerFactory(municipality=place)
    assert page(nord).status_code == 404
    assert "STEM North" not in Client().get(partner.get_absolute_url()).text
    assert "No ecosystems yet" in Client().get("/en/ecosystems/").text


def test_partner_page_leads_to_its_ecosystem(nord, place):
    partner = PartnerFactory(municipality=place)
    assert f'href="{nord.get_absolute_url()}">STEM North' in Client().get(partner.get_absolute_url()).text


def test_list_counts_members_of_both_kinds(nord, place, elsewhere):
    inside = PartnerFactory(municipality=place)
    member = EcosystemMember.objects.create
    member(ecosystem=nord, sector="company", partner=inside)
    member(ecosystem=nord, sector="company", partner=PartnerFactory(municipality=elsewhere))
    member(ecosystem=nord, sector="public", name="Biblioteket")
    text = Client().get("/en/ecosystems/").text
    assert "3 members" in text
    assert "Finnmark" in text
