"""Accounts at risk as the weekly stand-up looks at them, and accounts whose score and money part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import RenewalCycle
from trackline.book.models import StandUpEntry
from trackline.book.queries.arr import Figures, arr_on
from trackline.book.queries.narrowing import narrowing
from trackline.book.risk.evidence import USAGE_FALLS, Evidence, Health, evidence
from trackline.book.risk.renewals import GRAVE
from trackline.book.risk.stand_ups import week_of
from trackline.book.rules.at_risk import at_risk as rule
from trackline.choose.rules.recovery import needs_plan, recovery
from trackline.choose.rules.states import step_state
from trackline.core.periods import months_before
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.track.health import RULES
from trackline.track.rules.disagreement import WORDS, disagreement, way_of
from trackline.track.rules.health_inputs import wiring

FORECASTS = dict(RenewalCycle.Forecast.choices)
WEEK = timedelta(days=7)
NAMED_ALERTS = 1
SAID = {
    "at_risk": "renewal forecast at risk",
    "commit": "renewal forecast commit",
    "best_case": "renewal forecast best case",
}


def at_risk(ctx: Context, filters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the accounts at risk today, those with most ARR at stake first, with why, what recovers them, whether they were
    discussed this week and what changed in seven days; those that left the list; and where score and money part.

    Amounts are in the book's currency. The number of queries is fixed. Accounts that have left us are not counted.
    """
    narrowed = narrowing(ctx, filters or {})
    given = evidence(ctx, narrowed.ids, ctx.today - WEEK)
    rates = rates_in_force(ctx.today)
    overrides, ticks = Overrides.load(ctx.today), _ticks(ctx)
    moves = {
        one.pk: one for one in arr_on(ctx, (months_before(ctx.today, wiring().disagreement_months), ctx.today), rates)
    }
    rows, left, parting = [], [], []
    for pk, account in given.accounts.items():
        now, before = (_reasons(given, pk, on, overrides) for on in (given.now, given.before))
        stake = _stake(given, pk)
        worth = rates.convert(stake, account["currency"])
        parted = _parted(given, pk, moves.get(pk), worth)
        if parted:
            parting.append(parted)
        if now:
            rows.append(_row(given, pk, now, before, worth, parted, ticks.get(pk, {})))
        elif before:
            left.append({"key": account["key"], "name": account["name"], "was": _why(given, pk, before, given.before)})
    rows.sort(key=_by_stake)
    parting.sort(key=_by_stake)
    return {
        "as_of": ctx.today,
        "week": week_of(ctx.today),
        "since": given.before,
        "currency": rates.book,
        "rows": rows,
        "count": len(rows),
        "arr": sum((row["arr"] or Decimal(0) for row in rows), Decimal(0)),
        "discussed": sum(row["discussed"] is not None for row in rows),
        "without_plan": sum(row["recovery"] is None for row in rows),
        "left": left,
        "disagreements": parting,
        "choices": narrowed.choices,
        "notes": _notes(rows, given),
    }


