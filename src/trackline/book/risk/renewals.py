"""What speaks against the renewals of the book, and their risk class by RNW-15: read once for all accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.rules.renewal_risk import renewal_risk
from trackline.choose.models import Step
from trackline.choose.rules.states import OPEN_PLAYS, step_state
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.watch.models import Alert
from trackline.watch.services import SETTLED

SINGLE_THREAD = "watch.signal.single_thread"
GRAVE = ("critical", "high")
WORDS: Mapping[str, str] = {
    "red_health": "health red",
    "very_late": "milestone more than 14 d late",
    "single_thread": "one active contact",
    "amber_health": "health amber",
    "grave_alert": "grave alert open",
    "late": "milestone late",
}
"""Reasons in words of a table."""


@dataclass(frozen=True)
class Risk:
    """The class of a renewal (`unknown` where too little is known), its forecast, and the keys of what speaks against it."""

    band: str
    forecast: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenewalRisks:
    """Evidence by account, and the rule under the figures in force."""

    on: date
    overrides: Overrides
    late: Mapping[int, int]
    single: frozenset[int]
    grave: Mapping[int, int]
    _known: dict[tuple[Any, ...], Risk] = field(default_factory=dict, repr=False, compare=False)

    def of(self, account: int, tier: int | None, health: str) -> Risk:
        """Return the risk of an account's renewal; renewals that are alike are judged once."""
        in_force = self.overrides.in_force(renewal_risk, self.on, tier=tier, account_id=account)
        asked = {
            "health_band": health, "late_days": self.late.get(account, 0), "single_thread": account in self.single,
            "high_signals": self.grave.get(account, 0),
        }  # fmt: skip
        key = (id(in_force), *asked.values())
        if key not in self._known:
            found: Explained = renewal_risk.explain(read_inputs(renewal_risk.inputs, asked), in_force, self.on)
            self._known[key] = Risk(found.band or "unknown", found.details["forecast"], tuple(found.details["reasons"]))
        return self._known[key]


def renewal_risks(on: date) -> RenewalRisks:
    """Read what speaks against renewals on a day; three queries."""
    late: dict[int, int] = {}
    rows = Step.objects.filter(
        Q(deleted_at__isnull=True, play__deleted_at__isnull=True), status="open", due_on__lt=on,
        play__status__in=OPEN_PLAYS, play__playbook__counts_from="renewal",
    )  # fmt: skip
    columns = ("play__account", "due_on", "status", "created_at")
    for account, due_on, status, created_at in rows.order_by().values_list(*columns):
        if step_state(due_on, status, on, timezone.localdate(created_at)) == "late":
            late[account] = max(late.get(account, 0), (on - due_on).days)
    grave: dict[int, int] = {}
    single = set()
    alerts = Alert.objects.filter(deleted_at__isnull=True, severity__in=GRAVE).exclude(state__in=SETTLED).order_by()
    for account, rule in alerts.values_list("account", "rule"):
        grave[account] = grave.get(account, 0) + 1
        if rule == SINGLE_THREAD:
            single.add(account)
    return RenewalRisks(on, Overrides.load(on), late, frozenset(single), grave)
