"""``manage.py seed_demo``: the registers and the fictional world on top. Run again, it adds only what is missing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from stemportal.demo.seed import (
    afterwards,
    authoring,
    brand,
    colleagues,
    engagement,
    films,
    groups,
    history,
    inputs,
    kept,
    meetings,
    messages,
    network_stories,
    newsletters,
    offers,
    own_words,
    partners,
    people,
    pictures,
    programme,
    promise,
    proposals,
    radar,
    reports,
    rest,
    role_models,
    schools,
    series,
    subscribers,
    transport,
    white_spots,
    wishes,
)
from stemportal.partners.models import Partner


def analyse() -> None:
    """Tell PostgreSQL how large the tables have become.

    They were empty a moment ago, and nobody else can count the rows of a transaction that goes on: with the numbers of
    empty tables it joins thousands of rows in loops, for minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Command(BaseCommand):
    help = "Loads the demo world: registers, partners, offers, teachers, and two school years of visits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are partners already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Partner.objects.exists():
            return
        with transaction.atomic():
            call_command("load_registers", stdout=self.stdout)
            for words, step in (
                ("the secretariat", people.seed_staff),
                ("mail domains", people.seed_domains),
                ("partners", partners.seed_partners),
                ("offers", offers.seed_activities),
                ("the day of an offer", authoring.seed_authoring),
                ("pictures of offers", authoring.seed_offer_pictures),
                ("films", films.seed_films),
                ("goals that are over", films.seed_old_goals),
                ("sessions", offers.seed_sessions),
                ("teachers", people.seed_teachers),
                ("colleagues", colleagues.seed_colleagues),
                ("schools and classes", schools.seed_schools),
                ("two school years of visits", history.seed_history),
                ("statistics of the tables", analyse),
                ("what was said after visits", afterwards.seed_afterwards),
                ("what is to come", history.seed_coming),
                ("times offered and waiting lists", proposals.seed_proposals),
                ("late answers", promise.seed_promise),
                ("dates that repeat", series.seed_series),
                ("levels and pledges", engagement.seed_engagement),
                ("logos", pictures.seed_logos),
                ("ecosystems", network_stories.seed_ecosystems),
                ("role models", role_models.seed_role_models),
                ("brand material", brand.seed_brand),
                ("favourites, saved searches and wishes", kept.seed_kept),
                ("messages", messages.seed_messages),
                ("wishes and offers", wishes.seed_wishes),
                ("money for journeys", transport.seed_transport),
                ("working groups", groups.seed_groups),
                ("meetings", meetings.seed_meetings),
                ("hearings and input", inputs.seed_inputs),
                ("news and stories", network_stories.seed_stories),
                ("subscribers", subscribers.seed_subscribers),
                ("newsletters", newsletters.seed_newsletters),
                ("partners' own word and plays of films", own_words.seed_own_words),
                ("reports of partners", reports.seed_reports),
                ("targets", rest.seed_rest),
                ("the programme's report", programme.seed_programme),
                ("the radar of half a year", radar.seed_radar),
                ("invitations to schools", white_spots.seed_white_spots),
            ):
                self.stdout.write(f"  {words} ...")
                step()
        self.stdout.write("The demo world is loaded.")
