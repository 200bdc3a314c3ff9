"""Columns of the segmentation register: who answers for the data, what feeds them, which decision they serve. Source: PF-17."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from trackline.core.playbook.data import read_yaml

Words = Annotated[str, Field(min_length=3, max_length=120)]


class RegisterColumn(BaseModel):
    """A column; `owner` is the domain of data whose steward answers for it. A column without owner, feed or decision is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Words
    label: Words
    owner: Literal["accounts", "contacts", "routes", "contracts", "measures", "plan"]
    feed: Words
    serves: Words


@cache
def register_columns() -> tuple[RegisterColumn, ...]:
    """Return the columns in their order. Raises `ValueError` for one without owner, feed or decision, or there twice."""
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    found = tuple(TypeAdapter(list[RegisterColumn]).validate_python(raw))
    if len({one.key for one in found}) < len(found):
        raise ValueError("a column is there twice")
    return found
