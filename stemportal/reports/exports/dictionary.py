"""The data dictionary: what each table and column means, for programs (datapackage.json) and for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from stemportal.reports.exports.tables import Column, Table

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Written:
    """A table that was written: its path in the ZIP, rows, bytes and SHA-256."""

    table: Table
    path: str
    rows: int
    size: int
    sha256: str


def datapackage(written: Sequence[Written], *, file_format: str, made_at: str) -> dict[str, Any]:
    """Return the descriptor as Data Package and Table Schema have it (version 1), words in the active language."""
    codes = {item.table.code for item in written}
    return {
        "profile": "data-package",
        "name": "stemportal",
        "title": settings.PORTAL_NAME,
        "description": notes(),
        "homepage": settings.PORTAL_BASE_URL,
        "created": made_at,
        "resources": [_resource(item, codes, file_format) for item in written],
    }


def _resource(item: Written, codes: set[str], file_format: str) -> dict[str, Any]:
    table = item.table
    keys = [
        {"fields": name, "reference": {"resource": code, "fields": "id"}}
        for name, code in Table.refers.items()
        if code in codes and any(column.name == name for column in table.columns)
    ]
    found = {
        "name": table.code,
        "title": str(table.title),
        "description": str(table.meaning),
        "path": item.path,
        "format": file_format,
        "mediatype": MEDIA_TYPES[file_format],
        "bytes": item.size,
        "hash": f"sha256:{item.sha256}",
        "rows": item.rows,
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
            **({"foreignKeys": keys} if keys else {}),
        },
    }
    if file_format == "csv":
        found |= {
            "profile": "tabular-data-resource",
            "encoding": "utf-8",
            "dialect": {"delimiter": ";", "lineTerminator": "\r\n"},
        }
    return found


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "description": str(column.meaning),
        "source": column.source,
    }
    if column.unit:
        field["unit"] = str(column.unit)
    if column.codes:
        field["codes"] = {code: str(words) for code, words in column.codes}
    return field


def notes() -> str:
    """Return what holds for all tables, in the active language."""
    return " ".join(
        [
            _("No names of people stand in these tables."),
            _("A number is not shown when it is under five, or when one under five could be worked out from it."),
            _("An empty cell is a number that is not shown, or something that is not known."),
            _("Amounts are in øre. Counties, municipalities and schools have the numbers of their registers."),
        ]
    )


def as_markdown(tables: Sequence[Table]) -> str:
    """Return the dictionary as a text to read."""
    header = " | ".join([_("Column"), _("Type"), _("Meaning"), _("Unit"), _("Source")])
    lines = [f"# {settings.PORTAL_NAME}", "", notes(), ""]
    for table in tables:
        lines += [f"## {table.title} ({table.code})", "", str(table.meaning), ""]
        lines += [f"| {header} |", "|---|---|---|---|---|"]
        for column in table.columns:
            codes = "; ".join(f"{code} = {words}" for code, words in column.codes)
            meaning = f"{column.meaning}: {codes}" if codes else str(column.meaning)
            cells = [column.name, column.type, meaning, str(column.unit), column.source]
            lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)