def told(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the list as API and command line tell it: ids as text, without what filters offer."""
    rows = [{**row, "id": str(row["id"])} for row in found["rows"]]
    return {name: value for name, value in found.items() if name != "choices"} | {"rows": rows}


# -- one account ---------------------------------------------------------------------------------------------------


def _reasons(given: Evidence, pk: int, on: date, overrides: Overrides) -> Sequence[str]:
    """Why an account was at risk on a day; the rule is asked only where something speaks for it."""
    asked = given.asked(pk, on)
    if not given.there(pk, on) or not (
        asked["health_band"] == "red" or asked["churn_risk"] or asked["renewal_forecast"] == "at_risk"
        or any(asked[name] for name in ("competitor", "single_thread", "marked", "recovering"))
    ):  # fmt: skip
        return ()
    in_force = overrides.in_force(rule, given.now, tier=given.accounts[pk]["tier"], account_id=pk)
    found: Explained = rule.explain(read_inputs(rule.inputs, asked), in_force, on)
    reasons: Sequence[str] = found.details["reasons"]
    return reasons


def _row(
    given: Evidence,
    pk: int,
    reasons: Sequence[str],
    before: Sequence[str],
    worth: Decimal | None,
    parted: Mapping[str, Any] | None,
    ticks: Mapping[date, Mapping[str, Any]],
) -> dict[str, Any]:
    account, health = given.accounts[pk], given.health(pk, given.now)
    recovers = _recovery(given, pk)
    cycle = given.cycles.get(pk, {})
    return {
        "id": pk,
        "key": account["key"],
        "name": account["name"],
        "owner": account["owner__username"],
        "owner_name": account["owner__name"],
        "tier": account["tier"],
        "health": health.value,
        "band": health.band,
        "churn_risk": given.churn.get(pk),
        "reasons": list(reasons),
        "why": _why(given, pk, reasons, given.now),
        "arr": worth,
        "renewal_date": cycle.get("renewal_date") or account["renewal_date"],
        "days": given.renews_in(pk, given.now),
        "forecast": cycle.get("forecast") or None,
        "forecast_label": FORECASTS.get(cycle.get("forecast") or ""),
        "recovery": recovers,
        "needs_plan": needs_plan(health.band, recovers is not None),
        "new": not before,
        "changes": _changes(given, pk, before),
        "disagreement": {name: parted[name] for name in ("kind", "words", "signs")} if parted else None,
        "discussed": ticks.get(week_of(given.now)),
        "discussed_before": ticks.get(week_of(given.before)),
    }


def _why(given: Evidence, pk: int, reasons: Sequence[str], on: date) -> str:
    """Say in one line what puts an account on the list."""
    health, days = given.health(pk, on), given.renews_in(pk, on)
    churn = (given.churn if on == given.now else given.churn_before).get(pk)
    renews = "" if days is None else f", renewal in {days} d" if days >= 0 else f", renewal {-days} d late"
    said = {
        "red_health": f"health red{f' at {formats.number(health.value, 0)}' if health.value is not None else ''}",
        "churn_risk": f"churn risk {formats.number(churn, 0)}",
        "competitor": "they evaluate competitors",
        "single_thread": f"one active contact{renews}",
        "renewal": "renewal forecast at risk",
        "marked": "marked at risk",
        "recovering": "a recovery runs",
    }
    words = "; ".join(said[name] for name in reasons)
    return words[:1].upper() + words[1:]


def _stake(given: Evidence, pk: int) -> Decimal | None:
    """What the renewal in hand is about, else the account's ARR."""
    own: Decimal | None = given.cycles.get(pk, {}).get("arr_up")
    arr: Decimal | None = given.accounts[pk]["arr"]
    return arr if own is None else own


def _recovery(given: Evidence, pk: int) -> dict[str, Any] | None:
    """How far the recovery is that runs, None without one."""
    play = given.play(pk, given.now)
    if play is None:
        return None
    steps = given.steps.get(play["id"], ())
    done = {step["key"] for step in steps if step["status"] in ("done", "skipped")}
    ahead = [step for step in steps if step["status"] == "open"]
    late = [step for step in ahead if _late(step, given.now)]
    return {
        "id": str(play["id"]),
        "title": play["title"],
        "state": recovery(play["playbook__key"], play["status"], done).label,
        "done": len(steps) - len(ahead),
        "total": len(steps),
        "overdue": len(late),
        "next": ahead[0]["title"] if ahead else None,
        "next_on": ahead[0]["due_on"] if ahead else None,
        "owner": play["owner__name"],
    }


def _late(step: Mapping[str, Any], today: date) -> bool:
    return step_state(step["due_on"], step["status"], today, step["created_at"].date()) == "late"


def _changes(given: Evidence, pk: int, before: Sequence[str]) -> list[str]:
    """What moved since a week ago, in words."""
    found = [] if before else ["new on the list"]
    now, then = given.health(pk, given.now), given.health(pk, given.before)
    if (told := _moved(now, then)) is not None:
        found.append(told)
    risk, risk_then = given.churn.get(pk), given.churn_before.get(pk)
    if risk is not None and risk_then is not None and round(risk) != round(risk_then):
        found.append(f"churn risk {formats.number(risk_then, 0)} → {formats.number(risk, 0)}")
    asked, asked_then = given.asked(pk, given.now), given.asked(pk, given.before)
    if asked["renewal_forecast"] != asked_then["renewal_forecast"]:
        found.append(SAID.get(asked["renewal_forecast"], "renewal forecast taken back"))
    play = given.play(pk, given.now)
    if play is not None:
        if play["start_on"] > given.before:
            found.append("recovery started")
        done = sum(bool(step["done_on"] and step["done_on"] > given.before) for step in given.steps.get(play["id"], ()))
        if done:
            found.append(f"{done} {'step' if done == 1 else 'steps'} done")
    elif asked_then["recovering"]:
        found.append("recovery ended")
    fired = [
        one["title"] for one in given.alerts.get(pk, ())
        if one["severity"] in GRAVE and one["fired_at"].date() > given.before
    ]  # fmt: skip
    found += [f"alert: {title}" for title in fired[:NAMED_ALERTS]]
    if len(fired) > NAMED_ALERTS:
        more = len(fired) - NAMED_ALERTS
        found.append(f"{more} more {'alert' if more == 1 else 'alerts'}")
    return found


def _moved(now: Health, then: Health) -> str | None:
    if now.value is None or then.value is None:
        return None
    if now.band != then.band:
        return f"health {then.band} → {now.band}"
    if now.model == then.model and round(now.value) != round(then.value):
        return f"health {formats.number(then.value, 0)} → {formats.number(now.value, 0)}"
    return None


def _parted(given: Evidence, pk: int, arr: Figures | None, worth: Decimal | None) -> dict[str, Any] | None:
    """Where the colour of the score and what ARR, forecast and usage say go apart; None where they do not."""
    health = given.health(pk, given.now)
    if health.value is None or health.model not in RULES:
        return None
    # The score's own band: a gate that holds the colour back does not make an account ailing.
    parameters: Any = RULES[health.model].in_force(given.now).parameters
    change = _change(arr)
    forecast = given.cycles.get(pk, {}).get("forecast") or ""
    signs = [
        (way_of(change, wiring().disagreement_pct),
         f"ARR {formats.delta(change, decimals=0)}{formats.NBSP}% in {wiring().disagreement_months} months" if change else ""),
        ({"at_risk": -1, "commit": 1}.get(forecast, 0), SAID.get(forecast, "")),
        (-1 if given.has_alert(pk, USAGE_FALLS, given.now) else 0, "usage declines"),
    ]  # fmt: skip
    kind = disagreement(parameters.bands.of(health.value), [way for way, _ in signs])
    if not kind:
        return None
    account = given.accounts[pk]
    return {
        "key": account["key"],
        "name": account["name"],
        "kind": kind,
        "words": WORDS[kind],
        "health": health.value,
        "band": health.band,
        "signs": [words for way, words in signs if way],
        "arr": worth,
        "owner_name": account["owner__name"],
    }


def _change(arr: Figures | None) -> Decimal | None:
    """How ARR moved in percent, None where it is not known on both days or was nothing."""
    before, now = (None, None) if arr is None else arr.values
    return 100 * (now - before) / before if before and now is not None else None


# -- beside --------------------------------------------------------------------------------------------------------


def _ticks(ctx: Context) -> dict[int, dict[date, Mapping[str, Any]]]:
    """What this and the last week's stand-up said, by account and Monday; one query."""
    week = week_of(ctx.today)
    rows = StandUpEntry.objects.alive().filter(week_on__in=(week, week - WEEK)).order_by("pk")
    found: dict[int, dict[date, Mapping[str, Any]]] = {}
    for pk, account, on, by, note in rows.values_list("pk", "account", "week_on", "by__name", "note"):
        found.setdefault(account, {})[on] = {"id": str(pk), "week": on, "by": by, "note": note}
    return found


def _by_stake(row: Mapping[str, Any]) -> tuple[bool, Decimal, str]:
    return row["arr"] is None, -(row["arr"] or Decimal(0)), row["name"].casefold()


def _notes(rows: Sequence[Mapping[str, Any]], given: Evidence) -> list[str]:
    notes = []
    bare = sum(row["arr"] is None for row in rows)
    if bare:
        notes.append(f"{bare} without an ARR in the book's currency add nothing.")
    unknown = sum(given.health(pk, given.now).value is None for pk in given.accounts)
    if unknown:
        notes.append(
            f"{unknown} of {len(given.accounts)} accounts have no health score: red health cannot put them here."
        )
    return notes
