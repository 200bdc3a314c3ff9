"""What must come true for a customer: priorities, goals with check-ins, value delivered, business cases."""

from __future__ import annotations

from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft


def add_priorities(book: Book, story: Story) -> None:
    """Draft the customer's top three."""
    needs = [(f"pain_point:{story.key}/{row['id']}", row) for row in story.rows("needs")]
    for rank, title, source, on in story.facts.get("priorities") or []:
        key = f"customer_priority:{story.key}/{rank}"
        day = story.when.day(on)
        data = {"account": story.account, "title": title, "rank": rank, "source": source, "on": day}
        data["fiscal_year"] = day.year
        data["pain_points"] = [name for name, row in needs if row.get("priority") == rank]
        book.add(Draft(key, story.when.written(on, key), story.owner, data))


def add_goals(book: Book, story: Story) -> None:
    """Draft goals as they were agreed, and their check-ins."""
    when = story.when
    for row in story.rows("goals"):
        key = f"goal:{story.key}/{row['id']}"
        owner = story.user(row["owner"])
        agreed = min(row["start"] - 5, -5)
        data = slim(
            account=story.account,
            title=row["title"],
            domain=row["domain"],
            unit=row["unit"],
            direction=row["direction"],
            baseline=row["baseline"],
            target=row["target"],
            current=row["baseline"],
            owner=owner,
            client_owner=story.local("contact", row.get("client_owner")),
            priority=story.local("customer_priority", row.get("priority")),
            start_on=when.day(row["start"]),
            due_on=when.day(row["due"]),
            pain_points=[
                f"pain_point:{story.key}/{need['id']}"
                for need in story.rows("needs")
                if row["id"] in need.get("goals", ())
            ],
            kpis=[f"kpi:{story.key}/{name}" for name in row["kpis"]],
            objectives=[f"objective:{name}" for name in row["objectives"]],
        )
        book.add(Draft(key, when.written(agreed, key), owner, data))
        for number, (on, value, confidence, comment) in enumerate(row["checkins"], 1):
            check = f"check_in:{story.key}/{row['id']}/{number}"
            seen = {"goal": key, "on": when.day(on), "value": value, "confidence": confidence}
            data = {**seen, "comment": comment, "author": owner}
            book.add(Draft(check, when.written(on, check), owner, data))


def add_values(book: Book, story: Story) -> None:
    """Draft value delivered, and who confirmed it when."""
    when = story.when
    for number, row in enumerate(story.rows("values"), 1):
        key = f"value_outcome:{story.key}/{number}"
        data = slim(
            account=story.account,
            title=row["title"],
            goal=story.local("goal", row.get("goal")),
            before=row["before"],
            after=row["after"],
            unit=row["unit"],
            period=row["period"],
            money=row["money"],
            committed=row["money"],
            basis=row["basis"],
            on=when.day(row["on"]),
        )
        book.add(Draft(key, when.written(row["on"], key), story.owner, data))
        if "verified" in row:
            by = story.local("contact", row["verified_by"])
            at = when.written(row["verified"], key)
            book.amend(key, at, story.owner, verified_by=by, verified_on=when.day(row["verified"]))


def add_cases(book: Book, story: Story) -> None:
    """Draft business cases with their cash flows."""
    for row in story.rows("cases"):
        key = f"business_case:{story.key}/{row['id']}"
        owner, on = story.user(row["owner"]), story.when.written(row["on"], key)
        data = slim(
            account=story.account,
            title=row["title"],
            goal=story.local("goal", row.get("goal")),
            discount_rate_pct=row["rate"],
            owner=owner,
        )
        book.add(Draft(key, on, owner, data))
        for title, kind, amounts in row["lines"]:
            side = "benefit" if kind in ("revenue", "saving") else "cost"
            for year, amount in amounts.items():
                line = f"case_line:{story.key}/{row['id']}/{title}/{year}"
                flow = {"business_case": key, "year": year, "title": title, "kind": kind, side: amount}
                book.add(Draft(line, on, owner, flow))
