"""The surveys that can be sent: their questions, whom they reach, and when a question may change. Pure; data beside it.

Source: SUR-01, SUR-02, SUR-14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.playbook.data import check_source

LOCKED_DAYS = 365
"""Questions and scales stay for so long, so that waves compare. Source: SUR-14."""
SCALES: Mapping[str, tuple[int, int]] = {"recommend": (0, 10), "agree": (1, 5), "ease": (1, 7)}
"""The scales by kind of question; `text` is the other kind. Source: SUR-01."""
SECONDS: Mapping[str, int] = {"text": 45}
SCALE_SECONDS = 15
LONGEST_SECONDS = 300
"""A survey takes less than five minutes: 15 seconds a scale, 45 a text. Source: SUR-01."""


@dataclass(frozen=True)
class Question:
    """A question: the field of the response that keeps its answer, its kind, its words and what the ends mean."""

    field: str
    kind: str
    text: str
    low: str = ""
    high: str = ""
    optional: bool = True
    about: Mapping[str, str] | None = None

    @property
    def scale(self) -> Sequence[int]:
        """The answers that can be given, or none for a text."""
        ends = SCALES.get(self.kind)
        return range(ends[0], ends[1] + 1) if ends else ()

    def asked(self, about: str) -> str:
        """The question as it is put, with the team it asks about."""
        return self.text.replace("{team}", (self.about or {}).get(about, about))


@dataclass(frozen=True)
class Part:
    """Questions under one heading."""

    title: str
    questions: Sequence[Question]


@dataclass(frozen=True)
class Instrument:
    """A survey in one version. `feeds` tells whether its results go into the metrics of the account."""

    key: str
    version: int
    since: date
    says: str
    feeds: bool
    parts: Sequence[Part]

    @property
    def questions(self) -> list[Question]:
        """All questions in order."""
        return [question for part in self.parts for question in part.questions]

    @property
    def seconds(self) -> int:
        """How long it takes. Source: SUR-01."""
        return sum(SECONDS.get(question.kind, SCALE_SECONDS) for question in self.questions)

    @property
    def editable_from(self) -> date:
        """From when a next version may ask otherwise. Source: SUR-14."""
        return self.since + timedelta(days=LOCKED_DAYS)


@dataclass(frozen=True)
class Surveys:
    """The data file."""

    instruments: Sequence[Instrument]
    audiences: Mapping[str, str]

    def in_force(self, key: str, on: date) -> Instrument:
        """Return a survey in the version of a day; before the first one, the first."""
        versions = sorted((one for one in self.instruments if one.key == key), key=lambda one: one.since)
        return next((one for one in reversed(versions) if one.since <= on), versions[0])

    def version(self, key: str, number: int | None, on: date) -> Instrument:
        """Return a survey in the version that was sent."""
        found = (one for one in self.instruments if one.key == key and one.version == number)
        return next(found, self.in_force(key, on))

    def audience_of(self, seniority: str) -> str:
        """Return the audience of a contact by seniority, or an empty text. Source: SUR-02."""
        return self.audiences.get(seniority, "")


@cache
def surveys() -> Surveys:
    """Return the surveys. Raises `ValueError` for data that break a rule: too long, changed too early, no source."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return read(raw)


def read(raw: Mapping[str, Any]) -> Surveys:
    """Read and check the data."""
    check_source(raw["audiences"]["source"])
    found = [_instrument(row) for row in raw["surveys"]]
    for one in found:
        if one.seconds >= LONGEST_SECONDS:
            raise ValueError(
                f"{one.key} {one.version} takes {one.seconds} seconds; less than {LONGEST_SECONDS} is allowed"
            )
        for later in found:
            if later.key == one.key and later.version == one.version + 1 and later.since < one.editable_from:
                raise ValueError(f"{one.key} may change from {one.editable_from}, not from {later.since}")
    return Surveys(found, dict(raw["audiences"]["values"]))


def _instrument(row: Mapping[str, Any]) -> Instrument:
    check_source(row["source"])
    parts = [Part(part["title"], [Question(**question) for question in part["questions"]]) for part in row["parts"]]
    for part in parts:
        for question in part.questions:
            if question.kind != "text" and question.kind not in SCALES:
                raise ValueError(f"{question.field} has no scale {question.kind}")
    return Instrument(row["key"], row["version"], row["since"], row["says"], row["feeds"], parts)
