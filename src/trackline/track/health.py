"""The health of an account: its two models by name, and how long a headline holds."""

from __future__ import annotations

from collections.abc import Mapping

from trackline.core.playbook import Rule
from trackline.track.rules.health_inputs import RELATIONSHIP, USAGE
from trackline.track.rules.health_relationship import relationship
from trackline.track.rules.health_usage import usage

RULES: Mapping[str, Rule] = {USAGE: usage, RELATIONSHIP: relationship}
MODELS: Mapping[str, str] = {rule.id: name for name, rule in RULES.items()}
"""The name of the model by the id of its rule."""
STALE_DAYS = 8
"""A headline older than this is stale. Source: HLT-04."""
BACK_DAYS = 14
"""How far before the window the earlier score may lie that the headline is compared with."""
