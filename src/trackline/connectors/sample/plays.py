"""What is done in the next 30, 60 and 90 days: plays and their steps."""

from __future__ import annotations

from typing import Any

from trackline.choose.rules.shipped import shipped
from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft


def add_plays(book: Book, story: Story) -> None:
    """Draft plays as they were started, their steps, and what was done since."""
    when = story.when
    for row in story.rows("plays"):
        key = f"play:{story.key}/{row['id']}"
        owner = story.user(row["owner"])
        playbook = row.get("playbook")
        anchor = row.get("anchor")
        due = row.get("due", anchor + 14 if anchor is not None else None)
        data = slim(
            account=story.account,
            title=row["title"],
            horizon=row.get("horizon"),
            playbook=f"playbook:{playbook}" if playbook else None,
            anchor_on=when.maybe(anchor),
            status="planned" if row["status"] == "planned" else "in_progress",
            owner=owner,
            start_on=when.day(row["start"]),
            due_on=when.maybe(due),
            success_criterion=row.get("criterion"),
            goal=story.local("goal", row.get("goal")),
            routes=[f"route:{story.key}/{name}" for name in row.get("routes", [])],
            assignments=[f"assignment:{name}" for name in row.get("assignments", [])],
        )
        book.add(Draft(key, when.written(row["start"], key), owner, data))
        _add_steps(book, story, key, row)
        if playbook:
            _amend_playbook_steps(book, story, key, row)
        if row["status"] == "done":
            book.amend(key, when.written(row["done"], key), owner, status="done")
        elif row["status"] == "blocked":
            reason = row["blocked"]
            at = when.written(row["start"] + 9, key)
            book.amend(key, at, owner, status="blocked", blocked_reason=reason)
        elif row["status"] == "cancelled":
            book.amend(key, when.written(row["due"], key), owner, status="cancelled", cancel_reason=row["cancel"])


def add_stand_ups(book: Book, story: Story) -> None:
    """Draft what the weekly stand-ups said of the account while it was at risk."""
    for number, row in enumerate(story.rows("stand_ups"), 1):
        key = f"stand_up_entry:{story.key}/{number}"
        by = story.user(row["by"])
        data = slim(account=story.account, week_on=story.when.day(row["on"]), by=by, note=row["note"])
        book.add(Draft(key, story.when.written(row["on"], key), by, data))


def _add_steps(book: Book, story: Story, play: str, row: dict[str, Any]) -> None:
    when = story.when
    for number, (title, due, status, code, *done) in enumerate(row.get("steps") or [], 1):
        key = f"step:{story.key}/{row['id']}/{number}"
        owner = story.user(code)
        data = {"play": play, "title": title, "due_on": when.day(due), "owner": owner, "position": number}
        book.add(Draft(key, when.written(row["start"], play), owner, data))
        if status == "done":
            day = done[0] if done else max(min(due, -1), row["start"])
            book.amend(key, when.written(day, key), owner, status="done")


def _amend_playbook_steps(book: Book, story: Story, play: str, row: dict[str, Any]) -> None:
    """Steps of a playbook are made by the start of the play; here they get their owners, and what is done is done."""
    when, account = story.when, story.facts["account"]
    owners = {
        "customer_success": "ml",
        "commercial": "le",
        "legal": "le",
        "sponsor": account.get("exec_sponsor", row["owner"]),
    }
    steps = next(one.steps for one in shipped() if one.key == row["playbook"])
    for step in steps:
        key = f"step:{story.key}/{row['id']}/{step['key']}"
        owner = story.user(owners.get(step["owner_role"], row["owner"]))
        book.amend(key, when.written(row["start"] + 1, key), story.user(row["owner"]), owner=owner)
        if step["key"] in row.get("done", {}):
            book.amend(key, when.written(row["done"][step["key"]], key), owner, status="done")
