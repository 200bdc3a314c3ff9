"""Where an account stands: snapshots, journey scores, issues, notes, risks, interactions."""

from __future__ import annotations

from datetime import date

from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.timeline import spread
from trackline.track.rules.competition import DIMENSIONS

_COLOURS = {"g": "green", "a": "amber", "r": "red"}
_CHANNELS = {
    "meeting": "in_person", "workshop": "in_person", "site_visit": "in_person", "interview": "in_person", "call": "video", "email": "async",
    "message": "async", "event": "in_person",
}  # fmt: skip


def add_snapshots(book: Book, story: Story) -> None:
    """Draft the manager's monthly colours, the last letter being the newest."""
    found = story.facts.get("snapshots")
    if not found:
        return
    delivery, relationship = found["delivery"], found["relationship"]
    size = min(len(delivery), len(relationship))
    for back in range(size - 1, -1, -1):
        day = found["last"] - 30 * back
        if day < story.since:
            continue
        key = f"health_snapshot:{story.key}/{back}"
        data = slim(
            account=story.account,
            on=story.when.day(day),
            delivery=_COLOURS[delivery[-1 - back]],
            relationship=_COLOURS[relationship[-1 - back]],
            note=found["notes"].get(back, ""),
            author=story.owner,
        )
        book.add(Draft(key, story.when.written(day, key), story.owner, data))


def add_journey(book: Book, story: Story) -> None:
    """Draft quarterly journey scores, the last one being the newest."""
    found = story.facts.get("journey")
    if not found:
        return
    for dimension, scores in found.items():
        if dimension == "last":
            continue
        for back in range(len(scores) - 1, -1, -1):
            day = found["last"] - 91 * back
            if day < story.since:
                continue
            key = f"journey_score:{story.key}/{dimension}/{back}"
            score = {"account": story.account, "dimension": f"journey_dimension:{dimension}"}
            data = {**score, "score": scores[-1 - back], "on": story.when.day(day)}
            book.add(Draft(key, story.when.written(day, key), story.owner, data))


def add_issues(book: Book, story: Story) -> None:
    """Draft issues as they were opened, and how they moved."""
    when = story.when
    for number, row in enumerate(story.rows("issues"), 1):
        key = f"issue:{story.key}/{number}"
        assignee = story.user(row["assignee"])
        data = slim(
            account=story.account,
            title=row["title"],
            body=row.get("body"),
            category=row["category"],
            severity=row["severity"],
            status="open",
            assignee=assignee,
            contact=story.local("contact", row.get("contact")),
            opened_on=when.day(row["opened"]),
            due_on=when.day(row["due"]),
        )
        book.add(Draft(key, when.written(row["opened"], key), story.owner, data))
        status = row["status"]
        if status in ("in_progress", "resolved", "closed"):
            book.amend(key, when.written(row["opened"] + 1, key), assignee, status="in_progress")
        if status in ("resolved", "closed"):
            at = when.written(row["resolved"], key)
            book.amend(key, at, assignee, status="resolved", resolution=row["resolution"])
        if status == "closed":
            book.amend(key, when.written(row["resolved"] + 7, key), story.owner, status="closed")


def add_notes(book: Book, story: Story) -> None:
    """Draft notes."""
    for number, row in enumerate(story.rows("notes"), 1):
        key = f"note:{story.key}/{number}"
        by = story.user(row["by"])
        data = slim(
            account=story.account,
            title=row["title"],
            body=row["body"],
            contact=story.local("contact", row.get("contact")),
            on=story.when.day(row["on"]),
            tags=row.get("tags"),
            pinned=row.get("pinned"),
            author=by,
        )
        book.add(Draft(key, story.when.written(row["on"], key), by, data))


def add_risks(book: Book, story: Story) -> None:
    """Draft risks as they were found, and their later state."""
    when = story.when
    for number, row in enumerate(story.rows("risks"), 1):
        key = f"risk:{story.key}/{number}"
        owner = story.user(row["owner"])
        data = slim(
            account=story.account,
            title=row["title"],
            category=row["category"],
            likelihood=row["l"],
            impact=row["i"],
            money_impact=row["money"] or None,
            mitigation=row["mitigation"],
            contingency_trigger=row["trigger"],
            owner=owner,
            status="open",
        )
        book.add(Draft(key, when.written(row["on"], key), owner, data))
        reviewed = max(row["on"] + 2, -3 - spread(key, 38))
        later = slim(status=row["status"] if row["status"] != "open" else None, reviewed_on=when.day(reviewed))
        if "residual" in row:
            later["residual_likelihood"], later["residual_impact"] = row["residual"]
        if reviewed < 0:
            book.amend(key, when.written(reviewed, key), owner, **later)


