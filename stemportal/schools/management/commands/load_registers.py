"""``manage.py load_registers``: the official registers and the kinds of activity, for a new portal."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from stemportal.activities.services.seeding import load_curriculum, load_kinds, load_subjects
from stemportal.activities.services.templates import load_templates
from stemportal.partners.seeding import load_decline_reasons
from stemportal.places.holiday_proposals import load_school_holidays
from stemportal.places.services import load_places
from stemportal.schools.services.rates import load_rates
from stemportal.schools.services.registers import load_schools


class Command(BaseCommand):
    help = "Loads places, holidays, schools, subjects, competence goals, kinds of activity, reasons to decline, rates."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        load_places()
        load_school_holidays()
        count = load_schools()
        load_kinds()
        load_templates()
        load_subjects()
        load_curriculum()
        load_decline_reasons()
        load_rates()
        self.stdout.write(f"The registers are loaded; {count} schools.")
