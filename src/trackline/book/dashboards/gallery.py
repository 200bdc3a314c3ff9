"""The gallery: which tiles there are, how they are drawn, and what can be chosen of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from trackline.core.playbook.data import read_yaml

Shape = Literal["figure", "bars", "columns", "line", "waterfall", "list"]
WIDTHS, HEIGHTS = (2, 12), (2, 8)
"""Least and most twelfths of the width, and rows, that a tile takes."""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen of a tile: from `choices`, from what `source` offers, or `free` text."""

    name: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    source: str = ""
    free: bool = False
    help: str = ""


@dataclass(frozen=True)
class TileKind:
    """A tile of the gallery; `good` is the direction of a change that is welcome: up, down."""

    key: str
    shape: Shape
    group: str
    title: str
    says: str
    how: str
    rule: str = ""
    page: str = ""
    w: int = 3
    h: int = 2
    good: str = "up"
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class Gallery:
    """Kinds of tiles by key, in order, and the words of their groups."""

    groups: Mapping[str, str]
    kinds: Mapping[str, TileKind]


@cache
def gallery() -> Gallery:
    """Return the gallery. Raises `ValueError` for a tile of an unknown group or shape, or with a default that is no choice."""
    found: Mapping[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    kinds = {}
    for row in found["tiles"]:
        options = {name: _option(name, told) for name, told in row.pop("options", {}).items()}
        kind = TileKind(**row, options=options)
        if kind.group not in found["groups"] or kind.shape not in get_args(Shape) or kind.key in kinds:
            raise ValueError(f"{kind.key}: an unknown group or shape, or told twice.")
        kinds[kind.key] = kind
    return Gallery(found["groups"], kinds)


def _option(name: str, told: Mapping[str, Any]) -> Option:
    choices = told.get("choices", {})
    if choices and told.get("default") not in choices:
        raise ValueError(f"{name}: its default is none of its choices.")
    return Option(
        name, told["label"], choices, told.get("default", ""), told.get("from", ""), told.get("free", False),
        told.get("help", ""),
    )  # fmt: skip


@cache
def starting() -> tuple[Mapping[str, Any], ...]:
    """Return the tiles that a dashboard starts with."""
    found: Mapping[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(found["starting"])
