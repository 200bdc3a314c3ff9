"""The names that outside programs rely on: ids of the rules, their inputs, which of them must be there, and what stands under
`details`. They never change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.delivery.api.client import Api
from trackline.core.decimals import plain
from trackline.core.playbook import rulebook

RULES: dict[str, tuple[str, str]] = {
    "track.health.usage": ("active_seat_pct? core_features_used? nps_rating? ticket_trend? targets_met_pct?", ""),
    "track.health.relationship": (
        "engagement_pct? share_of_voice_pct? response_latency_hours? escalation_index? benefit_realization_pct? nps? csat? "
        "champion_velocity? competitive_intrusion? champions_per_unit? negative_streak_quarters? engagement_steady? "
        "legal_dispute? sponsor_exit_days? preset?",
        "gates_failed",
    ),
    "track.survey.nps": ("ratings", "promoters passives detractors n margin_of_error provisional"),
    "track.survey.csat": ("answers", ""),
    "track.survey.ces": ("answers", ""),
    "track.survey.rhi": ("nps? csat? ces? preset?", ""),
    "accounts.stakeholders.grid": ("influence sentiment? interest? preset?", ""),
    "accounts.stakeholders.coverage": (
        "contacts", "covered solo_cells redundancy_min thread c_level_gap missing_roles",
    ),
    "reveal.goal.progress": ("baseline target current start_on? due_on?", "status elapsed_pct gap"),
    "reveal.value.case": (
        "lines discount_rate_pct", "irr_pct payback_years discounted_payback_years cases break_even_pct",
    ),
    "reveal.value.realization": ("outcomes", "committed verified"),
    "align.pipeline.weighted": ("routes", "gross count"),
    "align.pipeline.probability": ("wins closed prior_pct k?", ""),
    "align.pipeline.ageing": ("days_in_stage median_days", ""),
    "align.forecast.distribution": ("deals target? quantiles?", "sd quantiles p_target_pct method"),
    "align.qualification.meddicc": ("scores tier?", "cut passed failed_because weakest"),
    "align.expansion.readiness": (
        "roi_documented champion_rating? champion_active economic_buyer_aware new_use_case days_to_renewal?",
        "ready blocked_by",
    ),
    "align.whitespace.value": ("addressable attainable_pct current", "saturated"),
    "align.whitespace.priority": ("strategic_fit economic_impact feasibility relationship_leverage", "go"),
    "align.renewal.timeline": ("renewal_date preset? tier? arr? enterprise? created_on? done?", "preset steps"),
    "kickoff.execution.metric": ("formula_key numerator denominator", ""),
    "watch.signal.control_chart": ("series baseline? k? run?", "mean sd lower upper beyond trends"),
    "watch.signal.usage_decline": ("series", "falls_pct"),
    "watch.signal.nps_drop": ("previous current", "drop"),
    "watch.churn_risk": ("open_signals", ""),
    "book.score.composite": ("criteria accounts normaliser?", "accounts"),
    "book.score.sensitivity": ("criteria accounts normaliser?", "accounts"),
    "book.tier.cutoffs": ("scores preset?", "cuts tiers"),
    "book.tier.upgrade": (
        "score_cycles cut cagr_24m_pct? multi_year_contract? joint_innovations? c_level_active? untapped_pct? capacity_ok?",
        "eligible conditions",
    ),
    "book.tier.downgrade": (
        "score_cycles cut quarter_scores? nrr_pct? margin_gap_bps? steering_missed? sponsor_lost? months_since_initiative? "
        "cost_over_envelope_pct? offsetting_roi?",
        "propose watch conditions",
    ),
    "book.tier.exit": (
        "score t3_cut red_quarters? recovery_plan? material_breach? insolvency_high_raters? better_return?",
        "propose emergency conditions",
    ),
    "book.scorecard.composite": ("metrics", ""),
    "book.priority.growth": (
        "strategic_alignment economic_impact feasibility time_to_value risk_profile relationship_leverage", "passes",
    ),
    "commercial.margin.bridge": ("items", "volume mix price cost bps"),
    "commercial.price.waterfall": ("list elements", "net realization_pct pocket_pct"),
    "commercial.sla.tier": ("value threshold target stretch direction window_minutes? cost_per_minute?", "stretch"),
    "accounts.kpi.gross_margin": ("net_revenue cogs cost_to_serve plan_pct?", ""),
    "accounts.kpi.net_revenue_retention": ("starting_arr expansion contraction churn preset?", ""),
    "accounts.kpi.gross_revenue_retention": ("starting_arr contraction churn", ""),
    "accounts.kpi.working_capital_drag": (
        "dso_days revenue inventory_days cogs prepaid_services contract_value wacc_pct?", "amount",
    ),
    "accounts.kpi.price_realization": ("net list", ""),
    "accounts.kpi.payment_timeliness": ("invoices", ""),
    "accounts.kpi.share_of_wallet": ("revenue addressable_spend", ""),
    "accounts.kpi.pipeline_coverage": ("weighted_pipeline target", ""),
    "accounts.kpi.win_rate": ("won total", ""),
    "accounts.kpi.deal_cycle_days": ("days baseline_days?", ""),
    "accounts.kpi.cross_sell_ratio": ("adopted offered", ""),
    "accounts.kpi.sla_compliance": ("met total", ""),
    "accounts.kpi.mttr_hours": ("hours", ""),
    "accounts.kpi.defect_density": ("defects transactions", ""),
    "accounts.kpi.change_order_days": ("days", ""),
    "accounts.kpi.cost_to_serve_variance": ("actual budget", ""),
    "accounts.kpi.stakeholder_coverage": ("active_champions high_influence_contacts", ""),
    "accounts.kpi.executive_engagement": ("interactions", ""),
    "accounts.kpi.champion_velocity": ("gained lost", ""),
    "accounts.kpi.escalation_recovery": ("in_sla total", ""),
    "accounts.kpi.benefit_realization": ("verified committed", ""),
    "accounts.kpi.innovation_pipeline": ("values", ""),
    "accounts.kpi.joint_ip": ("patents publications", ""),
    "accounts.kpi.esg_impact": ("items", ""),
    "accounts.kpi.time_to_market": ("days_before days_after", ""),
    "accounts.kpi.expansion_revenue_share": ("expansion total", ""),
    "accounts.kpi.time_to_first_expansion": ("days", ""),
    "accounts.kpi.multi_product_adoption": ("multi_product_accounts active_accounts", ""),
}  # fmt: skip
"""By id: inputs in their order, `?` where they may be left out; names under `details`."""
ROWS: dict[str, tuple[str, str]] = {
    "accounts.stakeholders.coverage": ("contacts", "level area active c_suite? roles?"),
    "reveal.value.case": ("lines", "year benefit cost"),
    "reveal.value.realization": ("outcomes", "committed verified"),
    "align.pipeline.weighted": ("routes", "value probability? state?"),
    "align.forecast.distribution": ("deals", "value probability"),
    "book.score.composite": ("criteria", "key weight direction"),
    "book.scorecard.composite": ("metrics", "key value minimum committed stretch weight"),
    "commercial.margin.bridge": ("items", "key q0 q1 p0 p1 c0 c1"),
    "commercial.price.waterfall": ("elements", "key amount before_net"),
    "accounts.kpi.payment_timeliness": ("invoices", "amount days_late"),
    "accounts.kpi.esg_impact": ("items", "unit achieved target"),
}
"""Rows of inputs that are lists."""
KEYS: dict[str, str] = {
    "track.health.usage": "product_usage feature_adoption relationship support_tickets success_metrics",
    "track.health.relationship": "engagement share_of_voice response_latency escalation_index benefit_realization advocacy "
    "champion_velocity competitive_intrusion",
    "align.whitespace.priority": "strategic_fit economic_impact feasibility relationship_leverage",
}
"""Parts of rules that weigh."""


def told(schema: dict[str, Any]) -> list[str]:
    needed = set(schema.get("required", ()))
    return [name if name in needed else f"{name}?" for name in schema["properties"]]


@pytest.mark.parametrize("rule_id", RULES)
def test_names_are_those_of_the_interface(admin: Api, rule_id: str) -> None:
    inputs, details = RULES[rule_id]
    about = admin.get(f"/rules/{rule_id}").json()
    assert told(about["inputs"]) == inputs.split()
    if rule_id in ROWS:
        name, columns = ROWS[rule_id]
        items = about["inputs"]["properties"][name]["items"]
        row = about["inputs"]["$defs"][items["$ref"].rpartition("/")[2]] if "$ref" in items else items
        assert told(row) == columns.split()
    example = plain(dict(rulebook().get(rule_id).data.example))
    answer = admin.post(f"/rules/{rule_id}/run", {"inputs": example, "as_of": "2026-06-30"}).json()
    assert set(details.split()) <= set(answer["details"])
    if rule_id in KEYS:
        assert [part["key"] for part in answer["parts"]] == KEYS[rule_id].split()


def test_lists_within_details_are_those_of_the_interface(admin: Api) -> None:
    def details(rule_id: str) -> dict[str, Any]:
        example = plain(dict(rulebook().get(rule_id).data.example))
        found: dict[str, Any] = admin.post(f"/rules/{rule_id}/run", {"inputs": example, "as_of": "2026-06-30"}).json()
        return dict(found["details"])

    composite = {"key", "score", "rank", "percentile", "normalised", "contributions", "imputed", "provisional"}
    assert composite <= set(details("book.score.composite")["accounts"][0])
    assert {"key", "rank", "volatility", "flagged"} <= set(details("book.score.sensitivity")["accounts"][0])
    for rule in ("upgrade", "downgrade", "exit"):
        assert set(details(f"book.tier.{rule}")["conditions"][0]) >= {"key", "met", "value", "limit"}
    assert set(details("reveal.value.case")["cases"][0]) >= {"factor_pct", "npv", "irr_pct", "payback_years"}
    step = details("align.renewal.timeline")["steps"][0]
    assert set(step) >= {"key", "offset_days", "due_on", "state", "late_start"}
    assert set(details("commercial.margin.bridge")["bps"]) == {"volume", "mix", "price", "cost", "total"}
    quantiles = details("align.forecast.distribution")["quantiles"]
    assert list(quantiles) == ["p5", "p10", "p25", "p50", "p75", "p90", "p95"]
