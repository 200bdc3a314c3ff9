"""Briefs for what comes up: a renewal, an executive's meeting, an account that has to be saved."""

from __future__ import annotations

from trackline.documents.briefs.increase import increase_slides, next_renewal
from trackline.documents.briefs.value import gaps_of
from trackline.documents.briefs.words import action_table, kpi_table, label, money, outcome_table, risk_table, shortened
from trackline.documents.decks.slides import Band, Block, Cell, Column, Figure, Slide, Table, Text, cells
from trackline.documents.decks.words import count, day, steps_done
from trackline.documents.gathering import Facts
from trackline.kit import formats

DISTANT: tuple[str, ...] = ("detractor", "negative")


def renewal_slides(facts: Facts, few: int) -> list[Slide]:
    """What is renewed, what it has brought, what comes next, what stands in the way; a higher price beside its value.

    Source: account:RNW-11, account:VAL-16.
    """
    first = next_renewal(facts)
    account = facts["account"]
    figures = [
        Figure(
            "Renews",
            day(first["renewal_date"] if first else account["renewal_date"]),
            _in_days(account["renews_in_days"]),
        ),
        Figure("ARR up for renewal", money(facts, first["arr_up"] if first else account["arr"])),
        Figure("Proposed", money(facts, first["proposed_arr"]) if first else formats.MISSING),
        Figure("Value verified in 12 months", money(facts, facts["value"]["verified_12m"])),
        _health(facts),
    ]
    verified = [one for one in facts["value"]["outcomes"] if one["verified"]][:few]
    goals = [
        cells(shortened(one["title"], few), label(one["status"]), day(one["due_on"])) for one in facts["goals"][:few]
    ]
    terms = [
        f"{shortened(one['ref'] or 'Contract', few)}: {day(one['start_on'])} to {day(one['end_on'])}, {money(facts, one['arr'])} a year, "
        + (f"{one['notice_days']} days' notice" if one["notice_days"] is not None else "notice not set")
        + (", renews by itself" if one["auto_renew"] else "")
        for one in facts["contracts"][:few]
    ]
    steps = sorted((play for play in facts["plays"] if play["open"]), key=lambda play: -len(play["steps"]))[:1]
    left: list[Block] = (
        [outcome_table(facts, verified, "What it has brought", few)]
        if verified
        else [Text([shortened(said, few) for said in gaps_of(facts)], heading="What is missing")]
    )
    left.append(Text(terms or ["No contract is recorded."], heading="Contract"))
    right: list[Block] = (
        [Table([Column("Goal of the next term"), Column("State"), Column("Due")], goals)] if goals else []
    )
    if facts["risks"]:
        right.append(risk_table(facts, 2, "What stands in the way", few))
    if steps:
        rows = [
            cells(shortened(one["title"], few), one["owner"] or formats.MISSING, day(one["due_on"]))
            for one in steps[0]["steps"]
            if one["status"]["value"] == "open"
        ]
        if rows:
            left.append(
                Table(
                    [Column("Next step"), Column("Who"), Column("Due")], rows[:few], shortened(steps[0]["title"], few)
                )
            )
    state = label(first["state"]) if first else "No renewal is under way"
    return [Slide(f"Renewal of {account['name']}", f"{state}.", figures=figures, left=left, right=right,
                  notes=["Renewal cycle, contracts and value as recorded on the day."], key="renewal"),
            *increase_slides(facts, few)]  # fmt: skip


