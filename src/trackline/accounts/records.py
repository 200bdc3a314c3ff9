"""Record types of the hall."""

from __future__ import annotations

from typing import Any

from trackline.accounts import services
from trackline.accounts.models import Account, BusinessUnit, Contact, Kpi, Metric, Observation, TeamMember, User
from trackline.accounts.settings import book_currency
from trackline.kit.policy import ADMIN, Context
from trackline.kit.records.types import RecordType, caller, register, today

NO_HEALTH: dict[str, Any] = {"value": None, "band": "unknown", "as_of": None}


def _account_extra(_ctx: Context, items: list[dict[str, Any]]) -> None:
    for item in items:
        found = item["health"] or {}
        item["health"] = {name: found.get(name, empty) for name, empty in NO_HEALTH.items()}
        item["completeness"] = item["completeness"] or None


register(
    RecordType(
        name="user",
        model=User,
        section="book",
        title="name",
        account="",
        parent="",
        below="manager",
        fixed=(),
        fields=("username", "name", "email", "title", "seniority", "manager", "region", "time_zone", "active"),
        search=("name", "username", "email"),
        order="name",
        columns=("name", "username", "email", "title", "active"),
        icon="user",
        about="Our people: who owns accounts, plays and actions.",
        write_permission=ADMIN,
        lookup="username",
        intake=services.complete_user,
        completed=("username",),
        prepare=services.prepare_user,
        allow_delete=services.allow_user_delete,
    ),
    RecordType(
        name="account",
        model=Account,
        section="book",
        title="name",
        account="self",
        parent="",
        below="parent",
        fixed=(),
        fields=(
            "key", "name", "parent", "status", "tier", "industry", "business_model", "maturity", "client_fte",
            "serving_fte", "segment", "primary_use_case", "currency", "arr", "go_live_on", "renewal_date",
            "enterprise", "region", "domain", "watch", "exit_candidate", "is_decision_level", "description", "tags",
            "owner", "exec_sponsor", "customer_sponsor",
        ),
        read_only=("completeness", "health"),
        search=("name", "key", "domain", "industry", "region"),
        order="name",
        columns=("name", "tier", "status", "arr", "renewal_date", "industry", "region", "owner"),
        quick=("name", "owner", "tier", "parent", "industry", "currency", "arr", "renewal_date"),
        icon="building-2",
        about="A customer with its own contracts, routes and health.",
        lookup="key",
        defaults={"owner": caller, "currency": book_currency},
        prepare=services.prepare_account,
        after=services.after_account,
        allow_delete=services.allow_account_delete,
        extra=_account_extra,
        extra_schema={
            "health": {
                "type": "object",
                "readOnly": True,
                "description": "Headline health; `value` is null where too little is measured.",
                "properties": {
                    "value": {"type": ["number", "null"]},
                    "band": {"type": "string", "enum": ["green", "amber", "red", "unknown"]},
                    "as_of": {"type": ["string", "null"], "format": "date"},
                },
                "example": {"value": 60.0, "band": "amber", "as_of": "2026-11-23"},
            },
            "completeness": {
                "type": ["object", "null"],
                "readOnly": True,
                "description": "Percentage of each section and of all; null before it is computed for the first time.",
                "properties": {
                    name: {"type": "number"} for name in ("track", "reveal", "align", "choose", "kickoff", "total")
                },
                "example": {"track": 75, "reveal": 100, "align": 66.7, "choose": 50, "kickoff": 75, "total": 73.3},
            },
        },
        aliases={"maturity_level": "maturity"},
    ),
    RecordType(
        name="business_unit",
        model=BusinessUnit,
        section="track",
        title="name",
        fields=("account", "name", "parent", "area", "location", "active"),
        search=("name", "location"),
        order="name",
        columns=("name", "area", "location", "parent"),
        icon="network",
        about="Departments and places inside the account.",
        prepare=services.prepare_business_unit,
        below="parent",
    ),
    RecordType(
        name="contact",
        model=Contact,
        section="track",
        title="name",
        fields=(
            "account", "name", "title", "function", "business_unit", "seniority", "buying_role", "is_exec_sponsor",
            "influence", "interest", "strength", "sentiment", "relationship", "email", "phone", "location",
            "time_zone", "reports_to", "owner", "status", "status_on", "last_touch_on", "touch_days", "next_action",
            "next_action_on", "notes",
        ),
        search=("name", "title", "email", "function"),
        order="-influence,name",
        columns=("name", "title", "buying_role", "influence", "sentiment", "relationship", "last_touch_on", "owner"),
        quick=("name", "title", "email", "phone", "seniority", "buying_role", "influence", "sentiment", "reports_to"),
        icon="users",
        about="People at the customer, with their say and how they stand to us.",
        defaults={"owner": caller},
        prepare=services.prepare_contact,
        below="reports_to",
    ),
    RecordType(
        name="team_member",
        model=TeamMember,
        section="track",
        title="job_role",
        fields=("account", "user", "job_role"),
        search=("job_role",),
        order="created_at",
        columns=("user", "job_role"),
        icon="users-round",
        about="Who of us works on the account.",
    ),
    RecordType(
        name="metric",
        model=Metric,
        section="book",
        title="name",
        account="account",
        shared=True,
        fields=(
            "key", "name", "account", "unit", "direction", "kind", "refresh", "formula", "description", "source",
            "owner", "active",
        ),
        search=("name", "key"),
        order="name",
        columns=("name", "key", "unit", "direction", "refresh"),
        icon="ruler",
        about="Definitions of what is measured.",
        lookup="key",
        defaults={"owner": caller},
        intake=services.complete_metric,
        completed=("key",),
        prepare=services.prepare_metric,
        aliases={"code": "key"},
    ),
    RecordType(
        name="kpi",
        model=Kpi,
        section="track",
        title="name",
        label="KPI",
        labels="KPIs",
        resource="kpis",
        fields=(
            "account", "metric", "name", "unit", "direction", "kind", "baseline", "target", "target_on", "current",
            "refresh", "source", "agreed_with_customer", "owner", "client_owner",
        ),
        read_only=("current_on",),
        search=("name",),
        order="name",
        columns=("name", "unit", "baseline", "target", "current", "current_on", "owner"),
        quick=("name", "metric", "unit", "direction", "baseline", "target", "target_on", "current"),
        icon="gauge",
        about="The customer's own measures, with baseline and target.",
        defaults={"owner": caller},
        prepare=services.prepare_kpi,
        after=services.after_kpi,
    ),
    RecordType(
        name="observation",
        model=Observation,
        section="track",
        title="value",
        fields=("account", "metric", "kpi", "value", "on", "source", "quality", "note"),
        fixed=("account", "metric", "kpi"),
        search=("source", "note"),
        order="-on",
        columns=("on", "metric", "value", "source"),
        icon="activity",
        about="Dated values of metrics.",
        defaults={"on": today},
        intake=services.complete_observation,
        completed=("account", "metric"),
        prepare=services.prepare_observation,
        after=services.after_observation,
    ),
)  # fmt: skip
