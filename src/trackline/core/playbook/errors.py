"""What can go wrong with a rule. Delivery translates these; nothing else is raised for bad input."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

Loc = tuple[str | int, ...]


class RuleUnknown(LookupError):
    """There is no rule with this id; the message names the nearest."""

    def __init__(self, rule_id: str, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(rule_id, list(known), 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        super().__init__(f"There is no rule {rule_id[:120]}.{hint}")


class RunRefused(ValueError):
    """Inputs or overridden parameters that a rule does not take; each error is `{"loc": [...], "msg": "..."}`.

    `loc` starts with `inputs` or `parameters`.
    """

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        self.errors = list(errors)
        told = (f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in self.errors)
        super().__init__("; ".join(told))


def refuse(name: str | Loc, message: str) -> RunRefused:
    """Return the refusal of one input; a rule raises it where several inputs do not fit together."""
    path = (name,) if isinstance(name, str) else name
    return RunRefused([{"loc": ["inputs", *path], "msg": message}])


class RulebookInvalid(Exception):
    """Rules or their data files contradict themselves; the message lists every fault with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("The rulebook is not valid:\n" + "\n".join(f"  {fault}" for fault in self.faults))
