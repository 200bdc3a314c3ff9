"""Runs signals over accounts: what fires raises one alert, what repeats raises its count, what is over is told.

The number of queries does not grow with the accounts. A trigger that is still true after its alert was closed stays silent
until it was over, and an occurrence that was told is never told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction

from trackline.accounts.models import Account
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.rulebook.watched import Sighting
from trackline.core.decimals import plain
from trackline.core.playbook import Explained, InForce, Rule, RunRefused, rulebook
from trackline.core.playbook.feeds import Feeds
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.history.models import Change
from trackline.kit.keys import Keys
from trackline.kit.policy import Context, system_context
from trackline.kit.records.text import search_text
from trackline.kit.records.types import registry
from trackline.watch.evidence import entries, people, series, surveys
from trackline.watch.evidence.sight import Sight, Watched
from trackline.watch.models import Alert
from trackline.watch.owners import Owners
from trackline.watch.rules.churn import churn_risk
from trackline.watch.rules.definitions import Definition, definitions
from trackline.watch.rules.feeds import feeds
from trackline.watch.rules.triggers import Clocks, Fall, Window, champion_velocity, health_fall, response
from trackline.watch.services import SETTLED
from trackline.watch.twins import ASK_THE_RULE, TWINS

AT_ONCE = 500
SPANNED = (champion_velocity.id, health_fall.id)
"""Signals whose figures say how far back they look, so that each side sees for itself."""
Key = tuple[int, str, str]
OVER = (Account.Status.CHURNED, Account.Status.ARCHIVED)


@dataclass
class Outcome:
    """How many alerts were raised, raised again, and found to be over."""

    fired: int = 0
    repeated: int = 0
    cleared: int = 0


@dataclass(frozen=True)
class Fire:
    """What a signal sees, and what its rule finds under the figures in force on a day."""

    definition: Definition
    rule: Rule
    sight: Sight
    in_force: InForce
    on: date

    @cached_property
    def found(self) -> Explained:
        """What the rule finds. Raises `RunRefused` for a reading outside what it takes."""
        return self.rule.explain(read_inputs(self.rule.inputs, self.sight.given), self.in_force, self.on)

    @property
    def is_on(self) -> bool:
        """Whether it fires; a reading outside what the rule takes is no signal."""
        try:
            found = self.found
        except RunRefused:
            return False
        if self.definition.rule != series.CHART:
            return found.value == 1
        # Of a chart the newest point must fire, not one of the past.
        last = len(self.sight.given["series"]) - 1
        return last in found.details.get("beyond", ()) or last in found.details.get("trends", ())

    @property
    def key(self) -> Key:
        """What it is about; alerts of one key follow each other."""
        return self.sight.account, self.definition.rule, self.sight.subject


def watch_accounts(ctx: Context, ids: Iterable[int], rules: Iterable[str] | None = None) -> Outcome:
    """Look at accounts with signals (default: all) and bring their alerts in step.

    Alerts are written by the program itself. Accounts that churned or are archived are not watched.
    """
    signals = definitions(ctx.today)
    chosen = signals if rules is None else {key: signals[key] for key in rules if key in signals}
    listed, outcome, own = list(dict.fromkeys(ids)), Outcome(), system_context(ctx.now)
    if not chosen or not listed:
        return outcome
    overrides = Overrides.load(ctx.today)
    fed = fed_by(chosen, ctx.today)
    for start in range(0, len(listed), AT_ONCE):
        rows = Account.objects.filter(deleted_at=None, pk__in=Keys(listed[start : start + AT_ONCE])).exclude(
            status__in=OVER
        )
        tiers = dict(rows.values_list("pk", "tier"))
        watched = Watched(Keys(tiers), ctx.today, chosen, fed)
        with transaction.atomic():
            touched = _keep(own, watched, _fires(watched, tiers, overrides), overrides, tiers, outcome)
            live = live_rule(churn_risk.id)
            if touched and live:
                refresh_scores(sorted(touched), ctx.today, rules=[live], at=ctx.now)
    return outcome


def fed_by(rules: Iterable[str], today: date, changes: FeedChanges | None = None) -> dict[str, Feeds]:
    """Return what feeds those of the signals that readings do; one query, none where there is none of them."""
    named = [rule for rule in rules if rule in series.FED]
    changes = (FeedChanges.load() if changes is None else changes) if named else FeedChanges()
    return {rule: changes.of(rule, feeds()[rule], today) for rule in named}


def look(
    rule_id: str, ids: Sequence[int], today: date, sides: Sequence[tuple[Overrides, FeedChanges]]
) -> Iterator[list[Sighting]]:
    """Yield for figures and feeds of each side what a signal sees on accounts, and whether it fires; alerts are left as
    they are. What both sides see alike is gathered once.
    """
    chosen = {key: one for key, one in definitions(today).items() if key == rule_id}
    rows = Account.objects.filter(deleted_at=None, pk__in=ids).exclude(status__in=OVER)
    tiers = dict(rows.values_list("pk", "tier"))
    found: list[tuple[Definition, Sight]] | None = None
    fed: dict[str, Feeds] = {}
    for overrides, changes in sides:
        feeds_of = fed_by(chosen, today, changes)
        if found is None or rule_id in SPANNED or feeds_of != fed:
            found, fed = list(sights(Watched(Keys(tiers), today, chosen, feeds_of), overrides)), feeds_of
        yield [
            Sighting(fire.sight.account, fire.sight.subject, fire.sight.says, is_on)
            for fire, is_on in judged(found, today, tiers, overrides)
        ]


def _fires(watched: Watched, tiers: Mapping[int, int | None], overrides: Overrides) -> list[Fire]:
    found = sights(watched, overrides)
    return [fire for fire, is_on in judged(found, watched.today, tiers, overrides) if is_on]


def sights(watched: Watched, overrides: Overrides) -> Iterator[tuple[Definition, Sight]]:
    """Yield what signals see; how far back two of them look stands among their figures."""
    fall = overrides.in_force(health_fall, watched.today).parameters
    window = overrides.in_force(champion_velocity, watched.today).parameters
    assert isinstance(fall, Fall)
    assert isinstance(window, Window)
    every = (
        people.sights(watched, window.days), entries.sights(watched), surveys.sights(watched),
        series.sights(watched, fall.days),
    )  # fmt: skip
    for found in every:
        for rule_id, sight in found:
            definition = watched.signals.get(rule_id)
            if definition is not None:
                yield definition, sight


def judged(
    found: Iterable[tuple[Definition, Sight]], on: date, tiers: Mapping[int, int | None], overrides: Overrides
) -> Iterator[tuple[Fire, bool]]:
    """Yield what is seen with the figures in force, and whether it fires.

    Series are judged over arrays, all those under the same figures at once.
    """
    book, listed = rulebook(), list[Fire]()
    alike: dict[tuple[str, str], list[int]] = {}
    for definition, sight in found:
        rule = book.get(definition.rule)
        in_force: InForce = overrides.in_force(rule, on, tier=tiers[sight.account], account_id=sight.account)
        if definition.rule in TWINS:
            alike.setdefault((definition.rule, in_force.version), []).append(len(listed))
        listed.append(Fire(definition, rule, sight, in_force, on))
    said: dict[int, int] = {}
    for (rule_id, _version), places in alike.items():
        parameters = listed[places[0]].in_force.parameters
        verdicts = TWINS[rule_id]([listed[at].sight for at in places], parameters)
        said |= dict(zip(places, verdicts.tolist(), strict=True))
    for at, fire in enumerate(listed):
        verdict = said.get(at, ASK_THE_RULE)
        yield fire, fire.is_on if verdict == ASK_THE_RULE else bool(verdict)


def _keep(
    ctx: Context, watched: Watched, fires: Sequence[Fire], overrides: Overrides, tiers: Mapping[int, int | None],
    outcome: Outcome,
) -> set[int]:  # fmt: skip
    """Bring alerts in step with what fires; returns the accounts whose open alerts changed."""
    if fires:  # one at a time, so that two writes at once raise one alert
        accounts = sorted({fire.sight.account for fire in fires})
        list(Account.objects.select_for_update().filter(pk__in=accounts).order_by("pk").values_list("pk"))
    newest, told = _known(watched)
    standing: set[int] = set()
    new: list[Fire] = []
    again: list[tuple[Alert, Fire]] = []
    for fire in fires:
        last = newest.get(fire.key)
        if last is not None:
            standing.add(last.pk)
        if not _is_told(fire, last, told):
            if last is None or last.state in SETTLED:
                new.append(fire)
            else:
                again.append((last, fire))
    over = [alert for alert in newest.values() if alert.holds and alert.pk not in standing]
    back = [
        alert for alert in newest.values() if alert.cleared_at and alert.pk in standing and alert.state not in SETTLED
    ]
    Alert.objects.filter(pk__in=[one.pk for one in over]).update(holds=False, cleared_at=ctx.now)
    Alert.objects.filter(pk__in=[one.pk for one in back]).update(holds=True, cleared_at=None)
    _repeat(ctx, again)
    _raise(ctx, new, overrides, tiers)
    outcome.fired += len(new)
    outcome.repeated += len(again)
    outcome.cleared += len(over)
    return {fire.sight.account for fire in new}


def _known(watched: Watched) -> tuple[dict[Key, Alert], set[tuple[Key, str]]]:
    """Return the alert that counts for each subject, the open one before those settled, and what was ever told."""
    newest: dict[Key, Alert] = {}
    told: set[tuple[Key, str]] = set()
    rows = Alert.objects.filter(deleted_at=None, account__in=watched.ids, rule__in=list(watched.signals))
    for alert in rows.order_by("pk"):
        key = (alert.account_id, alert.rule, alert.subject)
        if key not in newest or newest[key].state in SETTLED:
            newest[key] = alert
        told |= {(key, one) for one in (alert.occurrence, *alert.evidence.get("occurrences", ()))}
    return newest, told


def _is_told(fire: Fire, last: Alert | None, told: set[tuple[Key, str]]) -> bool:
    if last is None:
        return False
    if fire.definition.again == "occurrence":
        return all((fire.key, one) in told for one in (fire.sight.occurrence, *fire.sight.others))
    return last.holds


def _repeat(ctx: Context, again: Sequence[tuple[Alert, Fire]]) -> None:
    changes = []
    for alert, fire in again:
        before = (alert.count, alert.last_seen_at)
        before_it = (*alert.evidence.get("occurrences", ()), alert.occurrence)
        alert.count, alert.last_seen_at, alert.holds, alert.cleared_at = alert.count + 1, ctx.now, True, None
        alert.evidence = _evidence(fire, alert.evidence.get("owner_role", ""), before_it)
        alert.occurrence, alert.title = fire.sight.occurrence, _title(fire)
        alert.version += 1
        alert.updated_at, alert.updated_by_id = ctx.now, None
        seen = [before[1].isoformat() if before[1] else None, ctx.now.isoformat()]
        changes.append(
            _change(ctx, alert, Change.Action.UPDATE, {"count": [before[0], alert.count], "last_seen_at": seen})
        )
    fields = [
        "count",
        "last_seen_at",
        "holds",
        "cleared_at",
        "evidence",
        "occurrence",
        "title",
        "version",
        "updated_at",
        "updated_by",
    ]
    Alert.objects.bulk_update([alert for alert, _ in again], fields, batch_size=AT_ONCE)
    Change.objects.bulk_create(changes)


def _raise(ctx: Context, new: Sequence[Fire], overrides: Overrides, tiers: Mapping[int, int | None]) -> None:
    """Write new alerts with their history in two statements, as the record services would one by one."""
    if not new:
        return
    owners, rtype = Owners.of({fire.sight.account for fire in new}), registry.get("alert")
    made = []
    for fire in new:
        sight, meant = fire.sight, fire.definition
        owner, role = owners.choose(sight.account, meant.owner, sight.owner_id)
        backup, _ = owners.choose(sight.account, meant.backup, sight.owner_id)
        clocks = overrides.in_force(response, ctx.today, tier=tiers[sight.account], account_id=sight.account).parameters
        assert isinstance(clocks, Clocks)
        alert = Alert(
            account_id=sight.account,
            title=_title(fire),
            rule=meant.rule,
            severity=meant.severity,
            owner_id=owner,
            backup_id=backup if backup != owner else None,
            fired_at=ctx.now,
            last_seen_at=ctx.now,
            ack_due_at=ctx.now + timedelta(minutes=clocks.acknowledge_min),
            diagnose_due_at=ctx.now + timedelta(hours=clocks.diagnose_hours),
            subject=sight.subject,
            occurrence=sight.occurrence,
            dedupe_key=sight.subject or "account",
            evidence=_evidence(fire, role),
            holds=True,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
        alert.search_text = search_text(rtype, alert)
        made.append(alert)
    Alert.objects.bulk_create(made, batch_size=AT_ONCE)
    Change.objects.bulk_create([_change(ctx, alert, Change.Action.CREATE, {}) for alert in made], batch_size=AT_ONCE)


def _title(fire: Fire) -> str:
    return f"{fire.rule.title}: {fire.sight.says}"[:250]


def _evidence(fire: Fire, role: str, before: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "signal": fire.definition.id,
        "inputs": plain(fire.sight.given),
        "sources": [plain(dict(one)) for one in fire.sight.sources],
        "details": plain(dict(fire.found.details)),
        "version": fire.found.version,
        "owner_role": role,
        "occurrences": list(filter(None, dict.fromkeys([*before, *fire.sight.others])))[-200:],
    }


def _change(ctx: Context, alert: Alert, action: str, changes: dict[str, Any]) -> Change:
    return Change(
        at=ctx.now, via=ctx.via, action=action, record_type="alert", record_id=alert.pk, account_id=alert.account_id,
        version=alert.version, title=alert.title[:250], changes=changes,
    )  # fmt: skip