def sponsor_slides(facts: Facts, few: int) -> list[Slide]:
    """What an executive needs before a meeting: who, why, what to ask. Source: account:SPON-08."""
    account = facts["account"]
    pairs = [
        shortened(f"{one['sponsor']} with {one['contact']}: {one['purpose']}", few) for one in facts["sponsors"][:few]
    ]
    people = [
        cells(
            shortened(f"{one['name']}, {one['title']}" if one["title"] else one["name"], few), label(one["role"]),
            Cell(label(one["sentiment"]), "red" if (one["sentiment"] or {}).get("value") in DISTANT else ""), day(one["last_touch_on"]),
        )
        for one in facts["stakeholders"][:few]
    ]  # fmt: skip
    ahead = next((one for one in facts["meetings"] if one["ahead"] and one["theirs"]), None)
    asks = [shortened(one["title"], few) for one in facts["decisions"] if one["sought"]][:few]
    issues = [
        f"{shortened(one['title'], few)} ({label(one['severity']).lower()})" for one in facts["issues"] if one["open"]
    ][:few]
    left: list[Block] = [
        Text(pairs or ["No sponsor is paired with one of theirs."], heading="Sponsors"),
        Table(
            [Column("Person"), Column("Role"), Column("Sentiment"), Column("Last touch")], people, "Who matters most"
        ),
    ]
    right: list[Block] = [
        Text(
            [shortened(one["title"], few) for one in facts["priorities"]][:few]
            or ["No priority of the customer is recorded."],
            heading="Their priorities",
        ),
        Text(asks or ["No decision is sought."], heading="What to ask for"),
        Text(issues or ["No issue is open."], heading="What they may raise"),
    ]
    figures = [
        Figure("ARR", money(facts, account["arr"])), _health(facts), Figure("Renews", day(account["renewal_date"]), _in_days(account["renews_in_days"])),
        Figure("Value verified", money(facts, facts["value"]["verified"]), f"of {money(facts, facts['value']['committed'])}"),
    ]  # fmt: skip
    said = f"Next with them: {ahead['title']}, {day(ahead['on'])}." if ahead else "No meeting with them is set."
    return [Slide(f"{account['name']}: brief for the executive sponsor", said, figures=figures, left=left, right=right,
                  notes=["Sponsors, people, decisions and issues as recorded on the day."], key="sponsor")]  # fmt: skip


def save_slides(facts: Facts, few: int) -> list[Slide]:
    """What is wrong, who acts, by when it is mended. Source: account:SAVE-02, account:SAVE-06."""
    account = facts["account"]
    issues = [
        cells(
            shortened(one["title"], few), label(one["severity"]), one["assignee"] or formats.MISSING, day(one["due_on"])
        )
        for one in facts["issues"]
        if one["open"]
    ][:few]
    late = [one for one in facts["actions"] if one["open"]]
    plays = [
        cells(
            shortened(one["title"], few),
            one["owner"] or formats.MISSING,
            steps_done(one),
            day(one["due_on"]),
        )
        for one in facts["plays"]
        if one["open"]
    ][:2]
    distant = [one["name"] for one in facts["stakeholders"] if (one["sentiment"] or {}).get("value") in DISTANT]
    left: list[Block] = (
        [Table([Column("Open issue"), Column("Severity"), Column("Who"), Column("Due")], issues, "What is wrong")]
        if issues
        else []
    )
    if facts["risks"]:
        left.append(risk_table(facts, 2, "What may still come", few))
    right: list[Block] = (
        [action_table(late, "Promised, and when", few)]
        if late
        else [Text(["Nothing is promised yet: agree dated actions."], bullets=False)]
    )
    if plays:
        right.append(
            Table(
                [Column("Play"), Column("Owner"), Column("Steps", right=True), Column("Due")],
                plays,
                "Recovery under way",
            )
        )
    figures = [
        _health(facts), Figure("ARR at stake", money(facts, account["arr"])),
        Figure("Renews", day(account["renewal_date"]), _in_days(account["renews_in_days"])),
        Figure("Broken promises", str(sum(one["late"] for one in late)), "actions late", "red" if any(one["late"] for one in late) else ""),
    ]  # fmt: skip
    said = f"Against us: {shortened(', '.join(distant), few)}." if distant else "Nobody is recorded as against us."
    return [Slide(f"{account['name']}: save plan", said, figures=figures, left=left or [kpi_table(facts, "KPIs", few)], right=right,
                  notes=["Issues, risks, actions and plays as recorded on the day."], key="save")]  # fmt: skip


def _health(facts: Facts) -> Figure:
    model = next(iter(sorted(facts["health"]["models"], key=lambda one: one["model"] != "usage")), None)
    if model is None:
        return Figure("Health", formats.MISSING, "no score")
    band: Band = model["band"] if model["band"] in ("green", "amber", "red") else ""
    return Figure("Health", formats.number(model["value"], 0), f"{model['model']}, {day(model['on'])}", band)


def _in_days(days: int | None) -> str:
    if days is None:
        return ""
    return f"in {count(days, 'day')}" if days >= 0 else f"{count(-days, 'day')} ago"
