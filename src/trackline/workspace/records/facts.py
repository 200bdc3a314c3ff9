"""What rows need beyond their own values, fetched in bulk: names of what they point to, currencies, units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from trackline.kit.policy import Context
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType
from trackline.workspace.records.labels import Label, labels

Item = Mapping[str, Any]

UNIT_PATHS: Mapping[str, str] = {
    "check_in": "goal__unit",
    "observation": "metric__unit",
    "execution_reading": "metric__unit",
}
"""Where the unit of a type's numbers stands, for types without a `unit` field of their own."""

MEASURED = frozenset({"baseline", "current", "target", "before", "after", "value"})
"""Numbers that are read in the record's unit."""


@dataclass(frozen=True)
class Facts:
    """The surroundings of the rows of one type; the same number of queries whatever the number of rows."""

    rtype: RecordType
    today: date
    me: int | None
    known: Mapping[tuple[str, int], Label] = field(default_factory=dict)
    currencies: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)

    def label(self, target: str, value: Any) -> Label | None:
        """Return the label of a reference's target, or None where the actor may not see it."""
        return self.known.get((target, int(value)))

    def currency(self, item: Item) -> str:
        """Return the currency of a row's money: its own, else its account's."""
        return str(item.get("currency") or self.currencies.get(int(item["id"]), ""))

    def unit(self, item: Item) -> str:
        """Return what a row's measured numbers count: `percent`, `hours`, …, or an empty text."""
        return str(item.get("unit") or self.units.get(int(item["id"]), ""))


def facts_for(ctx: Context, rtype: RecordType, items: Sequence[Item], specs: Iterable[FieldSpec]) -> Facts:
    """Gather what the given fields of the given rows need."""
    shown = list(specs)
    ids = [int(item["id"]) for item in items]
    wanted: dict[str, set[Any]] = {}
    for spec in [*shown, rtype.specs[rtype.title], *_title_refs(rtype)]:
        if spec.kind == "ref":
            wanted.setdefault(spec.target, set()).update(item[spec.name] for item in items)
        elif spec.kind == "refs":
            wanted.setdefault(spec.target, set()).update(pk for item in items for pk in item[spec.name])
    money = any(spec.kind == "money" for spec in shown)
    measured = any(spec.name in MEASURED for spec in shown)
    return Facts(
        rtype=rtype,
        today=ctx.today,
        me=ctx.actor.user_id,
        known=labels(ctx, wanted),
        currencies=currencies(rtype, ids) if money and "currency" not in rtype.specs else {},
        units=units(rtype, ids) if measured and "unit" not in rtype.specs else {},
    )


def specs_of(rtype: RecordType, names: Iterable[str]) -> list[FieldSpec]:
    """Return the facts of the named fields; `custom.region` names a field that an administrator added."""
    wanted = list(names)
    added = customs(rtype) if any(name.startswith("custom.") for name in wanted) else {}
    return [spec for name in wanted if (spec := rtype.specs.get(name) or added.get(name)) is not None]


def customs(rtype: RecordType) -> dict[str, FieldSpec]:
    """Return the fields that administrators added, by the name that forms and writes use: `custom.region`."""
    return {f"custom.{key}": replace(spec, name=f"custom.{key}") for key, spec in custom_specs(rtype.name).items()}


def value_of(spec: FieldSpec, item: Item) -> Any:
    """Return the value of a field in a row, added fields included."""
    if not spec.custom:
        return item.get(spec.name)
    value = item["custom"].get(spec.name.removeprefix("custom."))
    return date.fromisoformat(value) if spec.kind == "date" and value else value


def _title_refs(rtype: RecordType) -> list[FieldSpec]:
    if rtype.specs[rtype.title].kind in ("text", "longtext"):
        return []
    return [rtype.specs[name] for name in rtype.columns if rtype.specs[name].kind == "ref"][:1]


def currencies(rtype: RecordType, ids: Iterable[int]) -> dict[int, str]:
    """Return the currency of each record's money: its own, else its contract's or account's."""
    wanted = list(ids)
    path = "currency" if "currency" in rtype.specs else _CURRENCY_PATHS.get(rtype.name)
    if path is None and rtype.account and not rtype.is_account:
        path = f"{rtype.account}__currency"
    return dict(rtype.model.objects.filter(pk__in=wanted).values_list("pk", path)) if path and wanted else {}


def units(rtype: RecordType, ids: Iterable[int]) -> dict[int, str]:
    """Return what each record's measured numbers count."""
    wanted = list(ids)
    path = "unit" if "unit" in rtype.specs else UNIT_PATHS.get(rtype.name)
    return dict(rtype.model.objects.filter(pk__in=wanted).values_list("pk", path)) if path and wanted else {}


_CURRENCY_PATHS: Mapping[str, str] = {"contract_item": "contract__currency"}
