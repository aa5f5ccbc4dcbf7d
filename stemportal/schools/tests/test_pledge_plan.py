"""The statement over all partners says of each pledge what its own page says."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Pledge
from stemportal.lib.school_year import bounds
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking
from stemportal.schools.progress import pledge_progress
from stemportal.schools.queries.pledge_plan import pledges_behind
from stemportal.testing.factories import ActivityFactory, BookingFactory, KindFactory, PartnerFactory, SessionFactory

pytestmark = pytest.mark.django_db

YEAR = 2024
Unit = Kind.PledgeUnit


def booked(activity: Activity, status: str, places: int = 1) -> None:
    start = bounds(YEAR)[0] + timedelta(days=60)
    session = SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2), capacity=30)
    BookingFactory(activity=activity, session=session, status=status, places=places)


@pytest.mark.parametrize("today", [date(2024, 8, 3), date(2024, 11, 20), date(2025, 3, 1), date(2025, 7, 1)], ids=str)
def test_every_unit_is_behind_exactly_where_the_partners_page_says_so(today):
    kinds = {unit: KindFactory(code=unit, pledge_unit=unit, unit=Kind.Unit.GROUPS) for unit in Unit.values}
    kinds["pupils"] = KindFactory(code="pupils", pledge_unit=Unit.VISITS, unit=Kind.Unit.PUPILS)
    expected = set()
    for delivered in (0, 1, 3):
        partner = PartnerFactory()
        for kind in kinds.values():
            Pledge.objects.create(partner=partner, school_year=YEAR, kind=kind, quantity=8)
            for n in range(delivered):
                activity = ActivityFactory(
                    partner=partner, kind=kind, status="published", published_at=bounds(YEAR)[0], grant_amount=2
                )
                booked(activity, Booking.Status.COMPLETED if n else Booking.Status.CONFIRMED, places=2)
                booked(activity, Booking.Status.DECLINED, places=9)
        lines = pledge_progress(partner, YEAR, today=today)
        expected |= {(partner.pk, line.kind.pk, line.delivered + line.agreed) for line in lines if line.is_behind}

    found = {(pledge.partner_id, pledge.kind_id, pledge.done) for pledge in pledges_behind(YEAR, today=today)}

    assert found == expected
    assert bool(found) == (today > date(2024, 9, 1))


def test_partner_that_has_paused_is_left_alone():
    partner = PartnerFactory(status=Partner.Status.PAUSED)
    Pledge.objects.create(partner=partner, school_year=YEAR, kind=KindFactory(), quantity=8)
    assert not pledges_behind(YEAR, today=timezone.localdate()).exists()
