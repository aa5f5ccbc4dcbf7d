"""``manage.py load_registers``: the official registers and the kinds of activity, for a new portal."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from stemportal.activities.seeding import load_curriculum, load_kinds, load_subjects
from stemportal.places.services import load_places
from stemportal.schools.services.registers import load_schools


class Command(BaseCommand):
    help = "Loads counties, municipalities, postal codes, schools, subjects, competence goals and kinds of activity."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        load_places()
        count = load_schools()
        load_kinds()
        load_subjects()
        load_curriculum()
        self.stdout.write(f"The registers are loaded; {count} schools.")
