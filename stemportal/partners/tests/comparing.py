"""What the tests of the comparison with the register share: a run to its end, and a partner the register knows."""

from __future__ import annotations

from stemportal.lib.tests.fake_register import number
from stemportal.partners.models import Partner, RegisterRun
from stemportal.partners.services import register_refresh as refresh
from stemportal.testing.factories import PartnerFactory


def work_to_the_end(run: RegisterRun) -> RegisterRun:
    while refresh.work(run.pk):
        pass
    run.refresh_from_db()
    return run


def compare() -> RegisterRun:
    return work_to_the_end(refresh.start_run())


def polarkyst(**facts) -> Partner:
    """The partner that the fixture "unit" tells of, with the same facts unless told otherwise."""
    same = {
        "organisation_number": number("unit"),
        "legal_name": "Polarkyst Sensor og Robot AS",
        "address": "Løkkeveien 41",
        "postal_code": "9510",
        "postal_place": "Alta",
        "sector_code": "26.510",
        "sector_name": "Produksjon av måle-, kontroll- og navigasjonsinstrumenter",
        "employees": 38,
        "website": "https://polarkyst-sensor.example.no/",
    }
    return PartnerFactory(**{**same, **facts})


def proposed(partner: Partner) -> dict[str, tuple[str, str]]:
    return {row.field: (row.ours, row.theirs) for row in partner.proposals.waiting()}
