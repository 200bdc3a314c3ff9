"""How accounts came to their tiers: decisions with their signatures, and overrides."""

from __future__ import annotations

from typing import Any

from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft

_BOXES = ("fits_strategy", "anomalies_resolved", "funded", "customer_value")
_TEXTS = ("rationale", "roi", "resources", "customer_message", "sunset_plan", "waiver", "answers", "trigger")
_SIGNERS = ("kam_leader", "finance_head", "exec_sponsor")
_CLERK = "ro"
"""Who keeps the committee's decisions."""


def add_tiers(book: Book, story: Story) -> None:
    """Draft the decision on an account's tier, if there is one, how it went on, and an override."""
    for number, row in enumerate(story.rows("tier_moves"), 1):
        _decision(book, story, f"tier_decision:{story.key}/{number}", row)
    for number, row in enumerate(story.rows("tier_overrides"), 1):
        _override(book, story, f"tier_override:{story.key}/{number}", row)


def _decision(book: Book, story: Story, name: str, row: dict[str, Any]) -> None:
    when = story.when
    people = {field: story.user(code) for field, code in zip(_SIGNERS, row["signers"], strict=True)}
    data = slim(
        account=story.account,
        kind=row["kind"],
        to_tier=row.get("to"),
        monitor_owner=story.owner,
        **people,
        **{field: row[field] for field in _TEXTS if field in row},
        **dict.fromkeys(_BOXES, bool(row.get("submitted"))),
    )
    book.add(Draft(name, when.written(row["drafted"], name), story.owner, data))
    if "submitted" in row:
        book.amend(name, when.written(row["submitted"], f"{name}/submitted"), story.owner, status="sign_off")
    for field, day in zip(_SIGNERS, row.get("signed", ()), strict=False):
        signature: dict[str, Any] = {f"{field}_signed": True}
        book.amend(name, when.written(day, f"{name}/{field}"), people[field], **signature)
    if "decided" not in row:
        return
    outcome = slim(status=row["outcome"], committee_note=row.get("note"), effective_on=when.maybe(row.get("effective")))
    clerk = story.user(_CLERK)
    book.amend(name, when.written(row["decided"], f"{name}/decided"), clerk, **outcome)
    if "effective" in row:
        at = when.written(row["effective"], f"{name}/effective")
        if row["effective"] > row["decided"]:
            book.amend(name, at, clerk, status="effective")
        for field, days in row.get("told", {}).items():
            on = row["effective"] + days
            step: dict[str, Any] = {field: when.day(on)}
            book.amend(name, when.written(on, f"{name}/{field}"), story.owner, **step)


def _override(book: Book, story: Story, name: str, row: dict[str, Any]) -> None:
    when, by = story.when, story.user(row["by"])
    data = {
        "account": story.account, "tier": row["tier"], "reason": row["reason"], "approver": by, "requested_by": story.owner,
        "sunset_on": when.day(row["until"]),
    }  # fmt: skip
    book.add(Draft(name, when.written(row["on"], name), by, data))
    if row["until"] <= 0:
        book.amend(name, when.written(row["until"], f"{name}/ended"), story.user(_CLERK), state="expired")
