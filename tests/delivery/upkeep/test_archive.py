"""The backup file's seals."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
import zipfile
from pathlib import Path

import pytest

from trackline.delivery.upkeep import archive
from trackline.delivery.upkeep.problems import UnableToContinue

ROWS = [(1, "Zürich\n", decimal.Decimal("1.10"), dt.date(2026, 1, 2), uuid.UUID(int=7), None, {"a": [1]})]


def make(path: Path, **changes: object) -> archive.Manifest:
    with zipfile.ZipFile(path, "w") as zipped:
        out = archive.Writer(zipped)
        member, rows = out.rows("tables/t.jsonl", iter(ROWS))
        upload = path.with_name("upload")
        upload.write_bytes(b"\x00\x01")
        values: dict[str, object] = {
            "version": "1",
            "made_at": "2026-01-01T00:00:00+00:00",
            "engine": "sqlite",
            "migrations": {"t": ["0001_initial"]},
            "tables": [archive.Table("t", ["a"], rows, member)],
            "files": [out.file("files/a/b.csv", upload)],
            **changes,
        }
        manifest = archive.Manifest(**values)  # type: ignore[arg-type]
        out.manifest(manifest)
    return manifest


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written = make(tmp_path / "b.zip")
    with archive.Reader(tmp_path / "b.zip") as reader:
        reader.verify()
        assert reader.manifest == written
        assert list(reader.rows(reader.manifest.tables[0])) == [
            [1, "Zürich\n", "1.10", "2026-01-02", str(uuid.UUID(int=7)), None, {"a": [1]}]
        ]
        reader.files(tmp_path / "out")
    assert (tmp_path / "out" / "a" / "b.csv").read_bytes() == b"\x00\x01"


def test_a_changed_member_is_noticed(tmp_path: Path) -> None:
    make(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as old, zipfile.ZipFile(tmp_path / "c.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, b"[2]\n" if name.startswith("tables/") else old.read(name))
    with archive.Reader(tmp_path / "c.zip") as reader, pytest.raises(UnableToContinue, match="checksum"):
        reader.verify()


def test_a_file_cut_short_is_noticed(tmp_path: Path) -> None:
    make(tmp_path / "b.zip")
    (tmp_path / "b.zip").write_bytes((tmp_path / "b.zip").read_bytes()[:-30])
    with pytest.raises(UnableToContinue, match="no backup, or is damaged"):
        archive.Reader(tmp_path / "b.zip")


def test_another_zip_is_no_backup(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zipped:
        zipped.writestr("a", "b")
    with pytest.raises(UnableToContinue, match="no manifest"):
        archive.Reader(tmp_path / "b.zip")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "b.zip", format=archive.FORMAT + 1)
    with pytest.raises(UnableToContinue, match="newer version"):
        archive.Reader(tmp_path / "b.zip")


def test_a_manifest_of_another_shape_is_refused() -> None:
    with pytest.raises(UnableToContinue, match="manifest"):
        archive.Manifest.from_json(json.dumps({"format": 1}).encode())


def test_no_upload_leaves_the_folder(tmp_path: Path) -> None:
    make(tmp_path / "b.zip", files=[archive.Member("files/../../evil", "", 0)])
    with archive.Reader(tmp_path / "b.zip") as reader, pytest.raises(UnableToContinue, match="outside"):
        reader.files(tmp_path / "out")
