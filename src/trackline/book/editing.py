"""Administrators change how accounts are scored: what another model would do to the book, and saving it as a dated version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, Metric
from trackline.accounts.rulebook.adjusting import said_why
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.preview import MOST_TOLD
from trackline.book.models import ScoringModel
from trackline.book.rules.scoring_model import read_criteria, shipped
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.scoring.run import Place, Run, givens, scored
from trackline.book.scoring.signatures import SIDES
from trackline.book.services import completed
from trackline.book.versions import model_in_force
from trackline.core.decimals import ZERO, plain, q6
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Stale
from trackline.kit.records import services
from trackline.kit.records.parsing import parse_values
from trackline.kit.records.types import registry
from trackline.track.models import JourneyDimension

FIELDS = ("name", "normaliser", "cutoffs", "criteria")


@dataclass(frozen=True)
class Shift:
    """An account whose score, rank or tier proposed would be another."""

    account_id: int
    key: str
    name: str
    before: Place | None
    after: Place | None

    @property
    def tiers(self) -> tuple[int | None, int | None]:
        """The tier proposed now and then."""
        return (self.before.tier if self.before else None, self.after.tier if self.after else None)

    @property
    def changes_tier(self) -> bool:
        """Whether the cut-offs would propose another tier."""
        return self.tiers[0] != self.tiers[1]

    @property
    def ranks_gained(self) -> int | None:
        """How many ranks it would rise, None where it is not ranked on both sides."""
        return self.before.rank - self.after.rank if self.before and self.after else None

    @property
    def delta(self) -> Decimal | None:
        """How much its score would change, in points."""
        return q6(self.after.score) - q6(self.before.score) if self.before and self.after else None

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON has it: each side null where the account is not ranked."""
        sides = {
            name: {"rank": place.rank, "score": plain(q6(place.score)), "tier": place.tier} if place else None
            for name, place in (("before", self.before), ("after", self.after))
        }
        told = {"account": str(self.account_id), "key": self.key, "name": self.name}
        return told | sides | {"ranks_gained": self.ranks_gained, "delta": plain(self.delta)}


@dataclass(frozen=True)
class ModelEffect:
    """The book scored by the model in force and by another one, on the same figures."""

    before: Run
    after: Run
    shifts: Sequence[Shift]
    """Those that change: other tiers first, then by ranks and points."""
    accounts: int

    @property
    def moving(self) -> list[Shift]:
        """Accounts that would be proposed for another tier."""
        return [one for one in self.shifts if one.changes_tier]

    def to_json(self) -> dict[str, Any]:
        """Return the effect as JSON has it; at most `MOST_TOLD` accounts one by one."""
        return {
            "accounts": self.accounts,
            "changed": len(self.shifts),
            "tiers": len(self.moving),
            "effects": [one.to_json() for one in self.shifts[:MOST_TOLD]],
            "criteria": plain(self.after.criteria),
            "cuts": plain(self.after.cuts),
            "notes": list(self.after.notes),
        }


def draft_model(ctx: Context, asked: Mapping[str, Any]) -> ScoringModel:
    """Return the model in force with changes laid over it, as it would be saved; nothing is stored.

    `asked` holds any of `name`, `normaliser`, `cutoffs`, `criteria` and `from_on`. Raises `Invalid` with the place of each
    fault: weights off 100, figures that are unknown, a day that is past.
    """
    unknown = {str(name): "There is no such field." for name in asked if name not in (*FIELDS, "from_on")}
    if unknown:
        raise Invalid.fields(unknown)
    since = _day(asked.get("from_on"), ctx.today)
    held = model_in_force(since)
    start: Mapping[str, Any] = {name: getattr(held, name) for name in FIELDS} if held else shipped()
    said = {name: asked.get(name, start[name]) for name in FIELDS}
    faults: dict[str, str] = {}
    if not isinstance(said["name"], str) or not 1 <= len(said["name"].strip()) <= 120:
        faults["name"] = "A name of at most 120 characters is expected."
    for name, choices in (("normaliser", ScoringModel.Normaliser), ("cutoffs", ScoringModel.Cutoffs)):
        allowed = [*choices.values, *([""] if name == "cutoffs" else [])]
        if (said[name] or "") not in allowed:
            faults[name] = f"One of {', '.join(one for one in allowed if one)} is expected."
    if since < ctx.today:
        faults["from_on"] = "Today or a later day is expected; what was in force before stays as it was."
    if faults:
        raise Invalid.fields(faults)
    criteria = completed(said["criteria"])
    _check_figures(criteria)
    return ScoringModel(
        name=said["name"].strip(),
        normaliser=said["normaliser"],
        cutoffs=said["cutoffs"] or "",
        criteria=criteria,
        from_on=since,
    )