def add_needs(book: Book, story: Story) -> None:
    """Draft what hurts the customer, how its people voted, and what serves it."""
    when = story.when
    for row in story.rows("needs"):
        key = f"pain_point:{story.key}/{row['id']}"
        data = slim(
            account=story.account,
            title=row["title"],
            symptom=row.get("symptom"),
            root_causes=row.get("causes"),
            desired_outcome=row.get("outcome"),
            money_impact=row.get("money"),
            figures_from=row.get("from"),
            metric=f"metric:{row['metric']}" if "metric" in row else None,
            baseline=row.get("baseline"),
            target=row.get("target"),
            time_driver=row.get("driver"),
            deadline=when.day(row["deadline"]) if "deadline" in row else None,
            contacts=story.contacts(row.get("contacts")),
            owner=story.owner,
        )
        book.add(Draft(key, when.written(row["on"], key), story.owner, data))
        for contact, (impact, urgency) in row.get("votes", {}).items():
            vote = f"pain_point_vote:{story.key}/{row['id']}/{contact}"
            voter = story.contacts([contact])[0]
            said = {
                "pain_point": key,
                "contact": voter,
                "impact": impact,
                "urgency": urgency,
                "on": when.day(row["on"]),
            }
            book.add(Draft(vote, when.written(row["on"], vote), story.owner, said))


def add_competition(book: Book, story: Story) -> None:
    """Draft what the customer weighs, who else it could choose, and what was seen of them."""
    found = story.facts.get("competition")
    if not found:
        return
    when = story.when
    key = f"competitive_position:{story.key}"
    weights = {f"weight_{name}": weight for name, weight in zip(DIMENSIONS, found["weights"], strict=True)}
    data = slim(
        account=story.account,
        **weights,
        **dict(zip(DIMENSIONS, found["ours"], strict=True)),
        confirmed_by=story.local("contact", found.get("confirmed_by")),
        confirmed_on=when.day(found["on"]) if found.get("confirmed_by") else None,
    )
    book.add(Draft(key, when.written(found["on"], key), story.owner, data))
    for row in found["vendors"]:
        name = f"competitor:{story.key}/{row['id']}"
        owner = story.user(row["owner"]) if "owner" in row else story.owner
        day = row.get("due")
        vendor = slim(
            account=story.account,
            name=row["name"],
            type=row["type"],
            **dict(zip(DIMENSIONS, row["scores"], strict=True)),
            assessed_on=when.day(found["on"]),
            stance=row.get("stance"),
            owner=owner,
            next_action=row.get("do"),
            next_action_on=when.day(day) if day is not None else None,
        )
        book.add(Draft(name, when.written(found["on"], name), owner, vendor))
        for number, (on, kind, summary, source, sources) in enumerate(row.get("seen", ()), 1):
            sighting = f"competitor_sighting:{story.key}/{row['id']}/{number}"
            facts = {"kind": kind, "summary": summary, "source": source, "sources": sources}
            seen = {"competitor": name, "on": when.day(on), **facts, "author": owner}
            book.add(Draft(sighting, when.written(max(on, found["on"]), sighting), owner, seen))


def add_interactions(book: Book, story: Story) -> None:
    """Draft the contacts that happened outside meetings of a cadence."""
    for number, row in enumerate(story.rows("interactions"), 1):
        by = story.user(row["by"])
        add_interaction(
            book,
            story,
            f"interaction:{story.key}/{number}",
            on=story.when.day(row["on"]),
            kind=row["kind"],
            contacts=story.contacts(row["with"]),
            users=[by],
            summary=row["text"],
            sentiment=row.get("mood"),
            two_way=not row.get("one_way", False),
        )


def add_interaction(
    book: Book,
    story: Story,
    key: str,
    *,
    on: date,
    kind: str,
    contacts: list[str],
    users: list[str],
    summary: str,
    sentiment: int | None = None,
    two_way: bool = True,
    channel: str = "",
) -> None:
    """Draft one interaction."""
    data = slim(
        account=story.account,
        on=on,
        kind=kind,
        channel=channel or _CHANNELS[kind],
        two_way=two_way,
        summary=summary,
        sentiment=sentiment,
        contacts=contacts,
        users=users,
        author=users[0],
    )
    book.add(Draft(key, story.when.written(story.when.offset(on), key), users[0], data))
