"""Queries whose text is made once."""

import pghistory
import pytest
from django.db import connection

from stemportal.lib.statements import Statement, prepared_cursor
from stemportal.places.models import County
from stemportal.testing.factories import CountyFactory

pytestmark = pytest.mark.django_db


def named(name: str, number: str):
    return County.objects.filter(name__iexact=name, number=number).values_list("pk", "name")


def test_statement_asks_with_the_values_it_is_given():
    oslo, _alta = CountyFactory(number="03", name="Oslo"), CountyFactory(number="56", name="Finnmark")
    statement = Statement(named, name="a name", number="a number")

    assert statement.first(name="OSLO", number="03") == (oslo.pk, "Oslo")
    assert statement.first(name="oslo", number="56") is None
    assert statement.first(name="'; DROP TABLE places_county; --", number="03") is None


def test_statement_makes_its_text_once(monkeypatch):
    CountyFactory(number="03", name="Oslo")
    made = []

    def build(**values):
        made.append(values)
        return named(**values)

    statement = Statement(build, name="a name", number="a number")
    for _ in range(3):
        statement.first(name="Oslo", number="03")

    assert made == [{"name": "a name", "number": "a number"}]


def test_statement_is_planned_once_a_connection():
    statement = Statement(named, name="a name", number="a number")
    for number in ("03", "46", "56"):
        statement.first(name="Oslo", number=number)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%places_county%'")
        assert cursor.fetchone() == (1,)


def test_statement_is_read_as_it_is_while_history_asks_who_writes():
    CountyFactory(number="03", name="Oslo")

    with pghistory.context(user=1), prepared_cursor() as cursor:
        cursor.execute("UPDATE places_county SET name = %s WHERE number = %s RETURNING name", ["Viken", "03"])
        assert cursor.fetchone() == ("Viken",)


def test_statement_says_when_its_query_does_not_ask_for_a_value():
    with pytest.raises(ValueError, match="height"):
        Statement(lambda height, **values: named(**values), name="a", number="b", height="c").first(
            name="Oslo", number="03", height="1"
        )


def test_statement_uses_the_connection_that_counts_queries(django_assert_num_queries):
    statement = Statement(named, name="a name", number="a number")

    with django_assert_num_queries(1, connection=connection):
        statement.first(name="Oslo", number="03")
