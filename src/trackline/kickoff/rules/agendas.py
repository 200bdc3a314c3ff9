"""Agendas: those every book starts with, and what an agenda as it is written adds up to.

A block is a line `15 min Value delivered`; a line without minutes belongs to the block above it.
Source: QBR-01, QBR-02, QBR-07, CAD-02, KCK-10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml

CadenceType = Literal["internal_sync", "client_checkin", "qbr", "exec_sponsor", "other"]
_LINE = re.compile(r"^\s*(?:[-*•]\s*)?(\d{1,3})\s*(?:min(?:utes)?\.?|')\s*[:·\-–]?\s*(.*)$", re.IGNORECASE)
TICKETS = re.compile(r"\b(tickets?|support|incidents?)\b", re.IGNORECASE)
PRODUCT = re.compile(r"\b(product (news|update)|release notes|roadmap|demo)\b", re.IGNORECASE)
TICKET_SHARE_PCT = 20
"""More of the agenda than this on tickets hijacks a review. Source: portfolio:QBR-14."""


class Block(BaseModel):
    """A part of an agenda."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: PositiveInt
    says: str


class Agenda(BaseModel):
    """One that is shipped. Its blocks fill its minutes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    says: str
    minutes: PositiveInt
    type: CadenceType
    blocks: tuple[Block, ...]
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Agenda:
        if sum(block.minutes for block in self.blocks) != self.minutes:
            raise ValueError(f"agenda {self.key}: its blocks do not add up to {self.minutes} minutes")
        if self.origin != "stated" and not self.why:
            raise ValueError(f"agenda {self.key} is {self.origin} and needs a why")
        check_source(self.source)
        return self

    @property
    def text(self) -> str:
        """The agenda as it is written into a meeting."""
        return "\n".join(f"{block.minutes} min {block.says}" for block in self.blocks)


@cache
def shipped() -> tuple[Agenda, ...]:
    """Return what every book starts with, checked."""
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(TypeAdapter(list[Agenda]).validate_python(raw))


@dataclass(frozen=True)
class Point:
    """A block of a written agenda with when it begins, in minutes from the start."""

    minutes: int | None
    says: str
    begins: int


def points(text: str) -> list[Point]:
    """Return the blocks of a written agenda in their order; lines without minutes have None and take no time."""
    found, begins = [], 0
    for line in text.splitlines():
        if not line.strip():
            continue
        hit = _LINE.match(line)
        minutes = int(hit[1]) if hit else None
        found.append(Point(minutes, hit[2].strip() if hit else line.strip().lstrip("-*• "), begins))
        begins += minutes or 0
    return found


def warnings(text: str, slot: int | None, *, review: bool, decision_maker: bool | None) -> list[str]:
    """Return what is wrong with an agenda: it does not fit its slot; for reviews also what spoils them.

    `decision_maker`: whether somebody who decides is invited, None if nobody of the customer is known.
    Source: QBR-02, QBR-07, portfolio:QBR-07, portfolio:QBR-14.
    """
    blocks = points(text)
    total = sum(point.minutes or 0 for point in blocks)
    said = []
    if slot and total > slot:
        said.append(f"The agenda takes {total} minutes, the meeting has {slot}.")
    if not review:
        return said
    if blocks and TICKETS.search(blocks[0].says):
        said.append("It opens with tickets; begin with the customer's business.")
    elif blocks and PRODUCT.search(blocks[0].says):
        said.append("It opens with the product; begin with the customer's business.")
    tickets = sum(point.minutes or 0 for point in blocks if TICKETS.search(point.says))
    if total and tickets * 100 > total * TICKET_SHARE_PCT:
        said.append(f"Tickets take {tickets} of {total} minutes; a review spends at most {TICKET_SHARE_PCT} % on them.")
    if decision_maker is False:
        said.append("Nobody who decides is invited.")
    return said
