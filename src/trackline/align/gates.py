"""What a stage of a pipeline asks of a route before it enters: required checks stop a move, advised ones warn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Stage
from trackline.align.qualification import Standing, findings_of, standing
from trackline.align.rules.stage_checks import CHECKS, DOCUMENTED, FIELDS, FOUND
from trackline.kit.records.values import storable

Check = dict[str, Any]
"""`{field, needs, passed, value}`; `field` is that of the route, or a check of its qualification."""


def target(route: Any, to: str) -> Stage | None:
    """Return the stage that a move goes to: the one that is named, or the first of the state in the route's pipeline."""
    if not route.pipeline_id or not storable(to):
        return None
    stages = Stage.objects.alive().filter(pipeline_id=route.pipeline_id).order_by("position")
    return stages.filter(key=to).first() or stages.filter(state=to).first()


def enters(route: Any, stage: Stage) -> bool:
    """Tell whether a move to a stage goes forward: only that is checked."""
    here = Stage.objects.alive().filter(pipeline_id=stage.pipeline_id, key=route.stage).first()
    return here is None or stage.position > here.position


def checks_of(route: Any, keys: Iterable[str], on: date) -> list[Check]:
    """Return checks with what they find; up to two queries where the qualification is asked for."""
    asked = [key for key in keys if key in CHECKS]
    found = _standing(route, on) if any(key in FOUND for key in asked) else None
    return [_check(route, key, found) for key in asked]


def _check(route: Any, key: str, found: Standing | None) -> Check:
    if key in FIELDS:
        value = getattr(route, f"{key}_id" if key in ("owner", "product", "business_unit", "goal") else key)
        return {"field": key, "needs": FIELDS[key], "passed": value not in (None, ""), "value": value}
    assert found is not None
    if key == "qualification":
        return {"field": key, "needs": FOUND[key], "passed": found.passed, "value": found.result.value}
    scores: Mapping[str, int | None] = {gap.key: gap.score for gap in found.gaps}
    score = scores[key]
    return {"field": key, "needs": FOUND[key], "passed": (score or 0) >= DOCUMENTED, "value": score}


def _standing(route: Any, on: date) -> Standing:
    findings = findings_of([route.pk]).get(route.pk, {}) if route.pk else {}
    account = route.account
    return standing(findings, Overrides.load(on), on, tier=account.tier, account_id=account.pk)
