"""The health of an account: its two models by name, and how long a headline holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trackline.core.playbook import Rule
from trackline.core.playbook.columns import Twin
from trackline.track.rules.health_inputs import RELATIONSHIP, USAGE
from trackline.track.rules.health_relationship import relationship
from trackline.track.rules.health_twins import relationship_twin, usage_twin
from trackline.track.rules.health_usage import usage

RULES: Mapping[str, Rule] = {USAGE: usage, RELATIONSHIP: relationship}
TWINS: Mapping[str, Twin] = {USAGE: usage_twin, RELATIONSHIP: relationship_twin}
MODELS: Mapping[str, str] = {rule.id: name for name, rule in RULES.items()}
"""The name of the model by the id of its rule."""
STALE_DAYS = 8
"""A headline older than this is stale. Source: HLT-04."""
BACK_DAYS = 14
"""How far before the window the earlier score may lie that the headline is compared with."""
JUDGED: Mapping[str, Sequence[str]] = {
    "product_usage": ("active_seat_pct",),
    "feature_adoption": ("core_features_used",),
    "relationship": ("nps_rating",),
    "support_tickets": ("ticket_trend",),
    "success_metrics": ("targets_met_pct",),
    "engagement": ("engagement_pct",),
    "share_of_voice": ("share_of_voice_pct",),
    "response_latency": ("response_latency_hours",),
    "escalation_index": ("escalation_index",),
    "benefit_realization": ("benefit_realization_pct",),
    "advocacy": ("nps", "csat"),
    "champion_velocity": ("champion_velocity",),
    "competitive_intrusion": ("competitive_intrusion",),
}
"""The inputs that each part of the two models judges."""
