"""The programme's report on the school year that ended last, published as the portal publishes it."""

from __future__ import annotations

from stemportal.accounts.models import User
from stemportal.lib.periods import Period
from stemportal.network.models import Story
from stemportal.reports.models import ProgrammeReport, ProgrammeSection
from stemportal.reports.services.programme import ask_to_publish, begin_report, publish_programme_report

STORIES = 3
TEXTS = (
    {
        "place": "foreword",
        "title_nb": "Forord",
        "title_nn": "Forord",
        "title_en": "Foreword",
        "text_nb": (
            "Bak hvert tall i denne rapporten står en klasse som dro et sted, og noen som tok imot den. Vi har sett "
            "åttendeklassinger programmere en robotarm i Alta, og en vg1-klasse regne ut hvor mye strøm et "
            "vindkraftverk gir på en stille dag.\n\n"
            "Det er flere av dem enn i fjor. Men det er fortsatt langt til en partner for mange skoler, og derfor er "
            "det delen om like muligheter vi vil at du leser først."
        ),
        "text_nn": (
            "Bak kvart tal i denne rapporten står ein klasse som reiste ein stad, og nokon som tok imot han. Vi har "
            "sett åttandeklassingar programmere ein robotarm i Alta, og ein vg1-klasse rekne ut kor mykje straum eit "
            "vindkraftverk gir på ein stille dag.\n\n"
            "Det er fleire av dei enn i fjor. Men for mange skular er det framleis langt til ein partnar, og difor er "
            "det delen om like sjansar vi vil at du les først."
        ),
        "text_en": (
            "Behind every number in this report is a class that went somewhere, and somebody who received it. We have "
            "seen eighth graders program a robot arm in Alta, and a class in its first upper secondary year work out "
            "how much power a wind farm gives on a calm day.\n\n"
            "There are more of them than last year. But for many schools the way to a partner is still long, and so "
            "the part about equal chances is the one we want you to read first."
        ),
    },
    {
        "place": "equality",
        "text_nb": (
            "Avstanden avgjør ofte om en klasse kommer seg ut. Derfor ser vi på hvor mange av skolene som fikk besøk, "
            "etter hvor sentral kommunen er. Tilskudd til skyss og digitale tilbud er det vi kan gjøre noe med."
        ),
        "text_nn": (
            "Avstanden avgjer ofte om ein klasse kjem seg ut. Difor ser vi på kor mange av skulane som fekk besøk, "
            "etter kor sentral kommunen er. Tilskot til skyss og digitale tilbod er det vi kan gjere noko med."
        ),
        "text_en": (
            "Distance often decides whether a class gets out. So we look at how many of the schools had a visit, by "
            "how central their municipality is. Grants for transport and digital offers are what we can do about it."
        ),
    },
    {
        "place": "end",
        "title_nb": "Hva vi gjør neste år",
        "title_nn": "Kva vi gjer neste år",
        "title_en": "What we do next year",
        "text_nb": (
            "- Vi inviterer skolene som ingen har besøkt ennå, først.\n"
            "- Vi ber partnere som mange spør etter, om å gi samme tilbud digitalt.\n"
            "- Vi gir alle lærere svar innen fem virkedager."
        ),
        "text_nn": (
            "- Vi inviterer skulane som ingen har besøkt enno, først.\n"
            "- Vi ber partnarar som mange spør etter, om å gi same tilbodet digitalt.\n"
            "- Vi gir alle lærarar svar innan fem verkedagar."
        ),
        "text_en": (
            "- We invite the schools that nobody has visited yet, first.\n"
            "- We ask partners that many ask for to give the same offer online.\n"
            "- We give every teacher an answer within five working days."
        ),
    },
)


def seed_programme() -> None:
    """A published report with texts, targets and stories. Runs once."""
    if ProgrammeReport.objects.exists():
        return
    staff = User.objects.filter(is_superuser=True).earliest("pk")
    report = begin_report(period=Period.current().previous)
    ProgrammeSection.objects.bulk_create(
        ProgrammeSection(report=report, order=10 * place, **text) for place, text in enumerate(TEXTS, start=1)
    )
    report.stories.set(Story.objects.published().filter(kind=Story.Kind.STORY)[:STORIES])
    ask_to_publish(report_id=report.pk, by=staff)
    publish_programme_report(report.pk)
