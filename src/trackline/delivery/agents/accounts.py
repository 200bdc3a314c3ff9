"""Tools that read accounts: what needs somebody, what is known, why a score is what it is, the plan."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from trackline.accounts.models import User
from trackline.accounts.rulebook import queries
from trackline.accounts.rulebook.telling import change_json, point_json, scores_json, title_of
from trackline.documents.gathering.facts import GATHERED, facts_of
from trackline.documents.papers.markdown import to_markdown
from trackline.documents.plans.live import plan_of
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries import search
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.next_action import Candidates, NextAction, add_gaps, candidates
from trackline.workspace.queries.today.digest import digest_of

from .session import account_of

FOUND_AT_MOST = 8
LEDGER_AT_MOST = 20
FIRST_PARTS = ("account", "health", "priorities", "goals", "pipeline", "renewals", "risks", "issues", "actions")
"""Parts of an account's facts that answer most questions."""

AccountKey = Annotated[str, Field(description="The account's key or id, such as nordwind.")]
Day = Annotated[date | None, Field(description="As of this day, YYYY-MM-DD; today where left out.")]


def today(ctx: Context) -> dict[str, Any]:
    """What needs the person now: alerts, the accounts that need them most and why, what is due, meetings without
    preparation, renewals entering the window, contacts gone silent, data gone stale. Start here."""
    found = digest_of(User.objects.get(pk=ctx.actor.user_id), ctx.now)
    parts = [
        {
            "title": part.title,
            "count": part.count,
            "items": [
                {"what": line.head, "why": line.text, "action": line.action or None, "page": line.path}
                for line in part.lines
            ],
        }
        for part in found.parts
    ]
    return {"for": found.name, "as_of": found.as_of, "parts": parts}


def find(
    ctx: Context, words: Annotated[str, Field(min_length=1, description="Words of a name or title.")]
) -> dict[str, Any]:
    """Find records of all types by what is in their names: accounts, contacts, routes, goals, plays, meetings and more."""
    groups = search.search(ctx, words, search.LISTED, FOUND_AT_MOST)
    items = [
        {
            "record_type": hit.rtype.name, "id": str(hit.pk), "name": hit.label, "about": hit.second or None,
            "account": hit.account or None, "page": hit.url,
        }
        for group in groups
        for hit in group.hits
    ]  # fmt: skip
    return {"items": items}


def account(
    ctx: Context,
    account: AccountKey,
    parts: Annotated[
        list[str] | None, Field(description=f"Which parts, of: {', '.join(GATHERED)}. Left out, the first answer most.")
    ] = None,
    on: Day = None,
) -> dict[str, Any]:
    """What is known of an account, with what is missing: profile, contacts, KPIs, health, goals, value, routes, plays, risks,
    meetings, decisions, actions. Amounts are in the currency told beside them; percentages run from 0 to 100."""
    wanted = parts or list(FIRST_PARTS)
    unknown = [name for name in wanted if name not in GATHERED]
    if unknown:
        raise BadRequest(f"There is no part {unknown[0][:80]}. There are: {', '.join(GATHERED)}.")
    facts = facts_of(ctx, account_of(ctx, account), on)
    kept = {name: value for name, value in facts.items() if name not in GATHERED or name in wanted}
    return kept | {"other_parts": [name for name in GATHERED if name not in wanted]}


def next_best_actions(ctx: Context, account: AccountKey) -> dict[str, Any]:
    """The one thing to do next on an account and in each of its five TRACK sections, with the reason."""
    found = account_of(ctx, account)
    head = head_of(ctx, found.key)
    only = scoped(ctx, registry.get("account")).filter(pk=found.pk)
    open_ = candidates(only, ctx.today, ctx.now).get(found.pk) or Candidates()
    ranked = add_gaps(open_, found, head.completeness)
    return {
        "first": _action(ranked.first),
        "sections": [
            {
                "section": station["name"],
                "complete_pct": station["percent"],
                "next": _action(ranked.first_of(station["key"])),
            }
            for station in head.stations
        ],
        "order": [words for words, _count, _first in ranked.explained],
        "as_of": ctx.today,
    }


def explain(
    ctx: Context,
    account: AccountKey,
    rule: Annotated[str, Field(description="Id of the rule, such as track.health.usage; left out, all scores.")] = "",
    since: Annotated[date | None, Field(description="Compare with this day, YYYY-MM-DD.")] = None,
) -> dict[str, Any]:
    """Why the scores of an account are what they are: parts, inputs with the readings and records behind them, what is
    missing. With a rule also its line over time, what changed since, and the ledger of changes."""
    pk = account_of(ctx, account).pk
    found = queries.latest([pk], rule) if rule else queries.latest([pk])
    if rule and not found:
        raise NotFound(f"There is no score of {rule[:80]} on this account. Leave the rule out to see those there are.")
    told: dict[str, Any] = {"items": scores_json([found[key] for key in sorted(found)])}
    if rule:
        preset = max(found)[2]
        line = queries.trend(pk, rule, preset, since)
        told |= {
            "title": title_of(rule),
            "line": [point_json(score) for score in line],
            "difference": queries.difference(line[0], line[-1]).to_json() if len(line) > 1 else None,
            "changes": [change_json(row) for row in queries.ledger(pk, rule, None, before=None, limit=LEDGER_AT_MOST)],
        }
    return told


def plan(
    ctx: Context,
    account: AccountKey,
    edition: Annotated[
        Literal["full", "summary", "customer"],
        Field(description="full; a summary of one page; or what the customer may see."),
    ] = "summary",
    on: Day = None,
) -> dict[str, Any]:
    """The account plan from live records, as Markdown."""
    found = account_of(ctx, account)
    text = to_markdown(plan_of(ctx, found, on=on).paper(edition))
    return {"account": found.key, "edition": edition, "as_of": on or ctx.today, "markdown": text}


def _action(action: NextAction | None) -> dict[str, Any] | None:
    if action is None:
        return None
    return {
        "title": action.title,
        "why": action.because,
        "due_on": action.due_on,
        "button": action.do["label"],
        "page": action.do["url"],
    }
