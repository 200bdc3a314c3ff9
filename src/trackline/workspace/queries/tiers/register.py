"""The segmentation register as its page and its files show it, with the decisions under way and those that are watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from trackline.book.models import TierDecision
from trackline.book.queries.practice import shares
from trackline.book.queries.register import Opened, Register, opened, register
from trackline.book.queries.tiers import columns_json, notes_of
from trackline.book.tiers.deciding import CUSTOMER_DAYS, OPEN, SIGNERS, SYSTEMS_DAYS
from trackline.book.tiers.funding import lacking
from trackline.book.tiers.keeping import warnings
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.tiers.asked import PAGE_SIZE, Asked

SHOWN = (
    ("", "All"),
    ("differs", "Score gives another tier"),
    ("near", "Near a cut"),
    ("open", "Decision under way"),
    ("override", "Override in force"),
    ("exit", "Exit candidates"),
)
"""Which accounts, in words."""
TOLD: Sequence[tuple[str, str, int]] = (
    ("team_told_on", "Account team told", 0),
    ("systems_done_on", "People, money and promises updated", SYSTEMS_DAYS),
    ("customer_told_on", "Customer told", CUSTOMER_DAYS),
)
"""What follows a decision, within so many days of its effect. Source: PF-23."""


@dataclass(frozen=True)
class Clock:
    """Something that is due after a decision took effect: done on a day, or due by one."""

    field: str
    label: str
    due: date
    done: date | None
    late: bool


@dataclass(frozen=True)
class Going:
    """A decision under way or watched: who or what it waits for, and what is late."""

    decision: TierDecision
    waits: str
    clocks: Sequence[Clock]
    warning: str


@dataclass(frozen=True)
class Page:
    """What the page shows: one page of rows of the register, and the decisions of its accounts."""

    asked: Asked
    register: Register
    rows: Sequence[Opened]
    shares: Mapping[str, Mapping[str, Any]]
    going: Sequence[Going]
    watched: Sequence[Going]
    tests: Sequence[tuple[str, str, int, str]]
    notes: Sequence[str]
    columns: Sequence[Mapping[str, Any]]

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return (self.asked.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.rows) - 1


def page_of(ctx: Context, asked: Asked, *, every: bool = False) -> Page:
    """Return a page of the register, or `every` row of it for a file. The number of queries does not grow with accounts."""
    found = register(ctx, asked.filters, show=asked.show, q=asked.q, order=asked.order)
    rows = found.rows if every else found.rows[(asked.page - 1) * PAGE_SIZE : asked.page * PAGE_SIZE]
    whole = register(ctx) if asked.narrowed else found
    going, watched = ([], []) if every else decisions(ctx)
    counts = {"": found.total, **found.counts}
    return Page(
        asked,
        found,
        opened(ctx, found, rows),
        shares(whole),
        going,
        watched,
        [
            (key, words, counts[key], asked.but(show=key))
            for key, words in SHOWN
            if key in ("", "differs", "near") or counts[key]
        ],
        notes_of(found),
        [] if every else columns_json(),
    )


def decisions(ctx: Context) -> tuple[list[Going], list[Going]]:
    """Return the decisions under way, and those in effect that are watched or of which somebody has still to be told."""
    rows = scoped(ctx, registry.get("tier_decision")).select_related("account", "monitor_owner", *SIGNERS)
    under_way = rows.filter(status__in=OPEN).order_by("status", "created_at", "pk")
    untold = Q(team_told_on=None) | Q(systems_done_on=None) | Q(customer_told_on=None)
    recent = Q(applied_on__gte=ctx.today - timedelta(days=365))
    done = rows.filter(Q(watch_until__gte=ctx.today) | (untold & recent), status="effective").order_by(
        "-applied_on", "pk"
    )
    wrong = {decision.pk: words for decision, words in warnings(ctx)}
    return (
        [Going(one, waits_of(one), (), "") for one in under_way],
        [Going(one, "", clocks_of(one, ctx.today), wrong.get(one.pk, "")) for one in done],
    )


def waits_of(decision: TierDecision) -> str:
    """Say whom or what a decision waits for."""
    if decision.status == "draft":
        return "its brief"
    if decision.status == "sign_off":
        missing = [
            person.name if (person := getattr(decision, name)) else words
            for name, words in SIGNERS.items()
            if not getattr(decision, f"{name}_signed")
        ]
        return ", ".join(missing)
    return "the committee" if decision.status == "committee" else "its day"


def clocks_of(decision: TierDecision, today: date) -> list[Clock]:
    """Return what follows a decision in effect, with its days."""
    start = decision.applied_on or decision.effective_on
    if start is None:
        return []
    found = []
    for field, label, days in TOLD:
        due, done = start + timedelta(days=days), getattr(decision, field)
        found.append(Clock(field, label, due, done, (done or today) > due))
    return found


def lines(page: Page) -> Iterator[list[Any]]:
    """Yield the heading and one line an account, for a file."""
    currency = page.register.rates.book
    run = page.register.scores.run
    yield [
        "As of", "Scored", "Key", "Account", "Owner", "Region", "Industry", "Tier", "Since", "Held", "Score", "Rank", "Tier by score",
        "Differs since", "Why", "Nearest cut, points", "Mean of three quarters", "A move may be proposed", "Health",
        f"ARR {currency}", "Share of ARR %", f"Expected in 12 months {currency}", f"Low {currency}", f"High {currency}",
        "Gross margin %", f"Margin in 12 months {currency}", f"Margin low {currency}", f"Margin high {currency}", "Fell within a quarter %",
        f"White space {currency}", f"Customer spend {currency}", "Risk: finances", "Risk: concentration", "Risk: compliance",
        "Critical dependencies", "Exit candidate", "Plan of the exit", "Promised", "Promises kept %", "Short of", "FTE",
        f"OPEX {currency}", "Hours served", f"Promised {currency}", f"Granted {currency}", "Promises paid for",
        "Not known of it", "Decision under way", "Override until", "Last decision", "Next review",
    ]  # fmt: skip
    for one in page.rows:
        row, own = one.row, one.row.scored
        share, granted = page.shares.get(row.facts["key"], {}).get("share_pct"), one.funding.result.details
        yield [
            page.register.on, run.on if run else None, row.facts["key"], row.facts["name"], row.facts["owner__name"],
            row.facts["region"], row.facts["industry"], row.tier, one.held.since, one.held.words, _number(own.score), own.rank,
            own.by_score, one.differs_since, one.why, _number(row.gap), _number(one.mean),
            {True: "yes", False: "not yet", None: ""}[one.may_propose], row.band, row.arr, _number(share), one.revenue.mean,
            one.revenue.low, one.revenue.high, _number(one.margin_pct), one.margin, *one.margin_range, _number(one.drop.result.value), one.whitespace, one.spend,
            one.flags.financial, page.shares.get(row.facts["key"], {}).get("band") or "unknown", one.flags.compliance,
            "; ".join(one.flags.dependencies), "yes" if row.facts["exit_candidate"] else "no", one.sunset_plan,
            "; ".join(one.commitment),
            _number(one.adherence.value if one.adherence else None),
            ", ".join(one.adherence.details.get("short", ())) if one.adherence else "",
            _number(granted["fte"]), granted["opex"], _number(one.funding.hours), granted["promised"], granted["funded"],
            {True: "yes", False: "no", None: ""}[one.funding.pays], lacking(one.funding.to_json()) if row.tier else "",
            f"{row.decision}, {row.decision.get_status_display().lower()}" if row.decision else "",
            row.override.sunset_on if row.override else None,
            f"{one.last}, {one.last.get_status_display().lower()}" if one.last else "", one.next_review,
        ]  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)
