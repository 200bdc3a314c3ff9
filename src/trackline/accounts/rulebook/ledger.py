"""The ledger of scores: what changed from one score to the next, why, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Score, ScoreChange, ScoreVersion
from trackline.accounts.rulebook.live import label_of, live_rule
from trackline.core.decimals import plain
from trackline.core.playbook import Difference, Explained, Part, compare, rulebook
from trackline.kit.many import instance

Parameters = Mapping[str, Mapping[str, Any]]
"""Parameters by version."""


@dataclass(frozen=True)
class Cause:
    """What set a recomputation off: `kind` is `observation`, `record`, `parameters`, `time` or `first`.

    `on` is the day of the reading, as text.
    """

    kind: str
    record_type: str = ""
    record_id: int | None = None
    label: str = ""
    change_id: int | None = None
    on: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what is known of it."""
        told = {
            "record_type": self.record_type,
            "record_id": None if self.record_id is None else str(self.record_id),
            "label": self.label,
            "on": self.on,
            "change_id": None if self.change_id is None else str(self.change_id),
        }
        return {"kind": self.kind} | {name: value for name, value in told.items() if value}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Cause:
        """Return a cause that was kept."""
        ids = {name: int(told[name]) if told.get(name) else None for name in ("record_id", "change_id")}
        return cls(told["kind"], told.get("record_type", ""), label=told.get("label", ""), on=told.get("on", ""), **ids)


FIRST = Cause("first")
_FIRST_TOLD = FIRST.to_json()
"""One for all: a book that was just imported has nothing but first scores."""


@dataclass(frozen=True)
class Occasion:
    """When and for what scores are computed; `cause` is None where it is found from what changed."""

    at: datetime
    cause: Cause | None = None
    by: int | None = None


def explained(score: Score, parameters: Mapping[str, Any]) -> Explained:
    """Return a stored score as the result it was, with the parameters that its version names."""
    known = score.rule in rulebook()
    return Explained(
        score.rule,
        score.text or score.value,
        score.band or None,
        Decimal(score.coverage_pct),
        tuple(_part(one) for one in score.parts),
        tuple(dict.fromkeys(one["input"] for one in score.missing)),
        tuple(score.notes),
        score.details,
        parameters,
        score.version,
        rulebook().get(score.rule).data.sources if known else (),
        score.on,
    )


def _part(told: Mapping[str, Any]) -> Part:
    weight, points, contribution = (_number(told.get(name)) for name in ("weight", "points", "contribution"))
    return Part(told["key"], told["label"], told.get("input"), weight, points, contribution, told.get("band"))


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def changes(pairs: Iterable[tuple[Score | None, Score]], occasion: Occasion) -> list[ScoreChange]:
    """Return the lines of the ledger for scores and what was found before them; none where nothing moved."""
    moved = [(before, after) for before, after in pairs if _moved(before, after)]
    parameters = parameters_of({score.version for pair in moved for score in pair if score})
    return [_change(before, after, parameters, occasion) for before, after in moved]


