"""Record types of the room."""

from __future__ import annotations

from trackline.accounts.settings import book_currency
from trackline.book import initiatives, services
from trackline.book.cards import services as cards
from trackline.book.dashboards import services as dashboards
from trackline.book.models import (
    BookingTarget,
    Dashboard,
    DataSteward,
    Initiative,
    Scorecard,
    ScorecardBreach,
    ScorecardLine,
    ScorecardResult,
    ScoringModel,
    ScoringScenario,
    Standing,
    StandUpEntry,
    TierDecision,
    TierOverride,
)
from trackline.book.quality import stewards
from trackline.book.risk import stand_ups
from trackline.book.scoring import scenarios, signatures
from trackline.book.tiers import deciding, overriding
from trackline.kit.policy import ADMIN
from trackline.kit.records.pointing import stays
from trackline.kit.records.types import RecordType, caller, now, register, today

stays(Standing)  # a run says what it found then
stays(ScorecardResult)  # it was judged as what it was then

register(
    RecordType(
        name="scoring_model",
        model=ScoringModel,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=(
            "name", "from_on", "normaliser", "cutoffs", "criteria", "note",
            *(name for side in signatures.SIDES for name in (side, f"{side}_signed")),
        ),
        read_only=(*(f"{side}_on" for side in signatures.SIDES), "signed_on"),
        search=("name", "note"),
        order="-from_on",
        columns=("name", "from_on", "normaliser", "cutoffs", "signed_on", "note"),
        icon="scale",
        about="Dated versions of how accounts are scored: criteria, weights, what feeds them, cut-offs, who signs.",
        write_permission=ADMIN,
        defaults={
            "from_on": today, "criteria": services.criteria_in_force,
            **{side: signatures.signer_before(side) for side in signatures.SIDES},
        },
        prepare=services.prepare_model,
        allow_delete=services.allow_model_delete,
    )
)  # fmt: skip

register(
    RecordType(
        name="scoring_scenario",
        model=ScoringScenario,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=("name", "owner", "weights", "figures", "cutoffs", "cuts", "capacities", "note"),
        search=("name", "note"),
        order="-updated_at",
        columns=("name", "owner", "cutoffs", "note"),
        icon="split",
        about="What the ranking would be under other weights, figures, cut-offs or room in tiers. The live ranking never changes.",
        defaults={"owner": caller},
        prepare=scenarios.prepare_scenario,
    )
)

register(
    RecordType(
        name="booking_target",
        model=BookingTarget,
        section="book",
        title="from_on",
        account="",
        parent="",
        fixed=(),
        fields=("owner", "period", "from_on", "value", "currency", "note"),
        search=("note",),
        order="-from_on",
        columns=("from_on", "period", "owner", "value", "note"),
        icon="target",
        about="What routes won in a month, quarter or year should bring in, for the book or for one person's accounts.",
        write_permission=ADMIN,
        defaults={"currency": book_currency},
        prepare=services.prepare_target,
    )
)

register(
    RecordType(
        name="initiative",
        model=Initiative,
        section="book",
        title="title",
        fields=(
            "account", "title", "thesis", "owner", "routes", "status", "gate",
            *(name for one in initiatives.DIMENSIONS for name in (one, f"{one}_source")),
            "start_on", "months", "budget", "currency", "hours_a_month",
        ),
        search=("title", "thesis"),
        order="-created_at",
        columns=("title", "account", "owner", "status", "gate", "start_on", "months", "budget"),
        quick=("title", "thesis", "owner", "status", "start_on", "months", "budget", "hours_a_month"),
        icon="sprout",
        about="Larger bodies of work that should make an account grow, scored before people and money go in.",
        defaults={"owner": caller},
        prepare=initiatives.prepare_initiative,
    )
)  # fmt: skip

register(
    RecordType(
        name="scorecard",
        model=Scorecard,
        section="book",
        title="name",
        account="account",
        shared=True,
        seen=cards.seen_card,
        fixed=("level", "account", "manager"),
        fields=("name", "level", "account", "manager", "audience", "decisions", "mode", "state", "note"),
        read_only=("shadow_on", "live_on", "archived_on"),
        search=("name", "audience", "note"),
        order="name",
        columns=("name", "level", "account", "manager", "mode", "state"),
        icon="clipboard-check",
        about="Metrics by which one audience decides about an account, a manager's accounts or the book.",
        prepare=cards.prepare_scorecard,
    ),
    RecordType(
        name="scorecard_line",
        model=ScorecardLine,
        section="book",
        label="Scorecard metric",
        resource="scorecard-lines",
        title="name",
        account="scorecard__account",
        shared=True,
        parent="scorecard",
        seen=cards.seen_line,
        fixed=("scorecard", "metric"),
        fields=(
            "scorecard", "metric", "name", "domain", "weight", "flag", "minimum", "committed", "stretch", "baseline", "baseline_on",
            "due_on", "method", "rationale", "serves", "owner", "client_owner", "guardrail", "guardrail_side", "guardrail_limit",
            "action",
        ),
        search=("name", "serves", "action", "rationale"),
        order="created_at",
        columns=("name", "scorecard", "domain", "weight", "minimum", "committed", "stretch", "owner"),
        quick=("metric", "domain", "weight", "minimum", "committed", "stretch", "owner"),
        icon="ruler",
        about="Metrics of scorecards: three targets, weight, owners on both sides, guardrail, and what is done when it is missed.",
        prepare=cards.prepare_line,
    ),
    RecordType(
        name="scorecard_breach",
        model=ScorecardBreach,
        section="book",
        label="Breach",
        labels="Breaches",
        resource="scorecard-breaches",
        account="line__scorecard__account",
        shared=True,
        parent="line",
        loose=("actions",),
        seen=cards.seen_breach,
        fixed=("line", "from_band"),
        gives_way=({"state": "over"},),
        fields=(
            "line", "title", "from_band", "to_band", "value", "opened_at", "owner", "state", "answer", "actions", "verdict",
            "escalated_to",
        ),
        read_only=("due_at", "answered_at", "over_at", "escalated_at", "shadow"),
        search=("title", "answer"),
        order="-opened_at",
        columns=("title", "owner", "state", "opened_at", "due_at"),
        quick=("line", "from_band", "to_band", "owner", "answer"),
        icon="alarm-clock",
        about="Metrics of scorecards that turned worse: who answers until when, and the answer.",
        defaults={"opened_at": now},
        prepare=cards.prepare_breach,
    ),
)  # fmt: skip

