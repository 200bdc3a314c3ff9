"""What backs the pain points of an account: what closing them is worth, pilots, sources of insight, answers to checklists."""

from __future__ import annotations

from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft


def add_proof(book: Book, story: Story) -> None:
    """Draft value gaps, pilots, sources and answers."""
    when = story.when
    for row in story.rows("value_gaps"):
        key = f"value_gap:{story.key}/{row['id']}"
        data = {name: value for name, value in row.items() if name not in ("id", "need", "on", "from")}
        data |= {"pain_point": story.local("pain_point", row["need"]), "figures_from": row["from"]}
        book.add(Draft(key, when.written(row["on"], key), story.owner, data))
    for row in story.rows("pilots"):
        key = f"pilot:{story.key}/{row['id']}"
        data = slim(
            account=story.account,
            title=row["title"],
            pain_points=[story.local("pain_point", need) for need in row["needs"]],
            metrics=[f"metric:{key}" for key in row["metrics"]],
            threshold=row.get("threshold"),
            start_on=when.day(row["start"]),
            due_on=when.day(row["due"]),
            owner=story.owner,
            status=row["status"],
            outcome=row.get("outcome"),
        )
        book.add(Draft(key, when.written(row["on"], key), story.owner, data))
    for row in story.rows("sources"):
        key = f"data_source:{story.key}/{row['id']}"
        data = slim(
            account=story.account,
            last_refreshed_on=when.day(row["refreshed"]) if "refreshed" in row else None,
            owner=story.user(row["owner"]) if "owner" in row else None,
            **{name: value for name, value in row.items() if name not in ("id", "on", "refreshed", "owner")},
        )
        if "owner" not in row:
            data["owner"] = None
        book.add(Draft(key, when.written(row.get("refreshed", row["on"]), key), story.owner, data))
    for row in story.rows("checks"):
        key = f"checklist_answer:{story.key}/{row['checklist']}/{row['item']}"
        data = slim(
            account=story.account,
            checklist=row["checklist"],
            item=row["item"],
            answer=row["answer"],
            evidence=row.get("evidence"),
            on=when.day(row["on"]),
            author=story.owner,
        )
        book.add(Draft(key, when.written(row["on"], key), story.owner, data))
