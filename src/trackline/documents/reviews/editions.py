"""The customer's edition of a review: only what `customer.yaml` names, of what both sides share.

Source: PERM-07, PERM-08.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from trackline.core.playbook.data import read_yaml
from trackline.documents.gathering import Facts


@cache
def allowed() -> Mapping[str, Any]:
    """Return the names that may leave, by part of the facts; true for a part that is one value."""
    found: dict[str, Any] = read_yaml(Path(__file__).with_name("customer.yaml").read_text(encoding="utf-8"))
    return found


def for_customer(facts: Facts) -> Facts:
    """Return the facts as the customer may have them: allowed parts and names, and of those what was agreed together.

    KPIs are those agreed with the customer, decisions and actions those of meetings with its people, meetings those with it.
    """
    shared = {one["id"] for one in facts["meetings"] if one["theirs"]}
    met = {
        "kpis": [one for one in facts["kpis"] if one["agreed"]],
        "meetings": [one for one in facts["meetings"] if one["theirs"]],
        "decisions": [one for one in facts["decisions"] if one["meeting"] in shared],
        "actions": [one for one in facts["actions"] if one["meeting"] in shared],
    }
    return {name: _kept((facts | met)[name], names) for name, names in allowed().items()}


def _kept(part: Any, names: Any) -> Any:
    if names is True:
        return part
    if isinstance(part, list):
        return [_kept(one, names) for one in part]
    return {name: part[name] for name in names if name in part}
