"""The figures of a rule as a form, and what a form of them changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.core.playbook import Rule
from trackline.core.scales import CUT
from trackline.kit.forms import FormField
from trackline.workspace.queries.rulebook.entry import number_of, text_of
from trackline.workspace.queries.rulebook.words import columns_of, figure, is_bands, sign, within, words_of

ROOT = "parameters"
Posted = Mapping[str, str]


@dataclass(frozen=True)
class FigureEntry:
    """One number of a figure: `was` is what it would be without the change, `band` its colour where it is a cut."""

    field: FormField
    was: str
    band: str = ""
    sign: str = ""


@dataclass(frozen=True)
class FigureGroup:
    """A parameter with its numbers; `sums` where they are weights that sum to 100."""

    name: str
    says: str
    unit: str
    entries: Sequence[FigureEntry]
    sums: bool
    columns: Sequence[str] = ()
    """Where each part has numbers of its own: what those are, in the order of the entries of a part."""
    parts: Sequence[str] = ()

    @property
    def grid(self) -> Sequence[tuple[str, Sequence[FigureEntry]]]:
        """The parts, each with its entries; none where the numbers stand in one row."""
        wide = len(self.columns)
        return [(part, self.entries[at * wide : (at + 1) * wide]) for at, part in enumerate(self.parts)]

    @property
    def single(self) -> bool:
        """Whether it is one number, so that its name is the label of the entry."""
        return len(self.entries) == 1 and self.entries[0].field.label == self.says


def groups_of(rule: Rule, held: Mapping[str, Any], base: Mapping[str, Any]) -> list[FigureGroup]:
    """Return the figures as controls, filled with those held; `base` is what lies beneath them."""
    return [
        FigureGroup(
            name=name,
            says=item.says,
            unit=item.unit or "",
            entries=list(_entries(item.says, held[name], base[name], f"{ROOT}.{name}", item.unit or "")),
            sums=name == "weights",
            columns=[words_of(key) for key in columns_of(held[name])],
            parts=[words_of(str(key)) for key in held[name]] if columns_of(held[name]) else (),
        )
        for name, item in rule.data.parameters.items()
    ]


def _entries(label: str, held: Any, base: Any, path: str, unit: str, *, banded: bool = False) -> Iterator[FigureEntry]:
    if isinstance(held, Mapping):
        cuts = is_bands(held)
        for key, value in held.items():
            if key != "else":
                below = base.get(key) if isinstance(base, Mapping) else None
                inner = words_of(str(key)) if path.count(".") == 1 else f"{label}, {within(str(key))}"
                yield from _entries(inner, value, below, f"{path}.{key}", unit, banded=cuts)
        return
    cut = CUT.fullmatch(held) if isinstance(held, str) else None
    field = FormField(
        name=path,
        kind="text" if isinstance(held, list) or (isinstance(held, str) and not cut) else "decimal",
        label=label,
        value=_typed(held),
        required=True,
    )
    was = figure(base) if _typed(base) != _typed(held) else ""
    yield FigureEntry(field, was, path.rpartition(".")[2] if banded else "", sign(cut[1]) if cut else "")


def _typed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(text_of(one) for one in value)
    if isinstance(value, str) and (cut := CUT.fullmatch(value)):
        return cut[2]
    return text_of(value)


def changes_of(base: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    """Return what a form of figures changes of those beneath; a figure that was not sent stays."""
    found: dict[str, Any] = {}
    for name, value in base.items():
        changed = _changed(value, posted, f"{ROOT}.{name}")
        if changed is not None:
            found[name] = changed
    return found


def _changed(base: Any, posted: Posted, path: str) -> Any:
    if isinstance(base, Mapping):
        inner = {key: _changed(value, posted, f"{path}.{key}") for key, value in base.items() if key != "else"}
        kept = {key: value for key, value in inner.items() if value is not None}
        return kept or None
    if path not in posted:
        return None
    text = posted[path].strip()
    if isinstance(base, list):
        value: Any = [number_of(part.strip()) for part in text.replace(";", ",").split(",") if part.strip()]
        return None if _typed(value) == _typed(base) else value
    value = number_of(text)
    same = _typed(base) == text or _number(_typed(base)) == _number(value)
    return None if same else value


def _number(value: Any) -> Any:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value
