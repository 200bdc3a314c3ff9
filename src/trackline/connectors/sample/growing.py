"""Growth initiatives of an account, with what each score rests on."""

from __future__ import annotations

from trackline.book.initiatives import DIMENSIONS
from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft


def add_initiatives(book: Book, story: Story) -> None:
    """Draft the initiatives, each passing its gates one by one."""
    for row in story.rows("initiatives"):
        name = f"initiative:{story.key}/{row['id']}"
        scores = dict(zip(DIMENSIONS, row["scores"], strict=True))
        data = slim(
            account=story.account,
            title=row["title"],
            thesis=row["thesis"],
            owner=story.user(row["owner"]),
            routes=[story.local("route", route) for route in row.get("routes", ())] or None,
            **scores,
            **{f"{one}_source": words for one, words in zip(DIMENSIONS, row["sources"], strict=True)},
            start_on=story.when.day(row["start"]),
            months=row["months"],
            budget=row["budget"],
            hours_a_month=row["hours"],
        )
        book.add(Draft(name, story.when.written(row["drafted"], name), story.owner, data))
        for gate, day in enumerate(row.get("gates", ()), 1):
            book.amend(name, story.when.written(day, f"{name}/{gate}"), story.owner, gate=gate)
        if "status" in row:
            book.amend(name, story.when.written(-3, f"{name}/status"), story.owner, status=row["status"])
