"""Documents that `trackline export` writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from trackline.documents.papers.files import FORMATS
from trackline.documents.plans.live import plan_of
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Asked:
    """What is to be written: of which account, as of when, which copy, with the accounts below or without."""

    account: str
    on: date | None
    edition: str
    group: bool


@dataclass(frozen=True)
class Kind:
    """A document by its word: the endings that it is written with, and what makes its content."""

    endings: tuple[str, ...]
    make: Callable[[Context, Asked, str], bytes]


def _plan(ctx: Context, asked: Asked, ending: str) -> bytes:
    account = get(ctx, registry.get("account"), asked.account)
    plan = plan_of(ctx, account, on=asked.on, group=asked.group)
    if ending == "json":
        return (json.dumps(plan.to_json(asked.edition), ensure_ascii=False, indent=1) + "\n").encode()
    return FORMATS[ending].draw(plan.paper(asked.edition))


KINDS: Mapping[str, Kind] = {"plan": Kind((*FORMATS, "json"), _plan)}


def content_of(ctx: Context, kind: str, asked: Asked, target: Path) -> bytes:
    """Return the content of a document in the format that the ending of the file asks for."""
    found = KINDS[kind]
    if not asked.account:
        raise click.UsageError(f"export {kind} needs an account, by key or id.")
    ending = target.suffix.lower().removeprefix(".")
    if ending not in found.endings:
        listed = ", ".join(f".{one}" for one in found.endings)
        raise click.UsageError(f"--to {target}: end the name with one of {listed}.")
    return found.make(ctx, asked, ending)
