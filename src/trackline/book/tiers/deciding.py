"""What writes of tier decisions mean: states, gates, signatures, and the move itself. Source: PF-19 to PF-25."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, Score
from trackline.book.models import TierDecision
from trackline.book.rules.moves import downgrade, leave, upgrade
from trackline.book.signing import drop, moved_signatures, people, stamp, unsigned
from trackline.book.tiers.evidence import ANSWERS, TESTS, Evidence, evidence_of
from trackline.book.tiers.overriding import end_override
from trackline.book.tiers.scores import in_cycle, next_cycle
from trackline.core.playbook import RunRefused
from trackline.core.playbook.inputs import read_inputs
from trackline.kit import formats
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move
from trackline.kit.records.types import registry
from trackline.watch.rules.churn import churn_risk

Links = dict[str, list[int]]
Status = TierDecision.Status

MOVES: Mapping[str, tuple[str, ...]] = {
    "draft": ("sign_off", "withdrawn"),
    "sign_off": ("committee", "draft", "withdrawn"),
    "committee": ("approved", "rejected", "deferred", "draft", "withdrawn"),
    "deferred": ("draft", "withdrawn"),
    "approved": ("effective", "withdrawn"),
    "effective": (),
    "rejected": (),
    "withdrawn": ("draft",),
}
OPEN = ("draft", "sign_off", "committee", "approved")
SIGNERS: Mapping[str, str] = {
    "kam_leader": "KAM leader",
    "finance_head": "head of finance",
    "exec_sponsor": "executive sponsor",
}
"""Who signs, by field. Source: PF-23."""
BRIEF: Mapping[str, str] = {
    "rationale": "the strategic rationale",
    "roi": "the projected return",
    "resources": "the impact on people and money",
    "customer_message": "what the customer is told",
}
BOXES: Mapping[str, str] = {
    "fits_strategy": "it fits the three-year strategy",
    "anomalies_resolved": "anomalies are resolved or annotated",
    "funded": "people and money are funded",
    "customer_value": "the message tells the customer's value",
    "monitor_owner_id": "somebody watches for 90 days",
}
"""The sanity gate. Source: PF-25."""
FROZEN = frozenset(
    {"kind", "to_tier", "trigger", "sunset_plan", "waiver", "answers", *SIGNERS, *BRIEF, *BOXES, "monitor_owner"}
) - {"monitor_owner_id"}
"""What the brief says: it does not change under the signatures."""
SYSTEMS_DAYS, CUSTOMER_DAYS, WATCH_DAYS = 7, 30, 90
"""Days from the day of effect: systems are updated, the customer is told, the watch ends. Source: PF-23, PF-24."""


def prepare_decision(ctx: Context, decision: Any, changed: set[str], _links: Links) -> None:
    """Derive the move, hold it to its states and gates, stamp signatures and steps."""
    stored = None if decision._state.adding else TierDecision.objects.get(pk=decision.pk)
    if stored is None:
        _begin(ctx, decision, changed)
    else:
        _keep_brief(stored, decision, changed)
    if stored is None or {"kind", "to_tier"} & changed:
        _derive_move(decision)
    if "answers" in changed:
        decision.answers = checked_answers(decision.answers)
    before = stored.status if stored else decision.status
    check_move("A tier decision", before, decision.status, MOVES, dict(Status.choices))
    _sign(ctx, stored, decision)
    if before == "sign_off" and decision.status == "sign_off" and not unsigned(decision, SIGNERS):
        decision.status = Status.COMMITTEE.value
    if stored is not None and before != decision.status:
        _pass(ctx, decision, before)
    if stored is not None and before != "effective" and decision.status in ("approved", "effective"):
        _check_cycle(ctx, stored, decision)
    if decision.status == "approved" and decision.effective_on and decision.effective_on <= ctx.today:
        decision.status = Status.EFFECTIVE.value
    if decision.status == "effective" and before != "effective":
        decision.applied_on = ctx.today
        decision.watch_until = ctx.today + timedelta(days=WATCH_DAYS)
        decision.churn_before = churn_now(decision.account_id)


def after_decision(ctx: Context, decision: Any, changed: set[str], created: bool) -> None:
    """Move the account where the decision has just taken effect; an override in force gives way."""
    if created or "status" not in decision.last_change.changes or decision.status != "effective":
        return
    noted = Context(ctx.actor, ctx.now, ctx.via, ctx.batch, f"Tier decision {decision.pk}: {decision}", ctx.zone)
    end_override(noted, decision.account_id, "revoked")
    data: dict[str, Any] = {"tier": decision.to_tier, "watch": False}
    if decision.kind == "exit":
        data["exit_candidate"] = False
    records.update(noted, registry.get("account"), decision.account_id, data)


def allow_decision_delete(_ctx: Context, decision: Any) -> None:
    """Keep what has been decided."""
    if decision.status in ("approved", "effective", "rejected"):
        raise Refused("A decision that was made stays on record.")


def take_effect(ctx: Context) -> int:
    """Let approved decisions take effect whose day has come; returns how many."""
    due = TierDecision.objects.alive().filter(status="approved", effective_on__lte=ctx.today)
    pks = list(due.order_by("effective_on", "pk").values_list("pk", flat=True))
    for pk in pks:
        records.update(ctx, registry.get("tier_decision"), pk, {"status": "effective"})
    return len(pks)


def defaults_of(account: Account) -> dict[str, int | None]:
    """Return who signs and watches where nobody is named: the owner's manager, finance as last time, our sponsor, the owner."""
    last = TierDecision.objects.alive().filter(finance_head__active=True).order_by("-pk")
    owner = account.owner
    return {
        "kam_leader": owner.manager_id if owner else None,
        "finance_head": last.values_list("finance_head", flat=True).first(),
        "exec_sponsor": account.exec_sponsor_id,
        "monitor_owner": account.owner_id,
    }


