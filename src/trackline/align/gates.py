"""What a stage of a pipeline asks of a route before it enters: required checks stop a move, advised ones warn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Stage
from trackline.align.qualification import Standing, findings_of, standing
from trackline.align.rules.stage_checks import CHECKLISTS, CHECKS, DOCUMENTED, FIELDS, FOUND
from trackline.kit.records.values import storable
from trackline.reveal.checklists import run_of
from trackline.track.rules.checklists import GOOD, NONE

Check = dict[str, Any]
"""`{field, needs, passed, value}`; `field` is that of the route, a check of its qualification, or a checklist of its account,
which also says what is `open`.
"""


def target(route: Any, to: str) -> Stage | None:
    """Return the stage that a move goes to: the one that is named, or the first of the state in the route's pipeline."""
    if not route.pipeline_id or not storable(to):
        return None
    stages = Stage.objects.alive().filter(pipeline_id=route.pipeline_id).order_by("position")
    return stages.filter(key=to).first() or stages.filter(state=to).first()


def asked(stage: Stage, before: str) -> tuple[list[str], list[str]]:
    """Return the checks that a move from one stage to another requires and advises; none on the way back.

    A move that passes over stages needs what each of them requires.
    """
    here = Stage.objects.alive().filter(pipeline_id=stage.pipeline_id, key=before).first() if before else None
    if here is not None and stage.position <= here.position:
        return [], []
    way = [stage]
    if here is not None:
        between = {"position__gt": here.position, "position__lte": stage.position}
        way = list(Stage.objects.alive().filter(pipeline_id=stage.pipeline_id, **between).order_by("position", "pk"))
    needs = list(dict.fromkeys(key for one in way for key in one.needs))
    return needs, [key for key in stage.advises if key not in needs]


def checks_of(route: Any, keys: Iterable[str], on: date) -> list[Check]:
    """Return checks with what they find; up to two queries where the qualification is asked for, some for a checklist."""
    asked = [key for key in keys if key in CHECKS]
    found = _standing(route, on) if any(key in FOUND for key in asked) else None
    return [_listed(route, key, on) if key in CHECKLISTS else _check(route, key, found) for key in asked]


def missing_words(checks: Iterable[Check]) -> str:
    """Return what the checks that fail ask for, in words, with the open points of checklists."""
    told = []
    for check in checks:
        open_points = "; ".join(_lower(text) for text in check.get("open", ()))
        told.append(_lower(check["needs"]) + (f" (open: {open_points})" if open_points else ""))
    return ", ".join(told)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _listed(route: Any, key: str, on: date) -> Check:
    run = run_of(route.account, key, on)
    value = None if run.readiness is None else round(run.readiness, 1)
    return {
        "field": key, "needs": CHECKLISTS[key], "passed": run.passed, "value": value,
        "open": [row.item.text for row in run.rows if row.answer not in (GOOD, NONE)],
    }  # fmt: skip


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
