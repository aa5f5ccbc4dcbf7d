"""What a table for export is made of: columns with their meaning, and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise

Text = str | Promise
Row = Sequence[Any]
CHUNK = 2000
# Types as Table Schema names them, by what Django stores.
TYPES: list[tuple[type[models.Field[Any, Any]], str]] = [
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.FloatField, "number"),
    (models.DecimalField, "number"),
    (models.IntegerField, "integer"),
    (models.AutoField, "integer"),
    (models.ForeignKey, "integer"),
]


@dataclass(frozen=True)
class Column:
    """One column: its name and type (as Table Schema has them), what it means, in which unit, and where it comes from.

    ``codes`` are the values it can have, each with its words. Values are given as None, bool, int, float, str, date or
    an aware datetime; nothing else.
    """

    name: str
    type: str
    meaning: Text
    source: str
    unit: Text = ""
    codes: tuple[tuple[str, Text], ...] = ()
    # How the ORM finds it from the table's model, and what is made of it; a computed column has neither.
    path: str = ""
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Table:
    """One table: a code for file names, words, columns, and its rows (streamed, a value a column)."""

    code: str
    title: Text
    meaning: Text
    columns: Sequence[Column]
    make_rows: Callable[[], Iterable[Row]]
    # Names of the columns that tell its rows apart.
    key: tuple[str, ...] = ("id",)
    # Columns whose values are the ids of another table: {"partner_id": "partners"}.
    refers: ClassVar[dict[str, str]] = {
        "partner_id": "partners",
        "activity_id": "activities",
        "session_id": "sessions",
        "booking_id": "bookings",
        "school_id": "schools",
        "pot_id": "pots",
        "grant_id": "grants",
        "target_id": "targets",
    }

    def rows(self) -> Iterator[Row]:
        """Give its rows."""
        return iter(self.make_rows())


def column(
    model: type[models.Model],
    path: str,
    *,
    name: str = "",
    meaning: Text = "",
    unit: Text = "",
    convert: Callable[[Any], Any] | None = None,
) -> Column:
    """Return the column of a model's field, also across relations ("municipality__number").

    Type, meaning and codes are the field's own, unless they are said.
    """
    steps = path.split("__")
    owner: Any = model
    for step in steps[:-1]:
        owner = owner._meta.get_field(step).related_model
    found = owner._meta.get_field(owner._meta.pk.name if steps[-1] == "pk" else steps[-1])
    if isinstance(found, ArrayField):
        convert = convert or " ".join
    return Column(
        name=name or ("id" if path == "pk" else path.replace("__", "_")),
        type=next((kind for field, kind in TYPES if isinstance(found, field)), "string"),
        meaning=meaning or found.verbose_name,
        source=f"{owner._meta.label}.{found.name}",
        unit=unit,
        # Grades are numbers with words; only texts are codes.
        codes=tuple((value, words) for value, words in found.flatchoices if isinstance(value, str)),
        path=path,
        convert=convert,
    )


def of_model(
    code: str, queryset: Callable[[], QuerySet[Any]], *, title: Text, meaning: Text, columns: Sequence[Column]
) -> Table:
    """Return the table whose rows are those of a queryset, in the order of their ids."""

    def rows() -> Iterator[Row]:
        found = queryset().order_by("pk").values_list(*[item.path for item in columns])
        for values in found.iterator(chunk_size=CHUNK):
            yield [
                item.convert(value) if item.convert and value is not None else value
                for item, value in zip(columns, values, strict=True)
            ]

    return Table(code=code, title=title, meaning=meaning, columns=columns, make_rows=rows)