def churn_now(account: int) -> Decimal | None:
    """Return the newest churn-risk index of an account; one query."""
    rows = Score.objects.filter(account=account, rule=churn_risk.id, preset="").order_by("-on")
    found: Decimal | None = rows.values_list("value", flat=True).first()
    return found


def checked_answers(given: Any) -> dict[str, Any]:
    """Return answers whose names and values the tests know. Raises `Invalid`."""
    if not isinstance(given, Mapping):
        raise Invalid.fields({"answers": 'An object is expected, like {"material_breach": true}.'})
    unknown = sorted(set(given) - set(ANSWERS))
    if unknown:
        raise Invalid.fields({"answers": f"{unknown[0][:80]}: one of {', '.join(ANSWERS)} is expected."})
    kept = {name: value for name, value in given.items() if value is not None}
    needed: dict[str, dict[str, Any]] = {upgrade.id: {"score_cycles": [], "cut": None}, downgrade.id: {"score_cycles": [], "cut": None},
              leave.id: {"score": None, "t3_cut": None}}  # fmt: skip
    for name, rule in TESTS.items():
        mine = {key: value for key, value in kept.items() if ANSWERS[key][0] == name}
        try:
            read_inputs(rule.inputs, {**needed[rule.id], **mine})
        except RunRefused as refused:
            said = refused.errors[0]
            raise Invalid.fields({"answers": f"{said['loc'][-1]}: {said['msg']}"}) from None
    return kept


# -- inside --------------------------------------------------------------------------------------------------------


def _begin(ctx: Context, decision: Any, changed: set[str]) -> None:
    """A decision begins as a draft; one that comes back from a file brings its stamps along."""
    if decision.status != "draft" and decision.submitted_on is None:
        raise Invalid.fields({"status": "A decision begins as a draft."})
    if decision.submitted_on is not None:
        return
    others = TierDecision.objects.alive().filter(account=decision.account_id, status__in=OPEN)
    if (other := others.first()) is not None:
        raise Refused(f"{other} is open for this account already. Go on with it, or withdraw it first.", rule="PF-23")
    decision.from_tier = decision.account.tier
    for name, pk in defaults_of(decision.account).items():
        if name not in changed and getattr(decision, f"{name}_id") is None:
            setattr(decision, f"{name}_id", pk)
    if len(unsigned(decision, SIGNERS)) < len(SIGNERS):
        raise Invalid.fields({"status": "A draft has no signatures yet."})


def _derive_move(decision: Any) -> None:
    """Set the tier that a kind leads to, and refuse one that it does not."""
    now, to = decision.from_tier, decision.to_tier
    if decision.kind == "exit":
        if now is None:
            raise Invalid.fields({"kind": "The account has no tier to leave."})
        decision.to_tier = None
        return
    if decision.kind == "entry":
        if now is not None:
            raise Invalid.fields({"kind": f"The account is in tier {now}: upgrade or downgrade it."})
        if to is None:
            raise Invalid.fields({"to_tier": "Say which tier it enters."})
        return
    if now is None:
        raise Invalid.fields({"kind": "The account has no tier: an entry gives it one."})
    up = decision.kind == "upgrade"
    if to is None:
        to = decision.to_tier = now - 1 if up else now + 1
    if not 1 <= to <= 3:
        words = "There is no higher tier." if up else "There is no lower tier: that would be an exit."
        raise Invalid.fields({"kind": words})
    if (to >= now) if up else (to <= now):
        raise Invalid.fields({"to_tier": f"A tier {'above' if up else 'below'} tier {now} is expected."})


