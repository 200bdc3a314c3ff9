"""What writes to scorecards, their metrics and their breaches mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account, Metric
from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.cards.judging import checks, with_lines
from trackline.book.models import Scorecard, ScorecardBreach, ScorecardLine
from trackline.book.rules.card_status import breach as breach_rule
from trackline.kit.policy import Actor, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.moves import check_move, status_before

Links = dict[str, list[int]]

DECISIONS: Mapping[str, str] = {
    "resource_allocation": "Allocation of people and money",
    "bonus_gating": "Bonus",
    "renewal_risk": "Risk of renewals",
    "executive_forecast": "Forecast of the executives",
    "other": "Other",
}
"""What may be decided by a scorecard. Source: SC-01."""
MOVES = {
    "draft": ("shadow", "live", "archived"),
    "shadow": ("draft", "live", "archived"),
    "live": ("shadow", "archived"),
    "archived": ("draft",),
}
STAMPS = {"shadow": "shadow_on", "live": "live_on", "archived": "archived_on"}
BREACH_MOVES = {"open": ("answered", "over"), "answered": ("open", "over"), "over": ()}


def seen_card(actor: Actor, path: str = "") -> Q:
    """Keep cards of accounts; of the others those of the reader, and all for who sees every account: they add up the whole."""
    if actor.visible is None:
        return Q()
    return Q(**{f"{path}account__isnull": False}) | Q(**{f"{path}manager": actor.user_id})


def seen_line(actor: Actor) -> Q:
    """Keep the metrics of cards that are seen."""
    return seen_card(actor, "scorecard__")


def seen_breach(actor: Actor) -> Q:
    """Keep the breaches of cards that are seen."""
    return seen_card(actor, "line__scorecard__")


def prepare_scorecard(ctx: Context, card: Any, changed: set[str], _links: Links) -> None:
    """Hold a card to what it says it is of, to decisions that there are, and to its states; only one that is ready goes live.

    Source: SC-01, SC-02, SC-03, SC-09.
    """
    if card._state.adding and "level" not in changed:
        card.level = "account" if card.account_id else "manager" if card.manager_id else "book"
    _check_level(card)
    if card._state.adding and card.account_id is None and not _counts_all(ctx.actor, card):
        raise Refused("A scorecard over more accounts than one sees is made by somebody who sees every account.")
    unknown = [word for word in card.decisions if word not in DECISIONS]
    if unknown:
        raise Invalid.fields({"decisions": f"One of {', '.join(DECISIONS)} is expected."})
    before = status_before(card, "state") if "state" in changed else None
    if before:
        check_move("A scorecard", before, card.state, MOVES, dict(Scorecard.State.choices))
    if card.state == "live" and (before or card._state.adding) and before != "live":
        _check_ready(ctx, card)
    stamp = STAMPS.get(card.state)
    if stamp and ("state" in changed or card._state.adding) and getattr(card, stamp) is None:
        setattr(card, stamp, ctx.today)


def _counts_all(actor: Actor, card: Any) -> bool:
    """Whether somebody sees all that a card without an account adds up."""
    return actor.visible is None or (card.manager_id is not None and card.manager_id == actor.user_id)


def _check_level(card: Any) -> None:
    wanted = {"account": ("account",), "manager": ("manager",), "book": ()}[card.level]
    errors: dict[str, str] = {}
    for name in ("account", "manager"):
        given = getattr(card, f"{name}_id") is not None
        if name in wanted and not given:
            errors[name] = f"A scorecard of {card.get_level_display().lower()} names one."
        elif given and name not in wanted:
            errors[name] = f"A scorecard of {card.get_level_display().lower()} names none."
    if errors:
        raise Invalid.fields(errors)


def _check_ready(ctx: Context, card: Any) -> None:
    """Refuse to publish what is not ready. Source: SC-02, SC-03, KPI-120, KPI-122."""
    stored = None if card._state.adding else with_lines(Scorecard.objects.filter(pk=card.pk)).first()
    held = stored.held if stored else []
    card.held = held
    found = checks(card, ctx.today)
    if not found.details["ready"]:
        lacks = [str(one["says"]) for one in found.details["missing"]]
        raise Refused(
            f"{card.name} cannot go live: {' '.join(lacks[:3])}"
            + (f" And {len(lacks) - 3} more." if lacks[3:] else ""),
            [{"loc": ["state"], "msg": words} for words in lacks],
            rule="SC-02",
        )


def prepare_line(ctx: Context, line: Any, changed: set[str], _links: Links) -> None:
    """Hold a metric to the book or the card's account, and its targets to their order. Source: SC-04, TGT-06."""
    card = Scorecard.objects.select_related("account").get(pk=line.scorecard_id)
    if card.state == "archived":
        raise Refused(f"{card.name} is archived: it keeps what it was judged by. Take it up as a draft first.")
    metric = Metric.objects.get(pk=line.metric_id)
    _check_belongs(line, card, metric)
    _check_targets(line, metric)
    line.name = line.name or metric.name
    if line._state.adding:
        if line.owner_id is None and "owner" not in changed:
            line.owner_id = metric.owner_id or _answers(card)
        if line.baseline is not None and line.baseline_on is None:
            line.baseline_on = ctx.today


