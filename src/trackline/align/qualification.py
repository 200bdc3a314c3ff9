"""Qualification of a route: what a finding needs, and where a deal stands by the newest finding of each dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Qualification
from trackline.align.rules.guide import Topic, guide, problem
from trackline.align.rules.qualification import Qualification as Given
from trackline.align.rules.qualification import Scores, meddicc
from trackline.core.playbook import Explained
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid

Links = dict[str, list[int]]
Findings = Mapping[str, Qualification]


def today(ctx: Context) -> date:
    """Date a finding today."""
    return ctx.today


def prepare_qualification(ctx: Context, finding: Any, _changed: set[str], _links: Links) -> None:
    """Hold a finding to its evidence, its person and its day (QUAL-01, QUAL-05)."""
    if finding.on > ctx.today:
        raise Invalid.fields({"on": "A finding is not dated in the future."})
    lacks = problem(
        finding.dimension, finding.score, evidence=bool(finding.evidence.strip()), named=finding.contact_id is not None
    )
    if lacks:
        raise Invalid.fields(dict([lacks]))


@dataclass(frozen=True)
class Gap:
    """A dimension of a deal: the newest finding on it, and what to ask next."""

    key: str
    topic: Topic
    finding: Qualification | None
    weak: bool

    @property
    def score(self) -> int | None:
        """The score; None where nothing was found out."""
        return self.finding.score if self.finding else None

    @property
    def question(self) -> str:
        """What to ask next."""
        return self.topic.question(self.score)


@dataclass(frozen=True)
class Standing:
    """Where a deal stands: the rule's result and each dimension; `on` is the day of the newest finding."""

    result: Explained
    gaps: Sequence[Gap]
    on: date | None
    stale_days: int | None

    @property
    def passed(self) -> bool:
        """Whether the deal passes."""
        return bool(self.result.details["passed"])

    @property
    def reasons(self) -> Sequence[str]:
        """Why it does not pass, in words."""
        cut = f"{self.result.details['cut'].normalize():f}"
        words = {"composite": f"below the cut of {cut}", "economic_buyer": "no economic buyer who backs it"}
        return [words[key] for key in self.result.details["failed_because"]]


def findings_of(routes: Iterable[int]) -> Mapping[int, Findings]:
    """Return the newest finding of each dimension by route, in one query."""
    found: dict[int, dict[str, Qualification]] = {}
    rows = Qualification.objects.filter(route__in=list(routes), deleted_at__isnull=True).select_related("contact")
    for row in rows.order_by("route", "-on", "-pk"):
        found.setdefault(row.route_id, {}).setdefault(row.dimension, row)
    return found


def standing(
    findings: Findings, overrides: Overrides, on: date, *, tier: int | None = None, account_id: int | None = None
) -> Standing:
    """Weigh findings by the rule's figures in force for the account. Source: QUAL-02 to QUAL-05, QUAL-16."""
    scores = Scores.model_validate({key: row.score for key, row in findings.items()})
    in_force = overrides.in_force(meddicc, on, tier=tier, account_id=account_id)
    result = meddicc.explain(Given(scores=scores, tier=tier), in_force, on)
    weak = set(result.details["weakest"])
    gaps = [Gap(key, topic, findings.get(key), key in weak) for key, topic in guide().topics.items()]
    newest = max((row.on for row in findings.values()), default=None)
    age = (on - newest).days if newest else 0
    return Standing(result, gaps, newest, age if age > guide().fresh_days else None)