def parameters_of(versions: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of versions, in one query."""
    rows = ScoreVersion.objects.filter(version__in=set(versions)).values_list("version", "parameters")
    return dict(rows)


def _moved(before: Score | None, after: Score) -> bool:
    if before is None:
        return after.value is not None or bool(after.text or after.inputs)
    said = (before.value, before.text, before.band) != (after.value, after.text, after.band)
    return said or before.judged != after.judged


def _change(before: Score | None, after: Score, parameters: Parameters, occasion: Occasion) -> ScoreChange:
    difference = None
    if before is not None:
        now = explained(after, parameters.get(after.version, {}))
        difference = compare(explained(before, parameters.get(before.version, {})), now)
    cause = _cause(before, after, difference, occasion.cause)
    by = occasion.by if cause.kind != "time" else None
    fields = {
        "id": None,
        "account_id": after.account_id,
        "rule": after.rule,
        "preset": after.preset,
        "at": occasion.at,
        "on": after.on,
        "from_value": before.value if before else None,
        "to_value": after.value,
        "from_band": before.band if before else "",
        "to_band": after.band,
        "difference": difference.to_json() if difference else {},
        "cause": _FIRST_TOLD if cause is FIRST else cause.to_json(),
        "by_id": by,
    }
    return instance(ScoreChange, fields)


# -- causes --------------------------------------------------------------------------------------------------------


def _cause(before: Score | None, after: Score, difference: Difference | None, given: Cause | None) -> Cause:
    """Return why a score changed: what was given where it can be the reason, else what the inputs tell."""
    if before is None or difference is None:
        return Cause("first", given.record_type, given.record_id, given.label) if given else FIRST
    found = next(_from_inputs(before, after, _by_weight(before, after, difference)), None)
    if found is None and (difference.parameters or before.version != after.version):
        found = Cause("parameters", label=", ".join(change.path for change in difference.parameters[:3]))
    if given is not None and (found is None or found.kind != "time"):
        return given
    return found or Cause("time")


def _by_weight(before: Score, after: Score, difference: Difference) -> list[str]:
    """Return the names of all inputs, those behind the parts that moved furthest first."""
    live = live_rule(after.rule)
    judged = live.judged if live else {}
    told: list[str] = []
    for part in difference.parts:
        sides = {str(plain(side.input)) for side in (part.before, part.after) if side}
        named = judged.get(part.key) or [
            name
            for score in (after, before)
            for name, one in score.inputs.items()
            if name == part.key or str(one["value"]) in sides
        ]
        told += named
    return list(dict.fromkeys([*told, *after.inputs, *before.inputs]))


def _from_inputs(before: Score, after: Score, names: Sequence[str]) -> Iterator[Cause]:
    """Yield causes from inputs that differ, in the order of the names."""
    for name in names:
        old, new = before.inputs.get(name), after.inputs.get(name)
        if new is None and old is not None:
            yield _lost(name, old, before, after)
        elif new is not None and (old or {}).get("value") != new["value"]:
            yield from _changed(name, old or {}, new, after)


def _changed(name: str, old: Mapping[str, Any], new: Mapping[str, Any], after: Score) -> Iterator[Cause]:
    """Yield why an input has another value: a new reading, a record, one that was corrected, a fact of records."""
    before, now = old.get("observations", ()), new.get("observations", ())
    fresh = [pk for pk in now if pk not in before]
    if now:
        yield Cause(
            "observation", "observation", (fresh or now)[0], _label(name, new, after), on=str(new.get("on") or "")
        )
    was, are = _records(old), _records(new)
    for source in [*(one for one in are if one not in was), *(one for one in was if one not in are)]:
        kind = "observation" if source["record_type"] == "observation" else "record"
        yield Cause(kind, source["record_type"], int(source["record_id"]), str(source.get("label", "")))
    if not now and (not isinstance(new["value"], int | float) or not old):
        # Numbers that no reading feeds may count days; anything else is a fact of records.
        yield Cause("record", label=_label(name, new, after))


def _lost(name: str, old: Mapping[str, Any], before: Score, after: Score) -> Cause:
    """Say why an input is no longer there: taken away, or too old."""
    last_on = next((one.get("last_on") for one in after.missing if one["input"] == name), None)
    label = _label(name, old, before)
    if not old.get("on") or (last_on or "") < old["on"]:
        return Cause("record", label=f"{label} was taken away")
    return Cause("time", label=f"{label} is too old", on=str(old["on"]))


def _records(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sources of an input by record, without their age."""
    listed = told.get("sources") or ([told] if told.get("record_type") else [])
    return [
        {key: one[key] for key in ("record_type", "record_id", "label") if key in one}
        for one in listed
        if one.get("record_id")
    ]


def _label(name: str, told: Mapping[str, Any], score: Score) -> str:
    value = told.get("value")
    said = f" {value}".replace("_", " ") if isinstance(value, str | int | float) else ""
    return f"{label_of(score.rule, name)}{said}"
