"""What writes of alerts mean: clocks and states (SIG-42), and what people do about an alert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.choose.models import Playbook
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.watch.evidence.shape import check_evidence
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions
from trackline.watch.rules.triggers import Clocks, response

Links = dict[str, list[int]]

MOVES = {
    "open": ("acknowledged", "diagnosed", "escalated", "closed", "dismissed"),
    "acknowledged": ("diagnosed", "escalated", "closed", "dismissed"),
    "diagnosed": ("escalated", "closed", "dismissed"),
    "escalated": ("acknowledged", "diagnosed", "closed", "dismissed"),
    "closed": (),
    "dismissed": (),
}
STAMPS = {"acknowledged": "acknowledged_at", "diagnosed": "diagnosed_at", "escalated": "escalated_at"}
SETTLED = ("closed", "dismissed")
WAITS = {"open": "ack_due_at", "acknowledged": "diagnose_due_at", "escalated": "diagnose_due_at"}
"""The clock that runs in a state: which field holds until when (SIG-42)."""
JUDGED = (Alert.Verdict.TRUE_POSITIVE.value, Alert.Verdict.FALSE_POSITIVE.value)
PLAY_HORIZON = 30


def clocks(ctx: Context, account: int | None = None, tier: int | None = None) -> Clocks:
    """Return the clocks in force today. Source: SIG-42."""
    found = Overrides.load(ctx.today).in_force(response, ctx.today, tier=tier, account_id=account).parameters
    assert isinstance(found, Clocks)
    return found


def by_hand(_ctx: Context) -> str:
    """Name the rule of an alert that a person raises."""
    return "manual"


def prepare_alert(ctx: Context, alert: Any, changed: set[str], _links: Links) -> None:
    """Start the clocks of a new alert; hold to the shape of evidence and to the states, and stamp each."""
    if "evidence" in changed:
        check_evidence(alert.evidence)
    if alert._state.adding:
        alert.fired_at = alert.fired_at or ctx.now
        given = clocks(ctx, alert.account_id)
        alert.ack_due_at = alert.ack_due_at or alert.fired_at + timedelta(minutes=given.acknowledge_min)
        alert.diagnose_due_at = alert.diagnose_due_at or alert.fired_at + timedelta(hours=given.diagnose_hours)
        alert.title = alert.title or alert.rule
        alert.owner_id = alert.owner_id or Account.objects.values_list("owner_id", flat=True).get(pk=alert.account_id)
    before = status_before(alert, "state") if "state" in changed else None
    if before:
        check_move("An alert", before, alert.state, MOVES, dict(Alert.State.choices))
    stamp = STAMPS.get(alert.state)
    if stamp and getattr(alert, stamp) is None:
        setattr(alert, stamp, ctx.now)
    if alert.state in ("diagnosed", "escalated"):
        # Whoever knows the cause, or asks the sponsor, has seen it.
        alert.acknowledged_at = alert.acknowledged_at or ctx.now
    alert.closed_at = (alert.closed_at or ctx.now) if alert.state in SETTLED else None


# -- what people do ------------------------------------------------------------------------------------------------


def acknowledge(ctx: Context, pk: Any, *, owner: int | None = None, eta_at: datetime | None = None) -> Any:
    """Take an alert on: by the caller where no owner is named, with when an answer is expected (SIG-42)."""
    alert = get(ctx, registry.get("alert"), pk)
    data = {"state": "acknowledged", "owner": owner or alert.owner_id or ctx.actor.user_id}
    return _update(ctx, alert, data | ({"eta_at": eta_at} if eta_at else {}))


def diagnose(ctx: Context, pk: Any, diagnosis: str) -> Any:
    """Say what the cause is (SIG-42)."""
    alert = get(ctx, registry.get("alert"), pk)
    return _update(
        ctx, alert, {"state": "diagnosed", "diagnosis": _said(diagnosis, "diagnosis", "Say what the cause is.")}
    )


def escalate(ctx: Context, pk: Any, *, to: int | None = None, reason: str = "") -> Any:
    """Bring an alert before our sponsor of the account, or a person named; the owner stays (SIG-43)."""
    alert = get(ctx, registry.get("alert"), pk)
    account = alert.account
    manager = account.owner.manager_id if account.owner else None
    person = to or account.exec_sponsor_id or manager
    if person is None:
        raise Invalid.fields({"to": "The account has no sponsor of ours. Name who is to decide."})
    data: dict[str, Any] = {"state": "escalated", "escalated_to": person}
    if reason.strip():
        data["note"] = "\n".join(filter(None, [alert.note, reason.strip()]))
    return _update(ctx, alert, data)


def close(ctx: Context, pk: Any, *, verdict: str, note: str) -> Any:
    """Close an alert: whether it was real, and what was done (SIG-44)."""
    if verdict not in JUDGED:
        raise Invalid.fields({"verdict": f"One of {', '.join(JUDGED)} is expected."})
    said = _said(note, "note", "Say what was done about it.")
    alert = get(ctx, registry.get("alert"), pk)
    return _update(ctx, alert, {"state": "closed", "verdict": verdict, "note": _added(alert, said)})


def dismiss(ctx: Context, pk: Any, reason: str) -> Any:
    """Put an alert aside with a reason; it counts as a false alarm."""
    said = _said(reason, "reason", "Say why it is put aside.")
    alert = get(ctx, registry.get("alert"), pk)
    data = {"state": "dismissed", "verdict": Alert.Verdict.FALSE_POSITIVE.value, "note": _added(alert, said)}
    return _update(ctx, alert, data)


def playbook_for(ctx: Context, alert: Any) -> Playbook | None:
    """Return the playbook that answers the signal of an alert, where the book has it."""
    found = definitions(ctx.today).get(alert.rule)
    key = found.playbook if found else ""
    return Playbook.objects.filter(deleted_at=None, active=True, key=key).first() if key else None


def start_play(ctx: Context, pk: Any, *, title: str = "", chosen: Mapping[str, Any] | None = None) -> Any:
    """Start what answers an alert and link it: the signal's playbook where the book has it, else a 30-day play.

    `chosen` are values of the play that somebody gave, such as another playbook. Raises `Refused` for an alert that is
    closed.
    """
    alert = get(ctx, registry.get("alert"), pk)
    if alert.state in SETTLED:
        raise Refused("The alert is closed; start a play from the account instead.")
    found = definitions(ctx.today).get(alert.rule)
    playbook = playbook_for(ctx, alert)
    data: dict[str, Any] = {
        "account": alert.account_id,
        "title": (title.strip() or f"{playbook.title if playbook else 'Answer'}: {alert.title}")[:250],
        "description": found.action if found else "",
        "owner": alert.owner_id,
        "start_on": ctx.today,
    }
    if chosen is None:
        data |= {"playbook": playbook.pk, "anchor_on": ctx.today} if playbook else {"horizon": PLAY_HORIZON}
    else:
        data |= chosen
    batch = ctx.batched()
    with transaction.atomic():
        play = records.create(batch, registry.get("play"), data)
        linked = [*alert.plays.filter(deleted_at=None).values_list("pk", flat=True), play.pk]
        _update(batch, alert, {"plays": linked})
    return play


def _update(ctx: Context, alert: Any, data: dict[str, Any]) -> Any:
    return records.update(ctx, registry.get("alert"), alert.pk, data)


def _said(text: Any, name: str, ask: str) -> str:
    if not isinstance(text, str) or not text.strip() or "\x00" in text:
        raise Invalid.fields({name: ask})
    return text.strip()


def _added(alert: Any, text: str) -> str:
    return "\n".join(filter(None, [alert.note, text]))
