"""The search over the demo world finds what teachers would expect."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from stemportal.activities.models import Activity
from stemportal.activities.search import relevance, writer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo_world"),
    pytest.mark.xdist_group("demo_world"),
]


@pytest.fixture
def verdicts():
    writer.rebuild()
    return relevance.judge()


def test_nine_of_ten_expected_offers_stand_among_the_first_ten(verdicts):
    known = [verdict for verdict in verdicts if verdict.group != relevance.UNSEEN]
    assert len(known) >= 60
    assert relevance.recall(known) >= 0.9


def test_words_that_nobody_tuned_the_search_for_are_found_too(verdicts):
    unseen = [verdict for verdict in verdicts if verdict.group == relevance.UNSEEN]
    assert len(unseen) >= 40
    assert relevance.recall(unseen) >= 0.75


@pytest.mark.parametrize("group", ["compounds", "synonyms", "typos", "letters", "nynorsk", "english", "places"])
def test_no_way_of_asking_is_left_behind(verdicts, group):
    assert relevance.recall([verdict for verdict in verdicts if verdict.group == group]) >= 0.8


def test_expected_titles_exist_and_queries_stand_once(verdicts):
    titles = set(Activity.objects.published().values_list("title", flat=True))
    assert not {title for verdict in verdicts for title in verdict.expected} - titles
    assert len({verdict.query for verdict in verdicts}) == len(verdicts)


def test_command_reports_and_fails_below_a_limit(verdicts):
    out = StringIO()
    call_command("search_relevance", stdout=out)
    assert "recall@10 0.9" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("search_relevance", at_least=1.0, stdout=out)