def _keep_brief(stored: Any, decision: Any, changed: set[str]) -> None:
    if stored.status in ("draft", "withdrawn", "deferred") or decision.status == "draft":
        return
    moved = [
        name
        for name in sorted(FROZEN & changed)
        if getattr(stored, _attname(name)) != getattr(decision, _attname(name))
    ]
    if moved and not (decision.status == "effective" and moved == ["monitor_owner"]):
        raise Refused(
            "The brief stays as it is once it went to its signatures. Send it back to draft to change it.",
            [{"loc": [name], "msg": "Part of the brief."} for name in moved],
            rule="PF-23",
        )


def _attname(name: str) -> str:
    return f"{name}_id" if name in SIGNERS or name == "monitor_owner" else name


def _sign(ctx: Context, stored: Any, decision: Any) -> None:
    """Take signatures, each by the person named and while the brief waits for them."""
    for name in moved_signatures(stored, decision, SIGNERS) if stored is not None else ():
        if decision.status != "sign_off" or stored.status != "sign_off":
            raise Refused("Signatures are given while the brief waits for them.", rule="PF-23")
        stamp(ctx, decision, name, SIGNERS[name])


def _pass(ctx: Context, decision: Any, before: str) -> None:
    """Hold a move between states to what it takes."""
    if decision.status == "sign_off":
        _submit(ctx, decision)
    elif decision.status == "committee":
        if waits := [SIGNERS[name] for name in unsigned(decision, SIGNERS)]:
            raise Refused(f"It waits for the signature of the {' and the '.join(waits)}.", rule="PF-23")
    elif decision.status in ("approved", "rejected", "deferred"):
        _decide(ctx, decision)
    elif decision.status == "draft":
        for name in SIGNERS:
            drop(decision, name)
        decision.submitted_on = decision.decided_on = None
        decision.from_tier = decision.account.tier
        _derive_move(decision)
    elif decision.status == "effective" and before == "approved" and decision.effective_on > ctx.today:
        raise Refused(f"It takes effect on {decision.effective_on}.", rule="PF-23")


def _submit(ctx: Context, decision: Any) -> None:
    """The gate before signatures: brief, sanity boxes, signers, freshness, tests."""
    texts = {name: words for name, words in BRIEF.items() if not getattr(decision, name).strip()}
    if decision.kind == "exit" and not decision.sunset_plan.strip():
        texts["sunset_plan"] = "the plan of the exit"
    if texts:
        raise Refused(
            f"The brief lacks {_and(texts.values())}.",
            [{"loc": [name], "msg": "Needed in the brief."} for name in texts],
            rule="PF-23",
        )
    boxes = {name.removesuffix("_id"): words for name, words in BOXES.items() if not getattr(decision, name)}
    if boxes:
        raise Refused(
            f"The sanity gate has {len(BOXES) - len(boxes)} of {len(BOXES)}: not yet that {_and(boxes.values())}.",
            [{"loc": [name], "msg": "Needed before signatures."} for name in boxes],
            rule="PF-25",
        )
    named = people(decision, SIGNERS)
    nobody = [name for name, pk in named.items() if pk is None]
    if nobody:
        raise Refused(
            f"Nobody is named as {_and(SIGNERS[name] for name in nobody)}.",
            [{"loc": [name], "msg": "Name who signs."} for name in nobody],
            rule="PF-23",
        )
    if len(set(named.values())) < len(named):
        raise Refused(
            "Three different people sign.", [{"loc": [name], "msg": "Signs twice."} for name in named], rule="PF-23"
        )
    found = evidence_of(ctx, decision.account, to_tier=decision.to_tier, answers=decision.answers)
    _check_fresh(found.freshness, "goes to its signatures")
    _check_event(decision, found)
    _check_funded(found)
    if not decision.waiver.strip() and (against := why_not(decision.kind, found)):
        raise Refused(
            f"The tests do not propose this: {against}. Say in “reason in spite of the tests” why it should be made.",
            [{"loc": ["waiver"], "msg": against}],
            rule="PF-18",
        )
    decision.evidence = found.to_json()
    decision.submitted_on = ctx.today


