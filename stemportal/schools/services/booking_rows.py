"""Locking a session and writing a booking in it, in two statements.

When a popular date opens, many classes ask for it in the same minute, and they wait for each other as long as one of
them holds the lock on its row. So the statements between lock and commit are few, and their text, which is the ORM's
own, is made once and planned once (`lib.statements`): doing that anew takes longer than running it (`make bench`).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import Exists, OuterRef, QuerySet

from stemportal.activities.models import Activity, Kind, Session
from stemportal.lib.statements import Statement, prepared_cursor
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services.same_time import LONGEST, overlapping

# What a booking asks of an offer; anything else is read when somebody asks for it.
ACTIVITY_FACTS = {
    "id", "partner_id", "kind_id", "title", "status", "policy", "format", "group_max", "grade_from", "grade_to",
    "risk_assessed_on", "duration_minutes",
}  # fmt: skip
PARTNER_FACTS = {"id", "display_name", "status"}
KIND_FACTS = {"id", "code", "unit", "guards"}
WRITE = """
    WITH booked AS (INSERT INTO {bookings} ({booked}) VALUES ({booking_values}) RETURNING id),
         told AS (INSERT INTO {events} (booking_id, {told}) SELECT booked.id, {event_values} FROM booked RETURNING id),
         taken AS (UPDATE {sessions} SET places_taken = %s, pupils_taken = %s WHERE id = %s)
    SELECT booked.id, told.id FROM booked, told
"""


def lock_for_booking(session_id: int, *, school_id: int, group_name: str) -> tuple[Session, bool]:
    """Return the session, its row locked until the transaction ends, and whether the group may have another visit then.

    With the session comes what a booking asks of its offer. Where the other visit stands, if it is one, says
    ``same_time``. Call it inside ``atomic``. Raises Session.DoesNotExist.
    """
    row = _LOCK.first(session=session_id, school_id=school_id, group_name=group_name)
    if row is None:
        raise Session.DoesNotExist
    *facts, has_another_visit = row
    values = iter(facts)
    session, activity, partner, kind = (_row_of(model, fields, values) for _path, model, fields in _facts())
    activity.partner, activity.kind, session.activity = partner, kind, activity
    return session, has_another_visit


@cache
def _facts() -> list[tuple[str, type[models.Model], list[models.Field[Any, Any]]]]:
    """Path from the session, model and the fields that are read of it, in the order of the model's fields."""
    session_facts = {field.attname for field in Session._meta.concrete_fields}
    read = (
        ("", Session, session_facts),
        ("activity__", Activity, ACTIVITY_FACTS),
        ("activity__partner__", Partner, PARTNER_FACTS),
        ("activity__kind__", Kind, KIND_FACTS),
    )
    return [
        (path, model, [field for field in model._meta.concrete_fields if field.attname in names])
        for path, model, names in read
    ]


def _row_of(model: type[models.Model], fields: Collection[models.Field[Any, Any]], values: Any) -> Any:
    read = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, values, strict=False)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], read)


def _lock_query(*, session: int, school_id: int, group_name: str) -> QuerySet[Any]:
    elsewhere = overlapping(
        school_id=school_id,
        group_name=group_name,
        starts_at=OuterRef("starts_at"),
        ends_at=OuterRef("ends_at"),
        asked_from=OuterRef("starts_at") - LONGEST,
    ).exclude(session=OuterRef("pk"))
    paths = [f"{path}{field.attname}" for path, _model, fields in _facts() for field in fields]
    locked = Session.objects.select_for_update(no_key=True, of=("self",)).filter(pk=session).order_by()
    return locked.values_list(*paths, Exists(elsewhere))


_LOCK = Statement(_lock_query, session=-1, school_id=-2, group_name="a group")


def write_booking(booking: Booking, event: BookingEvent) -> None:
    """Insert a new booking with the first line of its history, and the places it takes, in one statement.

    ``booking.session`` is locked, and its ``places_taken`` and ``pupils_taken`` are already what they are to be.
    """
    session = booking.session
    if session is None:
        raise ValueError("a booking without a session takes no places")
    values = [*_values(booking), *_values(event, besides="booking_id"), session.places_taken, session.pupils_taken]
    with prepared_cursor() as cursor:
        cursor.execute(_write_statement(), [*values, session.pk])
        booking.pk, event.pk = cursor.fetchone()
    event.booking = booking
    booking._state.adding = event._state.adding = False


@cache
def _write_statement() -> str:
    """Only names of tables and columns are put into the text; values are parameters."""
    booked, told = _columns(Booking), _columns(BookingEvent, besides="booking_id")
    return WRITE.format(
        bookings=Booking._meta.db_table,
        events=BookingEvent._meta.db_table,
        sessions=Session._meta.db_table,
        booked=", ".join(booked),
        told=", ".join(told),
        booking_values=", ".join(["%s"] * len(booked)),
        event_values=", ".join(["%s"] * len(told)),
    )


def _columns(model: type[models.Model], besides: str = "") -> list[str]:
    return [f'"{field.column}"' for field in _fields(model) if field.attname != besides]


def _values(row: models.Model, besides: str = "") -> list[Any]:
    fields = (field for field in _fields(type(row)) if field.attname != besides)
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


@cache
def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]
