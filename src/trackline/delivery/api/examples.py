"""Examples of the API page: one plausible account, told through its records. A test sends every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify

from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType

ID = "42"
MADE = "2027-01-12T09:30:00Z"

BODIES: Mapping[str, Mapping[str, Any]] = {
    "user": {"username": "katrin.vogel", "name": "Katrin Vogel", "email": "katrin.vogel@example.com", "title": "Account director"},
    "account": {
        "name": "Okada Brandt Mobility", "tier": 1, "industry": "Automotive", "currency": "EUR", "arr": 2840000,
        "renewal_date": "2027-06-30", "region": "EMEA", "external_ids": {"salesforce": "0014W00002x7Q9Z"},
    },
    "business_unit": {"account": ID, "name": "Fleet operations", "area": "using", "location": "Stuttgart"},
    "contact": {
        "account": ID, "name": "Mariko Okada", "title": "VP Operations", "seniority": "vp",
        "buying_role": "economic_buyer", "influence": 5, "sentiment": "positive", "email": "m.okada@example.com",
    },
    "relationship_line": {"contact": ID, "kind": "influences", "toward": "43", "note": "Asks him before each purchase."},
    "team_member": {"account": ID, "user": "7", "job_role": "Customer success manager"},
    "metric": {"key": "on_time_delivery", "name": "On-time delivery", "unit": "percent", "direction": "increase"},
    "kpi": {"account": ID, "name": "On-time delivery", "unit": "percent", "baseline": 91.5, "target": 97},
    "observation": {"account": ID, "metric": "on_time_delivery", "value": 93.4, "on": "2026-06-30", "source": "Operations report"},
    "health_snapshot": {"account": ID, "on": "2026-06-30", "delivery": "green", "relationship": "amber", "note": "New sponsor since May."},
    "journey_dimension": {"key": "co_innovation", "name": "Co-innovation", "description": "How far we invent together."},
    "journey_score": {"account": ID, "dimension": "co_innovation", "score": 3.5, "on": "2026-06-30"},
    "issue": {"account": ID, "title": "Reports arrive late", "severity": "high", "assignee": "7"},
    "note": {"account": ID, "title": "Budget round starts in September", "body": "Said Mariko over lunch.", "tags": ["budget"]},
    "risk": {"account": ID, "title": "Sponsor may leave", "likelihood": 3, "impact": 4, "mitigation": "Win a second sponsor."},
    "interaction": {"account": ID, "on": "2026-06-30", "kind": "call", "two_way": True, "summary": "Walked through the quarter."},
    "survey_round": {"title": "Survey, spring, all key accounts", "tier": 1, "per_level": 3, "closes_on": "2027-04-30"},
    "wave": {"account": ID, "title": "Survey, spring", "survey": "relationship", "about": "delivery", "closes_on": "2027-04-30"},
    "response": {
        "wave": ID, "contact": ID, "on": "2026-06-30", "channel": "phone", "recommend": 9, "reason": "They know our plants.",
        "quality": 4, "ease": 6, "tags": ["people"],
    },
    "pain_point": {
        "account": ID, "title": "Every fourth batch waits two days for its papers", "root_causes": "Three signatures on paper.",
        "desired_outcome": "Released on the day of production.", "money_impact": 640000, "figures_from": "both",
        "time_driver": "board", "deadline": "2027-06-30",
    },
    "pain_point_vote": {"pain_point": ID, "contact": ID, "impact": 5, "urgency": 4, "on": "2026-06-20"},
    "value_gap": {
        "pain_point": ID, "title": "Papers signed on screen", "method": "tco", "figures_from": "both",
        "source": "Plant controlling, June", "current_annual": 900000, "proposed_annual": 640000, "years": 3,
        "one_time": 250000,
    },
    "pilot": {
        "account": ID, "title": "Papers on screen, line 4", "threshold": "Released on the day in 9 of 10.",
        "start_on": "2027-02-01", "due_on": "2027-04-30",
    },
    "data_source": {
        "account": ID, "title": "Waiting time of batches", "source": "Their production system", "family": "customer",
        "priority": True, "refresh": 31, "last_refreshed_on": "2026-06-30", "quality": "a", "consent": True,
    },
    "checklist_answer": {
        "account": ID, "checklist": "needs_advance", "item": "causes", "answer": "yes",
        "evidence": "Times of 400 batches, read with their controlling.", "on": "2026-06-30",
    },
    "competitor": {
        "account": ID, "name": "Line Vision", "type": "incumbent", "solution_fit": 4, "economic_value": 3,
        "relationship_capital": 4, "innovation_momentum": 2, "risk_posture": 4, "stance": "differentiate",
        "next_action": "Show the roadmap to the plant managers.", "next_action_on": "2027-02-26",
    },
    "competitor_sighting": {
        "competitor": ID, "on": "2026-06-12", "kind": "pilot", "summary": "A pilot runs on line 2.",
        "source": "confidant", "sources": 2,
    },
    "competitive_position": {
        "account": ID, "weight_solution_fit": 30, "weight_economic_value": 25, "weight_relationship_capital": 20,
        "weight_innovation_momentum": 15, "weight_risk_posture": 10, "solution_fit": 4, "economic_value": 3,
        "relationship_capital": 4, "innovation_momentum": 3, "risk_posture": 4,
    },
    "survey_case": {
        "account": ID, "title": "Mariko Okada: effort 2", "contact": ID, "answered_at": MADE,
        "root_cause": "Nobody told her who answers at night.",
    },
    "customer_priority": {"account": ID, "title": "Cut inbound logistics cost", "rank": 1, "source": "exec_interview"},
    "objective": {"title": "Grow in mobility", "period": "2027", "progress_pct": 40},
    "key_result": {"objective": ID, "title": "Three reference customers", "baseline": 0, "target": 3, "current": 1},
    "goal": {
        "account": ID, "title": "On-time delivery above 97 %", "unit": "percent", "baseline": 91.5, "target": 97,
        "due_on": "2027-12-31",
    },
    "check_in": {"goal": ID, "on": "2026-06-30", "value": 93.4, "confidence": 4, "comment": "Two lanes still late."},
    "value_outcome": {
        "account": ID, "title": "Fewer express shipments", "before": 120, "after": 80, "unit": "count", "money": 310000,
    },
    "business_case": {"account": ID, "title": "Control tower for Kyoto", "goal": ID, "discount_rate_pct": 10},
    "case_line": {"business_case": ID, "year": 1, "title": "Express freight avoided", "kind": "saving", "benefit": 250000},
    "product": {"name": "Control tower", "family": "Visibility", "list_price": 48000, "currency": "EUR"},
    "project": {"name": "Roll-out Kyoto", "account": ID, "status": "active", "start_on": "2027-01-15", "due_on": "2027-06-30"},
    "pipeline": {"key": "partners", "name": "Partner deals"},
    "stage": {"pipeline": "partners", "key": "scoping", "name": "Scoping", "state": "qualifying", "probability": 25, "position": 2},
    "contract": {
        "account": ID, "ref": "MSA 2025-114", "start_on": "2025-07-01", "end_on": "2027-06-30", "notice_days": 90,
        "arr": 2840000, "currency": "EUR",
    },
    "contract_item": {"contract": ID, "product": "9", "capacity_type": "seats", "contracted_qty": 400, "arr": 480000},
    "renewal_cycle": {"account": ID, "renewal_date": "2027-06-30", "arr_up": 2840000, "forecast": "commit"},
    "route": {
        "account": ID, "title": "Control tower for Kyoto", "type": "cross_sell", "value": 480000, "currency": "EUR",
        "expected_close_on": "2027-09-30",
    },
    "whitespace_cell": {
        "business_unit": ID, "product": "9", "state": "not_sold", "value": 150000, "currency": "EUR",
        "competitor": "Line Vision", "competitor_share": 60,
    },
    "qualification": {
        "route": ID, "dimension": "metrics", "score": 3, "evidence": "Time study of line 3, signed by the shift lead",
        "on": "2026-06-30",
    },
    "assignment": {"title": "Value selling, module 2", "due_on": "2027-03-31", "status": "assigned"},
    "agenda": {
        "title": "Review of the quarter", "type": "qbr", "duration_min": 60,
        "text": "10 min Your business update\n20 min Value delivered\n20 min The next two quarters\n10 min Who does what by when",
    },
    "playbook": {
        "key": "first_90_days", "title": "First 90 days",
        "steps": [{"key": "kick_off", "title": "Hold the kick-off", "offset_days": 85}],
    },
    "play": {"account": ID, "title": "Win a second sponsor", "horizon": 60, "success_criterion": "COO in the review"},
    "step": {"play": ID, "key": "intro", "title": "Ask Mariko for an introduction", "due_on": "2027-02-15"},
    "cadence": {"account": ID, "name": "Quarterly review", "type": "qbr", "frequency": "quarterly", "duration_min": 90},
    "meeting": {"account": ID, "title": "Quarterly review", "at": "2027-04-14T09:00:00Z", "duration_min": 90},
    "decision": {"account": ID, "title": "Pilot in Kyoto first", "status": "open", "due_on": "2027-03-31"},
    "action": {"account": ID, "title": "Send the pilot plan", "due_on": "2027-02-28"},
    "sponsorship": {
        "account": ID, "sponsor": ID, "contact": ID, "purpose": "Renewal of the group contract", "authority_gap": 0,
        "domain_fit": 4, "culture_fit": 3, "hours_month": 3,
    },
    "execution_metric": {"account": ID, "name": "Actions closed on time", "unit": "percent", "target": 90},
    "execution_reading": {"metric": ID, "period_start": "2026-04-01", "numerator": 18, "denominator": 20},
    "alert": {"account": ID, "rule": "watch.signal.usage_decline", "title": "Usage falls for three months", "severity": "high"},
    "initiative": {
        "account": ID, "title": "Predict in every plant of the group", "thesis": "One contract for all plants halves unplanned stops.",
        "owner": ID, "status": "proposed", "strategic_alignment": 80,
        "strategic_alignment_source": "Group plan 2027, page 12", "start_on": "2027-02-01", "months": 14, "budget": 320000,
        "currency": "EUR", "hours_a_month": 160,
    },
    "scorecard": {
        "name": "Account scorecard", "level": "account", "account": ID, "audience": "Account director",
        "decisions": ["renewal_risk"], "mode": "weighted", "state": "draft",
    },
    "scorecard_line": {
        "scorecard": ID, "metric": ID, "domain": "REL", "weight": 10, "flag": "important", "minimum": 10, "committed": 40,
        "stretch": 60, "baseline": 22, "baseline_on": "2026-01-31", "due_on": "2026-12-31", "method": "backcast",
        "serves": "People at the customer recommend us", "owner": ID, "client_owner": ID, "action": "Call who answered lowest.",
    },
    "scorecard_breach": {
        "line": ID, "title": "NPS 28: met before, missed now", "from_band": "green", "to_band": "amber", "value": 28, "owner": ID,
        "answer": "Two of nine answered during the outage; their line is back and both are called this week.",
    },
    "scoring_scenario": {
        "name": "Recession", "owner": ID, "weights": {"concentration": 2, "values": 2}, "capacities": {"1": 4},
        "note": "What if risk counted twice, and tier 1 held four accounts?",
    },
    "data_steward": {"domain": "accounts", "person": ID, "note": "Asks managers every Friday"},
    "booking_target": {"owner": ID, "period": "quarter", "from_on": "2027-01-01", "value": 1200000, "currency": "EUR"},
    "dashboard": {
        "name": "Where the book stands", "shared": True, "filters": {"region": "EMEA"},
        "tiles": [
            {"kind": "arr"},
            {"kind": "pipeline_by", "w": 6, "h": 4, "options": {"by": "stage", "state": "open"}},
            {"kind": "records", "title": "Largest accounts", "options": {"records": "account", "order": "-arr", "rows": "8"}},
        ],
    },
    "share_link": {
        "account": ID, "title": "Okada Brandt and us, autumn 2026", "may_tick": True, "may_comment": True,
        "expires_on": "2027-01-31",
    },
    "scoring_model": {
        "name": "Strategic value, more on growth", "from_on": "2027-01-01", "normaliser": "minmax", "cutoffs": "percentile",
        "criteria": [
            {"key": "arr", "label": "ARR", "weight": 45, "direction": "up", "feeds": [{"kind": "field", "name": "arr"}]},
            {"key": "growth", "label": "Growth", "weight": 45, "direction": "up", "forward_looking": True,
             "feeds": [{"kind": "growth", "name": "arr", "months": 12}]},
            {"key": "share", "label": "Share of our ARR", "weight": 10, "direction": "down",
             "feeds": [{"kind": "field", "name": "share_of_arr"}]},
        ],
        "note": "Agreed by the portfolio council",
    },
    "stand_up_entry": {"account": ID, "note": "Their CFO calls on Thursday; the credit note goes out before."},
    "tier_decision": {
        "account": ID, "kind": "downgrade", "to_tier": 2, "rationale": "Two plants closed; what is left fits the second tier.",
        "answers": {"offsetting_roi": False},
    },
    "tier_override": {
        "account": ID, "tier": 1, "reason": "The board wants the reference through the launch.", "approver": ID,
        "sunset_on": "2031-06-30",
    },
    "account_plan": {"account": ID, "title": "Account plan 2027", "confidentiality": "shared"},
    "plan_version": {"plan": "31", "note": "Second plant added, delivery goal moved to June"},
    "plan_sign_off": {
        "plan_version": "87", "side": "customer", "contact": "17", "decision": "approved",
        "note": "Approved by mail on 2 December, with thanks for the June date",
    },
    "review_freeze": {"meeting": ID, "as_of": "2026-06-23", "note": "The customer's finance corrected the savings of May"},
    "plan_suggestion": {
        "plan_section": "88", "text": "Delivery delay is the board's topic. **We promise 98 % on time by June 2027.**",
        "why": "Their board moved the date",
    },
    "deck_template": {"title": "Corporate slides 2026", "note": "For customers, not for steering committees"},
    "review_deck": {"meeting": ID, "template": ID},
    "plan_section": {
        "account": ID, "section": "executive_summary",
        "text": "Delivery delay is the board's topic. **We promise 97 % on time by the end of 2027.**",
    },
}  # fmt: skip
"""Bodies that make a record of each type; ids stand for records that are there."""

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "account": {"tier": 2, "watch": True},
    "route": {"value": 520000},
    "plan_version": {"shared_on": "2026-06-30"},
    "plan_sign_off": {"evidence_url": "https://mail.example/archive/4711"},
    "review_deck": {"template": None},
}
"""Bodies that change a record, where the first field that can be changed says too little."""

_BY_KIND: Mapping[str, Any] = {
    "text": "", "longtext": "", "email": None, "url": None, "picklist": None, "boolean": False, "refs": [], "tags": [],
    "object": {}, "currency": "EUR", "ref": "9", "date": "2026-06-30", "datetime": MADE, "integer": 0,
}  # fmt: skip


def body_of(rtype: RecordType) -> dict[str, Any]:
    """Return a body that makes a record."""
    return dict(BODIES[rtype.name])


def change_of(rtype: RecordType) -> dict[str, Any]:
    """Return a body that changes a record."""
    if rtype.name in CHANGES:
        return dict(CHANGES[rtype.name])
    given = {
        name: value
        for name, value in BODIES[rtype.name].items()
        if name in rtype.specs and name not in rtype.fixed and rtype.specs[name].kind != "ref"
    }
    name = rtype.title if rtype.title in given else next(iter(given))
    return {name: given[name]}


def record_of(rtype: RecordType) -> dict[str, Any]:
    """Return a record as the API shows it."""
    given = BODIES[rtype.name]
    out: dict[str, Any] = {"id": ID, "created_at": MADE, "updated_at": MADE, "version": 1}
    out |= {name: given[name] if name in given else _value(spec) for name, spec in rtype.stored.items()}
    if rtype.lookup and not out[rtype.lookup]:
        out[rtype.lookup] = slugify(str(out[rtype.title]))
    out["custom"] = {}
    out |= {name: [] for name in rtype.links}
    out["external_ids"] = given.get("external_ids", {})
    out |= {name: schema.get("example") for name, schema in rtype.extra_schema.items()}
    return out


def _value(spec: FieldSpec) -> Any:
    if spec.default is not None:
        return spec.default
    if spec.nullable:
        return None
    if spec.kind == "choice":
        return spec.choices[0][0] if spec.required else None
    return _BY_KIND.get(spec.kind)
