"""Which metric feeds which input, as administrators changed it from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from trackline.accounts.models import Setting
from trackline.core.playbook.feeds import Feeds

if TYPE_CHECKING:
    from trackline.accounts.rulebook.live import LiveRule

SETTING = "scores.feeds"

Changes = Mapping[str, Mapping[str, Any]]
"""By rule, as `Feeds.adjusted` takes them."""


@dataclass(frozen=True)
class FeedChanges:
    """Every dated version, oldest first."""

    versions: Sequence[tuple[date, Changes]] = ()

    @classmethod
    def load(cls) -> FeedChanges:
        """Read them, in one query."""
        rows = Setting.objects.filter(key=SETTING).order_by("valid_from")
        return cls(list(rows.values_list("valid_from", "value")))

    def on(self, day: date) -> Changes:
        """Return those in force on a day."""
        begun = [changes for since, changes in self.versions if since <= day]
        return begun[-1] if begun else {}

    def having(self, rule_id: str, changes: Mapping[str, Any], since: date) -> FeedChanges:
        """Return the same with a rule's changes replaced from a day on, or taken back where they are empty."""
        others = {key: value for key, value in self.on(since).items() if key != rule_id}
        kept = [version for version in self.versions if version[0] < since]
        return FeedChanges([*kept, (since, others | ({rule_id: dict(changes)} if changes else {}))])

    def of(self, rule_id: str, shipped: Feeds, on: date) -> Feeds:
        """Return what feeds a rule on a day, given what does as shipped."""
        found = self.on(on).get(rule_id)
        return shipped.adjusted(found) if found else shipped

    def metrics_of(self, live: LiveRule) -> frozenset[str]:
        """Return the keys of the metrics whose readings have a rule computed anew: those it looks at, and those beside."""
        return live.metrics | self.read_by(live)

    def read_by(self, live: LiveRule) -> frozenset[str]:
        """Return the keys of the metrics whose readings a rule looks at, by default or in any version."""
        found = live.feeds.metrics
        for _, changes in self.versions:
            for change in changes.get(live.rule.id, {}).get("inputs", {}).values():
                found |= frozenset(change.get("metrics") or ())
        return found

    @property
    def oldest(self) -> int:
        """The greatest age in days that any version allows, with room for what is compared before it."""
        ages = [0]
        for _, changes in self.versions:
            for change in changes.values():
                ages += change.get("max_age_days", {}).values()
                ages += [one["max_age_days"] for one in change.get("inputs", {}).values() if one.get("max_age_days")]
        return max(ages) + 100 if len(ages) > 1 else 0
