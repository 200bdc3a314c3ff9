"""How the effect of another scoring on the book is described."""

from __future__ import annotations

from typing import Any

_PLACE = {
    "type": ["object", "null"],
    "description": "null where the account is not ranked.",
    "properties": {"rank": {"type": "integer"}, "score": {"type": "number"}, "tier": {"type": ["integer", "null"]}},
}
EFFECT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "accounts": {"type": "integer", "description": "Accounts scored."},
        "changed": {"type": "integer", "description": "Accounts whose score, rank or tier would be another."},
        "tiers": {"type": "integer", "description": "Accounts that would be proposed for another tier."},
        "effects": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "account": {"type": "string"},
                    "key": {"type": "string"},
                    "name": {"type": "string"},
                    "before": _PLACE,
                    "after": _PLACE,
                    "ranks_gained": {"type": ["integer", "null"]},
                    "delta": {"type": ["number", "null"], "description": "Change of the score in points of 100."},
                },
            },
        },
        "criteria": {
            "type": "array",
            "items": {"type": "object"},
            "description": "What each would weigh and be fed by.",
        },
        "cuts": {"type": "array", "items": {"type": ["number", "null"]}},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["accounts", "changed", "tiers", "effects", "criteria", "cuts", "notes"],
}
EXAMPLE: dict[str, Any] = {
    "accounts": 38,
    "changed": 2,
    "tiers": 1,
    "effects": [
        {
            "account": "17",
            "key": "okada-brandt-mobility",
            "name": "Okada Brandt Mobility",
            "before": {"rank": 4, "score": 66.2, "tier": 2},
            "after": {"rank": 3, "score": 68.9, "tier": 1},
            "ranks_gained": 1,
            "delta": 2.7,
        }
    ],
    "criteria": [],
    "cuts": [67, 46.2, 30.1],
    "notes": [],
}
