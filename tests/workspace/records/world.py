"""One record of each type around one account, made when first asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.factories import Cast, make
from trackline.kit.records.types import registry

NAMES = [rtype.name for rtype in registry.all()]
SECTIONS = {
    section: [rtype.name for rtype in registry.all() if rtype.section == section]
    for section in dict.fromkeys(rtype.section for rtype in registry.all())
}
"""The record types by section: one test walks a section, because making the cast costs more than a request."""

TODAY = timezone.localdate()

ENTRIES: dict[str, dict[str, Any]] = {
    "user": {"username": "mei", "name": "Mei Lindgren"},
    "account": {"name": "Nordwall Logistik"},
    "business_unit": {"name": "Paint shop"},
    "contact": {"name": "Sabine Keller", "title": "Group CIO"},
    "relationship_line": {"contact": "@contact", "kind": "supports", "toward": "@contact/James Whitfield"},
    "team_member": {"user": "@user", "job_role": "Analyst"},
    "metric": {"key": "scrap_rate", "name": "Core scrap rate", "unit": "percent"},
    "kpi": {"name": "First-pass yield", "unit": "percent", "direction": "increase", "baseline": 91, "target": 95},
    "observation": {"metric": "@metric", "value": 3, "on": date(2026, 10, 1)},
    "health_snapshot": {"delivery": "green", "relationship": "amber"},
    "journey_dimension": {"key": "trust", "name": "Trust"},
    "journey_score": {"dimension": "@journey_dimension", "score": 3},
    "issue": {"title": "Label printer stops", "assignee": "@user", "due_on": date(2026, 11, 1)},
    "note": {"title": "Budget is set in May"},
    "risk": {"title": "Sponsor leaves"},
    "interaction": {"kind": "call", "summary": "Line 4 budget is agreed"},
    "survey_round": {"title": "Spring round", "tier": 1},
    "wave": {"title": "Survey, spring"},
    "response": {"wave": "@wave", "on": date(2026, 10, 1), "recommend": 8},
    "survey_case": {"title": "Sabine Keller: effort 2", "answered_at": datetime(2026, 10, 1, 9, 0, tzinfo=UTC)},
    "pain_point": {"title": "Batches wait two days for papers"},
    "pain_point_vote": {
        "pain_point": "@pain_point",
        "contact": "@contact",
        "impact": 5,
        "urgency": 4,
        "on": date(2026, 10, 1),
    },
    "value_gap": {"pain_point": "@pain_point", "title": "Papers on the day", "current_annual": 900000},
    "pilot": {"title": "Papers on one line"},
    "data_source": {"title": "Scrap by line", "source": "Plant controlling"},
    "checklist_answer": {"checklist": "needs_advance", "item": "causes", "answer": "yes"},
    "competitor": {"name": "Line Vision", "solution_fit": 4},
    "competitor_sighting": {
        "competitor": "@competitor",
        "on": date(2026, 10, 1),
        "kind": "pilot",
        "summary": "On line 2",
    },
    "competitive_position": {"solution_fit": 4},
    "customer_priority": {"title": "Halve scrap", "rank": 1, "source": "qbr"},
    "objective": {"title": "Grow in automotive"},
    "key_result": {"objective": "@objective", "title": "Three group contracts"},
    "goal": {"title": "Scrap rate, paint shop", "unit": "percent", "baseline": 4, "target": 2},
    "check_in": {"goal": "@goal", "value": 3, "comment": "On the way"},
    "value_outcome": {"title": "Less scrap", "before": 4, "after": 3, "unit": "percent", "money": 120000},
    "business_case": {"title": "Trace in Nagoya"},
    "case_line": {"business_case": "@business_case", "year": 1, "title": "Scrap avoided", "benefit": 250000},
    "product": {"name": "Trace"},
    "project": {"name": "Line 3 rollout"},
    "pipeline": {"key": "own", "name": "Our pipeline"},
    "stage": {"pipeline": "@pipeline", "key": "first", "name": "First", "state": "identified", "probability": 10},
    "contract": {"ref": "OB-2024-03", "arr": 2840000},
    "contract_item": {"contract": "@contract", "product": "@product", "arr": 420000},
    "renewal_cycle": {"renewal_date": date(2027, 3, 31), "arr_up": 2840000},
    "route": {"title": "Trace for Nagoya", "type": "cross_sell", "value": 420000},
    "whitespace_cell": {"business_unit": "@business_unit", "product": "@product", "value": 150000},
    "qualification": {"route": "@route", "dimension": "metrics", "score": 3, "evidence": "Time study of line 3"},
    "assignment": {"title": "MEDDICC basics", "learner": "@user"},
    "agenda": {"title": "Review of the line", "text": "15 min Value delivered\n30 min Line 4"},
    "playbook": {"key": "renewal", "title": "Renewal", "steps": [{"key": "call", "title": "Call", "offset_days": 90}]},
    "play": {"title": "Win a second sponsor", "horizon": 60},
    "step": {"play": "@play", "title": "Plan the call", "due_on": date(2026, 11, 1)},
    "cadence": {"name": "Monthly check-in", "type": "client_checkin", "frequency": "monthly"},
    "meeting": {"title": "Review Q3", "at": datetime(2026, 10, 1, 9, 0, tzinfo=UTC)},
    "decision": {"title": "Line 4 first"},
    "action": {"title": "Send the summary", "due_on": TODAY + timedelta(days=3)},
    "sponsorship": {"sponsor": "@user", "contact": "@contact", "purpose": "The renewal"},
    "execution_metric": {"name": "Meetings held"},
    "execution_reading": {"metric": "@execution_metric", "period_start": date(2026, 7, 1), "value": 90},
    "alert": {"title": "Ticket volume rising", "rule": "SIG-35"},
    "initiative": {"title": "Predict in every plant", "months": 14, "budget": 320_000},
    "scorecard": {"name": "Account scorecard"},
    "scorecard_line": {"scorecard": "@scorecard", "metric": "@metric", "name": "Scrap", "domain": "REL", "weight": 10},
    "scorecard_breach": {"line": "@scorecard_line", "from_band": "green", "to_band": "red", "value": 4},
    "scoring_scenario": {"name": "Recession", "weights": {"values": 2}},
    "data_steward": {"domain": "accounts", "person": "@user"},
    "booking_target": {"period": "quarter", "from_on": date(2026, 10, 1), "value": 900_000},
    "share_link": {"title": "Okada Brandt and us"},
    "dashboard": {"name": "Where we stand", "shared": True, "tiles": [{"kind": "arr"}, {"kind": "arr_by"}]},
    "scoring_model": {
        "name": "Size alone",
        "criteria": [
            {
                "key": "arr",
                "label": "ARR",
                "weight": 100,
                "direction": "up",
                "feeds": [{"kind": "field", "name": "arr"}],
            }
        ],
    },
    "stand_up_entry": {"note": "Call their CFO"},
    "tier_decision": {"kind": "downgrade", "rationale": "Two plants closed"},
    "tier_override": {"tier": 1, "reason": "Reference until the launch", "approver": "@user"},
    "account_plan": {"title": "Account plan 2026"},
    "plan_version": {"plan": "@account_plan", "note": "Second plant added, goal moved"},
    "plan_sign_off": {
        "plan_version": "@plan_version",
        "side": "customer",
        "contact": "@contact",
        "decision": "approved",
        "note": "By mail, with thanks",
    },
    "review_freeze": {"meeting": "@meeting", "note": "Finance corrected September"},
    "plan_suggestion": {"plan_section": "@plan_section", "text": "Half the scrap by **June**.", "why": "New line"},
    "deck_template": {"title": "Corporate slides 2026", "note": "For customers"},
    "review_deck": {"meeting": "@meeting", "template": "@deck_template"},
    "plan_section": {"section": "executive_summary", "text": "We promise **half the scrap** by spring."},
}


class World:
    """A cast, its account, and records made on demand."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.made: dict[str, Any] = {"account": cast.account, "user": cast.owner}

    def get(self, name: str) -> Any:
        """Return the record of a type; `contact/Ines` is a further one of that name."""
        if name not in self.made:
            kind, _, called = name.partition("/")
            self.made[name] = self.make(kind, **({"name": called} if called else {}))
        return self.made[name]

    def make(self, name: str, /, **more: Any) -> Any:
        """Make a further record of a type."""
        return make(name, **(self.values(name) | more))

    def values(self, name: str) -> dict[str, Any]:
        """Return what a record of a type is made from, with its account."""
        rtype = registry.get(name)
        values = {key: self.get(value[1:]) if _is_ref(value) else value for key, value in ENTRIES[name].items()}
        if rtype.account == "account" and name not in ("metric",):
            values["account"] = self.cast.account
        return values

    def posted(self, name: str) -> dict[str, str]:
        """Return the same as a browser sends it."""
        sent = {}
        for key, value in self.values(name).items():
            if isinstance(value, (list, dict)):
                continue
            sent[key] = str(value.pk) if hasattr(value, "pk") else _typed(value)
        return sent


def _is_ref(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("@")


def _typed(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value)
