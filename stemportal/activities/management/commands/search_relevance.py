"""``manage.py search_relevance``: how many of the offers that a teacher would expect stand among the first ten.

The queries and what is expected of them stand in ``activities/data/relevance.json``; they are about the demo world.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemportal.activities.search.relevance import UNSEEN, judge, recall


class Command(BaseCommand):
    help = "Measures recall@10 of the search over the demo world, against data/relevance.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="show every query, not only those that miss something")
        parser.add_argument("--at-least", type=float, default=0.0, help="fail when recall is lower (0 to 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = judge()
        for verdict in verdicts:
            if options["all"] or verdict.missed:
                self.stdout.write(f"{verdict.recall:5.2f}  {verdict.group:<10} {verdict.query}")
                for title in verdict.missed:
                    self.stdout.write(f"                  missed: {title}")
                if options["verbosity"] > 1:
                    for title in verdict.found:
                        self.stdout.write(f"                {'+' if title in verdict.expected else '.'} {title}")
        for group in dict.fromkeys(verdict.group for verdict in verdicts):
            members = [verdict for verdict in verdicts if verdict.group == group]
            self.stdout.write(f"{recall(members):5.2f}  {group}, {len(members)} queries")
        known = [verdict for verdict in verdicts if verdict.group != UNSEEN]
        self.stdout.write(
            f"recall@10 {recall(known):.3f} over {len(known)} queries, without those of the group {UNSEEN}"
        )
        if recall(known) < options["at_least"]:
            raise CommandError(f"Recall is below {options['at_least']}.")
