"""The manifest of an archive: what it is, what is in it, and the fingerprint of every part."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

FORMAT = "stemportal-installation"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
README = "README.txt"
TABLES_FOLDER = "data/"
FILES_FOLDER = "files/"
FILE_LIST = "files.jsonl"
# A manifest names tables, columns and migrations; files have a list of their own, however many there are.
LARGEST_MANIFEST = 8 * 1024 * 1024
# One line of the list of files.
LONGEST_LINE = 4_000

P = TypeVar("P", bound="Part")


@dataclass(frozen=True)
class Part:
    """One part of the archive: its name there, its size in bytes, and the SHA-256 of its content in hexadecimal."""

    part: str
    size: int
    sha256: str


@dataclass(frozen=True)
class TablePart(Part):
    """A table as CSV (UTF-8, commas, a header; nothing between commas is NULL, "" an empty text)."""

    table: str
    rows: int
    # Name and type in PostgreSQL of each column, in the order of the file.
    columns: list[tuple[str, str]]


@dataclass(frozen=True)
class FilePart(Part):
    """A stored file, by its name in the storage."""

    name: str


@dataclass(frozen=True)
class FileList(Part):
    """The list of the stored files, a FilePart as JSON a line. ``missing``: rows name so many that were not there."""

    files: int
    bytes: int
    missing: int


@dataclass(frozen=True)
class Manifest:
    """What stands in ``manifest.json``."""

    made_at: str
    portal: str
    # Versions of what made it: {"python": ..., "django": ..., "postgresql": ...}.
    versions: dict[str, str]
    # Names of the applied migrations by app: the shape of the tables.
    migrations: dict[str, list[str]]
    tables: list[TablePart]
    # The last number that each counter gave, so that none is given again.
    sequences: dict[str, int]
    file_list: FileList
    left_out: dict[str, str] = field(default_factory=dict)
    without_value: list[str] = field(default_factory=list)
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def as_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Manifest:
        """Read a manifest of this format. Raises KeyError, TypeError or ValueError for anything else."""
        tables = [_checked(TablePart(**table)) for table in data["tables"]]
        manifest = cls(**{**data, "tables": tables, "file_list": _checked(FileList(**data["file_list"]))})
        names = {name for names in manifest.migrations.values() for name in names}
        texts = [manifest.made_at, manifest.portal, *manifest.migrations, *names, *manifest.sequences]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("text expected")
        if not all(_is_number(number) for number in manifest.sequences.values()):
            raise TypeError("number expected")
        return manifest


def read_file_line(line: bytes) -> FilePart:
    """Read a line of the list of files. Raises KeyError, TypeError or ValueError when it is none."""
    part = FilePart(**json.loads(line))
    if not isinstance(part.name, str):
        raise TypeError("text expected")
    return _checked(part)


def _checked(part: P) -> P:
    if not (isinstance(part.part, str) and isinstance(part.sha256, str) and _is_number(part.size)):
        raise TypeError("part expected")
    if isinstance(part, TablePart):
        if not (isinstance(part.table, str) and _is_number(part.rows)):
            raise TypeError("table expected")
        if not all(isinstance(name, str) and isinstance(kind, str) for name, kind in part.columns):
            raise TypeError("columns expected")
    return part


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
