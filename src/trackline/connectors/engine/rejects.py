"""Rejected rows as a file that can be corrected and imported again: the columns of the original, and `_reason`."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import IO

from trackline.connectors.mapping.plan import REJECT_REASON, REJECT_ROW
from trackline.connectors.readers import Cell
from trackline.connectors.values.columns import show


class RejectsFile:
    """Written while a file is imported; nothing is written where no row is rejected."""

    def __init__(self, folder: Path | None, file: str, part: str, headings: list[str]) -> None:
        stem = re.sub(r"[^\w.-]+", "_", re.sub(r"\.\w{2,5}$", "", f"{file}-{part}" if part else file)).strip("_.")
        self._path = folder / f"{stem[:100] or 'file'}-rejected.csv" if folder else None
        # A file that came back has these columns already.
        self._kept = [i for i, heading in enumerate(headings) if heading not in (REJECT_ROW, REJECT_REASON)]
        self._headings = [headings[i] for i in self._kept]
        self._stream: IO[str] | None = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    @property
    def name(self) -> str:
        """The file's name, or nothing where no row was rejected."""
        return self._path.name if self._path is not None and self._stream is not None else ""

    def add(self, row: int, cells: list[Cell], reason: str) -> None:
        """Write one row."""
        if self._path is None:
            return
        if self._stream is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # A byte-order mark makes spreadsheets read it as UTF-8.
            self._stream = self._path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow([*self._headings, REJECT_ROW, REJECT_REASON])
        csv.writer(self._stream).writerow([*(show(cells[i]) for i in self._kept), row, reason])

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            self._stream.close()
