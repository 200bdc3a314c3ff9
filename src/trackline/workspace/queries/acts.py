"""What a page offers to do, in the form that `kit/c/button.html` draws: open a record, create one, set a field."""

from __future__ import annotations

from typing import Any, TypedDict

from trackline.accounts.completeness import Check
from trackline.accounts.models import Account
from trackline.kit.records.types import registry
from trackline.track.rules.completeness import PROFILE
from trackline.workspace.records import addresses
from trackline.workspace.records.labels import in_sentence, with_article


class Act(TypedDict, total=False):
    """A button or link; see `kit/c/button.html`."""

    label: str
    icon: str
    url: str
    panel: str
    post: str
    get: str
    key: str
    target: str


CREATES = frozenset(
    {
        ("track", "contacts"), ("track", "kpis"), ("track", "snapshot"), ("track", "journey"), ("track", "log"),
        ("reveal", "count"), ("align", "open"), ("choose", "open"),
        ("kickoff", "active"), ("kickoff", "next"), ("kickoff", "metrics"),
    }
)  # fmt: skip
"""Conditions that a new record meets; the others are met by completing what is there."""

TABS = {
    ("track", "profile"): "track/profile",
    ("track", "kpis"): "track/kpis",
    ("reveal", "count"): "reveal/goals",
    ("reveal", "measured"): "reveal/goals",
    ("reveal", "kpis"): "reveal/goals",
    ("reveal", "objectives"): "reveal/goals",
    ("align", "described"): "align/routes?view=table",
    ("align", "projects"): "align/routes?view=table&state=won",
    ("choose", "owned"): "choose/plays",
    ("choose", "routes"): "choose/plays",
    ("choose", "learning"): "choose/learning",
    ("kickoff", "staffed"): "kickoff/cadences",
}
"""Where the records stand that a condition is about."""


def icon_of(record_type: str) -> str:
    """Return the icon of a record type."""
    return registry.get(record_type).icon


def open_record(record_type: str, pk: int, label: str) -> Act:
    """Open a record in the side panel."""
    rtype = registry.get(record_type)
    return {"label": label, "url": addresses.page(rtype, pk), "panel": addresses.panel(rtype, pk)}


def create(record_type: str, label: str, **given: Any) -> Act:
    """Open the form of a new record in the side panel, with the values it starts with."""
    rtype = registry.get(record_type)
    return {"label": label, "url": addresses.new(rtype, given), "panel": addresses.new_panel(rtype, given)}


def for_check(account: Account, section: str, check: Check, *, short: bool = False) -> Act:
    """Return what meets a failing condition: a new record, or the place where the records stand that fall short.

    With `short` the label says what happens, for where the condition stands beside it.
    """
    if (section, check.key) in CREATES and check.record:
        label = f"Add {with_article(registry.get(check.record))}" if short else check.missing
        return create(check.record, label, account=account.pk)
    url = f"/accounts/{account.key}/{TABS.get((section, check.key), section)}"
    if check.key == "profile":
        # Fields are filled in where they stand: the page opens the first that is empty.
        empty = next((name for name in PROFILE if getattr(account, name) in (None, "")), PROFILE[0])
        url = f"{url}#fill-{empty}"
        return {"label": "Complete the profile" if short else check.missing, "url": url}
    if short and check.record:
        return {"label": f"Show the {in_sentence(registry.get(check.record), plural=True)}", "url": url}
    return {"label": check.missing, "url": url}
