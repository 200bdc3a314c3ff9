"""What changed between two readings of a plan, section by section, as one reads it. Pure.

Rows of records are told apart by their ids, so that a goal with another title is the same goal. Only what the plan shows is
compared, in the words in which it shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any

from trackline.documents.plans.catalogue import Section, Shown, catalogue
from trackline.documents.plans.writing import written

Frozen = Mapping[str, Any]


@dataclass(frozen=True)
class Moved:
    """A value that changed: what it is, and how it read before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedRow:
    """A row that both readings hold, with its values that differ."""

    title: str
    fields: Sequence[Moved]


@dataclass(frozen=True)
class Line:
    """A paragraph of a text: `kept`, `added` or `removed`."""

    what: str
    text: str


@dataclass(frozen=True)
class SectionDifference:
    """What changed in a section. `standing` is `added` or `removed` where only one reading has the section."""

    key: str
    title: str
    standing: str = ""
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    changed: Sequence[ChangedRow] = ()
    text: Sequence[Line] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.standing or self.added or self.removed or self.changed or self.text)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def difference(before: Frozen, after: Frozen) -> list[SectionDifference]:
    """Return the sections that differ between two readings, in the order of the later one."""
    known = catalogue()
    codes = dict.fromkeys([*after["sections"], *before["sections"]])
    found = [_section(known[code], before, after) for code in codes if code in known]
    return [one for one in found if one]


def _section(section: Section, before: Frozen, after: Frozen) -> SectionDifference:
    there = [section.code in one["sections"] for one in (before, after)]
    if not all(there):
        return SectionDifference(section.code, section.title, "added" if there[1] else "removed")
    old, new = (_rows(section, one["facts"]) for one in (before, after))
    both = [key for key in new if key in old]
    changed = [ChangedRow(new[key][0], _moved(old[key][1], new[key][1])) for key in both]
    return SectionDifference(
        section.code,
        section.title,
        added=[new[key][0] for key in new if key not in old],
        removed=[old[key][0] for key in old if key not in new],
        changed=[one for one in changed if one.fields],
        text=_text(*(str(one["texts"].get(section.code, {}).get("text", "")) for one in (before, after))),
    )


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> list[Moved]:
    labels = dict.fromkeys([*new, *old])
    pairs = [(label, old.get(label, ""), new.get(label, "")) for label in labels]
    return [Moved(label, was, now) for label, was, now in pairs if was != now]


def _rows(section: Section, facts: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what a section shows: rows by what tells them apart, each with its title and its values by their labels."""
    if not section.source:
        return {}
    found = section.of(facts)
    if section.grid:
        return dict(_cells(found))
    rows: dict[str, tuple[str, dict[str, str]]] = {}
    if section.pairs:
        rows["="] = (section.title, _values(found, section.pairs))
    for row in found if section.columns else ():
        first = section.columns[0]
        title = str(row.get("title") or row.get("name") or row.get(first.key) or "")
        if first.written == "day":
            title = f"{written(row, first.key, first.written)}, {title}"
        rows[str(row.get("id") or title)] = (title, _values(row, section.columns))
    return rows


def _values(row: Mapping[str, Any], shown: Iterable[Shown]) -> dict[str, str]:
    return {one.label: written(row, one.key, one.written) for one in shown if not one.stamp}


def _cells(found: Mapping[str, Any]) -> Iterable[tuple[str, tuple[str, dict[str, str]]]]:
    for row in found["rows"]:
        unit = f"{row['account']}/{row['unit']}"
        worth = {"currency": found["currency"]}
        values = {}
        for product, cell in zip(found["products"], row["cells"], strict=True):
            amount = f", {written(worth | cell, 'value', 'money')}" if cell["value"] is not None else ""
            values[product] = f"{cell['label']}{amount}"
        yield unit, (row["unit"], values)


def _text(before: str, after: str) -> list[Line]:
    old, new = (_paragraphs(one) for one in (before, after))
    if old == new:
        return []
    found = []
    for what, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [Line("kept", one) for one in old[i1:i2]]
        else:
            found += [Line("removed", one) for one in old[i1:i2]]
            found += [Line("added", one) for one in new[j1:j2]]
    return found


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
