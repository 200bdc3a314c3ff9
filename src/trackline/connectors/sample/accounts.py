"""Accounts with their units, contacts and the changes they went through."""

from __future__ import annotations

from typing import Any

from trackline.connectors.sample.content import Story, slim, story_file
from trackline.connectors.sample.drafts import Book, Draft
from trackline.connectors.sample.timeline import DAYS_PER_MONTH, spread

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "a", "ø": "o", "æ": "ae", "é": "e", "è": "e", "á": "a", "í": "i"}
    | {"ó": "o", "ú": "u", "ń": "n", "ś": "s", "ą": "a", "ğ": "g", "ş": "s", "ı": "i", "É": "e"}
)
_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PHONES = {"GB": "+44 20 7946 0{:03d}", "US": "+1 312 555 01{:02d}", "DE": "+49 30 23125 {:03d}"}
"""Number ranges that the national regulators keep free for fiction."""


def arr_steps(story: Story) -> list[tuple[int, int]]:
    """Return (day from today, ARR in the account's currency) of each change, oldest first."""
    return [(round(month * DAYS_PER_MONTH), value) for month, value in story.facts.get("arr") or []]


def add_account(book: Book, story: Story) -> None:
    """Draft an account as it first was, and the changes of ARR and status since."""
    facts, when = story.facts["account"], story.when
    name = story.account
    steps = arr_steps(story)
    # What happened before we kept the account is where it starts from.
    first = next((value for day, value in reversed(steps) if day <= story.since + 5), None)
    later = [(day, value) for day, value in steps if day > story.since + 5]
    born = story.facts.get("born") or {}
    data: dict[str, Any] = slim(
        key=story.key,
        name=facts["name"],
        parent=f"account:{facts['parent']}" if "parent" in facts else None,
        status=born.get("status", [facts["status"]])[0],
        tier=born.get("tier", [facts.get("tier")])[0],
        industry=facts.get("industry"),
        business_model=facts.get("business_model"),
        maturity=facts.get("maturity"),
        client_fte=facts.get("client_fte"),
        serving_fte=facts.get("serving_fte"),
        segment=facts.get("segment"),
        primary_use_case=facts.get("primary_use_case"),
        currency=facts["currency"],
        arr=first,
        go_live_on=when.maybe(facts.get("go_live")),
        renewal_date=when.maybe(facts.get("renewal")),
        enterprise=facts.get("segment") == "enterprise",
        region=facts.get("region"),
        domain=story.facts.get("domain"),
        watch=facts.get("watch"),
        tags=facts.get("tags"),
        owner=story.owner,
        exec_sponsor=story.user(facts["exec_sponsor"]) if "exec_sponsor" in facts else None,
        custom=story.facts.get("custom"),
    )
    if len(story.facts) > 5:
        data["external_ids"] = {"salesforce": _salesforce_id(story.key)}
    book.add(Draft(name, when.written(story.since, name), story.owner, data))
    for day, value in later:
        book.amend(name, when.written(day, f"{name}/arr"), story.owner, arr=value)
    decided = {"tier"} if story.rows("tier_moves") or story.rows("tier_overrides") else set()
    for field, (_before, day) in born.items():
        if field in decided:
            continue
        book.amend(name, when.written(day, f"{name}/{field}"), story.owner, **{field: facts[field]})
    if "customer_sponsor" in facts:
        sponsor = story.local("contact", facts["customer_sponsor"])
        at = when.written(story.since + 45, f"{name}/sponsor")
        book.amend(name, at, story.owner, customer_sponsor=sponsor)


def add_units(book: Book, story: Story) -> None:
    """Draft the business units of an account."""
    for key, label in (story.facts.get("units") or {}).items():
        name = f"business_unit:{story.key}/{key}"
        at = story.when.written(story.since, f"{story.account}/units")
        book.add(Draft(name, at, story.owner, {"account": story.account, "name": label}))


def add_contacts(book: Book, story: Story) -> None:
    """Draft the people of an account, and how they changed."""
    when = story.when
    for number, row in enumerate(story.rows("contacts")):
        name = story.local("contact", row["id"]) or ""
        added = min(story.since + 2 + number * 17, -20) if story.since < -60 else story.since + 1
        was = row.get("was") or {}
        known_from = row.get("known_from", "")
        domain = story_file(known_from.partition("/")[0])["domain"] if known_from else story.facts["domain"]
        data = slim(
            account=story.account,
            name=row["name"],
            title=row.get("title"),
            function=row.get("function"),
            business_unit=story.local("business_unit", row.get("unit")),
            seniority=row.get("level"),
            buying_role=row.get("role"),
            is_exec_sponsor=row.get("sponsor"),
            influence=row["influence"],
            interest=row.get("interest"),
            strength=row.get("strength"),
            sentiment=was.get("sentiment", row["sentiment"]),
            relationship=row.get("rel"),
            email=_email(row, domain),
            phone=_phone(name, story.facts["place"]),
            reports_to=story.local("contact", row.get("boss")),
            same_as=f"contact:{known_from}" if known_from else None,
            owner=story.user(row["owner"]) if "owner" in row else None,
            notes=f"Personal win: {row['win']}" if "win" in row else "",
        )
        book.add(Draft(name, when.written(added, name), story.owner, data))
        owner = data.get("owner", story.owner)
        if was:
            at = when.written(was["on"], f"{name}/sentiment")
            book.amend(name, at, owner, sentiment=row["sentiment"])
        if "next" in row:
            day, words = row["next"]
            at = when.written(-1 - spread(name, 6), f"{name}/next")
            book.amend(name, at, owner, next_action=words, next_action_on=when.day(day))
        if "left" in row:
            notes = " ".join(part for part in (data.get("notes"), row["left_note"]) if part)
            at = when.written(row["left"], f"{name}/left")
            book.amend(name, at, owner, status="departed", notes=notes)


def add_lines(book: Book, story: Story) -> None:
    """Draft who influences, supports or blocks whom."""
    when = story.when
    for who, kind, whom, *note in story.rows("lines"):
        name = f"relationship_line:{story.key}/{who}-{kind}-{whom}"
        data = slim(
            account=story.account, contact=story.local("contact", who), kind=kind,
            toward=story.local("contact", whom), note=note[0] if note else "",
        )  # fmt: skip
        book.add(Draft(name, when.written(-10 - spread(name, 25), name), story.owner, data))


def _email(row: dict[str, Any], domain: str) -> str:
    local = row.get("mail")
    if not local:
        words = row["name"].replace("Dr. ", "").replace("Sir ", "").split()
        local = f"{words[0][0]}.{words[-1]}"
    plain = local.casefold().translate(_LETTERS)
    return f"{plain}@{domain}"


def _phone(key: str, place: str) -> str:
    pattern = _PHONES.get(place)
    return pattern.format(spread(key, 100)) if pattern and spread(key, 10) < 7 else ""


def _salesforce_id(key: str) -> str:
    number, letters = spread(key, 2**32), ""
    while len(letters) < 6:
        number, rest = divmod(number, 62)
        letters += _BASE62[rest]
    return f"0015g00000{letters}AAE"