def _answers(card: Scorecard) -> int | None:
    """Who answers for a card where nobody is named: the account's owner, or the manager."""
    return card.account.owner_id if card.account else card.manager_id


def _check_belongs(line: Any, card: Scorecard, metric: Metric) -> None:
    guardrail = Metric.objects.filter(pk=line.guardrail_id).first()
    for name, one in (("metric", metric), ("guardrail", guardrail)):
        if one is not None and one.account_id not in (None, card.account_id):
            raise Invalid.fields({name: "This metric belongs to another account."})
    if line.guardrail_id == line.metric_id:
        raise Invalid.fields({"guardrail": "A metric cannot guard itself."})
    if line.guardrail_id and line.guardrail_limit is None:
        raise Invalid.fields({"guardrail_limit": "Say which limit must hold."})
    if line.client_owner_id and line.client_owner.account_id != card.account_id:
        raise Invalid.fields({"client_owner": "This person belongs to another account."})


def _check_targets(line: Any, metric: Metric) -> None:
    named = ((name, getattr(line, name)) for name in ("minimum", "committed", "stretch"))
    known = [(name, target) for name, target in named if target is not None]
    sign = -1 if metric.direction == "decrease" else 1
    for (_, lower), (name, higher) in pairwise(known):
        if lower * sign >= higher * sign:
            way = "fall" if sign < 0 else "rise"
            raise Invalid.fields({name: f"The targets of {metric.name} {way} from minimum to stretch."})


def answer_hours(ctx: Context, account: Account | None) -> Decimal:
    """Return the hours in which a breach is answered. Source: SC-08."""
    overrides = Overrides.load(ctx.today)
    tier, pk = (account.tier, account.pk) if account else (None, None)
    in_force = overrides.in_force(breach_rule, ctx.today, tier=tier, account_id=pk)
    found: Decimal = in_force.parameters.answer_hours  # type: ignore[attr-defined]
    return found


def prepare_breach(ctx: Context, one: Any, changed: set[str], _links: Links) -> None:
    """Start the clock of a new breach and name who answers; an answer answers it. Source: SC-08."""
    if one._state.adding:
        _start(ctx, one)
    if one.answer.strip() and one.state == "open" and ("answer" in changed or one._state.adding):
        one.state = "answered"
    before = status_before(one, "state")
    if before:
        check_move("A breach", before, one.state, BREACH_MOVES, dict(ScorecardBreach.State.choices))
    if before == "answered" and one.state == "open":
        _restart(ctx, one)
    if one.state == "answered":
        if not one.answer.strip():
            raise Invalid.fields({"answer": "Say why it turned and what is done about it."})
        one.answered_at = one.answered_at or ctx.now
    elif one.state == "open":
        one.answered_at = None
    if one.escalated_to_id is not None:
        one.escalated_at = one.escalated_at or ctx.now
    one.over_at = (one.over_at or ctx.now) if one.state == "over" else None


def _restart(ctx: Context, one: Any) -> None:
    """What turned worse once more is asked once more."""
    account = ScorecardLine.objects.select_related("scorecard__account").get(pk=one.line_id).scorecard.account
    one.due_at = ctx.now + timedelta(hours=float(answer_hours(ctx, account)))
    one.escalated_to_id, one.escalated_at = None, None


def _start(ctx: Context, one: Any) -> None:
    line = ScorecardLine.objects.select_related("scorecard__account", "scorecard__manager").get(pk=one.line_id)
    card = line.scorecard
    one.opened_at = one.opened_at or ctx.now
    one.due_at = one.due_at or one.opened_at + timedelta(hours=float(answer_hours(ctx, card.account)))
    one.owner_id = one.owner_id or line.owner_id or _answers(card)
    one.shadow = card.state == Scorecard.State.SHADOW
    words = dict(ScorecardBreach.Band.choices)
    one.title = one.title or f"{line.name}: {words[one.from_band].lower()} before, {words[one.to_band].lower()} now"
