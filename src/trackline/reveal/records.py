"""Record types and section of R: Reveal the Goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.completeness import Check, Section, register_section
from trackline.kit.records.types import RecordType, caller, nothing, register, today
from trackline.reveal import cases, check_ins, queries, services
from trackline.reveal.models import (
    BusinessCase,
    CaseLine,
    CheckIn,
    CustomerPriority,
    Goal,
    KeyResult,
    Objective,
    ValueOutcome,
)
from trackline.reveal.rules import completeness


def _checks(facts: Mapping[str, Any]) -> list[Check]:
    return [Check(*row) for row in completeness.checks(facts)]


register_section(
    Section("reveal", "R", "Reveal the Goals", "What must come true?", queries.completeness_facts, _checks)
)

register(
    RecordType(
        name="customer_priority",
        model=CustomerPriority,
        section="reveal",
        label="Customer priority",
        labels="Customer priorities",
        gives_way=({"rank": 1}, {"rank": 2}, {"rank": 3}),
        fields=("account", "title", "rank", "source", "source_ref", "on", "fiscal_year", "pain_points"),
        search=("title",),
        order="-fiscal_year,rank",
        columns=("fiscal_year", "rank", "title", "source", "on"),
        quick=("title", "rank", "source", "on"),
        icon="list-ordered",
        about="The customer's top three priorities of the year, with where you heard them.",
        defaults={"on": today, "rank": nothing, "source": services.other_source},
        prepare=services.prepare_priority,
    ),
    RecordType(
        name="objective",
        model=Objective,
        section="reveal",
        account="",
        parent="",
        fixed=(),
        fields=("title", "description", "period", "owner", "progress_pct", "status", "external_ref"),
        search=("title", "period"),
        order="-period,title",
        columns=("title", "period", "owner", "progress_pct", "status"),
        icon="target",
        about="Our own objectives that goals contribute to.",
        defaults={"owner": caller},
    ),
    RecordType(
        name="key_result",
        model=KeyResult,
        section="reveal",
        account="",
        parent="objective",
        fixed=("objective",),
        fields=("objective", "title", "baseline", "target", "current"),
        order="created_at",
        columns=("title", "baseline", "target", "current"),
        icon="list-checks",
        about="Measured results of an objective.",
    ),
    RecordType(
        name="goal",
        model=Goal,
        section="reveal",
        fields=(
            "account", "title", "description", "domain", "unit", "direction", "baseline", "target", "current",
            "progress_mode", "status", "status_mode", "owner", "client_owner", "priority", "start_on", "due_on",
            "kpis", "objectives", "pain_points",
        ),
        read_only=("progress_pct",),
        search=("title", "description"),
        order="due_on",
        columns=("title", "status", "baseline", "current", "target", "progress_pct", "due_on", "owner", "kpis"),
        quick=("title", "unit", "baseline", "target", "current", "start_on", "due_on", "owner", "kpis", "objectives"),
        icon="goal",
        about="Two or three outcomes the customer must see, with baseline and target.",
        defaults={"owner": caller, "start_on": today},
        prepare=services.prepare_goal,
        after=services.after_goal,
    ),
    RecordType(
        name="check_in",
        model=CheckIn,
        section="reveal",
        label="Check-in",
        title="comment",
        account="goal__account",
        parent="goal",
        fixed=("goal",),
        fields=("goal", "on", "value", "progress_override", "confidence", "status", "comment", "author"),
        search=("comment",),
        order="-on",
        columns=("on", "goal", "value", "confidence", "comment"),
        quick=("value", "confidence", "comment", "on"),
        icon="circle-check",
        about="Dated updates of a goal.",
        defaults={"on": today, "author": caller},
        prepare=check_ins.prepare_check_in,
        after=check_ins.after_check_in,
    ),
    RecordType(
        name="value_outcome",
        model=ValueOutcome,
        section="reveal",
        fields=(
            "account", "title", "goal", "kpi", "before", "after", "unit", "period", "money", "committed", "basis",
            "baseline_source", "on", "verified_by", "verified_on", "evidence_url",
        ),
        search=("title",),
        order="-created_at",
        columns=("title", "before", "after", "money", "verified_by", "verified_on"),
        quick=("title", "before", "after", "unit", "money", "committed", "goal", "verified_by", "verified_on"),
        icon="badge-check",
        about="Value delivered, before and after, in the customer's money and confirmed by a name.",
        defaults={"on": today},
        prepare=services.prepare_value_outcome,
    ),
    RecordType(
        name="business_case",
        model=BusinessCase,
        section="reveal",
        label="Business case",
        fields=("account", "title", "goal", "discount_rate_pct", "owner", "note"),
        search=("title", "note"),
        order="-created_at",
        columns=("title", "goal", "discount_rate_pct", "owner"),
        quick=("title", "goal", "discount_rate_pct", "owner"),
        icon="calculator",
        about="What a promise costs and brings, year by year, with its present value, return and payback.",
        defaults={"owner": caller},
    ),
    RecordType(
        name="case_line",
        model=CaseLine,
        section="reveal",
        label="Cash flow",
        title="title",
        account="business_case__account",
        parent="business_case",
        fixed=("business_case",),
        fields=("business_case", "year", "title", "kind", "benefit", "cost"),
        search=("title",),
        order="year",
        columns=("year", "title", "kind", "benefit", "cost"),
        quick=("year", "title", "kind", "benefit", "cost"),
        icon="coins",
        about="Benefits and costs of a business case by year; year 0 is today.",
        prepare=cases.prepare_line,
    ),
)  # fmt: skip
