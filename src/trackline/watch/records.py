"""Record types of the watch."""

from __future__ import annotations

from trackline.kit.records.types import RecordType, caller, register
from trackline.watch import services
from trackline.watch.models import Alert

register(
    RecordType(
        name="alert",
        model=Alert,
        section="watch",
        gives_way=({"state": "closed"},),
        fields=(
            "account", "title", "rule", "severity", "state", "owner", "backup", "fired_at", "last_seen_at", "count",
            "ack_due_at", "diagnose_due_at", "eta_at", "diagnosis", "escalated_to", "verdict", "note", "plays", "evidence",
            "dedupe_key",
        ),
        read_only=("acknowledged_at", "diagnosed_at", "escalated_at", "cleared_at", "closed_at"),
        search=("title", "rule"),
        order="-fired_at",
        columns=("title", "severity", "state", "owner", "fired_at"),
        quick=("title", "rule", "severity", "owner"),
        icon="bell",
        about="What needs attention, with an owner and clocks.",
        defaults={"owner": caller, "rule": services.by_hand},
        prepare=services.prepare_alert,
    ),
)  # fmt: skip
