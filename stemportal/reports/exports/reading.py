"""Reading an archive of an installation: nothing in it is believed before it has been looked at.

An archive is a file that somebody brings. What it says about itself must be true of every byte before a single row is
read into the database: sizes, fingerprints, names, and that nothing is missing or more. No name in it ever becomes a
path but through the storage, and only the ones that are plain.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from stemportal.reports.exports.manifest import (
    FILE_LIST,
    FILES_FOLDER,
    FORMAT,
    FORMAT_VERSION,
    LARGEST_MANIFEST,
    LONGEST_LINE,
    MANIFEST,
    README,
    TABLES_FOLDER,
    FilePart,
    Manifest,
    Part,
    read_file_line,
)

BLOCK = 1024 * 1024
# Tables pack to a tenth or so. What unpacks to so many times its size, and to more than this, is made to do harm.
MOST_TIMES = 100
ALWAYS_FINE = 256 * 1024 * 1024
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_NAME = 200
IS_LOCKED = 0x1
KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class ArchiveRefused(Exception):
    """The archive is not taken, or the database is not fit for it; ``str()`` says why, and what to do."""


@contextmanager
def refused_when_broken(what: str) -> Iterator[None]:
    """Turn what a ZIP does when it is cut or bent into words."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ArchiveRefused(f"The archive is damaged: {what} cannot be read ({error}).") from error


@dataclass(frozen=True)
class Archive:
    """An archive whose manifest has been read."""

    parts: zipfile.ZipFile
    manifest: Manifest

    def open(self, part: Part) -> IO[bytes]:
        """Open a part for reading."""
        return self.parts.open(part.part)

    def files(self) -> Iterator[FilePart]:
        """Give every stored file, as its list has them."""
        with refused_when_broken(FILE_LIST), self.open(self.manifest.file_list) as lines:
            while line := lines.readline(LONGEST_LINE):
                try:
                    part = read_file_line(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise ArchiveRefused("The archive is damaged: its list of files cannot be read.") from error
                yield part

    def verify(self) -> None:
        """Read all of it once and compare. Raises ArchiveRefused for the first thing that is not as it should be."""
        manifest = self.manifest
        expected = {MANIFEST, README, FILE_LIST}
        for table in manifest.tables:
            if not TABLE_NAME.fullmatch(table.table) or table.part != f"{TABLES_FOLDER}{table.table}.csv":
                raise ArchiveRefused(f"The archive has a table with an impossible name: {table.table[:80]!r}.")
            self._verify(table, expected)
        self._compare(manifest.file_list)
        count = size = 0
        for file in self.files():
            if file.part != f"{FILES_FOLDER}{file.name}" or not is_plain(file.name):
                raise ArchiveRefused(f"The archive has a file with an impossible name: {file.name[:80]!r}.")
            self._verify(file, expected)
            count, size = count + 1, size + file.size
        if (count, size) != (manifest.file_list.files, manifest.file_list.bytes):
            raise ArchiveRefused("The archive is damaged: files are missing in its list.")
        if more := set(self.parts.namelist()) - expected:
            raise ArchiveRefused(f"The archive holds what its manifest does not name: {min(more)[:80]!r}.")

    def _verify(self, part: Part, expected: set[str]) -> None:
        if part.part in expected:
            raise ArchiveRefused(f"The archive names {part.part[:80]!r} twice.")
        expected.add(part.part)
        self._compare(part)

    def _compare(self, part: Part) -> None:
        try:
            info = self.parts.getinfo(part.part)
        except KeyError:
            raise ArchiveRefused(f"The archive is damaged: {part.part[:80]!r} is missing.") from None
        if info.file_size != part.size:
            raise ArchiveRefused(f"The archive is damaged: {part.part[:80]!r} has another size.")
        digest = sha256()
        with refused_when_broken(repr(part.part[:80])), self.open(part) as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
        if digest.hexdigest() != part.sha256:
            raise ArchiveRefused(f"The archive is damaged: {part.part[:80]!r} is not as it was written.")


def is_plain(name: str) -> bool:
    """Whether a stored name stays within the storage: folders and a name, nothing that climbs."""
    steps = name.split("/")
    is_below = all(step.strip(". ") and not step.startswith("~") for step in steps)
    return len(name) <= LONGEST_NAME and name.isprintable() and is_below and not {"\\", ":"} & set(name)


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Archive]:
    """Open an archive and read its manifest. Raises ArchiveRefused for what is none, or not one to read."""
    try:
        parts = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise ArchiveRefused("This is no archive, or its end is missing. Was it fetched completely?") from error
    with parts:
        _check_parts(parts, size=file.seek(0, 2))
        yield Archive(parts, _read_manifest(parts))


def _check_parts(parts: zipfile.ZipFile, *, size: int) -> None:
    """Look at the table of contents only: nothing is unpacked yet."""
    found = sorted(parts.infolist(), key=lambda part: part.header_offset)
    if len({part.filename for part in found}) != len(found):
        raise ArchiveRefused("The archive has two parts with one name.")
    end = 0
    for part in found:
        if part.flag_bits & IS_LOCKED or part.compress_type not in KINDS:
            raise ArchiveRefused("The archive is locked or packed in a way that the portal does not use.")
        # Parts that share their bytes unpack to far more than they are.
        if part.header_offset < end:
            raise ArchiveRefused("The archive is damaged: its parts overlap.")
        end = part.header_offset + part.compress_size
    if end > size:
        raise ArchiveRefused("The archive is damaged: its end is missing.")
    if sum(part.file_size for part in found) > max(ALWAYS_FINE, MOST_TIMES * size):
        raise ArchiveRefused("The archive would unpack to far more than such an archive can hold.")


def _read_manifest(parts: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in parts.namelist():
        raise ArchiveRefused("This ZIP is no archive of an installation: it has no manifest.")
    if parts.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ArchiveRefused("The archive is damaged: its manifest is too large.")
    with refused_when_broken(MANIFEST):
        text = parts.read(MANIFEST)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArchiveRefused("The archive is damaged: its manifest cannot be read.") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ArchiveRefused("This is an archive of something else: its manifest names another format.")
    if data.get("format_version") != FORMAT_VERSION:
        raise ArchiveRefused("The archive was made by a newer version of the portal. Update this one first.")
    try:
        return Manifest.from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveRefused("The archive is damaged: its manifest lacks something.") from error