def effect_of_model(ctx: Context, draft: ScoringModel) -> ModelEffect:
    """Score the book on today's figures by the model in force and by a draft; it is an administrator's, since every account
    shows. Nothing is stored, and each figure is read once."""
    ctx.require(ADMIN)
    held, overrides = model_in_force(ctx.today), Overrides.load(ctx.today)
    facts = givens(ctx, ctx.today, [held, draft])
    before, after = (scored(one, overrides) for one in facts)
    accounts = facts[1].over.scored if facts[1].over is not None else {}
    return effect_between(before, after, accounts)


def effect_between(before: Run, after: Run, accounts: Mapping[int, Account]) -> ModelEffect:
    """Return who stands elsewhere in one scoring of some accounts than in another."""
    sides = [{place.account: place for place in run.places} for run in (before, after)]
    shifts = [
        Shift(pk, account.key, account.name, *(side.get(pk) for side in sides)) for pk, account in accounts.items()
    ]
    found = [one for one in shifts if one.delta or one.ranks_gained or one.changes_tier or one.delta is None]
    found = [one for one in found if one.before or one.after]
    found.sort(key=_weight)
    return ModelEffect(before, after, found, len(accounts))


def save_model(
    ctx: Context,
    asked: Mapping[str, Any],
    *,
    reason: str,
    after: int | None = None,
    signers: Mapping[str, Any] | None = None,
) -> ScoringModel:
    """Save a draft as a new version. It counts once it is signed; where nobody's signature is needed, the book is scored by it.

    `after` is the newest model that the administrator knew: where there is a newer one, `Stale`. `signers` names who signs
    by side, as text; sides that are left out keep who is named in the newest version.
    """
    ctx.require(ADMIN)
    draft, reason = draft_model(ctx, asked), said_why(reason)
    newest = ScoringModel.objects.alive().order_by("-pk").first()
    if after is not None and newest is not None and newest.pk != after:
        raise Stale(
            f"{newest.name} was saved since you opened the page.",
            [{"loc": ["after"], "msg": "There is a newer version of the scoring model."}],
            current=newest.pk,
        )
    data = {name: getattr(draft, name) for name in (*FIELDS, "from_on")}
    named = parse_values(registry.get("scoring_model"), signers or {}, "text", creating=False)
    made: ScoringModel = services.create(
        replace(ctx, note=reason), registry.get("scoring_model"), data | named | {"note": reason}
    )
    if made.signed_on is not None and made.from_on is not None and made.from_on <= ctx.today:
        refresh_ranking(ctx, ctx.today)
    return made


def versions(ctx: Context) -> list[tuple[ScoringModel, str]]:
    """Return the models, newest first, each with how it stands today: `in_force`, `to_come`, `unsigned` or `replaced`."""
    held = model_in_force(ctx.today)
    rows = list(ScoringModel.objects.alive().select_related("created_by", *SIDES))
    rows.sort(key=lambda row: (row.begins_on or row.from_on or date.min, row.pk), reverse=True)
    return [(row, _state(row, held, rows, ctx.today)) for row in rows]


def _state(row: ScoringModel, held: ScoringModel | None, rows: Sequence[ScoringModel], today: date) -> str:
    if held is not None and row.pk == held.pk:
        return "in_force"
    if row.signed_on is None:
        return "unsigned"
    if row.begins_on is not None and row.begins_on > today:
        again = any(other.begins_on == row.begins_on and other.pk > row.pk for other in rows)
        return "replaced" if again else "to_come"
    return "replaced"


def _check_figures(raw: Any) -> None:
    """Raise `Invalid` where a criterion is fed by a metric, dimension or score that there is not."""
    criteria, _ = read_criteria(raw)
    feeds = [
        (["criteria", at, "feeds", number, "name"], feed)
        for at, item in enumerate(criteria)
        for number, feed in enumerate(item.feeds)
    ]
    named = {kind: {feed.name for _, feed in feeds if feed.kind == kind} for kind in ("metric", "growth", "journey")}
    keys = Metric.objects.filter(
        deleted_at__isnull=True, account__isnull=True, key__in=named["metric"] | named["growth"]
    )
    known = {"metric": set(keys.values_list("key", flat=True))}
    known["growth"] = known["metric"]
    found = JourneyDimension.objects.alive().filter(key__in=named["journey"])
    known["journey"] = set(found.values_list("key", flat=True)) if named["journey"] else set()
    words = {"metric": "metric", "growth": "metric", "journey": "dimension of the journey", "score": "rule on accounts"}
    faults = []
    for loc, feed in feeds:
        there = (
            live_rule(feed.name.partition("/")[0]) if feed.kind == "score" else feed.name in known.get(feed.kind, ())
        )
        if feed.kind in words and not there:
            faults.append({"loc": loc, "msg": f"There is no {words[feed.kind]} {feed.name}."})
    if faults:
        raise Invalid("; ".join(str(fault["msg"]) for fault in faults), faults)


def _weight(one: Shift) -> tuple[bool, int, Decimal, str]:
    return (not one.changes_tier, -abs(one.ranks_gained or 0), -abs(one.delta or ZERO), one.name)


def _day(value: Any, today: date) -> date:
    if value is None or value == "":
        return today
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid.fields({"from_on": "A date as YYYY-MM-DD is expected."}) from None
