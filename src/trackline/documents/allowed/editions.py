"""The customer's edition of an account's facts: only the names that are allowed, of rows that both sides share.

Source: PERM-07, PERM-08.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.documents.allowed.names import facts_allowed

Facts = dict[str, Any]


def for_customer(facts: Mapping[str, Any]) -> Facts:
    """Return the facts as the customer may have them; what is not allowed is not there.

    KPIs are those agreed with the customer, meetings those with their people, actions those marked as joint or agreed in such
    a meeting, decisions those of such a meeting, plays those that serve a goal.
    """
    met = {one["id"] for one in facts["meetings"] if one["theirs"]}
    agreed = [one for one in facts["kpis"] if one["agreed"]]
    named = {one["name"] for one in agreed}
    theirs = {
        "kpis": agreed,
        "goals": [one | {"kpis": [kpi for kpi in one["kpis"] if kpi in named]} for one in facts["goals"]],
        "meetings": [one for one in facts["meetings"] if one["theirs"]],
        "decisions": [one for one in facts["decisions"] if one["meeting"] in met],
        "actions": [one for one in facts["actions"] if one.get("joint") or one["meeting"] in met],
        "plays": [one for one in facts["plays"] if one["goal"]],
    }
    told = {**facts, **theirs}
    return {part: _kept(told[part], names) for part, names in facts_allowed().items() if part in told}


def _kept(part: Any, names: Any) -> Any:
    if names is True:
        return part
    if isinstance(part, list):
        return [_kept(one, names) for one in part]
    if isinstance(names, Mapping):
        return {name: _kept(part[name], within) for name, within in names.items() if name in part}
    return {name: part[name] for name in names if name in part}