def why_not(kind: str, found: Evidence) -> str:
    """Return in words why the tests do not propose a move, or nothing."""
    watched = found.watch.details
    if found.own.provisional:
        return "the score is provisional and moves no tier"
    if found.hangs_on:
        names = _and(f"“{name}”" for name in found.hangs_on[:3])
        return f"the tier by score hangs on one figure: without {names} it would be another"
    if kind == "entry":
        by_score = watched.get("by_score")
        return "" if by_score else "the score lies below the cuts"
    test = found.tests[kind]
    if not test.proposes:
        unmet = [one.label.lower() for one in test.conditions if not one.met]
        if kind == "upgrade":
            return f"{test.result.value} of {len(test.conditions)} conditions are met, not {_and(unmet)}"
        return f"{test.result.value} of {len(test.conditions)} conditions are met"
    if kind in ("upgrade", "downgrade") and watched.get("crossed") and watched.get("may_propose") is False:
        mean = watched.get("mean")
        said = "is not known" if mean is None else f"is {mean:.1f}, not across {watched['cut']:.1f}"
        return f"the mean of the last three quarterly scores {said}"
    return ""


def _check_fresh(result: Any, what: str) -> None:
    if result.details["passed"]:
        return
    ages = {part.key: part for part in result.parts}
    said = [
        f"{ages[name].label.lower()} {'is not measured' if ages[name].input is None else f'is {ages[name].input} days old'}"
        for name in result.details["stale"]
    ]
    raise Refused(
        f"It is deferred before it {what}: {_and(said)}; {result.details['limit']} days are allowed, and nobody may overrule that.",
        [{"loc": [name], "msg": "Too old to decide on."} for name in result.details["stale"]],
        rule="PF-13",
    )


def _check_event(decision: Any, found: Evidence) -> None:
    """Hold a sharp drop of revenue, named as the event, to the figures; where they are not known the signers judge."""
    if decision.trigger != "revenue_drop" or found.drop.sharp is not False:
        return
    raise Refused(
        f"Revenue did not fall sharply. {found.drop.words(found.currency)}.",
        [
            {
                "loc": ["trigger"],
                "msg": f"A fall of {found.drop.result.details['limit']} % within a quarter is expected.",
            }
        ],
        rule="PF-19",
    )


def _check_funded(found: Evidence) -> None:
    """Refuse a tier whose promises its budget is known not to pay for; what is not known stops nothing."""
    told, currency = found.funding_then.result.details, found.currency
    if found.funding_then.pays is not False:
        return
    raise Refused(
        f"What tier {found.funding_then.tier} promises costs {formats.money_full(told['promised'], currency)} a year, and it "
        f"grants {formats.money_full(told['funded'], currency)}. A promise that is not paid for cannot be made.",
        [{"loc": ["to_tier"], "msg": "The tier does not pay for what it promises."}],
        rule="PF-26",
    )


def _decide(ctx: Context, decision: Any) -> None:
    """Take down what the committee decided; an approval asks for fresh figures again."""
    ctx.require(ADMIN)
    decision.decided_on = ctx.today
    decision.committee_on = decision.committee_on or ctx.today
    if decision.status != "approved":
        if not decision.committee_note.strip():
            raise Refused("Say what the committee said.", [{"loc": ["committee_note"], "msg": "Needed."}], rule="PF-23")
        return
    found = evidence_of(ctx, decision.account, to_tier=decision.to_tier, answers=decision.answers)
    _check_fresh(found.freshness, "is approved")
    _check_funded(found)
    if decision.effective_on is None:
        waits = decision.trigger == "cycle" and not in_cycle(ctx.today)
        decision.effective_on = next_cycle(ctx.today) if waits else ctx.today
    if decision.effective_on < ctx.today:
        raise Invalid.fields({"effective_on": "A day that has not passed is expected."})


def _check_cycle(ctx: Context, stored: Any, decision: Any) -> None:
    """Hold a move without a material event to the months of formal cycles. A day approved before stands: cycles may change."""
    on = decision.effective_on
    if on is None or decision.trigger != "cycle" or in_cycle(on):
        return
    if stored.status == "approved" and on == stored.effective_on:
        return
    following = next_cycle(on if on > ctx.today else ctx.today)
    raise Refused(
        f"{on} is outside the formal cycle: the next one begins on {following}. Only an acquisition, a sharp drop of "
        "revenue or a breach of compliance moves a tier in between.",
        [{"loc": ["effective_on"], "msg": f"A day in the month of {following} is expected."}],
        rule="PF-19",
    )


def _and(words: Any) -> str:
    *first, last = list(words)
    return f"{', '.join(first)} and {last}" if first else str(last)
