"""Where growth comes from: contracts with items, renewal cycles, projects, routes, their moves and qualification."""

from __future__ import annotations

from trackline.align.whitespace import SCORES
from trackline.connectors.sample.content import Story, slim
from trackline.connectors.sample.drafts import Book, Draft


def add_contracts(book: Book, story: Story) -> None:
    """Draft contracts with what they contain, and the renewal that is under way."""
    when = story.when
    for row in story.rows("contracts"):
        key = f"contract:{story.key}/{row['id']}"
        arr = sum(item[4] for item in row["items"])
        signed = max(row["start"] - 12, story.since + 3)
        at = when.written(min(signed, -3), key)
        data = slim(
            account=story.account,
            ref=row["ref"],
            start_on=when.day(row["start"]),
            end_on=when.day(row["end"]),
            term_months=row["term"],
            auto_renew=row["auto_renew"],
            notice_days=row["notice"],
            arr=arr,
            tcv=arr * row["term"] // 12,
            terms=row["terms"],
        )
        book.add(Draft(key, at, story.user("le"), data))
        for number, (product, capacity, quantity, unit, value, place) in enumerate(row["items"], 1):
            item = {"contract": key, "product": f"product:{product}", "capacity_type": capacity}
            item |= {"contracted_qty": quantity, "unit": unit, "arr": value}
            if place:
                item["business_unit"] = story.local("business_unit", place)
            book.add(Draft(f"contract_item:{story.key}/{row['id']}/{number}", at, story.user("le"), item))
    _add_cycle(book, story)


def _add_cycle(book: Book, story: Story) -> None:
    found = story.facts.get("renewal")
    if not found:
        return
    contract = next(row for row in story.rows("contracts") if row["id"] == found["contract"])
    key = f"renewal_cycle:{story.key}/{found['contract']}"
    opened = min(max(contract["end"] - 180, -150), -12)
    data = slim(
        account=story.account,
        contract=f"contract:{story.key}/{found['contract']}",
        renewal_date=story.when.day(contract["end"]),
        arr_up=sum(item[4] for item in contract["items"]),
        proposed_arr=found["proposed"],
        forecast=found["forecast"],
        owner=story.owner,
    )
    book.add(Draft(key, story.when.written(opened, key), story.owner, data))
    if found["state"] != "preparing":
        book.amend(key, story.when.written(-14, key), story.owner, state=found["state"])


def add_whitespace(book: Book, story: Story) -> None:
    """Draft what each unit could still buy, and what it spends, as far as somebody wrote it down."""
    spend = {(unit, product): pool for unit, product, *pool in story.facts.get("spend") or ()}
    for unit, product, state, value, rival, share, reviewed, *scored in story.facts.get("whitespace") or ():
        addressable, attainable = spend.get((unit, product), (None, None))
        cell = f"whitespace_cell:{story.key}/{unit}/{product}"
        data = slim(
            business_unit=story.local("business_unit", unit),
            product=f"product:{product}",
            state=state,
            value=value,
            addressable=addressable,
            attainable_pct=attainable,
            competitor=rival,
            competitor_share=share,
            reviewed_on=story.when.day(reviewed),
            **dict(zip(SCORES, *scored, strict=True)) if scored else {},
        )
        book.add(Draft(cell, story.when.written(reviewed, cell), story.owner, data))
    for row in story.rows("zones"):
        cell = f"whitespace_cell:{story.key}/{row['unit']}/{row['product']}"
        told = slim(
            pain_points=[story.local("pain_point", need) for need in row["needs"]],
            notes=[f"note:{story.key}/{number}" for number in row["notes"]],
            owner=story.user(row["owner"]) if "owner" in row else None,
        )
        book.amend(cell, story.when.written(row["on"], f"{cell}/zone"), story.owner, **told)


def add_projects(book: Book, story: Story) -> None:
    """Draft delivery projects."""
    for row in story.rows("projects"):
        key = f"project:{story.key}/{row['id']}"
        data = slim(
            name=row["name"],
            code=row["code"],
            account=story.account,
            status="active",
            start_on=story.when.day(row["start"]),
            due_on=story.when.day(row["due"]),
            delivery_rag=row["rag"],
            budget=row["budget"],
            owner=story.user("ml"),
        )
        book.add(Draft(key, story.when.written(row["start"] - 3, key), story.user("ml"), data))
        if row["status"] != "active":
            ended = row["due"] if row["status"] == "completed" else -12
            book.amend(key, story.when.written(ended, key), story.user("ml"), status=row["status"])


def add_routes(book: Book, story: Story) -> None:
    """Draft routes as they were found, and each of their moves."""
    when = story.when
    for row in story.rows("routes"):
        key = f"route:{story.key}/{row['id']}"
        owner = story.user(row["owner"])
        (_, first), *moves = row["path"]
        cycle = story.facts.get("renewal")
        renewal = f"renewal_cycle:{story.key}/{cycle['contract']}" if cycle and row["type"] == "renewal" else None
        data = slim(
            account=story.account,
            title=row["title"],
            type=row["type"],
            pipeline=f"pipeline:{row['pipeline']}" if "pipeline" in row else None,
            risk=row.get("risk"),
            effort=row.get("effort"),
            value=row["value"],
            expected_close_on=when.maybe(row.get("close")),
            owner=owner,
            product=f"product:{row['product']}" if "product" in row else None,
            business_unit=story.local("business_unit", row.get("unit")),
            goal=story.local("goal", row.get("goal")),
            business_case=story.local("business_case", row.get("case")),
            renewal=renewal,
            trigger_event=row.get("trigger"),
        )
        # A probability of one's own is set with the last move; until then the default of the state holds.
        own = slim(probability=row.get("prob") or None, probability_override_reason=row.get("prob_reason"))
        if not moves:
            data |= own
        book.add(Draft(key, when.written(first, key), owner, data))
        for number, (state, on) in enumerate(moves):
            changes: dict[str, object] = {"state": state}
            if state in ("lost", "parked"):
                changes["close_reason"], changes["close_note"] = row["reason"]
            if state == "parked":
                changes["revisit_on"] = when.day(row["revisit"])
            if state == "won":
                changes["value"] = row["final"]
            if state in ("qualifying", "pursuing") and number == len(moves) - 1:
                changes |= own | slim(stage=row.get("stage"))
            note = row["reason"][1] if state in ("lost", "parked") else ""
            book.amend(key, when.written(on, f"{key}/{state}"), owner, note, **changes)
        for number, (dimension, score, on, evidence, contact) in enumerate(row.get("meddicc", ()), 1):
            finding = slim(
                route=key,
                dimension=dimension,
                score=score,
                evidence=evidence,
                contact=story.local("contact", contact),
                on=when.day(on),
            )
            found = f"qualification:{story.key}/{row['id']}/{number}"
            book.add(Draft(found, when.written(on, found), owner, finding))
        if row.get("projects"):
            won = next(on for state, on in row["path"] if state == "won")
            linked = [f"project:{story.key}/{name}" for name in row["projects"]]
            book.amend(key, when.written(min(won + 8, -1), f"{key}/projects"), owner, projects=linked)
