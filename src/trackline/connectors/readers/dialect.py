"""Find out how a delimited file is written: its delimiter and whether quotes are escaped by a backslash."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted. A file with one column has the delimiter "," and never meets it."""

    delimiter: str = ","
    escapechar: str | None = None
    #: Lines before the table that only speak to a spreadsheet program (`sep=;`).
    skip_lines: int = 0


def sniff(sample: str, complete: bool) -> Dialect:
    """Choose the delimiter whose rows agree best in width. `complete` says that the sample is the whole file.

    Rows are parsed with their quotes, so commas and line breaks inside quoted text do not count.
    """
    skip = 0
    first = sample.split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) <= 5:
        sample = sample.split("\n", 1)[1] if "\n" in sample else ""
        delimiter = first[4:] or "\t"
        return Dialect(delimiter, _escape(sample), 1)
    escape = _escape(sample)
    scored = [(_agreement(sample, delimiter, escape, complete), delimiter) for delimiter in DELIMITERS]
    score, best = max(scored, key=lambda pair: pair[0])
    return Dialect(best if score > 0 else ",", escape, skip)


def _escape(sample: str) -> str | None:
    """Database dumps write a quote inside text as backslash and quote; everyone else doubles it."""
    return "\\" if '\\"' in sample and '""' not in sample else None


def _agreement(sample: str, delimiter: str, escape: str | None, complete: bool) -> float:
    """How well rows agree when parted by `delimiter`: share of rows with the commonest width, wider being better."""
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter, escapechar=escape)
    widths: list[int] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) >= _SAMPLE_ROWS:
                break
        else:
            if not complete and len(widths) > 1:
                widths.pop()
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, count = Counter(widths).most_common(1)[0]
    if width < 2:
        # Titles and footers may outnumber a very short table.
        wide = [each for each in widths if each > 1]
        if not wide:
            return 0.0
        width, count = Counter(wide).most_common(1)[0]
    share = count / len(widths)
    # The heading is what text with many commas does not imitate.
    heading = 1.0 if width in widths[:1] else 0.6
    return share * heading + min(width, 30) / 300
