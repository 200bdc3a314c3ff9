"""Record types and section of A: Align the Routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.completeness import Check, Section, register_section
from trackline.accounts.settings import book_currency
from trackline.align import pipelines, qualification, queries, services
from trackline.align.models import (
    Contract,
    ContractItem,
    Pipeline,
    Product,
    Project,
    Qualification,
    RenewalCycle,
    Route,
    Stage,
)
from trackline.align.rules import completeness
from trackline.kit.policy import ADMIN
from trackline.kit.records.keys import key_from
from trackline.kit.records.types import RecordType, caller, nothing, register


def _checks(facts: Mapping[str, Any]) -> list[Check]:
    return [Check(*row) for row in completeness.checks(facts)]


register_section(
    Section("align", "A", "Align the Routes", "Where does growth come from?", queries.completeness_facts, _checks)
)

register(
    RecordType(
        name="product",
        model=Product,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=("name", "family", "description", "list_price", "currency", "active"),
        search=("name", "family"),
        order="name",
        columns=("name", "family", "list_price", "currency", "active"),
        icon="package",
        about="What we sell.",
        defaults={"currency": book_currency},
    ),
    RecordType(
        name="project",
        model=Project,
        section="align",
        title="name",
        shared=True,
        fields=("name", "code", "account", "status", "start_on", "due_on", "delivery_rag", "budget", "owner"),
        search=("name", "code"),
        order="name",
        columns=("name", "status", "delivery_rag", "due_on", "owner"),
        quick=("name", "status", "due_on", "owner"),
        icon="hammer",
        about="Delivery work that won routes lead to.",
        defaults={"owner": caller},
    ),
    RecordType(
        name="pipeline",
        model=Pipeline,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=("key", "name", "is_default", "active"),
        search=("name", "key"),
        order="name",
        columns=("name", "key", "is_default", "active"),
        icon="workflow",
        about="Ordered stages that routes pass through.",
        write_permission=ADMIN,
        lookup="key",
        intake=key_from(Pipeline, "name", otherwise="pipeline"),
        completed=("key",),
        prepare=pipelines.prepare_pipeline,
        after=pipelines.after_pipeline,
        allow_delete=pipelines.allow_pipeline_delete,
    ),
    RecordType(
        name="stage",
        model=Stage,
        section="book",
        title="name",
        account="",
        parent="pipeline",
        fixed=("pipeline",),
        fields=("pipeline", "key", "name", "state", "probability", "position"),
        search=("name", "key"),
        order="position",
        columns=("pipeline", "position", "name", "state", "probability"),
        icon="git-commit-horizontal",
        about="Stages of a pipeline, each mapped to a TRACK state.",
        write_permission=ADMIN,
        defaults={"state": pipelines.first_state, "probability": nothing},
        intake=key_from(Stage, "name", otherwise="stage"),
        completed=("key",),
        prepare=pipelines.prepare_stage,
        allow_delete=pipelines.allow_stage_delete,
    ),
    RecordType(
        name="contract",
        model=Contract,
        section="align",
        title="ref",
        fields=(
            "account", "ref", "start_on", "end_on", "term_months", "auto_renew", "notice_days", "currency", "arr",
            "tcv", "terms",
        ),
        search=("ref", "terms"),
        order="-end_on",
        columns=("ref", "start_on", "end_on", "notice_days", "arr", "auto_renew"),
        quick=("ref", "start_on", "end_on", "notice_days", "arr", "auto_renew"),
        icon="file-signature",
        about="What is signed, until when, and when notice is due.",
        prepare=services.prepare_contract,
        aliases={"title": "ref", "start": "start_on", "end": "end_on"},
    ),
    RecordType(
        name="contract_item",
        model=ContractItem,
        section="align",
        title="product",
        account="contract__account",
        parent="contract",
        fixed=("contract",),
        fields=("contract", "product", "capacity_type", "contracted_qty", "unit", "arr"),
        search=("unit",),
        order="created_at",
        columns=("contract", "product", "contracted_qty", "unit", "arr"),
        icon="list",
        about="Products inside a contract.",
    ),
    RecordType(
        name="renewal_cycle",
        model=RenewalCycle,
        section="align",
        title="renewal_date",
        fields=(
            "account", "contract", "renewal_date", "state", "arr_up", "proposed_arr", "forecast", "signed_on", "owner",
            "note",
        ),
        search=("note",),
        order="renewal_date",
        columns=("renewal_date", "state", "arr_up", "forecast", "owner"),
        quick=("renewal_date", "contract", "arr_up", "owner"),
        icon="refresh-cw",
        about="Each renewal from preparation to signature.",
        defaults={"owner": caller, "renewal_date": nothing},
        prepare=services.prepare_renewal_cycle,
    ),
    RecordType(
        name="route",
        model=Route,
        section="align",
        fields=(
            "account", "title", "type", "state", "pipeline", "stage", "state_since", "probability",
            "probability_override_reason", "risk", "effort", "value", "currency", "expected_close_on", "closed_on",
            "owner", "product", "business_unit", "goal", "renewal", "trigger_event", "description", "close_reason",
            "close_note", "revisit_on", "rework", "projects",
        ),
        search=("title", "trigger_event", "description"),
        order="-value",
        columns=("title", "type", "state", "value", "probability", "expected_close_on", "owner", "projects"),
        quick=("title", "type", "value", "probability", "expected_close_on", "owner", "product", "trigger_event"),
        icon="git-branch",
        about="Ways to grow the account, from identified to won.",
        defaults={"owner": caller},
        prepare=services.prepare_route,
        after=services.after_route,
        aliases={"est_value": "value", "expected_close": "expected_close_on"},
    ),
    RecordType(
        name="qualification",
        model=Qualification,
        section="align",
        title="dimension",
        account="route__account",
        parent="route",
        fixed=("route", "dimension"),
        fields=("route", "dimension", "score", "evidence", "contact", "on"),
        search=("evidence",),
        order="-on",
        columns=("dimension", "score", "evidence", "contact", "on"),
        quick=("dimension", "score", "evidence", "contact", "on"),
        icon="list-checks",
        about="What is known of a deal by MEDDICC+, each finding with its evidence and day.",
        defaults={"on": qualification.today},
        prepare=qualification.prepare_qualification,
    ),
)  # fmt: skip
