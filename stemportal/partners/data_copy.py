"""What stands in a partner's copy of its data: data.json, a table for each section, the files, and what they are.

Rows are streamed section by section, so that memory stays small however much there is.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.partners import extensions
from stemportal.partners.models import Partner

Progress = Callable[[int, int], None]
# After so many rows the worker says that it is still there.
BREATH = 2000
# A spreadsheet takes a cell that begins so for a formula; an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_copy(partner: Partner, target: IO[bytes], *, progress: Progress) -> None:
    """Write the ZIP to an open file, in the active language. ``progress`` is told (steps done, all steps)."""
    sections = extensions.data_sections
    total = 2 * len(sections) + 1
    counts: dict[str, int] = {}
    files: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryFile() as everything:
        written = io.TextIOWrapper(everything, encoding="utf-8", write_through=True)
        written.write("{")
        for number, section in enumerate(sections):
            progress(number, total)
            written.write(f"{',' if number else ''}\n{json.dumps(section.name)}: [")
            breathe = lambda step=number: progress(step, total)  # noqa: E731
            counts[section.name] = _write_section(section, partner, archive, written, breathe)
            written.write("\n]")
        written.write("\n}\n")
        written.flush()
        everything.seek(0)
        with archive.open("data.json", "w") as entry:
            shutil.copyfileobj(everything, entry)
        for number, section in enumerate(sections, start=len(sections)):
            progress(number, total)
            files += _write_files(section.files(partner), archive)
        progress(total - 1, total)
        archive.writestr("README.txt", _readme(partner, sections, counts, files).encode("utf-8"))


def _write_section(
    section: extensions.DataSection,
    partner: Partner,
    archive: zipfile.ZipFile,
    everything: IO[str],
    breathe: Callable[[], None],
) -> int:
    """Write the section's rows to the JSON and to a table of its own, which is left out when there is none."""
    rows = iter(section.rows(partner))
    first = next(rows, None)
    if first is None:
        return 0
    count = 0
    with archive.open(f"{section.name}.csv", "w") as entry:
        # With the mark of UTF-8 in front, without which Excel spoils æ, ø and å.
        lines = io.TextIOWrapper(entry, encoding="utf-8-sig", newline="")
        table = csv.writer(lines, delimiter=";")
        table.writerow(first)
        for row in _all(first, rows):
            table.writerow([cell(value) for value in row.values()])
            everything.write(f"{',' if count else ''}\n{json.dumps(plain(row), ensure_ascii=False, cls=Encoder)}")
            count += 1
            if count % BREATH == 0:
                breathe()
        lines.flush()
        lines.detach()
    return count


def _all(first: dict[str, Any], rest: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    yield first
    yield from rest


class Encoder(DjangoJSONEncoder):
    """Times in ISO form with their offset, in the portal's time zone; texts that wait for a language as texts."""

    def default(self, o: Any) -> Any:
        return str(o) if isinstance(o, Promise) else super().default(o)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its times in the portal's time zone."""
    return {name: _iso(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _iso(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def cell(value: Any) -> str | int | float | Decimal:
    """Return a value as it stands in a table: lists as JSON, nothing as an empty cell, no formulas."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() | Decimal():
            return value
        case datetime():
            return _iso(value)
        case list() | dict():
            return harmless(json.dumps(value, ensure_ascii=False, cls=Encoder))
    return harmless(str(value))


def harmless(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _write_files(files: Iterable[extensions.File], archive: zipfile.ZipFile) -> list[str]:
    """Copy a section's files into the ZIP; return their names there. A file that is gone is left out."""
    names = []
    for name, source in files:
        try:
            content = io.BytesIO(source()) if callable(source) else default_storage.open(source)
        except FileNotFoundError:
            continue
        with content, archive.open(f"files/{name}", "w") as entry:
            shutil.copyfileobj(content, entry)
        names.append(f"files/{name}")
    return names


def _readme(
    partner: Partner, sections: Iterable[extensions.DataSection], counts: Mapping[str, int], files: Iterable[str]
) -> str:
    """Return what README.txt says, in the active language."""
    made = _("Made on %(day)s by %(portal)s") % {
        "day": date_format(timezone.localdate(), "DATE_FORMAT"),
        "portal": f"{settings.PORTAL_NAME}, {settings.PORTAL_BASE_URL}",
    }
    lines = [
        _("All data about %(partner)s") % {"partner": partner.display_name},
        made,
        "",
        _("data.json holds everything, section by section, for programs (JSON, UTF-8)."),
        _("The .csv files hold the same as tables, one for each section, for spreadsheets (semicolons, UTF-8)."),
        _("Times are Norwegian time with their distance from UTC. The words of states and roles are in English."),
        "",
        *[_describe(section, counts[section.name]) for section in sections],
        "",
        *([_("Files:"), *[f"  {name}" for name in files], ""] if files else []),
        _("What is not here"),
        _("Counts of pupils under five, which nobody outside the school is shown."),
        _("The secretariat's own notes. To see what they say about you, write to %(email)s.")
        % {"email": settings.SECRETARIAT_EMAIL},
        "",
        _("The copy has names and e-mail addresses. Keep it as safe as you keep such lists yourselves."),
    ]
    return "\r\n".join(lines) + "\r\n"


def _describe(section: extensions.DataSection, count: int) -> str:
    rows = ngettext("%(count)s row", "%(count)s rows", count) % {"count": count} if count else _("nothing yet")
    return f"{section.name}.csv ({rows}): {section.about}"
