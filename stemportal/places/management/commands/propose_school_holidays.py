"""``manage.py propose_school_holidays``: next school year's holidays from this year's weeks, for staff to check."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from stemportal.places.holiday_proposals import propose_school_year
from stemportal.places.school_calendar import coming_school_year


class Command(BaseCommand):
    help = "Proposes the school holidays of a school year for the counties that have none; they stay unchecked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="the year in which it begins; the coming one if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"] or coming_school_year()
        proposed = propose_school_year(year)
        counties = len({holiday.county_id for holiday in proposed})
        self.stdout.write(f"{len(proposed)} school holidays proposed for {year}, in {counties} counties.")
