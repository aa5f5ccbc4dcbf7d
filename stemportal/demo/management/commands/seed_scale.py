"""``manage.py seed_scale``: a large portal for benchmarks, grown from the demo world."""

import time
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from stemportal.demo import scale


class Command(BaseCommand):
    help = "Adds many partners, activities and bookings. Loads the demo world first where there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("partners", "activities", "bookings"):
            parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=f"how many {name} to add")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("seed_demo", if_empty=True, stdout=self.stdout)
        steps: list[tuple[str, Callable[[int], None]]] = [
            ("partners", scale.scale_partners),
            ("activities", scale.scale_activities),
            ("bookings", scale.scale_bookings),
        ]
        for name, add in steps:
            count = options[name]
            if count > 0:
                began = time.monotonic()
                add(count)
                self.stdout.write(f"{count:,} {name} in {time.monotonic() - began:.1f} s")
