"""A tier decision in its panel: where it stands, what it waits for, the evidence, and what may be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.book.models import TierDecision
from trackline.book.rules.service import service
from trackline.book.tiers.deciding import BOXES, BRIEF, OPEN, SIGNERS, why_not
from trackline.book.tiers.evidence import Evidence, evidence_of
from trackline.book.tiers.funding import lacking
from trackline.book.tiers.keeping import newest_values, warning_of
from trackline.kit import formats
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.watch.rules.churn import churn_risk
from trackline.workspace.queries.signatures import Signature, signature_of
from trackline.workspace.queries.tiers.bill import Bill, bill_of
from trackline.workspace.queries.tiers.register import Clock, clocks_of

HIDDEN = ("evidence", "status", *(f"{name}_{ending}" for name in SIGNERS for ending in ("signed", "on")))
"""Fields that the card shows in its own way."""
STEPS = ("Brief", "Signatures", "Committee", "In effect", "Watched")
AT = {"draft": 1, "sign_off": 2, "committee": 3, "approved": 4, "effective": 5}
ENDED = ("rejected", "deferred", "withdrawn")


@dataclass(frozen=True)
class Check:
    """Something that must be so before the brief goes to its signatures: whether it is, and what is missing."""

    label: str
    passed: bool
    missing: str


@dataclass(frozen=True)
class Deed:
    """A button: what it sets. `ask` asks before it does."""

    label: str
    vals: str
    primary: bool = False
    ask: str = ""


@dataclass(frozen=True)
class Card:
    """Everything the panel prints of a decision; `evidence` has the form in which decisions keep it."""

    decision: TierDecision
    steps: Sequence[str]
    at: int
    ended: bool
    checks: Sequence[Check]
    signatures: Sequence[Signature]
    clocks: Sequence[Clock]
    warning: str
    deeds: Sequence[Deed]
    evidence: Mapping[str, Any]
    frozen: bool
    test: Mapping[str, Any] | None
    others: Sequence[tuple[str, Mapping[str, Any]]]
    hours: str
    money: str
    bill: Bill | None
    brief_url: str
    sign_url: str
    today: date


def card_of(ctx: Context, decision: TierDecision) -> Card:
    """Return the card of a decision; a draft is tested now, later ones show what they kept."""
    live = decision.status in ("draft", "deferred", "withdrawn") or not decision.evidence
    found = evidence_of(ctx, decision.account, to_tier=decision.to_tier, answers=decision.answers) if live else None
    kept: Mapping[str, Any] = found.to_json() if found else decision.evidence
    tests = kept["tests"]
    # The brief is that of the account's open decision, else of its newest one.
    mine = TierDecision.objects.alive().filter(account=decision.account_id)
    newest = (mine.filter(status__in=OPEN).first() or mine.order_by("-pk").first() or decision).pk
    checks = _checks(decision, found) if found and decision.status == "draft" else []
    may, admin = ctx.actor.may(WRITE), ctx.actor.may(ADMIN)
    return Card(
        decision,
        STEPS,
        AT.get(decision.status, 0),
        decision.status in ENDED,
        checks,
        [
            signature_of(ctx, decision, name, words, open_=decision.status == "sign_off")
            for name, words in SIGNERS.items()
        ],
        clocks_of(decision, ctx.today) if decision.status == "effective" else [],
        _warning(ctx, decision),
        _deeds(decision, admin, all(check.passed for check in checks)) if may else [],
        kept,
        not live,
        tests.get(decision.kind),
        [(name.capitalize(), test) for name, test in tests.items() if name != decision.kind],
        _difference(kept["budget"], "hours", lambda value: f"{formats.number(value, 0)} h"),
        _difference(kept["budget"], "opex", lambda value: formats.money(value, kept["currency"])),
        bill_of(kept["budget"]["after"], kept["currency"]),
        "" if newest != decision.pk else f"/r/tier_decision/{decision.pk}/brief",
        f"/r/tier_decision/{decision.pk}/set",
        ctx.today,
    )


# -- inside --------------------------------------------------------------------------------------------------------


def _checks(decision: TierDecision, found: Evidence) -> list[Check]:
    texts = [words for name, words in BRIEF.items() if not getattr(decision, name).strip()]
    if decision.kind == "exit" and not decision.sunset_plan.strip():
        texts.append("the plan of the exit")
    boxes = [words for name, words in BOXES.items() if not getattr(decision, name)]
    people = [getattr(decision, f"{name}_id") for name in SIGNERS]
    nobody = [words for (_, words), pk in zip(SIGNERS.items(), people, strict=True) if pk is None]
    twice = not nobody and len(set(people)) < len(people)
    stale = found.freshness.details["stale"]
    against = why_not(decision.kind, found)
    return [
        Check("The brief is whole", not texts, f"missing: {', '.join(texts)}"),
        Check(f"Sanity gate, {len(BOXES) - len(boxes)} of {len(BOXES)}", not boxes, f"not yet: {', '.join(boxes)}"),
        Check(
            "Three people are named to sign",
            not nobody and not twice,
            "one of them is named twice" if twice else f"nobody as {', '.join(nobody)}",
        ),
        Check(
            f"Figures are at most {found.freshness.details['limit']} days old", not stale,
            f"too old or not measured: {', '.join(stale)}; nobody may overrule that",
        ),
        *_event(decision, found),
        _funded(found),
        Check(
            "The tests propose it" if not against else "A reason is given in spite of the tests",
            not against or bool(decision.waiver.strip()),
            against,
        ),
    ]  # fmt: skip


def _event(decision: TierDecision, found: Evidence) -> list[Check]:
    """Whether the sharp drop that the decision names is one; where it is not known the signers judge."""
    if decision.trigger != "revenue_drop":
        return []
    words = found.drop.words(found.currency)
    return [
        Check(f"Revenue fell sharply{'' if found.drop.sharp else f': {words}'}", found.drop.sharp is not False, words)
    ]


def _funded(found: Evidence) -> Check:
    """Whether the tier pays for what it promises; what is not known is told and does not stop anything."""
    then = found.funding_then
    over = "" if then.pays is not False else formats.money(then.result.details["over"], found.currency)
    lacks = lacking(then.to_json()) if then.pays is None and then.tier else ""
    return Check(
        f"What the tier promises is paid for{f', as far as can be told: not known is {lacks}' if lacks else ''}",
        not over,
        f"{over} a year is not",
    )


def _warning(ctx: Context, decision: TierDecision) -> str:
    if decision.status != "effective" or decision.watch_until is None or decision.watch_until < ctx.today:
        return ""
    pk = decision.account_id
    return warning_of(decision, newest_values(service.id, [pk]).get(pk), newest_values(churn_risk.id, [pk]).get(pk))


def _deeds(decision: TierDecision, admin: bool, ready: bool) -> list[Deed]:
    def to(status: str, label: str, *, primary: bool = False, ask: str = "") -> Deed:
        return Deed(label, f'{{"status": "{status}"}}', primary, ask)

    back = to("draft", "Back to draft", ask="Signatures that were given are taken back. Go on?")
    withdraw = to("withdrawn", "Withdraw")
    if decision.status == "draft":
        return [to("sign_off", "Send to its signatures", primary=ready), withdraw]
    if decision.status == "sign_off":
        return [back, withdraw]
    if decision.status == "committee":
        decided = [
            to("approved", "Approve", primary=True, ask=f"{decision}: approve it?"),
            to("rejected", "Reject"),
            to("deferred", "Defer"),
        ]
        return [*(decided if admin else []), back]
    if decision.status in ("deferred", "withdrawn"):
        return [to("draft", "Take it up again", primary=True)]
    return [withdraw] if decision.status == "approved" else []


def _difference(budget: Mapping[str, Any], name: str, said: Any) -> str:
    before, after = budget["before"][name], budget["after"][name]
    if before is None and after is None:
        return "not known"
    told = [said(value) if value is not None else "none" for value in (before, after)]
    return f"{told[0]} → {told[1]}"
