"""What a version of a plan keeps, as plain JSON: `{"template", "sections", "facts", "texts"}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trackline.documents.models import PlanSection


@dataclass(frozen=True)
class Text:
    """What somebody wrote into a section. `pk` is that of the record, None in a version."""

    text: str
    owner: str
    updated_at: datetime
    pk: int | None = None
    owner_id: int | None = None


def text_of(row: PlanSection) -> Text:
    """Return a text as it stands."""
    return Text(row.text, row.owner.name if row.owner else "", row.updated_at, row.pk, row.owner_id)


def freeze(
    template: str, sections: Sequence[str], facts: Mapping[str, Any], texts: Mapping[str, Text]
) -> dict[str, Any]:
    """Return what a version keeps."""
    return {
        "template": template,
        "sections": list(sections),
        "facts": dict(facts),
        "texts": {
            code: {"text": one.text, "owner": one.owner, "updated_at": one.updated_at.isoformat()}
            for code, one in texts.items()
        },
    }


def thaw(kept: Mapping[str, Any]) -> dict[str, Text]:
    """Return the texts that a version kept."""
    return {
        code: Text(one["text"], one["owner"], datetime.fromisoformat(one["updated_at"]))
        for code, one in kept["texts"].items()
    }