register(
    RecordType(
        name="dashboard",
        model=Dashboard,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        seen=dashboards.seen_by,
        fields=("name", "description", "owner", "shared", "filters", "tiles"),
        search=("name", "description"),
        order="name",
        columns=("name", "owner", "shared", "description"),
        icon="layout-dashboard",
        about="Figures, charts and lists that a person arranges, for themselves or for everybody.",
        defaults={"owner": caller},
        prepare=dashboards.prepare_dashboard,
    )
)

register(
    RecordType(
        name="data_steward",
        model=DataSteward,
        section="book",
        title="domain",
        account="",
        parent="",
        fixed=("domain",),
        fields=("domain", "person", "note"),
        search=("note",),
        order="domain",
        columns=("domain", "person", "note"),
        icon="shield-check",
        about="Who answers for the quality of the data of a domain.",
        write_permission=ADMIN,
        prepare=stewards.prepare_steward,
    )
)

register(
    RecordType(
        name="stand_up_entry",
        model=StandUpEntry,
        section="book",
        label="Stand-up entry",
        labels="Stand-up entries",
        title="week_on",
        fixed=("account", "week_on"),
        fields=("account", "week_on", "by", "note"),
        search=("note",),
        order="-week_on",
        columns=("account", "week_on", "by", "note"),
        quick=("note",),
        icon="messages-square",
        about="Accounts at risk that were discussed at the stand-up of a week, and what was said.",
        defaults={"week_on": today, "by": caller},
        prepare=stand_ups.prepare_entry,
    )
)

register(
    RecordType(
        name="tier_decision",
        model=TierDecision,
        section="book",
        title="kind",
        gives_way=({"status": "withdrawn"},),
        fields=(
            "account", "kind", "to_tier", "trigger", "status", "rationale", "roi", "resources", "customer_message", "sunset_plan",
            "waiver", "answers", "fits_strategy", "anomalies_resolved", "funded", "customer_value", "monitor_owner",
            "kam_leader", "kam_leader_signed", "finance_head", "finance_head_signed", "exec_sponsor", "exec_sponsor_signed",
            "committee_on", "committee_note", "effective_on", "team_told_on", "systems_done_on", "customer_told_on",
        ),
        read_only=(
            "from_tier", "kam_leader_on", "finance_head_on", "exec_sponsor_on", "evidence", "submitted_on", "decided_on",
            "applied_on", "watch_until", "churn_before",
        ),
        search=("rationale", "committee_note"),
        order="-created_at",
        columns=("account", "kind", "from_tier", "to_tier", "status", "committee_on", "effective_on"),
        quick=("kind", "to_tier", "trigger", "rationale"),
        icon="layers",
        about="Moves of accounts between tiers: brief with evidence, three signatures, the committee, 90 days of watch.",
        prepare=deciding.prepare_decision,
        after=deciding.after_decision,
        allow_delete=deciding.allow_decision_delete,
    ),
    RecordType(
        name="tier_override",
        model=TierOverride,
        section="book",
        title="tier",
        gives_way=({"state": "revoked"},),
        fields=(
            "account", "tier", "reason", "requested_by", "approver", "board_visible", "granted_on", "sunset_on", "state",
        ),
        read_only=("from_tier", "ended_on", "lapsed_to"),
        search=("reason",),
        order="-created_at",
        columns=("account", "tier", "reason", "approver", "state", "sunset_on"),
        quick=("tier", "reason", "approver", "sunset_on"),
        icon="shield-alert",
        about="Tiers that somebody of rank sets beside the model, with a reason, until a day on which they end by themselves.",
        required=("reason", "approver"),
        defaults={"requested_by": caller, "sunset_on": overriding.in_half_a_year},
        prepare=overriding.prepare_override,
        after=overriding.after_override,
    ),
)  # fmt: skip
