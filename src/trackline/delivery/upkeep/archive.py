"""The backup file: a zip of one JSON-lines member per table, the data folder's files, and a manifest that seals them.

The format names tables and columns and holds plain values, so a backup of one database engine restores into the other,
and a person can read it with common tools. `backup.py` writes it, `restore.py` reads it back.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from .problems import UnableToContinue

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One sealed member of the archive."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Table:
    """One table: its member, columns in order, and how many rows it holds."""

    table: str
    columns: list[str]
    rows: int
    member: Member


@dataclass(frozen=True)
class Manifest:
    """What a backup holds and what made it."""

    version: str
    made_at: str
    engine: str
    migrations: dict[str, list[str]]
    tables: list[Table]
    files: list[Member] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(table.rows for table in self.tables)

    def to_json(self) -> str:
        """The manifest as its member is written."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read a manifest; raises `UnableToContinue` for anything else."""
        try:
            raw = json.loads(text)
            if raw["format"] > FORMAT:
                raise UnableToContinue(
                    "The backup was made by a newer version of Trackline; install that version first."
                )
            tables = [Table(**{**table, "member": Member(**table["member"])}) for table in raw.pop("tables")]
            files = [Member(**member) for member in raw.pop("files")]
            return cls(**raw, tables=tables, files=files)
        except (ValueError, KeyError, TypeError) as problem:
            raise UnableToContinue(f"The backup's manifest cannot be read ({problem}).") from problem


class Writer:
    """Writes members and remembers their seals."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> tuple[Member, int]:
        """Write one JSON array a row; returns the member and the number of rows."""
        count = 0
        with _Sealed(self._archive, name) as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n")
                count += 1
        return out.member, count

    def file(self, name: str, path: Path) -> Member:
        """Write a file's bytes."""
        with _Sealed(self._archive, name) as out, path.open("rb") as source:
            while block := source.read(CHUNK):
                out.write(block)
        return out.member

    def manifest(self, manifest: Manifest) -> None:
        """Write the manifest, last: an archive without one was cut short."""
        self._archive.writestr(MANIFEST, manifest.to_json())


class _Sealed:
    """An open member that hashes what passes."""

    member: Member

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._name = name
        self._file: IO[bytes] = archive.open(name, "w", force_zip64=True)
        self._digest = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> _Sealed:
        return self

    def write(self, block: bytes) -> None:
        self._file.write(block)
        self._digest.update(block)
        self._bytes += len(block)

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.member = Member(self._name, self._digest.hexdigest(), self._bytes)


class Reader:
    """Opens a backup and checks every member against the manifest before anything is used."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            self.manifest = Manifest.from_json(self._archive.read(MANIFEST))
        except FileNotFoundError:
            raise UnableToContinue(f"There is no file {path}.") from None
        except (zipfile.BadZipFile, OSError) as problem:
            raise UnableToContinue(f"{path} is no backup, or is damaged: {problem}.") from problem
        except KeyError:
            raise UnableToContinue(f"{path} is no complete Trackline backup: it has no manifest.") from None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def verify(self) -> None:
        """Raise `UnableToContinue` if any member is missing or differs from what was written."""
        for member in [*(table.member for table in self.manifest.tables), *self.manifest.files]:
            digest, size = hashlib.sha256(), 0
            try:
                with self._archive.open(member.name) as file:
                    while block := file.read(CHUNK):
                        digest.update(block)
                        size += len(block)
            except (KeyError, zipfile.BadZipFile, OSError, EOFError) as problem:
                raise UnableToContinue(f"The backup is damaged: {member.name} ({problem}).") from problem
            if (digest.hexdigest(), size) != (member.sha256, member.bytes):
                raise UnableToContinue(f"The backup is damaged: {member.name} does not match its checksum.")

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """The rows of one table, values as JSON holds them."""
        with self._archive.open(table.member.name) as file:
            for line in file:
                yield json.loads(line)

    def files(self, folder: Path) -> None:
        """Write the files, in their folders, below `folder`."""
        for member in self.manifest.files:
            target = (folder / member.name.removeprefix(FILES)).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise UnableToContinue(f"The backup is not trustworthy: {member.name} points outside the data folder.")
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._archive.open(member.name) as source, target.open("wb") as out:
                while block := source.read(CHUNK):
                    out.write(block)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"no plain form for {type(value).__name__}")
